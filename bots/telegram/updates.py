"""The queue between Telegram and us: what goes in is durable when it is in, so that it may be confirmed.

Only what follows, sentences whose loss loses nothing, waits in memory.
"""

import asyncio
import logging
from typing import Protocol

from telegram import Update
from telegram.error import TelegramError

from bots.reading import Payload, mapping
from bots.stopping import until_stopped
from bots.telegram.presses import After
from bots.telegram.typed import whole
from core.errors import StoreError
from core.surfaces import SurfaceError

log = logging.getLogger(__name__)

MOST_WAITING = 500
"""Sentences that wait to be said; more are left unsaid."""
WORKERS = 16
"""Sentences that are on their way at once: some wait for the budget of their chat."""
AFTER_SECONDS = 90.0
"""Seconds for what is to be done after one update."""
KINDS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
"""The updates that we ask for. Telegram remembers what was asked for last, so it is said every time."""
MALFORMED = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError)
"""What reading an update may raise that is not as updates are."""


class Taking(Protocol):
    """`bots.telegram.events.Events` as the queue needs it."""

    async def take(self, update: Payload) -> After | None: ...


class UpdateQueue:
    """Takes updates one after the other."""

    def __init__(self, events: Taking) -> None:
        self._events = events
        self._lock = asyncio.Lock()
        self._waiting: asyncio.Queue[After] = asyncio.Queue(MOST_WAITING)

    async def put(self, update: object) -> None:
        """The update, as JSON or as the library's object, is durable when this returns. Raises StoreError.

        One that cannot be read is passed over: Telegram delivers nothing else before it is confirmed.
        """
        told = update.to_dict() if isinstance(update, Update) else mapping(update)
        async with self._lock:
            try:
                after = await self._events.take(told)
            except MALFORMED as fault:
                log.error("update %s was passed over: %s", whole(told.get("update_id")), _where(fault))  # noqa: TRY400
                return
        if after is not None:
            self._add(after)

    def _add(self, after: After) -> None:
        try:
            self._waiting.put_nowait(after)
        except asyncio.QueueFull:
            log.warning("too much is to be said: a sentence was left out")

    async def run(self, stopping: asyncio.Event) -> None:
        """Does what is to be done after updates, until `stopping`."""
        await until_stopped(stopping, self._work())

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work_alone())

    async def _work_alone(self) -> None:
        while True:
            after = await self._waiting.get()
            try:
                async with asyncio.timeout(AFTER_SECONDS):
                    await after()
            except (SurfaceError, TelegramError, StoreError, TimeoutError) as error:
                log.warning("something was not said: %s", type(error).__name__)


def _where(fault: Exception) -> str:
    """The kind of the fault and the line that raised it: its text may hold what people wrote."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(fault).__name__}{line}"
