"""Reads the folders again where another process asks for it: the index belongs to the one that is at work."""

import asyncio
import logging
from dataclasses import dataclass

from bots.bootstrap import Handbook
from core.clock import Clock, wait_at_most
from core.errors import IngestError, SotayError
from core.store.wishes import Wishes
from retrieval.sources import Source

log = logging.getLogger(__name__)

WISH = "ingest"
LOOK_SECONDS = 5.0
"""Seconds between two looks for the wish."""


@dataclass(frozen=True, slots=True)
class Rereading:
    """Waits for the wish beside a service."""

    handbook: Handbook
    clock: Clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`. What goes wrong is said in the log; the next wish is another try."""
        wishes = Wishes(self.handbook.database)
        while not await wait_at_most(self.clock, stopping, LOOK_SECONDS):
            try:
                if await wishes.take(WISH):
                    await reread(self.handbook)
            except SotayError as error:
                log.warning("the folders could not be read again: %s", error)


async def reread(handbook: Handbook) -> None:
    """Brings the index in line with every folder, and forgets those that are not named any more.

    A folder that cannot be listed keeps what was read from it. Raises StoreError and IndexUnavailable.
    """
    for space in await handbook.spaces.all():
        sources = await handbook.spaces.sources(space)
        for url in sources:
            try:
                done = await handbook.ingestion.run(space, Source(url))
            except IngestError as error:
                log.warning("a folder of the space %s could not be read: %s", space, error)
                continue
            log.info(
                "read again, space %s: %d new, %d changed, %d removed, %d refused, in %.1f s",
                space, done.new, done.changed, done.removed, len(done.refused), done.seconds,
            )  # fmt: skip
        await handbook.ingestion.forget_other_sources(space, sources)
