"""How late the event loop is: what blocks it keeps everybody waiting, and shows here."""

import asyncio
from dataclasses import dataclass

from core.clock import Clock, wait_at_most

LOOK_SECONDS = 1.0


@dataclass(slots=True)
class Lag:
    """`seconds`: by how much the last look came too late."""

    clock: Clock
    seconds: float = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Looks again and again until `stopping`."""
        while not stopping.is_set():
            began = self.clock.monotonic()
            await wait_at_most(self.clock, stopping, LOOK_SECONDS)
            self.seconds = max(0.0, self.clock.monotonic() - began - LOOK_SECONDS)
