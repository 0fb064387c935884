"""What is said beside the answers keeps to the budget of its chat, which is one for everything that goes there."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bots.telegram.ids import Spot
from bots.telegram.presses import Where
from bots.telegram.telling import Calls, Keyboard
from core.clock import Clock
from core.pacing import Pacer
from core.surfaces import Action, SurfaceBusy

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds for which a chat that asks to be left alone is tried again."""

Cost = Callable[[Action, str], float]
"""What an action costs in a place: `core.surfaces.ChatSurface.cost`."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Paced:
    """`bots.telegram.telling.Calls` that pay before they go, and go again where Telegram asked to wait.

    Each call costs what an edit does. `account` is the bot's own number: places are named after it. After `PATIENCE`
    the refusal is raised.
    """

    bot: Calls
    pacer: Pacer
    cost: Cost
    clock: Clock
    account: int

    async def say(self, where: Where, text: str, *, is_html: bool = False, keyboard: Keyboard = ()) -> int:
        return await self._paid(where.chat, lambda: self.bot.say(where, text, is_html=is_html, keyboard=keyboard))

    async def rewrite(
        self, chat: int, message: int, text: str, *, is_html: bool = False, keyboard: Keyboard = ()
    ) -> None:
        await self._paid(chat, lambda: self.bot.rewrite(chat, message, text, is_html=is_html, keyboard=keyboard))

    async def take_away(self, chat: int, message: int) -> None:
        await self._paid(chat, lambda: self.bot.take_away(chat, message))

    async def answer_press(self, press_id: str, text: str, *, is_alert: bool = False) -> None:
        """Costs nothing: it is no message, and a button spins until it comes."""
        await self.bot.answer_press(press_id, text, is_alert=is_alert)

    async def _paid(self, chat: int, call: Callable[[], Awaitable[_T]]) -> _T:
        place, began = Spot(self.account, chat).place, self.clock.monotonic()
        while True:
            wait = self.pacer.must(place, self.cost(Action.EDIT, place))
            while wait > 0:
                await self.clock.sleep(wait)
                wait = self.pacer.pause(place)
            try:
                return await call()
            except SurfaceBusy as busy:
                self.pacer.back_off(place, busy.retry_after, everywhere=busy.everywhere)
                if self.clock.monotonic() + busy.retry_after - began > PATIENCE:
                    raise
                log.info("chat %s is told again in %s s", chat, busy.retry_after)
