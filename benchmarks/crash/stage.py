"""A platform, a fresh database, and a nursery of workers for both: all that a run needs."""

import asyncio
import random
import signal
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crash.chat import SURFACES, Chat
from benchmarks.crash.nursery import Nursery
from benchmarks.crash.server import Server, serving
from benchmarks.crash.traffic import PEOPLE, Traffic
from benchmarks.crash.verdict import judge
from benchmarks.crash.worker import Fault, Options
from core.store.database import open_database
from core.store.spaces import SpaceRepository
from tests.core.makers import PUBLIC
from tests.core.store.databases import fresh_url

LOOK = 0.02
"""Seconds between two looks at the record."""
STUCK, LONGEST_QUIET = 12.0, 120.0
"""Seconds of silence, and seconds in all, after which it is no longer waited for the end of the work."""


async def until(holds: Callable[[], bool]) -> None:
    """Looks at the record again and again."""
    while True:
        if holds():
            return
        await asyncio.sleep(LOOK)


def has_ended(worker: Process) -> bool:
    return worker.returncode is not None


class WorkerEnded(Exception):
    """A worker ended by itself; the text is what all of them said."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is played on. `calm` people ask and do nothing else."""

    database: str = "sqlite"
    surfaces: tuple[str, ...] = SURFACES
    seed: int = 1
    calm: bool = False
    lease_seconds: float = 3.0
    model_seconds: float = 0.05
    slots: int = 4
    drain_seconds: float = 20.0


@dataclass(slots=True)
class Stage:
    """A run under way. `statuses` are of workers that were told to stop, `missed` are faults that nobody came to."""

    setting: Setting
    server: Server
    traffic: Traffic
    nursery: Nursery
    chance: random.Random
    killed_at: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    missed: list[Fault] = field(default_factory=list)

    @property
    def chat(self) -> Chat:
        return self.server.chat

    @property
    def still_seconds(self) -> float:
        """Seconds without a sign after which nothing more will come: on PostgreSQL the dead are found out by then."""
        return 0.7 if self.setting.database == "sqlite" else 2 * self.setting.lease_seconds

    async def connected(self, workers: Sequence[Process]) -> None:
        """Returns when all of them are there. Raises WorkerEnded when one will never be."""
        await until(lambda: self.server.connections >= len(workers) or any(map(has_ended, workers)))
        if any(map(has_ended, workers)):
            raise WorkerEnded(self.nursery.log.read_text(encoding="utf-8"))

    async def kill(self, worker: Process) -> None:
        """As `kill -9` does; it may have done so itself."""
        if worker.returncode is None:
            worker.kill()
        if await worker.wait() != -signal.SIGKILL:
            raise WorkerEnded(self.nursery.log.read_text(encoding="utf-8"))
        self.killed_at.append(time.monotonic())

    async def stop(self, workers: Sequence[Process]) -> None:
        """As a service manager does; notes with what status they end."""
        for worker in workers:
            if worker.returncode is None:
                worker.terminate()
            self.statuses.append(await worker.wait())

    @property
    def is_sound(self) -> bool:
        """Whether workers ended when and as they should."""
        return not self.missed and not any(self.statuses)

    async def quiet(self) -> None:
        """Returns when nothing is left to be done and the platform has heard nothing for a while, or for very long."""
        end = time.monotonic() + LONGEST_QUIET
        await until(lambda: time.monotonic() > end or self._still_for(STUCK) or self._is_done())

    async def busy(self, unless: asyncio.Task[None]) -> None:
        """Returns when a worker that is killed would be killed at its work, or when nobody asks any more."""
        await until(lambda: self.is_busy() or unless.done())

    def is_busy(self) -> bool:
        """Whether something is under way, as far as the platform can see."""
        return bool(self.chat.unacked) or any(message.is_unfinished for message in self.chat.of_ours())

    def _is_done(self) -> bool:
        return self._still_for(self.still_seconds) and judge(self.chat).is_exact

    def _still_for(self, seconds: float) -> bool:
        return time.monotonic() - self.chat.changed_at > seconds


@asynccontextmanager
async def staged(setting: Setting) -> AsyncIterator[Stage]:
    chance = random.Random(setting.seed)  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="sotay-crash-") as name:
        folder = Path(name)
        url = await prepared(setting.database, folder)
        async with serving(Chat(), folder / "socket", chance) as server:
            options = Options(
                name="",
                url=url,
                socket=str(folder / "socket"),
                people=PEOPLE,
                lease_seconds=setting.lease_seconds,
                model_seconds=setting.model_seconds,
                slots=setting.slots,
                drain_seconds=setting.drain_seconds,
            )
            traffic = Traffic(server, chance, surfaces=setting.surfaces, calm=setting.calm)
            yield Stage(setting, server, traffic, Nursery(options, folder / "log"), chance)


async def prepared(kind: str, folder: Path) -> str:
    """The address of a database that is migrated and has a space that everybody may search."""
    url = await fresh_url(kind, folder)
    async with open_database(url) as database:
        await SpaceRepository(database).sync([(PUBLIC, ("crash",))])
    return url
