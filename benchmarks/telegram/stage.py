"""A local Telegram in this process, a fresh database, and processes that are killed: all that a run of kills needs."""

import asyncio
import random
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crash.stage import WorkerEnded, has_ended, until
from benchmarks.slack.stage import LONGEST_QUIET, STILL, STUCK
from benchmarks.telegram.record import Place, ending_of
from benchmarks.telegram.traffic import Asked, Traffic
from benchmarks.telegram.worker import Options
from core.documents import Label, Space
from core.store.database import open_database
from core.store.spaces import SpaceRepository
from tests.core.desk import LEAVE
from tests.telegram_server import Rates, TelegramServer

CHECKOUT = Path(__file__).parents[2]
GREETING = "deleteWebhook"
"""The call with which every process begins to poll."""
POLLING = "getUpdates"


@dataclass(slots=True)
class Stage:
    """A run under way. `statuses` are of processes that were told to stop; times are of the monotonic clock."""

    telegram: TelegramServer
    traffic: Traffic
    options: Options
    log: Path
    chance: random.Random
    killed_at: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    _open: dict[Place, Asked] = field(default_factory=dict)
    _looked_at: int = 0
    _begun_at: int = 0

    async def start(self) -> Process:
        self._begun_at = len(self.telegram.calls)
        command = (sys.executable, "-m", "benchmarks.telegram.worker", self.options.written())
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=CHECKOUT
            )

    async def connected(self, worker: Process) -> None:
        """Returns when the process that was started last begins to poll. Raises WorkerEnded."""
        await until(lambda: self._is_greeted() or has_ended(worker))
        self._check(worker)

    def _is_greeted(self) -> bool:
        return any(call.method == GREETING and call.ok for call in self.telegram.calls[self._begun_at :])

    def _check(self, worker: Process) -> None:
        if has_ended(worker):
            raise WorkerEnded(self.log.read_text(encoding="utf-8"))

    async def kill(self, worker: Process) -> None:
        self._check(worker)
        worker.kill()
        if await worker.wait() != -signal.SIGKILL:
            raise WorkerEnded(self.log.read_text(encoding="utf-8"))
        self.killed_at.append(time.monotonic())

    async def stop(self, worker: Process) -> None:
        worker.terminate()
        self.statuses.append(await worker.wait())

    async def busy(self, unless: asyncio.Task[None]) -> None:
        """Returns when a process that is killed would be killed at its work, or when nobody asks any more."""
        await until(lambda: bool(self.open_questions()) or unless.done())

    def open_questions(self) -> dict[Place, Asked]:
        """Questions for which nothing has ended since they were asked."""
        asked = list(self.traffic.asked.values())
        self._open |= {one.place: one for one in asked[self._looked_at :]}
        self._looked_at = len(asked)
        for place in [place for place in self._open if ending_of(self.telegram, place)]:
            del self._open[place]
        return self._open

    async def quiet(self, is_done: Callable[[], bool]) -> None:
        """Returns when all is done and nothing is said any more, or when it will never be."""
        began = changed_at = time.monotonic()
        count = -1
        while time.monotonic() - began < LONGEST_QUIET:
            await asyncio.sleep(0.2)
            if (now := self._said()) != count or self.telegram.unconfirmed:
                count, changed_at = now, time.monotonic()
            still = time.monotonic() - changed_at
            if still > STUCK or (still > STILL and is_done()):
                return

    def _said(self) -> int:
        return sum(call.method != POLLING for call in self.telegram.calls)


@asynccontextmanager
async def staged(*, seed: int = 1, model_seconds: float = 0.5) -> AsyncIterator[Stage]:
    """Telegram's limits are off, on both sides."""
    chance = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="sotay-telegram-crash-") as name:
        url = f"sqlite+aiosqlite:///{name}/store.sqlite"
        await prepare(url)
        async with TelegramServer(rates=Rates(on=False)) as telegram:
            traffic = Traffic(telegram, chance)
            allowed = (*traffic.people, *traffic.groups)
            options = Options(url, telegram.origin, telegram.token, allowed, model_seconds)
            yield Stage(telegram, traffic, options, Path(name) / "log", chance)


async def prepare(url: str) -> None:
    """Tables, and a space for everybody: nobody knows who reads in groups."""
    async with open_database(url) as database:
        await SpaceRepository(database).sync([(Space(LEAVE.space, Label.PUBLIC, frozenset()), ())])
