"""What people think of an answer: the thumbs under it, and reactions with a thumb.

A vote is durable before the update counts as taken; what is said about it comes after.
"""

import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bots.reading import Payload, items, mapping, number, word
from bots.telegram import controls
from bots.telegram.controls import Action, Pressed
from bots.telegram.ids import SURFACE, message_id
from bots.telegram.presses import After, Press, Where, moment
from bots.telegram.telling import Recently, Telling
from bots.telegram.typed import whole
from core.errors import SotayError, StoreError
from core.feedback import FeedbackBook
from core.store.threads import OurMessage, ThreadBook
from core.texts import translate

log = logging.getLogger(__name__)

GOOD, BAD = 1, -1
THUMBS = {"👍": GOOD, "👎": BAD}
"""Reactions that are votes, whatever the colour of the thumb."""
AGAIN = 600.0
"""Seconds in which one is asked once why an answer is not good."""
Admits = Callable[[int, int], Awaitable[bool]]
"""Whether in this chat this user may ask, and so vote; who may not is refused at the buttons before."""
_COLOURS = dict.fromkeys([*range(0x1F3FB, 0x1F400), 0xFE0F])


@dataclass(frozen=True, slots=True)
class Reaction:
    """A change of one user's reactions to a message: the thumb that counts now, else the one that went."""

    chat: int
    message: int
    user: int
    value: int
    is_taken_back: bool
    at: datetime
    language_code: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes on all answers of this platform. `asked` are the answers of which we have asked why within `AGAIN`."""

    feedback: FeedbackBook
    threads: ThreadBook
    telling: Telling
    admits: Admits
    asked: Recently

    async def keep(self, press: Press, pressed: Pressed) -> After | None:
        """Stores the vote of a press of a thumb. Raises StoreError."""
        value = GOOD if pressed.action is Action.UP else BAD
        ours = await self.threads.question_by_answer(pressed.id)
        if ours is None or message_id(press.chat, press.message) not in ours.message_ids:
            return functools.partial(self.telling.toast_text, press, "telegram.answer_gone")
        is_new = await self._put(pressed.id, press.user, value, press.at)
        if is_new is None:
            return functools.partial(self.telling.toast_text, press, "telegram.answer_gone")
        return functools.partial(self._thank, press, pressed.id, value, ours.language, asks=is_new and value == BAD)

    async def _thank(self, press: Press, answer_id: str, value: int, spoken: str | None, *, asks: bool) -> None:
        """Thanks on the button, to who has never been told also that votes are kept; then asks why."""
        language = await self.telling.language(press.user, press.language_code, spoken)
        is_news = await self.telling.is_news(press.user)
        if await self.telling.toast(press, thanks(language, value, is_news=is_news), is_alert=is_news) and is_news:
            await self.telling.was_news(press.user)
        if asks:
            await self.ask_why(press.where, language, answer_id)

    async def ask_why(self, where: Where, language: str, answer_id: str) -> None:
        """Asks what is wrong: buttons for reasons, and who replies to it writes the right answer.

        In a group one question is enough for everybody.
        """
        if not self.asked.may((where.chat, answer_id)):
            return
        keyboard = controls.reason_keyboard(language, answer_id)
        await self.telling.say(where, translate(language, "telegram.why_question"), keyboard)

    async def react(self, event: Payload, update_id: int) -> After | None:
        """Stores a reaction (`message_reaction`) as a vote, or takes back what was one. Raises StoreError."""
        reaction = reaction_of(event, update_id)
        if reaction is None or not await self.admits(reaction.chat, reaction.user):
            return None
        ours = await self.threads.owner_of(SURFACE, message_id(reaction.chat, reaction.message))
        if ours is None or ours.answer_id is None or not ours.takes_votes:
            return None
        if reaction.is_taken_back:
            await self._retract(ours.answer_id, reaction)
            return None
        if not await self._put(ours.answer_id, reaction.user, reaction.value, reaction.at):
            return None
        return functools.partial(self._confirm, reaction, ours)

    async def _confirm(self, reaction: Reaction, ours: OurMessage) -> None:
        """A reaction is seen by itself: in a group nothing is said but the question why; no press is to be answered."""
        language = await self.telling.language(reaction.user, reaction.language_code, ours.language)
        where = Where(reaction.chat, reply_to=reaction.message)
        if reaction.is_private:
            is_news = await self.telling.is_news(reaction.user)
            told = await self.telling.say(where, thanks(language, reaction.value, is_news=is_news))
            if told is not None and is_news:
                await self.telling.was_news(reaction.user)
        if reaction.value == BAD and ours.answer_id is not None:
            await self.ask_why(where, language, ours.answer_id)

    async def _put(self, answer_id: str, user: int, value: int, at: datetime) -> bool | None:
        """Whether the vote is another now; None for an answer that has gone."""
        try:
            return await self.feedback.vote(answer_id, await self.telling.person(user), value, at)
        except StoreError:
            raise
        except SotayError as error:
            log.warning("a vote that counts for nothing: %s", error)
            return None

    async def _retract(self, answer_id: str, reaction: Reaction) -> None:
        person = await self.telling.person(reaction.user)
        try:
            await self.feedback.retract(answer_id, person, reaction.value, reaction.at)
        except StoreError:
            raise
        except SotayError as error:
            log.warning("nothing to take back: %s", error)


def thanks(language: str, value: int, *, is_news: bool) -> str:
    """What is said to a vote; `is_news`, that it is kept."""
    ids = ["telegram.vote_thanks_up" if value == GOOD else "telegram.vote_thanks_down"]
    return " ".join(translate(language, name) for name in (*ids, *(["telegram.vote_kept"] if is_news else [])))


def reaction_of(event: Payload, update_id: int) -> Reaction | None:
    """What changed; None where no thumb did, or a program's. Anonymous administrators react as their chat."""
    chat, user = mapping(event.get("chat")), mapping(event.get("user"))
    reactor = whole(user.get("id")) or whole(mapping(event.get("actor_chat")).get("id"))
    chat_id, message = whole(chat.get("id")), whole(event.get("message_id"))
    before, after = (_thumbs(event.get(name)) for name in ("old_reaction", "new_reaction"))
    came, went = after - before, before - after
    if not (reactor and chat_id and message) or user.get("is_bot") is True:
        return None
    chosen = came or (after if went else came)
    changed = chosen or went
    if len(changed) != 1:
        return None
    return Reaction(
        chat_id,
        message,
        user=reactor,
        value=next(iter(changed)),
        is_taken_back=not chosen,
        at=moment(number(event.get("date")), update_id),
        language_code=word(user.get("language_code"))[:16],
        is_private=chat.get("type") == "private",
    )


def _thumbs(reactions: object) -> frozenset[int]:
    """The votes among a user's reactions to a message."""
    emoji = (word(each.get("emoji")).translate(_COLOURS) for each in items(reactions) if each.get("type") == "emoji")
    return frozenset(THUMBS[each] for each in emoji if each in THUMBS)
