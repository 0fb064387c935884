"""What calls have cost whose answer never told: asked for later, until it is known or nobody can tell any more."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.clock import Clock
from core.errors import ModelError, StoreError
from core.first_error import first_error
from core.metering import Settlement, Standing
from core.money import cost_micros
from core.store.budget import Doubt

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two rounds."""
A_ROUND = 50
"""Reservations that one round asks for."""
KNOWN_FOR = timedelta(days=7)
"""What was not known by then is asked for no more."""


class Receipts(Protocol):
    """What a provider tells of the past."""

    async def cost_of(self, generation_id: str) -> float | None:
        """US dollars; None where the provider does not know, or not yet. Raises `ModelError`."""
        ...


class Doubts(Protocol):
    """`core.store.budget.ReservationBook`, as far as it is asked here. Every method raises `StoreError`."""

    async def doubts(self, since: datetime, held_before: datetime, limit: int) -> list[Doubt]: ...

    async def settle(self, reservation_id: str, settlement: Settlement, now: datetime) -> None: ...


@dataclass(frozen=True)
class Reconciler:
    """Settles what is unknown, and what was held for longer than `longest_call`: its process has died.

    What the provider cannot tell stays counted as all that it may cost.
    """

    book: Doubts
    receipts: Receipts
    clock: Clock
    longest_call: timedelta

    async def reconcile(self) -> int:
        """One round; how many were settled. Raises `StoreError`; a provider that fails ends the round."""
        now, settled = self.clock.now(), 0
        for doubt in await self.book.doubts(now - KNOWN_FOR, now - self.longest_call, A_ROUND):
            try:
                settlement = await self._settlement(doubt)
            except ModelError as error:
                log.info("what calls have cost is asked for again later: %s", error)
                break
            await self.book.settle(doubt.id, settlement, now)
            settled += settlement.state is Standing.SETTLED
        return settled

    async def _settlement(self, doubt: Doubt) -> Settlement:
        names = (doubt.generation_id or "").split()
        costs = [cost_micros(await self.receipts.cost_of(name)) for name in names]
        known = [cost for cost in costs if cost is not None]
        if not names or len(known) < len(costs):
            return Settlement(Standing.UNKNOWN, None, doubt.generation_id)
        return Settlement(Standing.SETTLED, sum(known), doubt.generation_id)

    async def watch(self) -> None:
        """Round after round, the first at once, until it is cancelled."""
        while True:
            try:
                if settled := await self.reconcile():
                    log.info("the cost of %d calls outside the office was found out later", settled)
            except StoreError as error:
                log.warning("what calls have cost is not looked up: %s", error)
            await self.clock.sleep(EVERY)


@asynccontextmanager
async def reconciling(reconciler: Reconciler) -> AsyncIterator[None]:
    """While the block runs, it watches in the background."""
    with first_error():
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(reconciler.watch())
            yield
            watching.cancel()
