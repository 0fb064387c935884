"""An answer as it stands in Slack: Markdown, its sources, who answered how fast, and what can be done about it.

The limits are Slack's: 12,000 characters of Markdown a message, some 13,200 for all of its blocks together, 4,000 for
the text of an edit.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bots.footers import footer_of
from bots.slack import controls
from bots.slack.blocks import SECTION_TEXT, Block, context, markdown, plain, section, sections, weight
from bots.slack.escaping import ELLIPSIS, escape, fitted, markdown_safe
from bots.slack.sources import listed, told
from bots.slack.splitting import split, stretches
from core.conversation import Answer, Citation, Outcome
from core.surfaces import Part

MARKDOWN_TEXT = 11_000
"""Characters of one part as Slack counts them in JSON; the rest of its 12,000 is left to what stands below."""
PLAIN_TEXT = 3_900
"""Characters of a part as plain text, escaped."""
MESSAGE = 13_000
"""Characters of all blocks of a message together."""
NOTIFICATION = 3_000
SOURCES_ROOM = 1_500
"""Characters of plain text that the sources get beside the end of a long answer."""

VERBATIM = {"fence", "code_block"}
_STRONG = re.compile(r"(`+)[^`\n]{1,300}\1|\*\*(?=\S)([^\n]{1,500}?)(?<=\S)\*\*")
"""Bold words; a piece of code comes first, and stays."""
_BLANK_START = re.compile(r"\A(?:[ \t]*\n)*(?: {1,3}(?![ \t]))?")
_HEADING = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)

LinkOf = Callable[[Answer, Citation], str | None]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Answers as messages. `link_of` gives the address of a cited document, None where people have none."""

    link_of: LinkOf

    def parts(self, answer: Answer) -> list[Part]:
        """The answer in as many messages as it takes. `plain` is not escaped; the last one's tells the sources too."""
        source = _trimmed(markdown_safe(answer.text)) or ELLIPSIS
        below = self._told(answer, SOURCES_ROOM)
        texts = _pieces(source, PLAIN_TEXT)
        if not _is_short(texts[-1], PLAIN_TEXT - len(escape(below))):
            texts[-1:] = _pieces(texts[-1], PLAIN_TEXT - len(escape(below)))
        *first, last = texts
        room = PLAIN_TEXT - len(escape(plainly(last)))
        return [*(Part(text, plainly(text)) for text in first), Part(last, plainly(last) + self._told(answer, room))]

    def blocks(self, answer: Answer, number: int, part: Part) -> list[Block]:
        """The blocks of message `number`, counted from 0, which is `part` of what `parts` gave."""
        del number
        is_last = part.plain != plainly(part.text)  # only the last one tells more than its text
        return [markdown(part.text), *(self._tail(answer, part.text) if is_last else [])]

    def tail_blocks(self, answer: Answer, number: int | None = None) -> list[Block]:
        """What stands below the text of message `number`, or of the last one: nothing below the others."""
        parts = self.parts(answer)
        is_last = number is None or number == len(parts) - 1
        return self._tail(answer, parts[-1].text) if is_last else []

    def failure(self, text: str) -> list[Block]:
        """The blocks of a sentence that stands where an answer would."""
        return plain_blocks(text)

    def waiting(self, text: str) -> list[Block]:
        """The blocks of a preview: Markdown that has not come to its end."""
        return [markdown(preview(text))]

    def _tail(self, answer: Answer, text: str) -> list[Block]:
        fixed = [*_footer(answer), *_buttons(answer)]
        room = MESSAGE - weight([markdown(text)]) - weight(fixed)
        return [*listed(answer, self.link_of, room), *fixed]

    def _told(self, answer: Answer, room: int) -> str:
        """Sources and footer as plain text below the answer, in at most `room` characters once escaped."""
        footer = footer_of(answer)
        ending = f"\n\n{footer}" if footer else ""
        return told(answer, room - len(escape(ending))) + ending


def notification(content: Answer | str) -> str:
    """The `text` of a message: what notifications show and screen readers read, at most 3,000 characters, escaped."""
    return fitted(plainly(markdown_safe(content.text if isinstance(content, Answer) else content)), NOTIFICATION)


def preview(text: str) -> str:
    """Markdown for one `markdown` block; of what is too long, the beginning."""
    shown = _pieces(_trimmed(markdown_safe(text)) or ELLIPSIS, MARKDOWN_TEXT)
    return shown[0] if len(shown) == 1 else f"{shown[0]}\n\n{ELLIPSIS}"


def _trimmed(text: str) -> str:
    """Markdown without what is blank around it. A first line that is code for being indented stays so."""
    return _BLANK_START.sub("", text, count=1).rstrip()


def plain_blocks(text: str) -> list[Block]:
    """Any text as it stands, whatever it looks like."""
    return sections(escape(text)) or [section(ELLIPSIS)]


def plainly(text: str) -> str:
    """Markdown without its loudest signs: bold and headings. Code stays as it is."""
    lines = text.split("\n")
    return "\n".join(
        chunk if part.kind in VERBATIM else _HEADING.sub("", _STRONG.sub(_weak, chunk))
        for part in stretches(text)
        for chunk in ["\n".join(lines[part.start : part.end])]
    )


def _weak(found: re.Match[str]) -> str:
    return found[0] if found[1] else found[2]


def _footer(answer: Answer) -> list[Block]:
    footer = footer_of(answer)
    return [context(plain(footer, SECTION_TEXT))] if footer else []


def _buttons(answer: Answer) -> Iterator[Block]:
    if answer.takes_votes:
        yield controls.feedback(answer.language, answer.id)
    if answer.outcome is Outcome.NOT_FOUND and answer.query.strip():
        yield controls.ask_owner(answer.language, answer.id)


def _pieces(source: str, limit: int) -> list[str]:
    """The Markdown in pieces, each safe by itself; at least one. Cut more finely where safety makes one too long."""
    room = limit
    while True:
        pieces = [markdown_safe(piece) for piece in split(source, functools.partial(_is_short, limit=room))]
        if all(_is_short(piece, limit) for piece in pieces):
            return [piece for piece in pieces if piece.strip()] or [ELLIPSIS]
        room = room * 3 // 4


def _is_short(text: str, limit: int) -> bool:
    """Whether Slack takes it as the Markdown of a message, and it has at most `limit` characters once escaped."""
    escaped = len(text) + 4 * text.count("&") + 3 * text.count("<") + 3 * text.count(">")
    return escaped <= limit and len(json.dumps(text, ensure_ascii=False)) <= MARKDOWN_TEXT
