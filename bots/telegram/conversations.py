"""Which conversation a message belongs to.

In private people write one line after the other: a line goes on with what was asked last, unless it replies to
something older, half an hour has passed, or its author has said that something new begins. In groups a conversation
is a chain of replies, in a forum a topic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bots.telegram.addressing import Message
from bots.telegram.ids import SURFACE, Spot, message_id

GOES_ON = timedelta(minutes=30)
"""How long after a question the next line still belongs to it."""
LOOKED_BACK = timedelta(days=1)
"""How far back a question that is to be stopped is looked for."""
CANDIDATES = 10
"""Conversations of a chat that are looked through for it, the newest."""


class Book(Protocol):
    """What is known of conversations: `core.store.threads.ThreadBook`. Every method raises StoreError."""

    async def conversation_of(self, surface: str, message_id: str) -> str | None: ...

    async def conversation_with(self, key: str) -> str | None:
        """The conversation that the question with this key was asked in; None where it is not known."""
        ...

    async def recent_conversations(self, surface: str, since: datetime) -> list[tuple[str, str]]: ...

    async def mute(self, conversation: str, person: str, now: datetime) -> None: ...

    async def is_muted(self, conversation: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations of a bot. Every method raises StoreError."""

    book: Book

    async def known(self, message: Message) -> str | None:
        """The conversation that this very message was asked in; None where it was no question."""
        return await self.book.conversation_with(message.spot.name)

    async def of(self, message: Message) -> str:
        """The conversation of the message; one that it begins is named after it."""
        if message.topic is not None:
            return Spot(message.spot.bot, message.spot.chat, topic=message.topic).name
        known = await self.known(message) or await self._replied(message)
        if known is not None:
            return known
        if message.is_private:
            return await self._going_on(message) or message.spot.name
        began = message.chain or message.reply_to or message.spot.message
        return Spot(message.spot.bot, message.spot.chat, began).name

    async def begin_anew(self, message: Message) -> None:
        """What is written in this private chat after the message, and replies to nothing, begins something new.

        A message that comes once more ends nothing that has begun since.
        """
        if not message.is_private or message.topic is not None:
            return
        newest = await self._newest(message, GOES_ON)
        if newest and (Spot.of(newest[0]).message or 0) < (message.spot.message or 0):
            await self.book.mute(newest[0], message.person, message.sent_at)

    async def candidates(self, message: Message) -> Sequence[str]:
        """Where a question may stand that the message means without naming it, the likeliest first."""
        own = await self.of(message)
        newest = await self._newest(message, LOOKED_BACK)
        return list(dict.fromkeys([own, *newest]))[:CANDIDATES]

    async def _replied(self, message: Message) -> str | None:
        """The conversation of the message that this one replies to: one of ours, or a question."""
        if message.reply_to is None:
            return None
        chat = message.spot.chat
        ours = await self.book.conversation_of(SURFACE, message_id(chat, message.reply_to))
        return ours or await self.book.conversation_with(Spot(message.spot.bot, chat, message.reply_to).name)

    async def _going_on(self, message: Message) -> str | None:
        """The newest conversation of the private chat, if it still goes on; one that was ended is kept as muted."""
        newest = await self._newest(message, GOES_ON)
        return newest[0] if newest and not await self.book.is_muted(newest[0]) else None

    async def _newest(self, message: Message, since: timedelta) -> list[str]:
        """The conversations of the chat in which somebody has asked in this time before the message.

        Topics of a private chat are left out: each goes on by itself.
        """
        recent = await self.book.recent_conversations(SURFACE, message.sent_at - since)
        here = [conversation for conversation, place in recent if place == message.spot.place]
        return [conversation for conversation in here if Spot.of(conversation).topic is None]
