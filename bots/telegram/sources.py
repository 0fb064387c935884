"""The numbered sources under an answer, folded away until they are tapped: title, page or heading, the quoted line.

All of them in full where there is room; else without their quotes; else the first ones, and how many more there are.
"""

from collections.abc import Callable

from bots.telegram.escaping import one_line, web_address
from bots.telegram.runs import BOLD, EXPANDABLE, LINK, Block, Run, Tag, quiet
from bots.telegram.splitting import Weight, block_weight, weight
from core.conversation import Answer, Citation
from core.texts import translate

TITLE, HEADING = 150, 100
"""Characters that these get."""
QUOTES = (300, 120, 0)
"""Characters of a quoted line: as many as there is room for."""

LinkOf = Callable[[Answer, Citation], str | None]
Line = tuple[Run, ...]
"""A source, with the break that begins its line."""


def listed(answer: Answer, link_of: LinkOf, room: Weight) -> list[Block]:
    """The sources as one block within `room`; none where there are none, or no room for anything."""
    heading = quiet([Run(translate(answer.language, "telegram.sources"), (EXPANDABLE, BOLD))], {})
    total, room = len(answer.citations), room - block_weight(Block(heading))
    if not total or not Weight().fits(room):
        return []
    lines = next((lines for length in QUOTES if len(lines := _fitting(answer, link_of, length, room)) == total), None)
    if lines is None:
        more = _more(answer, total)
        lines = _fitting(answer, link_of, 0, room - _line_weight(more))
        lines.append(_more(answer, total - len(lines)))
    return [Block((*heading, *(run for line in lines for run in line)))]


def _fitting(answer: Answer, link_of: LinkOf, quoted: int, room: Weight) -> list[Line]:
    """As many lines of sources as there is room for, the first ones."""
    lines: list[Line] = []
    used = Weight()
    for cited in answer.citations:
        line = _line(answer, cited, web_address(link_of(answer, cited)), quoted)
        used += _line_weight(line)
        if not used.fits(room):
            break
        lines.append(line)
    return lines


def _line_weight(line: Line) -> Weight:
    return weight(line) - Weight(entities=1)  # the quotation is the one of the heading


def _more(answer: Answer, count: int) -> Line:
    more = translate(answer.language, "telegram.sources_more", count=count)
    return (Run(f"\n{more}", (EXPANDABLE,)),)


def _line(answer: Answer, citation: Citation, address: str, quoted: int) -> Line:
    title = one_line(citation.title, TITLE) or one_line(citation.document, TITLE) or f"{citation.n}"
    page = translate(answer.language, "place.page", page=citation.page) if citation.page else ""
    where = "".join(f" · {part}" for part in (page, one_line(citation.heading, HEADING)) if part)
    said = one_line(citation.quote, quoted) if quoted else ""
    named = (EXPANDABLE, Tag(LINK, address)) if address else (EXPANDABLE,)
    rest = f"{where}\n“{said}”" if said else where
    return quiet([Run(f"\n[{citation.n}] ", (EXPANDABLE,)), Run(title, named), Run(rest, (EXPANDABLE,))], {})
