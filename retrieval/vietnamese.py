"""Vietnamese text: one spelling for each letter, tone marks off, syllables, and how a query was typed. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from core.ports import Typing

MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
PLAIN = "aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy"
_FOLDED = str.maketrans(MARKED + MARKED.upper(), PLAIN + PLAIN.upper())
_HAS_MARK = re.compile(f"[{MARKED}{MARKED.upper()}]")
_WORD = re.compile(r"[^\W_]+")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")

VIETNAMESE_SHARE = 0.5
"""From this share of votes on a query is Vietnamese."""
MARKED_SHARE = 0.2
"""In written Vietnamese four of five syllables carry a mark; below one in five a query is treated as typed without."""


MARKED_LETTERS = 0.05
"""Vietnamese prose has marks on about a quarter of its letters, a table of codes and names on fewer."""


def _listed(table: str) -> frozenset[str]:
    return frozenset(table.split())


_ONSETS = "b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|r|s|th|tr|t|v|x"
# The rimes of Vietnamese orthography without marks; `p` stands before none (it begins borrowed words only).
_RIMES = _listed("""
    a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et eu ech enh i ia ich iec iem ien ieng iep iet ieu
    im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot ooc oong
    u ua uan uang uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen
    uyet uynh uyt uyu
""")
_SYLLABLE = re.compile(
    rf"(?:{_ONSETS})?(?:{'|'.join(sorted(_RIMES))})"
    r"|(?:h|k|l|m|s|t|v)?y|(?:h|l|t|v|x|kh|ng|th|tr|ch)?yem|(?:h|l|t|v|x)?yen|y(?:et|eu|eng)"
    r"|qu(?:y?(?:en|et|t|nh)?|yp|a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|en|eo|et|o|oc|i|it|inh|ich)|gi"
)
# Spelling rules that the product of onsets and rimes breaks: c, g, ng before i, e, y; k, gh, ngh before the others.
_MISSPELT = re.compile(r"(?:c|g|ng)e|(?:c|ng)[iy]|(?:k|gh|ngh)[aou]")

# Words of both languages once folded: they say nothing on their own.
_EITHER = _listed("""
    a am an and at ban bat be bin but can cat chat com con cut day den do don em go got ha had ham hang hat he hen
    hi him ho hop hot i in it lab lap let lo long lot ma man map mat may me men met my nam nap net no non not o on
    out ram ray run sat sim sin so son song sun tan tap ten than that the them then thin thus tin to too top trip tu
    up us ve via vs
""")
# Everyday words: they count two or three times.
_VIETNAMESE = _listed("""
    ai bang bao bi biet cac cai chi cho chua co cua cung da dang dau de duoc gi gio hay hoac khi khong la lam luc
    minh moi mot nao neu ngay nghi nguoi nhan nhieu nhu nhung phai phep qua ra rang roi sao tai thi toi trong va vao
    viec voi xin
""")
_ENGLISH = _listed("""
    about after all also any are as because before between both by did does each every first for from get give has
    have her his how if into is its made many more most much must name need of often one only or our over please
    policy she should some such tell their there they this those two under used was we were what when where which
    while who whom whose why will with work would you your
""")


def normalise(text: str) -> str:
    """`text` with one code point a letter (NFC), without control, bidirectional and zero-width characters.

    Runs of blanks become one blank, more than one empty line becomes one; line breaks stay.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(c if c == "\n" else " " if c == "\t" else c for c in text if c in "\n\t" or not _is_hidden(c))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}


def fold(text: str) -> str:
    """`text` without tone and letter marks, đ as d; length and case stay. Wants NFC (`normalise`)."""
    return text.translate(_FOLDED)


def is_marked(word: str) -> bool:
    """Whether any letter of `word` carries a Vietnamese mark."""
    return _HAS_MARK.search(word) is not None


def words(text: str) -> list[str]:
    """The runs of letters and digits of `text`, case kept."""
    return _WORD.findall(text)


def syllables(text: str) -> list[str]:
    """The words of `text` in lower case: a written Vietnamese syllable each, or a foreign word, or a number."""
    return words(text.lower())


def is_syllable(word: str) -> bool:
    """Whether `word`, its marks taken off, is spelt like a Vietnamese syllable."""
    folded = fold(word.lower())
    return _SYLLABLE.fullmatch(folded) is not None and _MISSPELT.match(folded) is None


def is_vietnamese(text: str) -> bool:
    """Whether a text of some length is written in Vietnamese: at least `MARKED_LETTERS` of its letters have marks."""
    letters = sum(character.isalpha() for character in text)
    return letters > 0 and len(_HAS_MARK.findall(text)) >= MARKED_LETTERS * letters


def typing_of(text: str) -> Typing:
    """How a query was typed.

    Each word that is Vietnamese only or not Vietnamese at all is a vote, everyday words count two or three
    times; names inside a sentence, codes ("VOR/DME") and numbers are asked only when nothing else votes. Half of the
    votes make a query Vietnamese: with marks when enough of its syllables carry them. Nothing but codes and numbers
    counts as Vietnamese, the language of the house.
    """
    tokens = words(text)
    if len(tokens) > 1 and text.isupper() and " " in text.strip():
        tokens = words(text.lower())
    plain = [word for index, word in enumerate(tokens) if not _is_name(word, index)]
    share = _vietnamese_share(plain)
    if share is None:
        share = _vietnamese_share(word for word in tokens if not word.isupper() or is_marked(word))
    if share is not None and share < VIETNAMESE_SHARE:
        return Typing.ENGLISH
    spelt = [word for word in tokens if is_syllable(word)]
    marked = sum(map(is_marked, spelt))
    return Typing.ACCENTED if marked and marked >= MARKED_SHARE * len(spelt) else Typing.UNACCENTED


def _is_name(word: str, index: int) -> bool:
    """A code, or a capital letter inside a sentence: "DME", "Panthers"."""
    return (len(word) > 1 and word.isupper()) or (index > 0 and word[0].isupper())


def _vietnamese_share(candidates: Iterable[str]) -> float | None:
    """The Vietnamese part (0..1) of the votes; None without a vote."""
    votes = [vote for word in candidates if (vote := _vote(word.lower()))]
    total = sum(map(abs, votes))
    return sum(vote for vote in votes if vote > 0) / total if total else None


def _vote(word: str) -> int:
    """2 or 1 for Vietnamese, -2 or -1 against, 0 for a word that could be either."""
    if not word.isalpha():
        return 0
    if is_marked(word):
        return 3 * is_syllable(word)
    if word in _EITHER:
        return 0
    if word in _VIETNAMESE:
        return 3
    if word in _ENGLISH:
        return -2
    return 1 if is_syllable(word) else -1
