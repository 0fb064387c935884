"""Who may ask: the people and chats of the settings, who was let in by an invitation, and who is linked to somebody.

Telegram is open to the world, so strangers learn how to get in and nothing else.
"""

import functools
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bots.telegram.addressing import Message
from bots.telegram.escaping import escape
from bots.telegram.ids import SURFACE, person_of
from bots.telegram.presses import After, Press, Where, under
from bots.telegram.relocation import SameAs, settled
from bots.telegram.telling import Recently, Telling
from core.access import ADMINISTRATORS, Directory
from core.admission import Admission
from core.clock import Clock
from core.conversation import Person
from core.surfaces import Part
from core.texts import translate

log = logging.getLogger(__name__)

HOURLY = 3_600.0
"""Seconds in which a chat is told once how to get in."""
LINK_PREFIX = "link-"
"""Begins the payload of a deep link that carries a code for linking; one with an invitation has the code alone."""
PAYLOAD = 64
"""Characters of a payload, the most that Telegram takes."""


@dataclass(frozen=True, slots=True)
class Identities:
    """The people behind users of Telegram, with the groups that name them by any of their ids. Raises StoreError."""

    admission: Admission
    directory: Directory

    async def person(self, user: int) -> Person:
        own = await self.admission.canonical(person_of(user))
        return self.directory.person(own, aliases=await self.admission.aliases(own))

    async def is_administrator(self, user: int) -> bool:
        """Whether the settings name the person in the group `administrators`."""
        return ADMINISTRATORS in (await self.person(user)).groups


@dataclass(frozen=True, slots=True)
class Door:
    """Lets in, by `allowed`, the ids of the settings, and by what `core.admission` knows.

    A group is let in by each of its ids: `same_as` knows the others.
    """

    identities: Identities
    telling: Telling
    clock: Clock
    allowed: frozenset[int]
    told: Recently
    same_as: SameAs = settled

    @classmethod
    def of(
        cls,
        identities: Identities,
        telling: Telling,
        clock: Clock,
        allowed: Collection[int],
        same_as: SameAs = settled,
    ) -> "Door":
        return cls(identities, telling, clock, frozenset(allowed), Recently.within(clock, HOURLY), same_as)

    async def admits(self, chat: int, user: int) -> bool:
        """Whether this user may ask in this chat. Raises StoreError."""
        if not self.allowed.isdisjoint({chat, user}):
            return True
        admission, others = self.identities.admission, await self.same_as(chat)
        if not self.allowed.isdisjoint(others):
            return True
        is_in = [await admission.is_admitted(person_of(subject)) for subject in {user, chat, *others}]
        return any(is_in) or await self.identities.is_administrator(user)

    def turned_away(self, message: Message) -> After | None:
        """What a stranger is told; nothing within an hour after it was told in the chat."""
        if not self.told.may(message.spot.chat):
            return None
        return functools.partial(self._turn_away, message)

    async def _turn_away(self, message: Message) -> None:
        language = await self.telling.language(message.user or 0, message.language_code)
        await self.telling.say(under(message), translate(language, how_to_get_in(message)))

    async def redeem(self, message: Message, payload: str) -> After:
        """`/start CODE`: lets in who came with an invitation, or links who came with a code for that.

        In a group an invitation lets the whole group in; a code for linking is a person's own, and no good there.
        Raises StoreError.
        """
        admission, now = self.identities.admission, self.clock.now()
        code = payload[:PAYLOAD].removeprefix(LINK_PREFIX)
        subject = message.person if message.is_private else person_of(message.spot.chat)
        if payload.startswith(LINK_PREFIX) or await admission.is_for_linking(code):
            if message.is_private and await admission.link(code, subject, now) is not None:
                return functools.partial(self._answer, message, "telegram.linked")
        elif await admission.redeem(code, subject, now):
            welcome = "telegram.welcome" if message.is_private else "telegram.group_in"
            return functools.partial(self._answer, message, welcome)
        log.info("a code of %s was not taken", subject)
        return functools.partial(self._answer, message, "telegram.bad_code")

    async def _answer(self, message: Message, text_id: str) -> None:
        language = await self.telling.language(message.user or 0, message.language_code)
        await self.telling.say(under(message), translate(language, text_id))


def how_to_get_in(message: Message) -> str:
    """The id of the sentence that strangers are told."""
    return "telegram.stranger" if message.is_private else "telegram.strange_group"


@dataclass(frozen=True, slots=True)
class Codes:
    """Invitations and codes for linking. `bot_name` is the bot's username, once it is known."""

    identities: Identities
    telling: Telling
    clock: Clock
    bot_name: Callable[[], str]

    async def invite(self, press: Press) -> After:
        """A new invitation, for an administrator in private. Raises StoreError."""
        if not press.is_private or not await self.identities.is_administrator(press.user):
            return functools.partial(self.telling.toast_text, press, "telegram.only_administrators", is_alert=True)
        admission = self.identities.admission
        by = await admission.canonical(person_of(press.user))
        code = await admission.invite(by, self.clock.now())
        command = f"/start@{self.bot_name()} {code}" if self.bot_name() else f"/start {code}"
        return functools.partial(self._show, press, "telegram.invitation", self._deep_link(code), command=command)

    async def link(self, press: Press) -> After:
        """A code to be typed on Slack, shown where nobody else reads it. Raises StoreError."""
        if not press.is_private:
            return functools.partial(self.telling.toast_text, press, "telegram.only_private", is_alert=True)
        admission = self.identities.admission
        own = await admission.canonical(person_of(press.user))
        if not own.startswith(f"{SURFACE}:"):
            return functools.partial(self.telling.toast_text, press, "telegram.linked_already", is_alert=True)
        code = await admission.link_code(own, self.clock.now())
        return functools.partial(self._show, press, "telegram.link_code", f"/sotay link {code}")

    def _deep_link(self, code: str) -> str:
        return f"https://t.me/{self.bot_name()}?start={code}" if self.bot_name() else f"/start {code}"

    async def _show(self, press: Press, text_id: str, copied: str, **facts: str) -> None:
        """The sentence with what is to be copied from it by a tap."""
        language = await self.telling.language(press.user, press.language_code)
        text = translate(language, text_id, code=copied, **facts)
        shown = escape(text).replace(escape(copied), f"<code>{escape(copied)}</code>")
        await self.telling.say(Where(press.chat, press.thread), Part(shown, text))
        await self.telling.toast(press)
