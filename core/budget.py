"""How many calls may leave the office in an hour. Reserved before the call, so that a burst cannot overrun it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)


class CallBudget:
    """Counts finished calls from the store and those under way from memory."""

    def __init__(self, limit: int, count_since: Callable[[datetime], Awaitable[int]]) -> None:
        self.limit = limit
        self.count_since = count_since
        self.under_way = 0
        self._lock = asyncio.Lock()

    async def has_room(self) -> bool:
        return self.under_way + await self.count_since(datetime.now(UTC) - HOUR) < self.limit

    async def reserve(self) -> bool:
        """Takes one call out of the hour's budget; False when none is left. Every True needs one `release`."""
        async with self._lock:
            if not await self.has_room():
                return False
            self.under_way += 1
            return True

    def release(self) -> None:
        """The call has ended and is in the store, or was never made."""
        self.under_way -= 1
