"""What could be a secret or somebody's pay by its look alone: the trained layer decides which of it is (`likely`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.private.number_words import clues_before
from core.private.pay import Places, coefficients, money
from core.private.reading import Reading
from core.private.secret_shapes import Shape, shape_of
from core.private.spans import Kind
from core.private.wordlists import word_set

_PIECE = re.compile(r"[^\s|]+")
_LEADING, _TRAILING = ":=>-–'\"`“‘([{«/_", ",.;:?)]}'\"`”’»"
_GROUPED = re.compile(r"(?<![\w.,/-])(?:\d{3} \d{3}|\d{4} \d{4}|\d{2} \d{2} \d{2})(?!\w|[.,/-]\d)")
_QUOTED = re.compile(r"[\"“«'‘](?P<inside>[^\"“”«»'‘’\n]{6,40})[\"”»'’]")
_DATE = re.compile(r"\d{1,2}[/:]\d{1,2}(?:[/:]\d{2,4})?|\d+(?:[.,]\d+)?%|\d{1,2}/(?:19|20)\d\d")
"""Also months, and shares."""
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_OF_TIME = re.compile(r"\b(?:nam|thang \d{1,2}|in|since|year)[ /(]\Z")
_LOCKS = word_set(
    """
    mat khau mk pass password passphrase passcode pwd pw pin otp ma khoa code key secret lock safe unlock bam nhan nhap
    go press dial enter keypad
    """
)
"""One of these stands in a text in which a year, or words in quotes, may open something."""
_IN_A_ROW = re.compile(r"\d[ .-]\Z")
"""Before an amount that is but the end of a longer number."""
_SHORTEST = 4
_WINDOW = 40
"""Characters before a number that are searched for a word about it."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where those of one kind stand in the readings, in order. `places` are those of the text, for amounts of pay."""

    kind: Kind
    spans: Sequence[tuple[int, int]]
    places: Places | None = None


def candidates(reading: Reading) -> Iterator[Candidates]:
    """Those of each kind. Of amounts only such as no word near them tells to be the firm's own business."""
    yield Candidates(Kind.SECRET, sorted({*_secrets(reading)}))
    if amounts := sorted({*money(reading), *coefficients(reading)}):
        places = Places(reading)
        places.add_people(reading)
        free = [
            (start, end)
            for start, end in amounts
            if not places.is_business(start) and not _IN_A_ROW.search(reading.plain, max(0, start - 2), start)
        ]
        yield Candidates(Kind.SALARY, free, places)


def _secrets(reading: Reading) -> Iterator[tuple[int, int]]:
    """Words that are none of the language, numbers and codes, and what stands in quotes."""
    for piece in _PIECE.finditer(reading.seen):
        start, end = trimmed(reading.seen, *piece.span())
        for begin in _beginnings(reading.seen, start, end):
            word = reading.seen[begin:end]
            if _may_be_secret(word) and not (_is_year(reading, begin, end) or _is_of_a_thing(reading, begin, end)):
                yield begin, end
    yield from (match.span() for match in _GROUPED.finditer(reading.plain))
    if reading.words & _LOCKS:
        yield from (match.span("inside") for match in _QUOTED.finditer(reading.seen))


def _is_year(reading: Reading, start: int, end: int) -> bool:
    """Whether it looks like a year and is told as one, or nothing in the text may be opened by it."""
    is_one = _YEAR.fullmatch(reading.plain, start, end) is not None
    return is_one and (not reading.words & _LOCKS or _OF_TIME.search(reading.plain, 0, start) is not None)


def _is_of_a_thing(reading: Reading, start: int, end: int) -> bool:
    """Whether a word before it gives it to a thing, "mã vật tư 551903", and none to a lock."""
    clues = clues_before(reading.plain[max(0, start - _WINDOW) : start])
    if not clues or clues[0].kind not in {"thing", "hotline"} or any(clue.kind == "code" for clue in clues):
        return False
    return clues[0].is_close or not reading.plain[start:end].isdecimal()


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without quotes, brackets and the punctuation of the sentence around it."""
    while start < end and text[start] in _LEADING:
        start += 1
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _beginnings(text: str, start: int, end: int) -> Iterator[int]:
    """The piece as a whole, and what stands behind its last ":" or "=", or behind its only "/"."""
    yield start
    for sign in ":=":
        if (at := text.rfind(sign, start, end)) >= 0:
            yield at + 1
    if text.count("/", start, end) == 1:
        yield text.index("/", start, end) + 1


def _may_be_secret(word: str) -> bool:
    if len(word) < _SHORTEST or not word.isascii() or _DATE.fullmatch(word):
        return False
    return any(map(str.isdigit, word)) or shape_of(word) >= Shape.WORD
