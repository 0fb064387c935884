"""One connection of Socket Mode, on the SDK's client: opened once, watched, and closed with all that it left behind."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from core.clock import Clock

log = logging.getLogger(__name__)

SILENT_PINGS = 4
"""Pings without an answer by which a connection is dead; the SDK counts the same."""
LAST_ACKS_SECONDS = 3.0
"""Seconds for deliveries under way when the line is closed: Slack waits no longer for their acknowledgement."""
GOODBYE_SECONDS = 1.0
"""Seconds for the other side to close as well; one that is frozen never does."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds between two pings, and seconds that the SDK has to follow a `disconnect` of Slack to a new address."""

    ping: float
    change: float


class Line:
    """`hello` is called whenever Slack greets: after `open`, and after each change of address that it asked for."""

    def __init__(self, app: AsyncApp, app_token: str, times: Times, clock: Clock, hello: Callable[[], None]) -> None:
        self._clock = clock
        self._hello = hello
        self._silence = SILENT_PINGS * times.ping
        self._change = times.change
        self._complaints = _Complaints()
        self._handler = AsyncSocketModeHandler(
            app, app_token, logger=self._complaints.logger(), ping_interval=times.ping
        )
        self._client = self._handler.client
        self._client.auto_reconnect_enabled = self._client.default_auto_reconnect_enabled = False
        self._client.message_listeners.append(self._heard)
        self._client.socket_mode_request_listeners[:] = [self._take]
        self._greeted = asyncio.Event()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_closing = False
        self._pong: float | None = None
        self._alive_at = self._open_at = clock.monotonic()

    @property
    def complaint(self) -> str:
        """What the SDK said last of its failing to connect."""
        return self._complaints.last

    async def open(self, url: str) -> None:
        """Returns when Slack has said hello; tries for as long as the caller waits."""
        self._client.wss_uri = url
        await self._handler.connect_async()  # type: ignore[no-untyped-call]
        self._alive_at = self._open_at = self._clock.monotonic()
        await self._greeted.wait()

    def fault(self) -> str | None:
        """Why the line is dead; None while it lives. To be asked every second or so."""
        now, session = self._clock.monotonic(), self._client.current_session
        if self._client.last_ping_pong_time != self._pong:
            self._pong, self._alive_at = self._client.last_ping_pong_time, now
        if session is not None and not session.closed:
            self._open_at = now
            return "no pong" if now - self._alive_at > self._silence else None
        is_changing = self._client.connect_operation_lock.locked()
        if is_changing and now - self._open_at <= self._change:
            self._alive_at = now
            return None
        return "no new address" if is_changing else "closed"

    async def close(self) -> None:
        """Takes no more deliveries, lets those under way be acknowledged, and closes everything."""
        self._is_closing = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_ACKS_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._client.disconnect()  # type: ignore[no-untyped-call]
        await self._client.close()  # type: ignore[no-untyped-call]
        await _ended(
            {self._client.message_processor, self._client.current_session_monitor, self._client.message_receiver}
            | self._under_way
        )

    async def _heard(self, client: AsyncBaseSocketModeClient, message: dict[str, Any], raw: str | None) -> None:
        del client, raw
        if message.get("type") == "hello":
            self._greeted.set()
            self._hello()

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Gives a delivery to the app; while the line is being closed none, so that Slack sends it again."""
        del client
        task = asyncio.current_task()
        if self._is_closing or task is None:
            return
        self._under_way.add(task)
        try:
            await self._handler.handle(self._client, request)
        finally:
            self._under_way.discard(task)


class _Complaints(logging.Filter):
    """Keeps the SDK's complaints about connecting, which it repeats at every attempt, out of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.getMessage().startswith("Failed to connect"):
            return True
        self.last = record.getMessage()
        return False

    def logger(self) -> logging.Logger:
        """A logger of the line's own, below the one of this module."""
        logger = logging.Logger(f"{__name__}.sdk")  # noqa: LOG001 (its filter must not outlive the line)
        logger.parent = log
        logger.setLevel(logging.WARNING)
        logger.addFilter(self)
        return logger


async def _ended(futures: "set[asyncio.Future[Any] | None]") -> None:
    """Cancels the tasks and waits for them."""
    tasks = {future for future in futures if future is not None}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
