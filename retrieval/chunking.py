"""Documents to chunks: pieces that can be found, read and cited alone. Pure.

A chunk never crosses a heading unless both sections are tiny; within a section paragraphs are packed until the target
is reached, long ones are split at the ends of sentences, tables between rows. Chunks follow each other without
overlap and together hold every letter of the document.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.documents import Chunk, Document
from retrieval.blocks import HEADER_LINES, Block, ExtractedDocument, Kind
from retrieval.sentences import spans_of_lines, split_long

TARGET = 500
"""Characters that a chunk should have: two or three short paragraphs, about 130 tokens of e5 in Vietnamese."""
MAXIMUM = 900
"""Characters that no chunk exceeds, so that three passages fit a small model's prompt."""
TINY = 100
"""Characters up to which a section is joined with its neighbour under the same heading."""
REST = 125
"""Characters up to which the last piece of a section joins the one before it."""
HEADING_JOINT = " › "


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the document's text. `prefix` is a repeated table header that stands before the span's text."""

    start: int
    end: int
    path: tuple[str, ...]
    page: int | None
    prefix: str = ""

    def __len__(self) -> int:
        return len(self.prefix) + self.end - self.start


@dataclass(frozen=True, slots=True)
class Section:
    """A heading's own content, with the headings that directly lead to it. `path` are all headings above it."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]


def chunks_of(document: Document, extracted: ExtractedDocument) -> list[Chunk]:
    """The chunks of a document in reading order, none longer than `MAXIMUM`.

    `chunk.text` is `extracted.text[chunk.start:chunk.end]`; only where a long table was split do the later pieces
    begin with the table's header row, repeated in front of that text. Ids depend on document, content and place only.
    """
    pieces = [piece for section in sections(extracted) for piece in _without_rest(_pieces(extracted, section))]
    joined = _joined_when_tiny(pieces)
    return [_chunk(document, extracted, ordinal, piece) for ordinal, piece in enumerate(joined)]


def indexable_text(document: Document, chunk: Chunk) -> str:
    """What is embedded and searched: title and headings on the first line, then the chunk.

    A heading that the chunk itself begins with is not said twice.
    """
    said = {" ".join(line.split()) for line in chunk.text.split("\n\n")}
    above = [document.title, *(heading for heading in chunk.title_path if heading not in said)]
    return f"{HEADING_JOINT.join(above)}\n{chunk.text}"


def sections(extracted: ExtractedDocument) -> list[Section]:
    """The document cut at its headings, each with the headings above it, outermost first, without the title."""
    found: list[Section] = []
    above: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for block in extracted.blocks:
        if block.kind is Kind.HEADING:
            if any(each.kind is not Kind.HEADING for each in blocks):
                found.append(_section(extracted, above, blocks))
                blocks = []
            above = [*((level, text) for level, text in above if level < block.level)]
            above.append((block.level, " ".join(extracted.text_of(block).split())))
        blocks.append(block)
    return [*found, _section(extracted, above, blocks)] if blocks else found


def _section(extracted: ExtractedDocument, above: Sequence[tuple[int, str]], blocks: Sequence[Block]) -> Section:
    path = tuple(text for _, text in above if text != extracted.title)
    return Section(path, tuple(blocks))


def _pieces(extracted: ExtractedDocument, section: Section) -> Iterator[Piece]:
    """Packs the section's blocks: the next one joins while the piece stays within the target. Where one cannot stand
    alone (a heading, a lead-in before a table or list, anything under half the target), within the maximum.
    """
    held: Piece | None = None
    lead: Block | None = None
    for block in section.blocks:
        room = MAXIMUM - len(held) - len("\n\n") if held and lead and lead.kind is Kind.HEADING else MAXIMUM
        for piece in _split(extracted, section, block, max(room, TARGET)):
            merged = None if held is None else _merged(held, piece, MAXIMUM if lead else TARGET)
            if held is not None and merged is None:
                yield held
            held, lead = merged or piece, None
        lead = block if block.kind is Kind.HEADING or extracted.text_of(block).endswith(":") else None
    if held is not None:
        yield held


