"""Where lines of Markdown may be cut so that every sign still reads as it did.

Neither an entity nor an escaped sign nor a letter is cut in two. Code is closed before the cut and opened behind it.
"""

import itertools
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Fits = Callable[[str], bool]
"""Whether a text is short enough. Of two texts of which one goes on from the other, the shorter one fits first."""

MARK = 8
"""Backticks around a piece of code; between more of them it is cut like other text."""
CELLS = re.compile(r"(?:\\\||[^|\n])+")
"""What the cells of a table hold: no code goes on beyond one."""
WHOLE = re.compile(r"[\s\S]+")
NOTHING = re.compile(r"(?!)")

_BREAKS = (re.compile(r"(?<=[.;!?…])\s+"), re.compile(r"\s+"))
"""Where a line is cut: after a sentence, else between words."""
_TICKS = re.compile(r"`+")
_SIGN_OR_TICKS = re.compile(r"\\[\s\S]|(?P<mark>`+)")
_UNIT = re.compile(
    r"\\(?:`+|[!-/:-@\[-_{-~])|`+|&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});|[\s\S]", re.IGNORECASE
)
"""What is not cut in itself."""
_LEAD = re.compile(r"[\s>]*")
"""What makes a line one of a quotation or an item."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines, and what they need where a piece begins or ends with them.

    `opening` belongs behind the first `lead` characters, `closing` at the end.
    """

    text: str
    opening: str = ""
    closing: str = ""
    lead: int = 0

    def alone(self) -> str:
        """The lines as a piece of their own. A blank keeps backticks apart."""
        lead, said = self.text[: self.lead], self.text[self.lead :]
        opening = f"{self.opening} " if self.opening and said.startswith("`") else self.opening
        closing = f" {self.closing}" if self.closing and said.endswith("`") else self.closing
        return f"{lead}{opening}{said}{closing}"

    def then(self, later: "Chunk") -> "Chunk":
        """Both as one; `later` is what follows in the next line."""
        return Chunk(f"{self.text}\n{later.text}", self.opening, later.closing, self.lead)


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: where it starts and ends between its backticks."""

    start: int
    end: int
    mark: str


class Prose:
    """Lines of Markdown and the pieces of code in them, none of which goes on beyond what `within` finds."""

    def __init__(self, text: str, within: re.Pattern[str]) -> None:
        self.text = text
        self._codes = [code for part in within.finditer(text) for code in _codes(text, *part.span())]
        self._starts = [code.start for code in self._codes]
        self._edges = {edge for code in self._codes for edge in (code.start, code.end)}

    def chunks(self, fits: Fits) -> Iterator[Chunk]:
        """Line by line; what is too long is cut after sentences, else between words, else anywhere."""
        for line in re.finditer(r"^.*$", self.text, re.MULTILINE):
            start, stop = line.span()
            cuts: Sequence[int] | None = None
            while start < stop and not fits(self._chunk(start, stop).alone()):
                cuts = self._cuts(start, stop) if cuts is None else cuts
                end = self._cut_at(start, stop, cuts, fits)
                yield self._chunk(start, end)
                start = end
            if start < stop or start == line.start():
                yield self._chunk(start, stop)

    def _chunk(self, start: int, end: int) -> Chunk:
        opening, closing = self._mark(start), self._mark(end)
        begins_line, ends_line = self.text[start - 1 : start] in {"", "\n"}, self.text[end : end + 1] in {"", "\n"}
        text = self.text[start:end] if closing or ends_line else self.text[start:end].rstrip()
        lead = _LEAD.match(text) if begins_line and opening else None
        return Chunk(text, opening, closing, lead.end() if lead else 0)

    def _mark(self, at: int) -> str:
        """The backticks of the code that goes on at the offset; empty outside of code."""
        number = bisect_right(self._starts, at) - 1
        return self._codes[number].mark if number >= 0 and at <= self._codes[number].end else ""

    def _cuts(self, start: int, stop: int) -> list[int]:
        """Where the line may be cut at all: both sides of a cut in code hold some of it."""
        ends = (unit.end() for unit in _UNIT.finditer(self.text, start, stop))
        return [at for at in ends if at < stop and at not in self._edges and not unicodedata.combining(self.text[at])]

    def _cut_at(self, start: int, stop: int, cuts: Sequence[int], fits: Fits) -> int:
        """Where the longest beginning of the line ends that fits and ends well; one character at the least."""
        for ends in (cuts[bisect_right(cuts, start) :], range(start + 1, stop)):
            count = bisect_left(ends, 1, key=lambda end: not fits(self._chunk(start, end).alone()))
            if count:
                return self._best(start, ends[:count])
        return start + 1

    def _best(self, start: int, ends: Sequence[int]) -> int:
        """The last end after a sentence, else after a word, in the latter half; rather outside of code than within."""
        last, allowed = ends[-1], set(ends)
        found = [
            [at.end() for at in pattern.finditer(self.text, start, last) if at.end() - start > (last - start) // 2]
            for pattern in _BREAKS
        ]
        outside = [[at for at in level if at in allowed and not self._mark(at)] for level in found]
        within = [[at for at in level if at in allowed and self._mark(at)] for level in found]
        return next((level[-1] for level in itertools.chain(outside, within) if level), last)


def _codes(text: str, start: int, stop: int) -> Iterator[Code]:
    """The pieces of code as readers of Markdown find them: as many backticks close one as have opened it."""
    closing: dict[int, list[int]] = defaultdict(list)
    for run in _TICKS.finditer(text, start, stop):
        closing[len(run[0])].append(run.start())
    at = start
    while found := _SIGN_OR_TICKS.search(text, at, stop):
        at = found.end()
        later = closing[len(found["mark"] or "")]
        number = bisect_left(later, at)
        if number < len(later):
            end = later[number]
            if len(found["mark"]) <= MARK:
                yield Code(at, end, found["mark"])
            at = end + len(found["mark"])
