"""The numbered sources under an answer: title, page or heading, the quoted line, a link where there is one.

All of them in full where there is room; else without their quotes; else the first ones, and how many more there are.
"""

import bisect
from collections.abc import Callable, Sequence
from urllib.parse import quote

from bots.slack.blocks import Block, packed, weight
from bots.slack.escaping import cut, escape, fitted, one_line
from core.conversation import Answer, Citation
from core.texts import translate

TITLE, HEADING, LINK = 150, 100, 1_000
"""Characters that these get; a longer link is left out."""
QUOTES = (300, 120, 0)
"""Characters of a quoted line: as many as there is room for."""
SAFE_IN_LINKS = "%/:=&?~#+!$,;'@()*[]-._"

LinkOf = Callable[[Answer, Citation], str | None]


def listed(answer: Answer, link_of: LinkOf, room: int) -> list[Block]:
    """The sources as blocks of at most `room` characters in JSON."""
    if not answer.citations:
        return []
    heading = f"*{escape(translate(answer.language, 'slack.sources'))}*"
    for length in QUOTES:
        lines = [_line(answer, citation, link_of(answer, citation), length) for citation in answer.citations]
        if weight(blocks := packed([heading, *lines])) <= room:
            return blocks
    return _first_of(answer, heading, lines, room)


def told(answer: Answer, room: int) -> str:
    """The sources as plain text below an answer, of at most `room` characters once escaped."""
    if not answer.citations:
        return ""
    heading = "\n\n" + translate(answer.language, "slack.sources")
    for length in QUOTES:
        lines = [_told_line(answer, citation, length) for citation in answer.citations]
        if len(escape("\n".join([heading, *lines]))) <= room:
            return "\n".join([heading, *lines])

    def first(count: int) -> str:
        return "\n".join([heading, *lines[:count], _more(answer, count)])

    count = _as_many_as(len(lines), lambda count: len(escape(first(count))) <= room)
    return "" if count is None else first(count)


def _first_of(answer: Answer, heading: str, lines: Sequence[str], room: int) -> list[Block]:
    def first(count: int) -> list[Block]:
        return packed([heading, *lines[:count], escape(_more(answer, count))])

    count = _as_many_as(len(lines), lambda count: weight(first(count)) <= room)
    return [] if count is None else first(count)


def _as_many_as(total: int, fits: Callable[[int], bool]) -> int | None:
    """The largest count below `total` that fits, None when not even none of them does."""
    count = bisect.bisect_left(range(total), True, key=lambda count: not fits(count)) - 1
    return None if count < 0 else count


def _more(answer: Answer, shown: int) -> str:
    return translate(answer.language, "slack.sources_more", count=len(answer.citations) - shown)


def _line(answer: Answer, citation: Citation, link: str | None, quoted: int) -> str:
    title = fitted(_title(citation), TITLE)
    if address := _address(link):
        title = f"<{address}|{title.replace('|', '¦')}>"
    line = " · ".join([f"*[{citation.n}]* {title}", *(fitted(where, HEADING) for where in _where(answer, citation))])
    said = one_line(citation.quote, quoted) if quoted else ""
    return f"{line}\n> {fitted(said, quoted)}" if said else line


def _told_line(answer: Answer, citation: Citation, quoted: int) -> str:
    where = [cut(part, HEADING) for part in _where(answer, citation)]
    line = " · ".join([f"[{citation.n}] {cut(_title(citation), TITLE)}", *where])
    said = one_line(citation.quote, quoted) if quoted else ""
    return f"{line}: “{cut(said, quoted)}”" if said else line


def _title(citation: Citation) -> str:
    return one_line(citation.title, TITLE) or one_line(citation.document, TITLE) or f"{citation.n}"


def _where(answer: Answer, citation: Citation) -> list[str]:
    """Page and heading, as far as they are known."""
    page = translate(answer.language, "place.page", page=citation.page) if citation.page else ""
    return [part for part in (page, one_line(citation.heading, HEADING)) if part]


def _address(link: str | None) -> str:
    """The link as it may stand between Slack's angle brackets; nothing where it is no web address."""
    if link is None or not link.startswith(("https://", "http://")):
        return ""
    address = escape(quote(link, safe=SAFE_IN_LINKS))
    return address if len(address) <= LINK else ""
