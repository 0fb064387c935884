"""Long Markdown in pieces that each stand alone: a table, a list or a code block is cut between its lines.

Joined, the pieces hold every line of the text in its order; only what opens and closes code, and the head of a table,
are repeated.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bots.slack.cuts import CELLS, NOTHING, WHOLE, Chunk, Fits, Prose
from bots.slack.escaping import parser

CONTAINERS = {"bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open"}
_CLOSING = re.compile(r"[\s>]*(`{3,}|~{3,})\s*$")
_OPENING = re.compile(r"^(.*?)(`{3,}|~{3,})")
_INDENT = re.compile(r"(?:[ \t]{0,3}>)*[ \t]*")
"""What makes a line one of a code block without backticks."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `start` to `end` of the text, and what is known of them: the smaller stretches that they are made of."""

    kind: str
    start: int
    end: int
    inner: tuple["Stretch", ...] = ()


def split(text: str, fits: Fits) -> list[str]:
    """The text in as few pieces as go in order; one piece when it fits. Blank text gives none.

    A code block or a table is kept whole where a piece of its own can hold it.
    """
    if not text.strip():
        return []
    if fits(text):
        return [text]
    lines = text.split("\n")
    pieces: list[Chunk] = []
    for chunk in _chunks(lines, stretches(text), fits):
        joined = pieces[-1].then(chunk) if pieces else chunk
        if pieces and fits(joined.alone()):
            pieces[-1] = joined
        else:
            pieces.append(chunk)
    return [piece.strip("\n") for piece in map(Chunk.alone, pieces) if piece.strip()]


def stretches(text: str) -> tuple[Stretch, ...]:
    """What Markdown sees in the text, outermost first; together they cover every line."""
    return _covering(parser().parse(text), 0, text.count("\n") + 1)


def _covering(tokens: Sequence[Token], start: int, end: int) -> tuple[Stretch, ...]:
    """The blocks of one level, each with the blank lines that follow it."""
    level = min((token.level for token in tokens), default=0)
    opened = [at for at, token in enumerate(tokens) if token.level == level and token.map and token.nesting >= 0]
    found = []
    for number, at in enumerate(opened):
        later = opened[number + 1] if number + 1 < len(opened) else len(tokens)
        first = start if number == 0 else _start(tokens[at])
        last = _start(tokens[later]) if later < len(tokens) else end
        if first < last:
            within = [token for token in tokens[at + 1 : later] if token.level > level]
            inner = _covering(within, first, last) if tokens[at].type in CONTAINERS else ()
            found.append(Stretch(tokens[at].type, first, last, inner))
    return tuple(found) or (Stretch("paragraph_open", start, end),)


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0


def _chunks(lines: Sequence[str], parts: Sequence[Stretch], fits: Fits) -> Iterator[Chunk]:
    """The stretches as texts that fit, those too long cut by their kind."""
    for part in parts:
        own = lines[part.start : part.end]
        if fits("\n".join(own)):
            yield Chunk("\n".join(own))
        elif part.inner:
            yield from _chunks(lines, part.inner, fits)
        elif part.kind == "fence":
            yield from _cut_fence(own, fits)
        elif part.kind == "code_block":
            yield from map(Chunk, _cut_code(own, _INDENT, fits))
        elif part.kind == "table_open":
            yield from _cut_table(own, fits)
        else:
            yield from Prose("\n".join(own), WHOLE).chunks(fits)


def _cut_table(lines: Sequence[str], fits: Fits) -> Iterator[Chunk]:
    """A table in several, each with the head."""

    def rows(own_fits: Fits) -> Iterator[str]:
        return map(Chunk.alone, Prose("\n".join(lines[2:]), CELLS).chunks(own_fits))

    if _leaves_room(lines[:2], (), fits):
        yield from _repeating(lines[:2], rows, (), fits)
    else:
        yield from Prose("\n".join(lines), CELLS).chunks(fits)


def _cut_fence(lines: Sequence[str], fits: Fits) -> Iterator[Chunk]:
    """A code block in several, each opened and closed like the first one; what it opens with is code if too long."""
    blank = len(lines) - next((n for n, line in enumerate(reversed(lines)) if line.strip(" >")), 0)
    opening = _OPENING.match(lines[0])
    before, mark = opening.groups() if opening else ("", "```")
    lead = re.sub(r"[^\s>]", " ", before)
    end = blank - 1 if blank > 1 and (found := _CLOSING.match(lines[blank - 1])) and found[1][:3] == mark[:3] else blank
    head, body, tail = lines[:1], lines[1:end], lines[end:blank] or (lead + mark,)
    if not _leaves_room(head, tail, fits):
        head, body = (before + mark,), [lead + lines[0].removeprefix(before + mark), *body]

    def rows(own_fits: Fits) -> Iterator[str]:
        return _cut_code(body, re.compile(rf"(?:\s*> ?){{{lead.count('>')}}}"), own_fits)

    if _leaves_room(head, tail, fits):
        yield from _repeating(head, rows, tail, fits)
    else:
        yield from Prose("\n".join(lines), NOTHING).chunks(fits)


def _cut_code(lines: Sequence[str], lead: re.Pattern[str], fits: Fits) -> Iterator[str]:
    """Lines of code; what is left of a long one begins with the same `lead`."""
    for line in lines:
        found = lead.match(line)
        yield from _cut_line(line, found[0] if found and fits(found[0] * 2) else "", fits)


def _cut_line(line: str, lead: str, fits: Fits) -> Iterator[str]:
    pieces = Prose(line.removeprefix(lead), NOTHING).chunks(lambda text: fits(lead + text))
    return (lead + piece.text for piece in pieces)


def _leaves_room(head: Sequence[str], tail: Sequence[str], fits: Fits) -> bool:
    """Whether the frame of a piece fills less than half of it."""
    return fits("\n".join([*head, *head, *tail, *tail]))


def _repeating(
    head: Sequence[str], rows: Callable[[Fits], Iterator[str]], tail: Sequence[str], fits: Fits
) -> Iterator[Chunk]:
    """Pieces that each have head and tail; `rows` gives what stands between them, cut for a room."""

    def framed(lines: Sequence[str]) -> str:
        return "\n".join([*head, *lines, *tail])

    held: list[str] = []
    for row in rows(lambda text: fits(framed([text]))):
        if held and not fits(framed([*held, row])):
            yield Chunk(framed(held))
            held = []
        held.append(row)
    yield Chunk(framed(held))
