"""What a file becomes once it is read: one text, and the blocks that lie in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HEADER_LINES = 2
"""A table's text begins with its header row and the line of dashes below it."""


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Draft:
    """A block before it has a place in the document's text. `level` is that of a heading, 1 the outermost."""

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A block in its place: `document.text[start:end]` is its text. `page` counts from 1, None without pages."""

    kind: Kind
    start: int
    end: int
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """A file as read: NFC text whose blocks follow each other in reading order and do not overlap.

    `text` between two blocks is white space only.
    """

    title: str
    text: str
    blocks: tuple[Block, ...]

    def text_of(self, block: Block) -> str:
        return self.text[block.start : block.end]


def assemble(title: str, drafts: Sequence[Draft]) -> ExtractedDocument:
    """Puts drafts into one text: an empty line between blocks, none between the items of a list. Blank drafts go."""
    blocks: list[Block] = []
    pieces: list[str] = []
    length = 0
    for draft in drafts:
        text = draft.text.strip()
        if not text:
            continue
        gap = _gap(blocks[-1].kind if blocks else None, draft.kind)
        pieces += [gap, text]
        start = length + len(gap)
        length = start + len(text)
        blocks.append(Block(draft.kind, start, length, draft.level, draft.page))
    return ExtractedDocument(title, "".join(pieces), tuple(blocks))


def _gap(before: Kind | None, after: Kind) -> str:
    if before is None:
        return ""
    return "\n" if before is after is Kind.ITEM else "\n\n"
