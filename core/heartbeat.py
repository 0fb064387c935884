"""Signs of life between workers: one whose count no longer moves is dead, and what it held goes back.

Counted on each worker's own monotonic clock, so no clock that is wrong or set anew can make a worker look dead.
"""

import logging
from collections.abc import Callable

from core.clock import Clock
from core.errors import StoreError
from core.store.claims import Claims

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 3


class Heartbeat:
    """Beats for one worker and listens for the others. `found` is called when questions have come back."""

    def __init__(self, claims: Claims, clock: Clock, lease_seconds: float, found: Callable[[], None]) -> None:
        self._claims = claims
        self._clock = clock
        self._lease = lease_seconds
        self._found = found
        self._seen: dict[str, tuple[int, float]] = {}

    async def start(self) -> None:
        """The first beat; a worker that must be alone takes over all that its predecessors held. Raises StoreError."""
        await self._claims.beat()
        if self._claims.is_alone and (taken := await self._claims.take_over_all()):
            log.info("taken up again after a restart: %d questions", taken)

    async def run(self) -> None:
        """Until cancelled. A database that is away for a while is waited for."""
        while True:
            await self._clock.sleep(self._lease / BEATS_PER_LEASE)
            try:
                await self.beat()
            except StoreError as error:
                log.warning("no sign of life could be given: %s", error)

    async def beat(self) -> None:
        """One beat. Raises StoreError."""
        beats = await self._claims.beat()
        now = self._clock.monotonic()
        self._seen = {worker: self._sighting(worker, beat, now) for worker, beat in beats.items()}
        dead = [worker for worker, (_, since) in self._seen.items() if now - since > self._lease]
        if dead and await self._claims.take_over(dead):
            log.warning("taken over from workers that give no sign of life: %s", ", ".join(dead))
            self._found()

    def _sighting(self, worker: str, beat: int, now: float) -> tuple[int, float]:
        """The worker's count, and since when it has stood there."""
        before = self._seen.get(worker)
        return before if before and before[0] == beat else (beat, now)