def _without_rest(pieces: Iterable[Piece]) -> list[Piece]:
    """A last piece of a line or two goes to the one before it, where there is room."""
    *before, last = pieces
    if before and len(last) <= REST and (merged := _merged(before[-1], last, MAXIMUM)) is not None:
        return [*before[:-1], merged]
    return [*before, last]


def _merged(held: Piece, piece: Piece, most: int) -> Piece | None:
    """Both as one span; None when that is too long or a repeated header would then stand in the middle."""
    merged = Piece(held.start, piece.end, held.path, held.page, held.prefix)
    bound = MAXIMUM if len(held) < TARGET // 2 else most
    return None if piece.prefix or len(merged) > bound else merged


def _split(extracted: ExtractedDocument, section: Section, block: Block, most: int) -> Iterator[Piece]:
    """The block whole, or in pieces of at most `most` characters where it is longer."""
    text = extracted.text_of(block)
    if len(text) <= most:
        pieces: Iterable[tuple[int, int, str]] = [(0, len(text), "")]
    elif block.kind is Kind.TABLE:
        pieces = _split_table(text, most)
    else:
        pieces = ((start, end, "") for start, end in _packed(split_long(text, most), TARGET))
    for start, end, prefix in pieces:
        yield Piece(block.start + start, block.start + end, section.path, block.page, prefix)


def _split_table(text: str, most: int) -> Iterator[tuple[int, int, str]]:
    """Rows packed to the target, with the header to repeat before each piece but the first, which begins with it.

    A header over half of `most` stands once.
    """
    header = "".join(f"{line}\n" for line in text.split("\n", HEADER_LINES)[:HEADER_LINES])
    repeated = header if len(header) <= most // 2 else ""
    rows = [span for line in spans_of_lines(text) for span in _within(text, line, most - len(repeated))]
    if repeated:  # the header never stands without a first row
        rows = [(0, rows[HEADER_LINES][1]), *rows[HEADER_LINES + 1 :]]
    for start, end in _packed(rows, TARGET if len(header) < TARGET // 2 else most, len(repeated)):
        yield start, end, repeated if start else ""


def _within(text: str, line: tuple[int, int], most: int) -> Iterator[tuple[int, int]]:
    start, end = line
    for first, last in split_long(text[start:end], most):
        yield start + first, start + last


def _packed(spans: Iterable[tuple[int, int]], most: int, extra: int = 0) -> Iterator[tuple[int, int]]:
    """Neighbouring spans joined while they stay within `most` characters; all but the first take `extra` more."""
    held: tuple[int, int] | None = None
    for start, end in spans:
        if held is not None and end - held[0] + (extra if held[0] else 0) > most:
            yield held
            held = None
        held = (held[0] if held else start, end)
    if held is not None:
        yield held


def _joined_when_tiny(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring sections of a few words each under one heading become one piece, under that heading's path."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if before is not None and len(before) <= TARGET // 2 and len(piece) <= TINY and _are_siblings(before, piece):
            joined[-1] = Piece(before.start, piece.end, _common(before.path, piece.path), before.page)
        else:
            joined.append(piece)
    return joined


def _are_siblings(before: Piece, piece: Piece) -> bool:
    shared = len(_common(before.path, piece.path))
    return not (before.prefix or piece.prefix) and shared >= len(piece.path) - 1 and shared >= len(before.path) - 1


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def _chunk(document: Document, extracted: ExtractedDocument, ordinal: int, piece: Piece) -> Chunk:
    key = f"{document.id}\0{document.content_hash}\0{ordinal}"
    return Chunk(
        id=hashlib.sha256(key.encode()).hexdigest()[:32],
        document_id=document.id,
        ordinal=ordinal,
        text=piece.prefix + extracted.text[piece.start : piece.end],
        title_path=piece.path,
        page=piece.page,
        start=piece.start,
        end=piece.end,
    )
