"""Lines of a page back into headings, paragraphs and items, for text that has lines only: PDF and .txt. Pure.

A line ends early on purpose when the first word of the next line would still have fitted on it; else it was broken
by the margin and the paragraph goes on.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from retrieval.blocks import Draft, Kind
from retrieval.headings import is_shouted, legal_level, numbered_level
from retrieval.vietnamese import normalise

FULL_LINE = 0.85
"""Letters differ in width: a line counts as full from this share of the longest one on."""
LEAST_WIDTH = 40
"""Characters of a full line in narrow columns; a text of shorter lines has no full ones."""
REPEATED = 0.6
"""A line at the edge of this share of the pages is a running header or footer."""
EDGE_LINES = 2

_PAGE_NUMBER = re.compile(r"[-–— ]*(?:trang|page|tr\.)? *\d{1,4}(?: *(?:/|trên|of) *\d{1,4})?[-–— ]*", re.IGNORECASE)
_BULLET = re.compile(r"[•●▪◦‣·○■□➢✓*+–—-] +(?=\S)")
_ITEM = re.compile(r"(?:\d{1,2}[.)]|[a-zđ][.)]|\([a-z0-9]{1,2}\)) +(?=\S)")
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = (".", "!", "?", ":", ";", "…", ".”", '."', ".)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `page` is None where there are no pages. An empty text is an empty line."""

    text: str
    page: int | None = None


def pages_to_drafts(pages: Sequence[tuple[int | None, str]]) -> list[Draft]:
    """Blocks of numbered pages of plain lines; running headers, footers and page numbers go."""
    kept = _without_running_lines([normalise(text).split("\n") for _, text in pages])
    lines = [Line(text, page) for (page, _), texts in zip(pages, kept, strict=True) for text in texts]
    return list(_Paragraphs(_line_width(lines)).read(lines))


def _line_width(lines: Sequence[Line]) -> int:
    """The length of a full line: the 95th percentile, so that one odd line does not decide."""
    lengths = sorted(len(line.text) for line in lines if line.text)
    return max(lengths[int(0.95 * len(lengths))], LEAST_WIDTH) if lengths else 0


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    edges = [{_DIGITS.sub("#", page[index]) for index in _edge(page) if page[index]} for page in pages]
    counts = Counter(text for page in edges for text in page)
    least = max(2, REPEATED * len(pages))
    running = {text for text, count in counts.items() if count >= least and len(pages) > 1}
    return [_without(page, running) for page in pages]


def _edge(page: list[str]) -> set[int]:
    last = len(page)
    return {*range(min(EDGE_LINES, last)), *range(max(0, last - EDGE_LINES), last)}


def _without(page: list[str], running: set[str]) -> list[str]:
    edge = _edge(page)
    return [
        text
        for index, text in enumerate(page)
        if index not in edge or not (_DIGITS.sub("#", text) in running or (text and _PAGE_NUMBER.fullmatch(text)))
    ]


def _next_texts(lines: Sequence[Line]) -> list[str]:
    """For each line the next one that is not empty."""
    texts = [""]
    for line in reversed(lines):
        texts.append(line.text or texts[-1])
    return texts[-2::-1]


@dataclass
class _Paragraphs:
    """Collects lines into the draft that is open, and closes it where the text says so."""

    width: int
    open: list[str] = field(default_factory=list)
    kind: Kind = Kind.PARAGRAPH
    page: int | None = None

    def read(self, lines: Sequence[Line]) -> Iterator[Draft]:
        before: Line | None = None
        for line, after in zip(lines, _next_texts(lines), strict=True):
            if not line.text:
                yield from self.close()
            elif level := self.heading_level(line.text, after, before):
                yield from self.close()
                yield Draft(Kind.HEADING, line.text, level, line.page)
            else:
                yield from self.add(line)
            before = line
        yield from self.close()

    def heading_level(self, text: str, after: str, before: Line | None) -> int | None:
        if before is not None and self.open and not self.ends_before(before.text, text):
            return None
        if (level := legal_level(text)) is not None:
            return level
        if is_shouted(text) and not _BULLET.match(text):
            return 1
        level = numbered_level(text)
        stands_alone = bool(after) and numbered_level(after) is None and not self.is_full(text, after)
        follows_item = before is not None and numbered_level(before.text) is not None and bool(self.open)
        return level if stands_alone and not follows_item else None

    def add(self, line: Line) -> Iterator[Draft]:
        bullet = _BULLET.match(line.text)
        if bullet or _ITEM.match(line.text):
            yield from self.close()
            self.kind = Kind.ITEM
            self.start(f"- {line.text[bullet.end() :]}" if bullet else line.text, line.page)
        elif not self.open:
            self.start(line.text, line.page)
        elif self.is_full(self.open[-1].rsplit("\n", 1)[-1], line.text):
            self.open.append(line.text)
        elif self.open[-1].endswith(_SENTENCE_END) or self.kind is Kind.ITEM:
            yield from self.close()
            self.start(line.text, line.page)
        else:
            self.open.append(f"\n{line.text}")

    def start(self, text: str, page: int | None) -> None:
        self.open, self.page = [text], page

    def close(self) -> Iterator[Draft]:
        if self.open:
            yield Draft(self.kind, " ".join(self.open).replace(" \n", "\n"), page=self.page)
        self.open, self.kind = [], Kind.PARAGRAPH

    def is_full(self, text: str, after: str) -> bool:
        first_word = after.split(maxsplit=1)[0] if after else ""
        return len(text) + 1 + len(first_word) >= FULL_LINE * self.width

    def ends_before(self, text: str, after: str) -> bool:
        return text.endswith(_SENTENCE_END) or not self.is_full(text, after)
