"""Time for what waits, renews and counts: a port, so that tests hold it in their hands."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`now` and `monotonic` go on together and never back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float:
        """Seconds from an unknown start."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SteadyClock:
    """The wall clock as it stood at the start, carried on by the monotonic clock.

    A wall clock that is set forward or back while the process runs moves no deadline and no lease.
    """

    def __init__(self) -> None:
        self._wall = datetime.now(UTC)
        self._start = time.monotonic()

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=time.monotonic() - self._start)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def wait_at_most(clock: Clock, event: asyncio.Event, seconds: float) -> bool:
    """Until `event` is set, or `seconds` have passed; whether it is set."""
    async with asyncio.TaskGroup() as group:
        waits = [group.create_task(event.wait()), group.create_task(clock.sleep(seconds))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
    return event.is_set()
