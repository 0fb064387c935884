"""Does a word look like a password? By its characters, and by the syllables that words of the language have."""

import re
from enum import IntEnum

from core.private.wordlists import word_set

_SPECIAL = re.compile(r"[@#$%^&*!~_=+?<>\\|]")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@\Z|https?:|www\.|/")
_SLASHED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z][\w.@#-]*/[\w.@#!-]+")
_MEASURE = re.compile(
    r"[<>~=±]?\d+(?:[.,:/x-]\d+)*[a-zµ°%/]{0,5}\d?|[a-z]{1,8}[-_./]?\d{1,4}[a-z]?|\d{1,2}[a-z]\d{0,2}", re.IGNORECASE
)
_SYLLABLE = (
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)(?:[aeiouy]{1,3})(?:ch|ng|nh|c|m|n|p|t)?"
)
_GLUED = re.compile(rf"(?:{_SYLLABLE}){{2,}}")
_ONE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?[aeiouy]{1,3}(?:ch|ng|nh|c|m|n|p|t)?"
)
_COMMON = word_set(
    """
    camera mobile remote online database engine machine office console telephone quantum routine guide email service
    teamviewer windows outlook telegram laptop router gateway firewall internet website domain switch server modem
    phong tang channel version bitlocker anydesk ultraviewer gitlab github eoffice idrac vneid vssid icloud iphone
    youtube linkedin powerpoint wifi
    """
)
_POLICY = word_set(
    """
    phai can nen gom toi it dai manh must should need needs length policy rule chinh quen doi reset change forgot
    expire expires expired het may bao ai sao the cach lam dau duoc khong ngan tu
    """
)
_STOPS = _POLICY | word_set(
    """
    gi cua mot do bi k ko sai dung what moi cu yeu de nao nay kia that day wrong required invalid incorrect correct
    locked needed mandatory weak strong not the a an in on for too now and set missing stored kept always never
    valid optional long short secure safe same only empty being used thong bat buoc chuoi so chu ky trung lap nhu
    ten ngay khac rong trong roi khoa mac dinh null none unknown public rieng chung gi? to of by it this from with
    at no yes my your our
    """
)
_WORD_AND_NUMBER = re.compile(r"(?P<word>[a-z]{5,})\d{2,}")
_SHORTEST_WORD, _SHORTEST_GLUED, _LONG = 4, 8, 10


def is_syllable(word: str) -> bool:
    """Whether a word in small letters without tone marks could be one syllable of Vietnamese."""
    return _ONE.fullmatch(word) is not None


class Shape(IntEnum):
    """How much a word looks like a password; each is surer than the one before."""

    POLICY = 0
    PLAIN = 1
    WORD = 2
    GLUED = 3
    MIXED = 4
    STRONG = 5


def shape_of(word: str) -> Shape:
    """STRONG: letters, digits and signs mixed as only passwords are. MIXED: two of them, or capitals within.

    GLUED: several syllables without a space. WORD: no syllable, no common word. POLICY: of rules about passwords.
    """
    lower = word.lower()
    if lower in _POLICY:
        return Shape.POLICY
    if _SLASHED.fullmatch(word):
        return Shape.MIXED
    if not word.isascii() or lower in _STOPS or len(word) < _SHORTEST_WORD or _ADDRESS.search(word):
        return Shape.PLAIN
    return _mixture(word) or _letters(lower)


def _mixture(word: str) -> Shape | None:
    """What letters, digits, signs and capitals together make of it."""
    lower = word.lower()
    if lower in _COMMON:
        return None
    has_digit, has_letter = any(map(str.isdigit, word)), any(map(str.isalpha, word))
    has_special = bool(_SPECIAL.search(word.rstrip("!?")))
    has_cases = word[1:] != lower[1:] and word.upper() != word
    numbered = _WORD_AND_NUMBER.fullmatch(lower)
    is_signed = has_special and has_letter and (has_digit or has_cases or len(word) >= _LONG)
    is_long = has_digit and has_letter and (has_cases or len(word) >= _SHORTEST_GLUED) and not _MEASURE.fullmatch(word)
    if is_signed or is_long or (numbered and numbered["word"] not in _COMMON):
        return Shape.STRONG
    return Shape.MIXED if (has_digit and has_letter) or has_special or has_cases else None


def _letters(lower: str) -> Shape:
    """What a word of small letters looks like."""
    if lower in _COMMON or not lower.isalpha():
        return Shape.PLAIN
    if len(lower) >= _SHORTEST_GLUED and _GLUED.fullmatch(lower):
        return Shape.GLUED
    return Shape.PLAIN if _ONE.fullmatch(lower) else Shape.WORD
