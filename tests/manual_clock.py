"""A clock that stands still until a test moves it."""

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """`core.clock.Clock`. Who sleeps wakes when `advance` reaches the time; `sleepers` counts them."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 8, tzinfo=UTC)) -> None:
        self._wall = start
        self._seconds = 0.0
        self._sleeping: dict[asyncio.Event, float] = {}
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    @property
    def sleepers(self) -> int:
        return len(self._sleeping)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.Event()
        self._sleeping[awake] = self._seconds + seconds
        try:
            await awake.wait()
        finally:
            del self._sleeping[awake]

    def advance(self, seconds: float) -> None:
        """Time goes on; everybody whose time has come wakes."""
        self._seconds += seconds
        for awake, at in self._sleeping.items():
            if at <= self._seconds:
                awake.set()


class ImpatientClock(ManualClock):
    """A clock on which every sleep ends at once and takes its time: for tests of what is done, not when."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._seconds += seconds
        await asyncio.sleep(0)
