"""Long polling: we ask Telegram for updates for as long as we run.

The library's own `Updater` is not used. It never tells whether a poll has succeeded; an update that it cannot parse
stops it for ever, with what people wrote in the log; a token refused for a moment ends it in silence.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bots.reading import Payload, items
from bots.telegram.answered import readable
from bots.telegram.ids import Account
from bots.telegram.line import Flooded
from bots.telegram.typed import whole
from bots.telegram.updates import KINDS, UpdateQueue
from core.clock import Clock, wait_at_most
from core.errors import SotayError, StoreError

log = logging.getLogger(__name__)

POLL_SECONDS = 25
"""Seconds for which Telegram waits for something to happen before it answers that nothing has."""
ANSWER_SECONDS = 10.0
"""Seconds for its answer beyond that."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts that fail; each pause is twice the one before."""
LAST_SECONDS = 3
"""Seconds for the last word: up to where everything has been taken."""
GET_UPDATES = "GetUpdates"
"""Names of methods may be written in capitals or not. By this spelling the library hands on what came as it came."""
DOWN, CONFLICT = "alarm.telegram_down", "alarm.telegram_conflict"
REFUSED = (InvalidToken, EndPointNotFound)
"""What the library makes of a token that Telegram does not take."""

Alarm = Callable[[str, str, str], None]


async def learn(bot: Bot, account: Account, clock: Clock, stopping: asyncio.Event) -> bool:
    """Asks who we are until Telegram answers; False where `stopping` came first.

    Raises `SotayError` where it does not take the token.
    """
    told_of = ""
    while not stopping.is_set():
        try:
            with readable():
                await bot.initialize()
        except REFUSED:
            raise SotayError("telegram.bad_token") from None  # the library's own words hold the token
        except TelegramError as error:
            if told_of != (told_of := type(error).__name__):
                log.warning("Telegram is not reached yet: %s", told_of)
            await wait_at_most(clock, stopping, 3.0)
        else:
            account.id, account.username = bot.id, bot.username or ""
            return True
    return False


def seconds_asked(fault: Exception) -> float:
    """The pause in seconds that a fault asks for by itself, within bounds; 0 for most."""
    if isinstance(fault, Flooded):
        return min(fault.seconds, LONGEST_PAUSE)
    return LONGEST_PAUSE if isinstance(fault, (Conflict, RetryAfter, *REFUSED)) else 0.0


@dataclass(slots=True)
class Polling:
    """One bot's updates, brought into `queue`. A token bears one poller; where there is another, both are told so.

    `alarm` is told once of what keeps updates away, until they come again (its kind, "" for no question, the reason).
    `ready` is set by the first poll that succeeds.
    """

    bot: Bot = field(repr=False)
    account: Account
    queue: UpdateQueue
    alarm: Alarm
    clock: Clock
    poll_seconds: int = POLL_SECONDS
    ready: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _is_up: bool = field(default=False, init=False)
    _told: str = field(default="", init=False)
    _offset: int = field(default=0, init=False)
    _is_ready: bool = field(default=False, init=False)

    @property
    def is_healthy(self) -> bool:
        """Whether Telegram answered the last time, and what it told was kept."""
        return self._is_up

    async def run(self, stopping: asyncio.Event) -> None:
        """Polls until `stopping`. Raises `SotayError` where Telegram does not take the token at the start."""
        if not await learn(self.bot, self.account, self.clock, stopping):
            return
        pause = FIRST_PAUSE
        while not stopping.is_set():
            fault = await self._one_round(stopping)
            if fault is None:
                pause = FIRST_PAUSE
                continue
            self._is_up = False
            await wait_at_most(self.clock, stopping, max(pause, seconds_asked(fault)))
            pause = min(2 * pause, LONGEST_PAUSE)
        self._is_up = False
        await self._confirm()

    async def _one_round(self, stopping: asyncio.Event) -> Exception | None:
        """Polls once and keeps what came; what went wrong, if anything."""
        polled = await self._polled(stopping)
        if stopping.is_set() and not isinstance(polled, list):
            return None
        if isinstance(polled, TelegramError):
            self._lost(polled)
            return polled
        try:
            for update in polled:
                await self._keep(update)
        except StoreError as error:
            log.warning("an update could not be kept, and will be asked for again: %s", error)
            return error
        self._came_back()
        return None

    async def _polled(self, stopping: asyncio.Event) -> list[Payload] | TelegramError:
        """What the next poll brings; nothing where `stopping` comes first. Nothing is confirmed before it is kept."""
        async with asyncio.TaskGroup() as group:
            poll, stop = group.create_task(self._poll()), group.create_task(stopping.wait())
            await asyncio.wait([poll, stop], return_when=asyncio.FIRST_COMPLETED)
            poll.cancel()
            stop.cancel()
        return [] if poll.cancelled() else poll.result()

    async def _poll(self) -> list[Payload] | TelegramError:
        """One poll. Until one has succeeded Telegram is not asked to wait, so that it is soon known to be there."""
        try:
            with readable():
                if not self._is_ready:
                    await self.bot.delete_webhook(drop_pending_updates=False)
                    self._is_ready = True
                offset = self._offset
                updates = await self._get_updates(self.poll_seconds if self._is_up else 0)
        except TelegramError as error:
            return error
        if not updates and offset:
            self._offset = 0
        return updates

    async def _get_updates(self, seconds: int) -> list[Payload]:
        asked = {"offset": self._offset, "timeout": seconds, "allowed_updates": list(KINDS)}
        wait = seconds + ANSWER_SECONDS
        return items(await self.bot.do_api_request(GET_UPDATES, api_kwargs=asked, read_timeout=wait))

    async def _keep(self, update: Payload) -> None:
        """Makes the update durable; the next poll confirms it.

        The offset is not kept beyond that: after a quiet week Telegram begins to count anew, maybe below it.
        """
        await self.queue.put(update)
        number = whole(update.get("update_id"))
        if number is not None:
            self._offset = number + 1

    async def _confirm(self) -> None:
        """Tells Telegram what was kept last, so that it does not come again at the next start; no harm if it does."""
        if not self._offset:
            return
        try:
            async with asyncio.timeout(LAST_SECONDS):
                with readable():
                    await self._get_updates(0)
        except (TelegramError, TimeoutError) as error:
            log.info("the last updates may come once more: %s", type(error).__name__)

    def _came_back(self) -> None:
        if self._told:
            log.warning("Telegram is back")
        self._is_up, self._told = True, ""
        self.ready.set()

    def _lost(self, fault: TelegramError) -> None:
        kind = CONFLICT if isinstance(fault, Conflict) else DOWN
        if self._told != kind:
            self._told = kind
            why = type(fault).__name__
            log.warning("no updates from Telegram: %s", why)
            self.alarm(kind, "", why)
