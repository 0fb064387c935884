"""Long Markdown in pieces that each stand alone: a table, a list or a code block is cut between its lines.

Joined, the pieces hold every line of the text in its order; only what opens and closes a code block, and the head of
a table, are repeated.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bots.slack.escaping import parser

Fits = Callable[[str], bool]
"""Whether a text is short enough. Of two texts of which one goes on from the other, the shorter one fits first."""

CONTAINERS = {"bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open"}
_CLOSING = re.compile(r"[\s>]*(`{3,}|~{3,})\s*$")
_OPENING = re.compile(r"^(.*?)(`{3,}|~{3,})")
_BREAKS = (re.compile(r"(?<=[.;!?…])\s+"), re.compile(r"\s+"))
"""Where a line is cut: after a sentence, else between words."""


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
    pieces: list[str] = []
    for chunk in _chunks(lines, stretches(text), fits):
        joined = f"{pieces[-1]}\n{chunk}" if pieces else chunk
        if pieces and fits(joined):
            pieces[-1] = joined
        else:
            pieces.append(chunk)
    return [piece.strip("\n") for piece in pieces if piece.strip()]


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


def _chunks(lines: Sequence[str], parts: Sequence[Stretch], fits: Fits) -> Iterator[str]:
    """The stretches as texts that fit, those too long cut by their kind."""
    for part in parts:
        own = lines[part.start : part.end]
        if fits("\n".join(own)):
            yield "\n".join(own)
        elif part.inner:
            yield from _chunks(lines, part.inner, fits)
        elif part.kind == "fence":
            yield from _cut_fence(own, fits)
        elif part.kind == "table_open":
            yield from _repeating(own[:2], own[2:], (), fits)
        else:
            yield from _short_lines(own, fits)


def _cut_fence(lines: Sequence[str], fits: Fits) -> Iterator[str]:
    """A code block in several, each opened and closed like the first one."""
    blank = len(lines) - next((n for n, line in enumerate(reversed(lines)) if line.strip(" >")), 0)
    opening = _OPENING.match(lines[0])
    mark = opening[2] if opening else "```"
    end = blank - 1 if blank > 1 and (found := _CLOSING.match(lines[blank - 1])) and found[1][:3] == mark[:3] else blank
    closing = lines[end] if end < blank else re.sub(r"[^\s>]", " ", opening[1] if opening else "") + mark
    yield from _repeating(lines[:1], lines[1:end], (closing,), fits)


def _repeating(head: Sequence[str], body: Sequence[str], tail: Sequence[str], fits: Fits) -> Iterator[str]:
    """The body in pieces that each have head and tail; a line too long for that is cut in itself."""

    def framed(lines: Sequence[str]) -> str:
        return "\n".join([*head, *lines, *tail])

    if not fits(framed([*head, *tail])):  # the frame alone would fill more than half of every piece
        yield from _short_lines([*head, *body, *tail], fits)
        return
    held: list[str] = []
    for line in _short_lines(body, lambda text: fits(framed([text]))):
        if held and not fits(framed([*held, line])):
            yield framed(held)
            held = []
        held.append(line)
    yield framed(held)


def _short_lines(lines: Sequence[str], fits: Fits) -> Iterator[str]:
    """Plain lines; what is too long is cut after sentences, else between words, else anywhere."""
    for line in lines:
        rest = line
        while not fits(rest):
            end = _cut_at(rest, fits)
            yield rest[:end].rstrip()
            rest = rest[end:]
        yield rest


def _cut_at(line: str, fits: Fits) -> int:
    """Where the longest beginning of the line ends that fits and ends well; 1 at the least."""
    low, high = 1, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(line[:middle]) else (low, middle - 1)
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(line, 0, low) if found.end() > low // 2]
        if ends:
            return ends[-1]
    return low
