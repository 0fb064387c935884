"""What systemd hears of this process: that it opens, is ready, lives and ends; see sd_notify(3).

The watchdog is fed by a task of the event loop, and only after the database has taken a write: when either is stuck,
systemd kills the process and starts it again.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bots.settings import Supervision
from core.clock import Clock
from core.errors import StoreError
from core.first_error import first_error

log = logging.getLogger(__name__)

SEND_SECONDS = 1.0
"""Seconds for which a message waits where systemd is slow to read."""
UNWATCHED_SECONDS = 30.0
"""The rhythm of signs of life while the process starts, where no watchdog sets one."""
TELL, WRITE, AGAIN = 1 / 2, 1 / 4, 1 / 8
"""Parts of the watchdog's time: between signs of life, for the write before one, before another try after a failure.

A write that fails once costs 1/2 + 1/4 + 1/8, so there is time for another; one that goes on failing is bitten.
"""
MICROSECONDS = 1_000_000

Beat = Callable[[], Awaitable[None]]
"""A small durable write. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends to the socket of systemd; None, and nobody listens. A name that begins with `@` is an abstract one."""

    address: str | None

    def tell(self, *lines: str) -> None:
        """Sends assignments such as `READY=1`. What cannot be sent is said in the log."""
        if self.address is None:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.settimeout(SEND_SECONDS)
                line.sendto("\n".join(lines).encode(), name)
        except OSError as error:
            log.warning("systemd could not be told: %s", error)

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self.tell(_status(text))

    def stopping(self, text: str) -> None:
        self.tell("STOPPING=1", _status(text))


@dataclass(slots=True)
class Lifeline:
    """Signs of life for one process: before it is ready they prolong its start, then they feed the watchdog."""

    notifier: Notifier
    watchdog_seconds: float
    beat: Beat
    clock: Clock
    _status: Callable[[], str] | None = field(default=None, init=False)

    def ready(self, status: Callable[[], str]) -> None:
        """Tells that the service is up; `status` is asked at every sign of life from now on."""
        self._status = status
        self.notifier.tell("READY=1", _status(status()), "WATCHDOG=1")

    async def run(self) -> None:
        """Until it is cancelled. Raises only what is a fault of ours."""
        while True:
            is_alive = await self._writes()
            if is_alive:
                self._give_sign()
            await self.clock.sleep(self.watchdog_seconds * (TELL if is_alive else AGAIN))

    async def _writes(self) -> bool:
        """Whether the database takes a write in time."""
        try:
            async with asyncio.timeout(self.watchdog_seconds * WRITE):
                await self.beat()
        except (TimeoutError, StoreError) as error:
            log.warning(
                "the database takes no write, so the watchdog is not fed: %s", str(error) or "it takes too long"
            )
            return False
        return True

    def _give_sign(self) -> None:
        if self._status is None:
            self.notifier.tell(f"EXTEND_TIMEOUT_USEC={int(2 * self.watchdog_seconds * MICROSECONDS)}")
        else:
            self.notifier.tell("WATCHDOG=1", _status(self._status()))


@asynccontextmanager
async def lifeline(asked: Supervision, beat: Beat, clock: Clock) -> AsyncIterator[Lifeline]:
    """Gives signs of life while the block runs; where nobody listens, nothing is written either."""
    line = Lifeline(Notifier(asked.socket), asked.watchdog_seconds or UNWATCHED_SECONDS, beat, clock)
    if asked.socket is None:
        yield line
        return
    with first_error():
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(line.run())
            yield line
            beating.cancel()


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
