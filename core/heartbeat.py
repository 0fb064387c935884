"""Signs of life between workers: one whose count no longer moves is dead, and what it held goes back.

Each worker counts how often in a row it has looked and found another's count unmoved. No clock that is wrong or set
anew can make a worker look dead, nor a database that was away: then nobody looks.
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
        self._seen: dict[str, tuple[int, int]] = {}

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
        """One beat and one look, due every `lease_seconds / BEATS_PER_LEASE`. Raises StoreError."""
        beats = await self._claims.beat()
        self._seen = {worker: (beat, self._unmoved(worker, beat)) for worker, beat in beats.items()}
        dead = [worker for worker, (_, looks) in self._seen.items() if looks >= BEATS_PER_LEASE]
        if dead and await self._claims.take_over(dead):
            log.warning("taken over from workers that give no sign of life: %s", ", ".join(dead))
            self._found()

    def _unmoved(self, worker: str, beat: int) -> int:
        """Looks in a row that have found the worker's count where it is now, after the first."""
        before, looks = self._seen.get(worker, (None, 0))
        return looks + 1 if before == beat else 0
