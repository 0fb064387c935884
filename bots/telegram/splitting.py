"""Blocks in messages, each within Telegram's limits: what is cut is cut between blocks, lines, sentences or words.

A code block or a table is kept whole where a message of its own can hold it. No character is lost but white space at
the cuts; a table's head is repeated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bots.telegram.escaping import shows, units, whole
from bots.telegram.runs import LINK, PRE, Block, Links, Run, between, joined, packed, plainly, quiet, shared, text_of

_BREAKS = (re.compile(r"\n+"), re.compile(r"(?<=[.;!?…])\s+"), re.compile(r"\s+"))
"""Where text is cut: between lines, else after a sentence, else between words."""
_BREAKS_IN_CODE = (_BREAKS[0], _BREAKS[2])


@dataclass(frozen=True, slots=True)
class Weight:
    """What a message takes of Telegram's limits, or the limits themselves.

    `units` are UTF-16 code units of the plain text, which is never shorter than what stands between the tags.
    `entities` are tags, `addresses` the characters of links.
    """

    units: int = 0
    entities: int = 0
    addresses: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.units + other.units, self.entities + other.entities, self.addresses + other.addresses)

    def __sub__(self, other: "Weight") -> "Weight":
        return Weight(self.units - other.units, self.entities - other.entities, self.addresses - other.addresses)

    def fits(self, limit: "Weight") -> bool:
        return self.units <= limit.units and self.entities <= limit.entities and self.addresses <= limit.addresses


def weight(runs: Sequence[Run]) -> Weight:
    """What the runs take, as one text."""
    entities = addresses = 0
    opened: Run = Run("")
    for run in packed((run.text, run.style) for run in runs):
        new = run.style[shared(opened.style, run.style) :]
        entities += len(new)
        addresses += sum(len(tag.value) for tag in new if tag.name == LINK)
        opened = run
    return Weight(units(plainly(runs)), entities, addresses)


def block_weight(block: Block) -> Weight:
    """What the block takes below another one."""
    return weight(block.runs) + Weight(len(block.gap))


def split(blocks: Sequence[Block], limit: Weight, links: Links) -> list[list[Block]]:
    """The blocks in messages, in their order; those that show nothing are left out."""
    pieces: list[list[Block]] = []
    held = limit
    for block in blocks:
        for chunk in _chunks(block, limit, links):
            own = block_weight(chunk)
            if not pieces or not (held + own).fits(limit):
                pieces.append([])
                held = Weight()
            pieces[-1].append(chunk)
            held += own
    return [piece for piece in pieces if shows(text_of(joined(piece)))]


def _chunks(block: Block, limit: Weight, links: Links) -> Iterator[Block]:
    """The block in pieces that fit, each with its head; what a cut laid bare is made quiet again."""
    room = limit - Weight(len(block.gap))
    head, rest = text_of(block.head), block.runs
    while not _fits(rest, room):
        end, later = _cut(between(rest, 0, room.units + 1), len(head) + 1, room)
        yield replace(block, runs=quiet(between(rest, 0, end), links))
        rest = (*block.head, *between(rest, later))
    if rest:
        yield replace(block, runs=quiet(rest, links))


def _fits(runs: Sequence[Run], room: Weight) -> bool:
    return sum(len(run.text) for run in runs) <= room.units and weight(runs).fits(room)


def _cut(runs: Sequence[Run], least: int, room: Weight) -> tuple[int, int]:
    """Where the longest beginning of at least `least` characters ends that fits and ends well, and the rest begins."""
    text = text_of(runs)
    low, high = least, max(least, len(text) - 1)
    while low < high:
        middle = (low + high + 1) // 2
        fits = weight(between(runs, 0, middle)).fits(room)
        low, high = (middle, high) if fits else (low, middle - 1)
    is_code = any(tag.name == PRE for run in runs for tag in run.style)
    for pattern in _BREAKS_IN_CODE if is_code else _BREAKS:
        ends = [found for found in pattern.finditer(text, least, low + 1) if found.start() > max(least, low // 2)]
        if ends:
            start = ends[-1].start()
            return start, (start + 1 if is_code else ends[-1].end())
    end = max(least, whole(text, low))
    return end, end
