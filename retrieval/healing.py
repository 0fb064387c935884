"""What heals the index while questions are answered: when a half is not whole, `repair` runs beside them.

Where several processes work on one database, each with an index of its own, `following` brings in what the others read.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from core.errors import SotayError
from retrieval.halves import Health, LexicalHalf, VectorHalf

log = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""Pause after an attempt that failed, on a full disk for instance."""
FOLLOW_SECONDS = 100.0
"""Pause between two looks at what other processes have stored; a look at 100,000 chunks takes some seconds."""

Counts = Callable[[], Awaitable[Mapping[str, tuple[int, int]]]]
"""Documents and chunks by space, as the database has them."""
Repair = Callable[[], Awaitable[int]]


class Healer:
    """Watches both halves; see `healing`."""

    def __init__(self, vectors: VectorHalf, lexical: LexicalHalf, repair: Repair, retry_seconds: float) -> None:
        self._halves = (lexical, vectors)
        self._repair = repair
        self._retry_seconds = retry_seconds
        self._alarm = asyncio.Event()
        self._round = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for half in self._halves:
            half.on_damage(self._called)

    async def compare(self, counts: Counts) -> None:
        """Both halves against the database: what lacks chunks, or has too many, is not whole."""
        stored = sum(chunks for _, chunks in (await counts()).values())
        for half in self._halves:
            await asyncio.to_thread(half.compare, stored)

    async def whole(self) -> None:
        """Waits until both halves are whole."""
        while self._ill():
            self._round.clear()
            await self._round.wait()

    async def watch(self) -> None:
        """Heals whenever there is need, until it is cancelled."""
        while True:
            self._alarm.clear()
            healed = await self._heal()
            self._round.set()
            if healed:
                await self._alarm.wait()
            else:
                await asyncio.sleep(self._retry_seconds)

    def _called(self) -> None:
        """Damage was met, in any thread."""
        self._loop.call_soon_threadsafe(self._alarm.set)

    async def _heal(self) -> bool:
        """Whether nothing went wrong."""
        if not self._ill():
            return True
        started = time.monotonic()
        try:
            embedded = await self._repair()
        except SotayError as error:
            log.error("search index not rebuilt, next try in %.0f s: %s", self._retry_seconds, error)  # noqa: TRY400
            return False
        log.info("search index whole again: %d chunks embedded in %.0f s", embedded, time.monotonic() - started)
        return True

    def _ill(self) -> list[Health]:
        return [half.health for half in self._halves if half.health is not Health.WHOLE]


@asynccontextmanager
async def healing(
    vectors: VectorHalf, lexical: LexicalHalf, repair: Repair, counts: Counts, retry_seconds: float = RETRY_SECONDS
) -> AsyncIterator[Healer]:
    """Until the block ends, a half that is or becomes damaged is made anew in the background.

    `repair` is `Ingestion.repair`: it goes on where an earlier process stopped, and takes turns with runs of ingestion.
    Raises StoreError. An error in the block leaves it as itself.
    """
    healer = Healer(vectors, lexical, repair, retry_seconds)
    await healer.compare(counts)
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(healer.watch())
            yield healer
            watching.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


@asynccontextmanager
async def following(repair: Repair, seconds: float = FOLLOW_SECONDS) -> AsyncIterator[None]:
    """Until the block ends, the index is brought in line again and again with what other processes store.

    An error in the block leaves it as itself.
    """
    try:
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(_look_again(repair, seconds))
            yield
            looking.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def _look_again(repair: Repair, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            if embedded := await repair():
                log.info("brought in from other processes: %d chunks", embedded)
        except SotayError as error:
            log.warning("what other processes have stored was not looked for: %s", error)
