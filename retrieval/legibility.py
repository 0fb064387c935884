"""Is this text that people can read? Judged by the share of words that can be Vietnamese or English. Pure.

Libraries return a text in an old font encoding, or a broken text layer, without a word of warning.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum

from retrieval.legacy_fonts import from_tcvn3, from_vni
from retrieval.vietnamese import is_syllable, words

JUDGED = 200_000
"""Characters that are looked at: the first hundred pages or so."""
LEAST_WORDS = 8
"""Below this many words there is too little to judge: a table of numbers is not garbled."""
LEAST_READABLE = 0.55
"""Least share of words of any kind; a text layer with blanks inside its words still reaches about 0.7."""
LEAST_MARKED_READABLE = 0.6
"""Least share among the words with letters beyond ASCII. Proper Vietnamese reaches 0.95 and more, text in an old
font encoding stays under 0.4."""
MARKED_SHARE = 0.1
"""From this share on, words with letters beyond ASCII are judged by themselves; a French name in English is not."""
FEW = 3
"""Fewer words with such letters are not judged by themselves."""
LONGEST_CODE = 7
"""Letters of the longest code in capitals: QTQLCLSP is a word, QTQLCL a code."""
MOST_BROKEN = 0.02
"""Most characters that stand for nothing: replacement marks, private and control characters."""

_LATIN = re.compile("[\u0000-\u024f\u1e00-\u1eff]+")
_CID = re.compile(r"\(cid:\d+\)")
_IMPOSSIBLE = re.compile(r"[aeoiuyăâêôơư][âêôăơ]", re.IGNORECASE)
_POSSIBLE = re.compile(r"iê|yê|uê|uô|ươ|uơ|uâ|oă|uă", re.IGNORECASE)
_ENGLISH = re.compile(r"(?!.*[bcdfghjklmnpqrstvwxz]{6})(?=.*[aeiouy])[a-z]{1,24}", re.IGNORECASE)


class Legibility(StrEnum):
    """What a text looks like."""

    READABLE = "readable"
    GARBLED = "garbled"
    TCVN3 = "TCVN3"
    VNI = "VNI"


def judge(text: str) -> Legibility:
    """What `text` looks like; it is never changed. Too short a text is readable unless its characters are broken."""
    text = text[:JUDGED]
    if _broken_share(text) > MOST_BROKEN:
        return Legibility.GARBLED
    tokens = _judged_words(text)
    if len(tokens) < LEAST_WORDS or _is_readable(tokens):
        return Legibility.READABLE
    if _reads_as(text, from_tcvn3):
        return Legibility.TCVN3
    return Legibility.VNI if _reads_as(text, from_vni) else Legibility.GARBLED


def _broken_share(text: str) -> float:
    broken = sum(character == "\ufffd" or unicodedata.category(character) in {"Co", "Cn"} for character in text)
    broken += sum(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v" for c in text)
    broken += sum(len(match[0]) for match in _CID.finditer(text))
    return broken / max(1, len(text))


def _judged_words(text: str) -> list[str]:
    """The different words of Latin letters; other scripts, codes with digits and lone letters are not judged.

    Each counts once: a unit or a tick that fills a column says no more than one.
    """
    found = dict.fromkeys(words(unicodedata.normalize("NFC", text)))
    return [
        word for word in found if word.isalpha() and _LATIN.fullmatch(word) and not (len(word) == 1 and word.isascii())
    ]


def _is_readable(tokens: Sequence[str]) -> bool:
    marked = [word for word in tokens if not word.isascii()]
    if len(marked) >= max(FEW, MARKED_SHARE * len(tokens)) and _share(marked) < LEAST_MARKED_READABLE:
        return False
    return _share(tokens) >= LEAST_READABLE


def _share(tokens: Sequence[str]) -> float:
    return sum(map(is_plausible, tokens)) / len(tokens) if tokens else 1.0


def is_plausible(word: str) -> bool:
    """Whether a word of letters can be a Vietnamese syllable or, in ASCII, an English word or a code in capitals."""
    if word.isupper() and len(word) <= (LONGEST_CODE if word.isascii() else LONGEST_CODE // 2):
        return True
    if word.isascii():
        return _ENGLISH.fullmatch(word) is not None
    return is_syllable(word) and (_IMPOSSIBLE.search(word) is None or _POSSIBLE.search(word) is not None)


def _reads_as(text: str, converted: Callable[[str], str]) -> bool:
    tokens = _judged_words(converted(text))
    return len(tokens) >= LEAST_WORDS and _is_readable(tokens)
