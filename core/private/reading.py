"""A text read three ways, character by character aligned: as typed, in lower case, and without tone marks.

Patterns look at the readings, spans are given in the text as typed. Combining marks (NFD), zero-width and full-width
characters, odd spaces, dashes and digits are levelled out, so that none of them hides anything.
"""

import re
import unicodedata
from functools import cached_property
from typing import NamedTuple

_LOOSE = re.compile(
    "[\u00ad\u0300-\u036f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
"""Marks that stand on the letter before them, and characters that nobody sees."""
_WORD = re.compile(r"[^\W_]+")
_PLAIN_WORD = re.compile(r"[a-z0-9]+")
_DIGIT = re.compile(r"\d")
_MARK_MOVED = {
    old: new
    for bare, on_first, on_second in (("oa", "òóỏõọ", "àáảãạ"), ("oe", "òóỏõọ", "èéẻẽẹ"), ("uy", "ùúủũụ", "ỳýỷỹỵ"))
    for old, new in zip(
        (f"{bare[0]}{mark}" for mark in on_second), (f"{mark}{bare[1]}" for mark in on_first), strict=True
    )
}
"""Both ways to place a tone mark, the new one to the old one: "hoà" is "hòa"."""
_MOVED = re.compile("(?<!q)(?:" + "|".join(_MARK_MOVED) + r")(?![^\W\d_])")
_CACHED = 4096


class _Levelled(dict[int, str]):
    """A table for `str.translate` from any character to one character in lower case, filled as it is used."""

    def __missing__(self, code: int) -> str:
        char = self.level(chr(code))
        if len(self) < _CACHED:
            self[code] = char
        return char

    @staticmethod
    def level(char: str) -> str:
        category = unicodedata.category(char)
        if category == "Zs":
            return " "
        if category == "Pd":
            return "-"
        lower = unicodedata.normalize("NFKC", char).lower()
        return lower[0] if lower and (len(lower) == 1 or unicodedata.combining(lower[1])) else char


class _Bare(_Levelled):
    """The same for tone marks: "ở" to "o", "đ" to "d"."""

    @staticmethod
    def level(char: str) -> str:
        return "d" if char == "đ" else unicodedata.normalize("NFD", char)[0]


_LEVELLED, _BARE = _Levelled(), _Bare()


class Token(NamedTuple):
    """A word: `marked` in lower case, `plain` without tone marks; `start` and `end` are offsets into the readings.

    `is_capital`: written like a name, "Nam" or "N"; not "NAM", which may stand for anything.
    """

    start: int
    end: int
    marked: str
    plain: str
    is_capital: bool


class Reading:
    """`marked` (lower case) and `plain` (no tone marks either) are of one length; `raw` is the text as typed."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self._origin: list[int] | None = None
        seen = raw
        if raw.isascii():
            self.marked = self.plain = raw.lower()
        else:
            if _LOOSE.search(raw):
                seen, self._origin = _without_loose(raw)
            self.marked = _MOVED.sub(lambda pair: _MARK_MOVED[pair[0]], seen.translate(_LEVELLED))
            self.plain = self.marked.translate(_BARE)
        self.seen = seen

    @cached_property
    def is_marked(self) -> bool:
        """Whether this is Vietnamese typed with its tone marks: one word in five at least has some."""
        return 5 * sum(word.marked != word.plain for word in self.tokens) > len(self.tokens)

    @cached_property
    def word_list(self) -> list[str]:
        """The words and numbers without tone marks, in order."""
        return _PLAIN_WORD.findall(self.plain)

    @cached_property
    def words(self) -> frozenset[str]:
        """The same without order: tells quickly what need not be sought."""
        return frozenset(self.word_list)

    @cached_property
    def has_digits(self) -> bool:
        return _DIGIT.search(self.plain) is not None

    @cached_property
    def tokens(self) -> list[Token]:
        """The words in order."""
        seen, marked, plain = self.seen, self.marked, self.plain
        spans = (word.span() for word in _WORD.finditer(marked))
        return [
            Token(start, end, marked[start:end], plain[start:end], seen[start:end].istitle()) for start, end in spans
        ]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the readings as offsets into the text as typed."""
        if self._origin is None:
            return start, end
        return self._origin[start], self._origin[end]


def _without_loose(raw: str) -> tuple[str, list[int]]:
    """The text with marks put onto their letters and without what nobody sees; where each character began, and the end.

    A mark that makes no letter with the one before it is dropped.
    """
    chars: list[str] = []
    origin: list[int] = []
    for offset, char in enumerate(raw):
        if not _LOOSE.match(char):
            chars.append(char)
            origin.append(offset)
        elif chars and unicodedata.combining(char):
            composed = unicodedata.normalize("NFC", chars[-1] + char)
            chars[-1] = composed if len(composed) == 1 else chars[-1]
    return "".join(chars), [*origin, len(raw)]
