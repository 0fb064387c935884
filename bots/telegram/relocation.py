"""Groups that became supergroups: Telegram gives them another id, and what the settings say of the old one holds on."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bots.telegram.ids import SURFACE, Spot
from core.inbox import Alarm
from core.store.moves import Moves
from core.texts import translate

log = logging.getLogger(__name__)

SameAs = Callable[[int], Awaitable[frozenset[int]]]
"""The other ids of the same chat: `Relocation.same_as`."""


async def settled(_chat: int) -> frozenset[int]:
    """No chat has another id."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Relocation:
    """`bot` is our own number. `named` are the chats that the settings name.

    `alarm` tells the administrators, and `heard` is told the old and the new id each time.
    """

    moves: Moves
    bot: int
    named: frozenset[int]
    language: str
    alarm: Alarm
    heard: Callable[[int, int], None]

    async def moved(self, old: int, new: int) -> None:
        """Everything of the old group belongs to the new one. Administrators are told once. Raises StoreError."""
        is_news = await self.moves.chat_moved(SURFACE, Spot(self.bot, old).place, Spot(self.bot, new).place)
        self.heard(old, new)
        if is_news:
            log.warning("chat %s is now %s", old, new)
        if is_news and old in self.named:
            self.alarm(translate(self.language, "alarm.telegram_moved", old=old), "", str(new))

    async def same_as(self, chat: int) -> frozenset[int]:
        """The other ids of a group: the one that it had before, or the one that it has now. Raises StoreError."""
        if chat > 0:
            return frozenset()
        places = await self.moves.same_as(SURFACE, Spot(self.bot, chat).place)
        return frozenset(Spot.of(place).chat for place in places)
