"""What is read when somebody asks for metrics: the queue, the index, the budget, the model, the disk."""

import asyncio
import logging
import math
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bots.readiness import DATABASE_SECONDS, Reachable
from bots.web.lag import Lag
from bots.web.metrics import Reading
from core import metrics
from core.budget import Budget, Cap
from core.clock import Clock
from core.errors import BackupError, StoreError
from core.metrics import Metrics
from core.store.figures import Figures
from core.store.jobs import JobRuns

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the readings come from.

    `budget` is None where nothing can be spent. `paused` is as in `bots.readiness.Readiness`. `model` reads the local
    model, where it runs in this process. `backed_up` is the time of the newest backup, None where there is
    none; it may raise BackupError.
    """

    figures: Figures
    jobs: JobRuns
    budget: Budget | None
    surfaces: Mapping[str, Reachable]
    paused: Callable[[], Mapping[str, bool]]
    model: Callable[[], Awaitable[Sequence[Reading]]]
    backed_up: Callable[[], datetime | None]
    directory: Path
    lag: Lag


@dataclass(slots=True)
class Readings:
    """Reads everything. `figures` counts what only the database knows of: votes."""

    sources: Sources
    figures: Metrics
    clock: Clock
    _votes_since: datetime | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def read(self) -> list[Reading]:
        """As it is now. What cannot be read is left out; a database that is away is a reading too."""
        async with self._turn:
            stored: list[Reading] = []
            is_up = True
            try:
                async with asyncio.timeout(DATABASE_SECONDS):
                    stored = await self._stored()
            except (StoreError, TimeoutError) as error:
                log.warning("the database cannot be read for metrics: %s", error)
                is_up = False
        state = Reading.single("sotay_database_up", "Whether the database answers.", is_up)
        model, disk = await self.sources.model(), await asyncio.to_thread(self._on_disk)
        return [build(), state, *stored, *self._at_hand(), *model, *disk]

    async def _stored(self) -> list[Reading]:
        now, figures = self.clock.now(), self.sources.figures
        queue, spaces = await figures.queue(), await figures.spaces()
        oldest = _age(now, queue.oldest_accepted_at) if queue.oldest_accepted_at else 0.0
        indexed = [((space.name,), _age(now, space.last_indexed)) for space in spaces if space.last_indexed]
        runs = await self.sources.jobs.last_finished()
        ended = [((name,), _age(now, at)) for name, at in sorted(runs.items())]
        await self._count_votes(now)
        return [
            Reading.single("sotay_queue_depth", "Questions that have not ended.", queue.open),
            Reading.single("sotay_oldest_question_age_seconds", "Age of the oldest of them, 0 without any.", oldest),
            Reading(
                "sotay_documents",
                "Documents that are indexed.",
                ("space",),
                [((space.name,), space.documents) for space in spaces],
            ),
            Reading("sotay_index_age_seconds", "Since a document of the space was indexed last.", ("space",), indexed),
            Reading("sotay_job_age_seconds", "Since the job was done last.", ("task",), ended),
            *await self._budget(),
        ]

    async def _budget(self) -> list[Reading]:
        budget = self.sources.budget
        if budget is None:
            return []
        used = await budget.used()
        shares = [
            ((cap.value,), used[cap] / budget.caps[cap]) for cap in Cap if cap is not Cap.PERSON and budget.caps[cap]
        ]
        says = "Share of each cap for models outside the office that is taken, 1 being all of it."
        return [Reading("sotay_budget_used_ratio", says, ("cap",), shares)]

    async def _count_votes(self, now: datetime) -> None:
        """Those that were given since the last reading."""
        if self._votes_since is not None:
            given = await self.sources.figures.votes(self._votes_since, now)
            for vote, name in ((1, "up"), (-1, "down")):
                self.figures.count(metrics.VOTES, given.get(vote, 0), vote=name)
        self._votes_since = now

    def _at_hand(self) -> list[Reading]:
        sources = self.sources
        up = [((name,), float(surface.is_healthy)) for name, surface in sources.surfaces.items()]
        paused = [((name,), float(is_paused)) for name, is_paused in sources.paused().items()]
        return [
            Reading("sotay_surface_up", "Whether the platform can deliver.", ("surface",), up),
            Reading("sotay_breaker_open", "Whether a back end is left alone because it failed.", ("backend",), paused),
            Reading.single("sotay_loop_lag_seconds", "How late the event loop was last.", sources.lag.seconds),
        ]

    def _on_disk(self) -> list[Reading]:
        return [*self._backup(), *self._disk()]

    def _backup(self) -> list[Reading]:
        try:
            at = self.sources.backed_up()
        except BackupError as error:
            log.warning("the backups cannot be looked at: %s", error)
            return []
        age = math.inf if at is None else _age(self.clock.now(), at)
        return [Reading.single("sotay_backup_age_seconds", "Age of the newest backup, +Inf without any.", age)]

    def _disk(self) -> list[Reading]:
        try:
            disk = shutil.disk_usage(self.sources.directory)
        except OSError as error:
            log.warning("the disk cannot be looked at: %s", error)
            return []
        free, size = "Bytes that are free on the disk of the data folder.", "Bytes of that disk."
        return [
            Reading.single("sotay_disk_free_bytes", free, disk.free),
            Reading.single("sotay_disk_size_bytes", size, disk.total),
        ]


def build() -> Reading:
    """Which version runs."""
    return Reading("sotay_build_info", "The version that runs.", ("version",), [((version("sotay"),), 1.0)])


def _age(now: datetime, moment: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
