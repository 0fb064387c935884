"""What stands behind an answer, shown on demand: all its sources with the quoted lines, and who can be asked."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from bots.telegram.addressing import Message
from bots.telegram.cards import name_of
from bots.telegram.controls import Pressed
from bots.telegram.conversations import Conversations
from bots.telegram.escaping import one_line, web_address
from bots.telegram.ids import SURFACE, message_id, user_of
from bots.telegram.presses import After, Press, Where, under
from bots.telegram.render import MESSAGE
from bots.telegram.runs import BOLD, LINK, QUOTE, Block, Run, Tag, html, joined, plainly, quiet
from bots.telegram.sources import HEADING, TITLE, LinkOf
from bots.telegram.splitting import split
from bots.telegram.telling import Recently, Telling
from core.conversation import ATTACHED, Answer, Citation
from core.documents import Passage
from core.store.journal import Journal
from core.store.threads import OurMessage, ThreadBook
from core.surfaces import Part
from core.texts import translate

OwnerOf = Callable[[str, str], str | None]
"""Who is in charge of a document, by space and path: a name, or a person as `telegram:7001`; None for nobody."""
AGAIN = 60.0
"""Seconds after which the same is shown again in a chat where many may press the same button."""
QUOTED = 3_000
"""Characters of a quoted line."""
TOLD_NAME, TOLD_TITLE = 80, 60
"""Characters of a name and of a document's title that fit into what answers a press."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of answers, in the chat where the answer stands; `shown` are those shown within `AGAIN`."""

    threads: ThreadBook
    journal: Journal
    conversations: Conversations
    telling: Telling
    link_of: LinkOf
    shown: Recently

    async def pressed(self, press: Press, pressed: Pressed) -> After:
        """The button under an answer. Nothing is stored. Raises StoreError."""
        ours = await self.threads.question_by_answer(pressed.id)
        answer = await self.journal.answer(pressed.id)
        if answer is None or not is_under(press, ours):
            return functools.partial(self.telling.toast_text, press, "telegram.answer_gone")
        if not answer.citations:
            return functools.partial(self.telling.toast_text, press, "telegram.no_sources")
        if not self.shown.may((press.chat, answer.id)):
            return functools.partial(self.telling.toast_text, press, "telegram.sources_shown")
        return functools.partial(self._show_pressed, press, answer)

    async def wanted(self, message: Message) -> After:
        """`/nguon`: of the answer that the command replies to, else of the newest one here. Raises StoreError."""
        answer = await self._meant(message)
        if answer is None or not answer.citations:
            text_id = "telegram.no_answer_yet" if answer is None else "telegram.no_sources"
            return functools.partial(self._say, message, text_id)
        return functools.partial(self._show, under(message), answer)

    async def _meant(self, message: Message) -> Answer | None:
        chat = message.spot.chat
        if message.reply_to is not None:
            ours = await self.threads.owner_of(SURFACE, message_id(chat, message.reply_to))
            if ours is not None and ours.answer_id is not None:
                return await self.journal.answer(ours.answer_id)
        for conversation in await self.conversations.candidates(message):
            answer = await self.journal.last_answer(conversation)
            if answer is not None:
                return answer
        return None

    async def _show_pressed(self, press: Press, answer: Answer) -> None:
        await self.telling.toast(press)
        await self._show(press.where, answer)

    async def _show(self, where: Where, answer: Answer) -> None:
        """In as many messages as it takes."""
        for part in listed(answer, self.link_of):
            await self.telling.say(where, part)

    async def _say(self, message: Message, text_id: str) -> None:
        language = await self.telling.language(message.user or 0, message.language_code)
        await self.telling.say(under(message), translate(language, text_id))


def listed(answer: Answer, link_of: LinkOf) -> list[Part]:
    """All sources with the whole of what is quoted."""
    blocks = [Block(quiet([Run(translate(answer.language, "telegram.sources"), (BOLD,))], {}))]
    blocks += [_source(answer, cited, web_address(link_of(answer, cited))) for cited in answer.citations]
    pieces = [joined(piece) for piece in split(blocks, MESSAGE, {})]
    return [Part(html(piece), plainly(piece)) for piece in pieces]


def _source(answer: Answer, citation: Citation, address: str) -> Block:
    title = one_line(citation.title, TITLE) or one_line(citation.document, TITLE) or f"{citation.n}"
    page = translate(answer.language, "place.page", page=citation.page) if citation.page else ""
    where = "".join(f" · {part}" for part in (page, one_line(citation.heading, HEADING)) if part)
    quote = one_line(citation.quote, QUOTED)
    head = [Run(f"[{citation.n}] "), Run(title, (Tag(LINK, address),) if address else ()), Run(where)]
    return Block(quiet([*head, *([Run(f"\n“{quote}”", (QUOTE,))] if quote else [])], {}))


def is_under(press: Press, ours: OurMessage | None) -> bool:
    """Whether the button that was pressed is under an answer to this question."""
    return ours is not None and ours.surface == SURFACE and message_id(press.chat, press.message) in ours.message_ids


@dataclass(frozen=True, slots=True)
class Owners:
    """The people in charge where the handbook says nothing."""

    threads: ThreadBook
    journal: Journal
    telling: Telling
    owner_of: OwnerOf

    async def pressed(self, press: Press, pressed: Pressed) -> After:
        """The button under such an answer. Nothing is stored. Raises StoreError."""
        ours = await self.threads.question_by_answer(pressed.id)
        if not is_under(press, ours):
            return functools.partial(self.telling.toast_text, press, "telegram.answer_gone")
        nearest = nearest_of(await self.journal.answer(pressed.id))
        owner = self.owner_of(nearest.space, nearest.document) if nearest else None
        spoken = ours.language if ours else None
        return functools.partial(self._name, press, spoken, nearest, (owner or "").strip())

    async def _name(self, press: Press, spoken: str | None, nearest: Passage | None, owner: str) -> None:
        """Only who pressed sees it."""
        language = await self.telling.language(press.user, press.language_code, spoken)
        if nearest is None or not owner:
            text = translate(language, "telegram.owner_unknown")
        else:
            who = name_of([owner]) if user_of(owner) is not None else one_line(owner, TOLD_NAME)
            title = one_line(nearest.title or nearest.document, TOLD_TITLE)
            text = translate(language, "telegram.owner_is", who=who, document=title)
        await self.telling.toast(press, text, is_alert=True)


def nearest_of(answer: Answer | None) -> Passage | None:
    """The passage that came nearest, but for files that came with the question: nobody is in charge of these."""
    passages = answer.passages if answer else ()
    return next((passage for passage in passages if not passage.space.startswith(ATTACHED)), None)
