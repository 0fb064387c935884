"""What people think of an answer: the thumbs under it, and reactions with a thumb.

A vote is durable before Slack is told that it came; the thanks come after.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bots.reading import Payload, is_ts, mapping, word
from bots.slack import controls
from bots.slack.blocks import Block, actions, button, section
from bots.slack.clicks import Click, click_of
from bots.slack.escaping import escape
from bots.slack.events import Confirmation
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, channel_and_ts, message_id, person_of
from bots.slack.telling import Telling
from bots.slack.threads import moment
from bots.slack.views import reason_modal
from core.errors import SotayError, StoreError
from core.feedback import FeedbackBook
from core.store.threads import OurMessage, ThreadBook
from core.texts import translate

log = logging.getLogger(__name__)

SAY_WHY = "sotay_say_why"
"""Action id of the button that opens the window for the reason; its value is the answer's id."""
THUMBS = {"+1": controls.UP, "thumbsup": controls.UP, "-1": controls.DOWN, "thumbsdown": controls.DOWN}
"""Reactions that are votes, whatever the colour of the thumb."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to speak of an answer, and in which language to who has chosen none: what a window carries along."""

    channel: str
    thread_ts: str | None = None
    language: str | None = None

    @classmethod
    def of(cls, text: str) -> "Place":
        channel, _, rest = text.partition("/")
        thread_ts, _, language = rest.partition("/")
        return cls(channel, thread_ts if is_ts(thread_ts) else None, language or None)

    def __str__(self) -> str:
        return f"{self.channel}/{self.thread_ts or ''}/{self.language or ''}"


@dataclass(frozen=True, slots=True)
class Vote:
    """A click that counts. `value` is 1, -1, or 0 for no vote, but the wish to say why."""

    click: Click
    answer_id: str
    value: int
    place: Place


@dataclass(frozen=True, slots=True)
class Thanks(Confirmation):
    """The confirmation of a reaction: `Votes.confirm` shows it."""

    answer_id: str = ""
    value: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of one workspace. `is_bot` tells of a user's id whether it is a program's."""

    feedback: FeedbackBook
    threads: ThreadBook
    telling: Telling
    identity: Identity
    is_bot: Callable[[str], Awaitable[bool]]

    async def keep(self, body: Payload) -> Vote | None:
        """Stores the vote of a click on a thumb; None where nothing of ours was clicked. Raises StoreError."""
        click = click_of(body)
        if click is None:
            return None
        try:
            answer_id, value = controls.read_vote(click.value)
        except ValueError as error:
            log.warning("a click that is no vote: %s", error)
            return None
        ours = await self._belonging(answer_id, lambda ours: click.message_id in ours.message_ids)
        if ours is None or await self._put(answer_id, click.person, value, click.at) is None:
            return None
        return Vote(click, answer_id, value, Place(click.channel, click.thread_ts, ours.language))

    async def keep_wish(self, body: Payload) -> Vote | None:
        """A click on `SAY_WHY`, in a sentence that only this person sees. Raises StoreError."""
        click = click_of(body)
        if click is None:
            return None
        ours = await self._belonging(click.value, lambda ours: click.channel in _channels(ours))
        return Vote(click, click.value, 0, place_of(ours, click.channel)) if ours else None

    async def after(self, _body: Payload, vote: Vote | None) -> None:
        """Asks why where the answer is not good, before the click is too old for that; then says thanks."""
        if vote is None:
            return
        click = vote.click
        language = await self.telling.language(click.user, vote.place.language)
        if vote.value != controls.UP:
            await self.telling.open(click.trigger_id, reason_modal(language, vote.answer_id, str(vote.place)))
        if vote.value:
            await self._thank(vote.place, click.user, language, thanks_for(vote.value))

    async def react(self, event: Payload, team: str) -> Confirmation | None:
        """Stores a reaction as a vote, or takes back what was one. Raises StoreError.

        What is to be said about it comes back: only for a thumb that is new.
        """
        del team
        item, user = mapping(event.get("item")), word(event.get("user"))
        value = THUMBS.get(word(event.get("reaction")).partition("::")[0])
        channel, ts, at = word(item.get("channel")), item.get("ts"), event.get("event_ts")
        is_ours = word(event.get("item_user")) in {"", self.identity.user}
        if value is None or not (is_ours and user and channel and is_ts(ts) and is_ts(at)):
            return None
        if item.get("type") != "message" or user in {self.identity.user, "USLACKBOT"}:
            return None
        ours = await self.threads.owner_of(SURFACE, message_id(channel, word(ts)))
        if ours is None or ours.answer_id is None:
            return None
        if event.get("type") == "reaction_removed":
            await self._retract(ours.answer_id, person_of(user), value, moment(word(at)))
            return None
        if not await self._put(ours.answer_id, person_of(user), value, moment(word(at))):
            return None
        thread_ts = place_of(ours, channel).thread_ts
        return Thanks(channel, user, thanks_for(value), thread_ts, ours.answer_id, value, ours.language)

    async def confirm(self, thanks: Thanks) -> None:
        """Says thanks for a reaction, where no window can be opened: with a button for it. A program's is no vote."""
        if await self.is_bot(thanks.user):
            await self._put(thanks.answer_id, person_of(thanks.user), 0, None)
            return
        language = await self.telling.language(thanks.user, thanks.language)
        why = button(SAY_WHY, translate(language, "slack.vote_say_why"), thanks.answer_id)
        below = [actions(why)] if thanks.value == controls.DOWN else []
        await self._thank(Place(thanks.channel, thanks.thread_ts), thanks.user, language, thanks.message_id, below)

    async def _thank(
        self, place: Place, user: str, language: str, text_id: str, below: list[Block] | None = None
    ) -> None:
        """The thanks; to who has never been told, also that votes are kept."""
        is_news = await self.telling.is_news(user)
        ids = [text_id, "slack.vote_kept"] if is_news else [text_id]
        text = escape(" ".join(translate(language, name) for name in ids))
        blocks = [section(text), *below] if below else None
        if await self.telling.show(place.channel, user, text, place.thread_ts, blocks) and is_news:
            await self.telling.was_news(user)

    async def _belonging(self, answer_id: str, belongs: Callable[[OurMessage], bool]) -> OurMessage | None:
        """The question of the answer, where what was clicked belongs to it."""
        ours = await self.threads.question_by_answer(answer_id)
        if ours is None or ours.surface != SURFACE or not belongs(ours):
            log.warning("a click about the answer %r, which is not there", answer_id)
            return None
        return ours

    async def _put(self, answer_id: str, person: str, value: int, at: datetime | None) -> bool | None:
        """Whether the vote is another now; None for an answer that has gone."""
        try:
            return await self.feedback.vote(answer_id, person, value, at)
        except StoreError:
            raise
        except SotayError as error:
            log.warning("a vote that counts for nothing: %s", error)
            return None

    async def _retract(self, answer_id: str, person: str, value: int, at: datetime) -> None:
        try:
            await self.feedback.retract(answer_id, person, value, at)
        except StoreError:
            raise
        except SotayError as error:
            log.warning("nothing to take back: %s", error)


def thanks_for(value: int) -> str:
    return "slack.vote_thanks_up" if value == controls.UP else "slack.vote_thanks_down"


def place_of(ours: OurMessage, channel: str) -> Place:
    """Where to speak of the answer in that channel: in its thread, where it stands in one."""
    spot = Spot.of(ours.conversation)
    return Place(channel, spot.ts if spot.channel == channel else None, ours.language)


def _channels(ours: OurMessage) -> set[str]:
    return {channel_and_ts(name)[0] for name in ours.message_ids}
