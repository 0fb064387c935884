"""An answer as it stands on Telegram: its text, its sources, who answered how fast, and what can be done about it.

The limits are Telegram's: 4,096 UTF-16 units of text a message, tags not counted; 100 tags, of which further ones are
ignored without a word; some 9,500 characters of links and tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bots.footers import footer_of
from bots.telegram import controls
from bots.telegram.controls import Button
from bots.telegram.escaping import ELLIPSIS, web_address
from bots.telegram.markup import blocks
from bots.telegram.runs import ITALIC, Block, Links, Run, html, joined, plainly
from bots.telegram.sources import LinkOf, listed
from bots.telegram.splitting import Weight, block_weight, split
from core.conversation import Answer, Outcome
from core.surfaces import Part

MESSAGE = Weight(units=3_900, entities=90, addresses=4_000)
"""What one message gets of Telegram's limits."""
BELOW = Weight(units=1_500, entities=30, addresses=2_000)
"""What sources and footer get beside the end of a long answer."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Answers as messages. `link_of` gives the address of a cited document, None where people have none."""

    link_of: LinkOf

    def parts(self, answer: Answer) -> list[Part]:
        """The answer in as many messages as it takes, `text` as HTML. The last one tells sources and footer."""
        links = dict(self._links(answer))
        *first, last = _pieces(blocks(answer.text, links), MESSAGE, links)
        least = _weight(self._below(answer, BELOW))
        if not (_weight(last) + least).fits(MESSAGE):
            *more, last = _pieces(last, MESSAGE - least, links)
            first.extend(more)
        below = self._below(answer, MESSAGE - _weight(last))
        return [_part(piece) for piece in (*first, [*last, *below])]

    def keyboard(self, answer: Answer) -> list[list[Button]]:
        """The buttons under the last message, row by row; none under what is no answer."""
        if not answer.takes_votes:
            return []
        asks = answer.outcome is Outcome.NOT_FOUND
        return controls.under_answer(answer.language, answer.id, has_sources=bool(answer.citations), asks_owner=asks)

    def _links(self, answer: Answer) -> Iterator[tuple[str, str]]:
        """The addresses that the text may link to: those of the cited documents, in either spelling."""
        for citation in answer.citations:
            link = self.link_of(answer, citation)
            if link is not None and (address := web_address(link)):
                yield link, address
                yield address, address

    def _below(self, answer: Answer, room: Weight) -> list[Block]:
        """Sources and footer within `room`."""
        footer = footer_of(answer)
        ending = [Block((Run(footer, (ITALIC,)),))] if footer else []
        return [*listed(answer, self.link_of, room - _weight(ending)), *ending]


def preview(text: str) -> str:
    """Text that has not come to its end, as plain text for one message; of what is too long, the beginning."""
    first, *more = _pieces(blocks(text, {}), MESSAGE, {})
    return plainly(joined(first)) + (f"\n\n{ELLIPSIS}" if more else "")


def failure(text: str) -> Part:
    """A sentence that stands where an answer would."""
    return _part(_pieces(blocks(text, {}), MESSAGE, {})[0])


def _pieces(source: list[Block], limit: Weight, links: Links) -> list[list[Block]]:
    """The blocks in messages; at least one."""
    return split(source, limit, links) or [[Block((Run(ELLIPSIS),))]]


def _weight(piece: list[Block]) -> Weight:
    return sum(map(block_weight, piece), Weight())


def _part(piece: list[Block]) -> Part:
    runs = joined(piece)
    return Part(html(runs), plainly(runs))
