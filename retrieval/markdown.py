"""Markdown into blocks of plain text: marks, links' brackets and escapes go, words and table cells stay. Pure."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from retrieval.blocks import Draft, Kind
from retrieval.tables import render

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?: +(.*?))?(?: +#+)? *$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,}) *$")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
_ITEM = re.compile(r"( *)(?:([-*+])|(\d{1,4}[.)]))(?: +(.*)|)$")
_DELIMITER = re.compile(r" *\|?(?: *:?-+:? *\|)+ *(?::?-+:? *)?$| *\| *:?-+:? *$")
_CELL_EDGE = re.compile(r"(?<!\\)\|")
_QUOTE = re.compile(r" {0,3}>+ ?")
_SLIDE = re.compile(r"@@slide (\d+)@@")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
SLIDE_MARKER = "\n\n@@slide {page_num}@@\n\n"
"""A line that says which page of a presentation begins."""

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SHELTER = 0xE000  # a private code point for each escaped mark, while the other marks are taken off
_SHELTERED = re.compile("[\ue021-\ue07e]")
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^)]*\)")
_INLINE = (
    (re.compile(r"<(https?://[^>\s]+|mailto:[^>\s]+)>"), r"\1"),
    (re.compile(r"<br */?>", re.IGNORECASE), " "),
    (re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE), ""),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]+)(?<=[^\s_])_(?!\w)"), r"\1"),
)
_LINK = re.compile(r"\[([^\[\]]*)\]\(<?([^)\s>]*)>?[^)]*\)")


def markdown_to_drafts(source: str, *, keep_breaks: bool = False) -> list[Draft]:
    """Blocks in reading order. `keep_breaks`: a line break inside a paragraph is meant (text made from HTML)."""
    return list(_Reader(keep_breaks).read(_COMMENT.sub("", source)))


def plain(text: str) -> str:
    """One run of markdown as words: emphasis, code marks, tags and escapes off; a link keeps its address."""
    text = _ESCAPE.sub(lambda match: chr(_SHELTER + ord(match[1])), text)
    text = _LINK.sub(_link_text, _IMAGE.sub(r"\1", text))
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    text = html.unescape(text)
    return _SHELTERED.sub(lambda match: chr(ord(match[0]) - _SHELTER), text)


def _link_text(match: re.Match[str]) -> str:
    text, address = match[1], match[2].removeprefix("mailto:")
    says_where = address in {"", text} or not address.startswith(("http://", "https://"))
    return text if says_where and text else f"{text} ({address})"


@dataclass
class _Reader:
    """Reads line by line; `lines` hold the block that is open."""

    keep_breaks: bool
    kind: Kind = Kind.PARAGRAPH
    lines: list[str] = field(default_factory=list)
    fence: str = ""
    page: int | None = None

    def read(self, source: str) -> Iterator[Draft]:
        for line in source.expandtabs(4).split("\n"):
            yield from self.code(line) if self.fence else self.line(line)
        yield from self.close()

    def code(self, line: str) -> Iterator[Draft]:
        if line.strip().startswith(self.fence):
            yield from self.close()
            self.fence = ""
        else:
            self.lines.append(line)

    def line(self, line: str) -> Iterator[Draft]:
        stripped = _QUOTE.sub("", line)
        if stripped != line:
            yield from self.close_unless(Kind.PARAGRAPH)
            line = stripped
        if self.kind is Kind.TABLE and self.lines and "|" in line:
            self.lines.append(line)
        elif _DELIMITER.match(line) and self.lines and "|" in self.lines[-1]:
            yield from self.table(line)
        elif _UNDERLINE.match(line) and self.kind is Kind.PARAGRAPH and len(self.lines) == 1:
            yield Draft(Kind.HEADING, plain(self.lines.pop()), 1 if "=" in line else 2, self.page)
        elif not line.strip() or _RULE.match(line):
            yield from self.close()
        else:
            yield from self.marked(line)

    def marked(self, line: str) -> Iterator[Draft]:
        """A line that begins something by its first characters, or continues what is open."""
        if fence := _FENCE.match(line):
            yield from self.close()
            self.kind, self.fence = Kind.CODE, fence[1]
        elif heading := _HEADING.match(line):
            yield from self.close()
            yield Draft(Kind.HEADING, plain(heading[2] or ""), len(heading[1]), self.page)
        elif item := _ITEM.match(line):
            yield from self.close()
            self.kind = Kind.ITEM
            self.lines = [f"{item[3] or '-'} {item[4] or ''}"]
        elif slide := _SLIDE.search(line):
            yield from self.close()
            self.page = int(slide[1])
        else:
            yield from self.close_unless(self.kind if self.kind is not Kind.TABLE else Kind.PARAGRAPH)
            self.lines.append(line)

    def table(self, delimiter: str) -> Iterator[Draft]:
        header = self.lines.pop()
        yield from self.close()
        self.kind, self.lines = Kind.TABLE, [header, delimiter]

    def close_unless(self, kind: Kind) -> Iterator[Draft]:
        if self.lines and self.kind is not kind:
            yield from self.close()

    def close(self) -> Iterator[Draft]:
        if self.lines:
            yield Draft(self.kind, self.text(), page=self.page)
        self.kind, self.lines = Kind.PARAGRAPH, []

    def text(self) -> str:
        if self.kind is Kind.CODE:
            return "\n".join(self.lines)
        if self.kind is Kind.TABLE:
            return render([cells_of(line) for index, line in enumerate(self.lines) if index != 1])
        return plain("".join(self.joined()).strip())

    def joined(self) -> Iterator[str]:
        for line in self.lines:
            meant = self.keep_breaks or line.endswith(("  ", "\\"))
            yield line.rstrip("\\").strip() + ("\n" if meant else " ")


def cells_of(line: str) -> list[str]:
    """The cells of one line of a table, as plain text."""
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [plain(text).strip() for text in _CELL_EDGE.split(line)]
