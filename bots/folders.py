"""Watches the folders of this machine: what changes in them is read within seconds, without waiting for its time."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from bots.rereading import WISH
from core.clock import Clock
from core.errors import StoreError
from core.store.wishes import Wishes

log = logging.getLogger(__name__)

QUIET_MS = 3000
"""Changes are gathered until nothing has changed for so long: a copy of many files is one change."""


def local_folders(sources: Sequence[str]) -> list[Path]:
    """The sources that are folders of this machine and are there."""
    return [Path(source) for source in sources if "://" not in source and Path(source).is_dir()]


@dataclass(frozen=True, slots=True)
class FolderWatch:
    """Wishes that the folders be read again as soon as one of them has changed."""

    folders: Sequence[Path]
    wishes: Wishes
    clock: Clock
    quiet_ms: int = QUIET_MS

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`. Where the system cannot watch, a warning says so, and the schedule alone reads."""
        if not self.folders:
            return
        try:
            async for changes in awatch(*self.folders, step=self.quiet_ms, debounce=60_000, stop_event=stopping):
                log.info("%d files changed: the folders are read again", len(changes))
                await self._wish()
        except OSError as error:  # too many folders for the system's limit, or one that has gone
            log.warning("the folders cannot be watched, and are read at fixed times only: %s", error)

    async def _wish(self) -> None:
        try:
            await self.wishes.ask(WISH, self.clock.now())
        except StoreError as error:
            log.warning("the change could not be noted, the schedule will see it: %s", error)
