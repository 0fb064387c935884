"""A local Slack in this process, a fresh database, and processes that are killed: all that a run of kills needs."""

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
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from benchmarks.crash.stage import WorkerEnded, has_ended, until
from benchmarks.slack.record import Watch, ending_under, watched
from benchmarks.slack.traffic import Asked, Traffic
from benchmarks.slack.verdict import Facts
from benchmarks.slack.worker import Options
from bots.slack.ids import SURFACE
from core.store import tables
from core.store.database import open_database
from core.store.marks import Marks
from core.store.spaces import SpaceRepository
from tests.bots.slack.office import MANIFEST, Plan
from tests.slack_server import Rates, Settings, SlackServer

CHECKOUT = Path(__file__).parents[2]
RETRIES = (0.0, 1.0, 3.0)
"""Seconds before the deliveries of an event after the first: Slack's 0, 60 and 300, scaled to lives of seconds."""
STILL = 3.0
"""Seconds without a call after which the work is done; a process that is behind calls all the time."""
STUCK, LONGEST_QUIET = 90.0, 900.0
"""Seconds of silence with work left, and seconds in all, after which it is no longer waited for the end."""


@dataclass(slots=True)
class Stage:
    """A run under way. `statuses` are of processes that were told to stop; times are of the monotonic clock."""

    slack: SlackServer
    watch: Watch
    traffic: Traffic
    options: Options
    log: Path
    chance: random.Random
    killed_at: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    _open: dict[str, Asked] = field(default_factory=dict)
    _looked_at: int = 0

    async def start(self) -> Process:
        command = (sys.executable, "-m", "benchmarks.slack.worker", self.options.written())
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=CHECKOUT
            )

    async def connected(self, worker: Process, before: int) -> None:
        """Returns when Slack has greeted it: then more than the sockets `before` were opened. Raises WorkerEnded."""
        await until(lambda: self.slack.sockets.opened > before or has_ended(worker))
        self._check(worker)

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

    def open_questions(self) -> dict[str, Asked]:
        """Questions in whose thread nothing has ended since they were asked, as far as Slack can see."""
        asked = list(self.traffic.asked.values())
        self._open |= {one.ts: one for one in asked[self._looked_at :]}
        self._looked_at = len(asked)
        for one in list(self._open.values()):
            ending = ending_under(self.slack, one.channel, one.root)
            if one.is_deleted or (ending and float(ending.ts) > float(one.ts)):
                del self._open[one.ts]
        return self._open

    async def quiet(self, is_done: Callable[[], bool]) -> None:
        """Returns when all is done and nothing is said any more, or when it will never be."""
        began = changed_at = time.monotonic()
        count = len(self.slack.calls)
        while time.monotonic() - began < LONGEST_QUIET:
            await asyncio.sleep(0.2)
            if len(self.slack.calls) != count or self.slack.deliveries.under_way:
                count, changed_at = len(self.slack.calls), time.monotonic()
            still = time.monotonic() - changed_at
            if still > STUCK or (still > STILL and is_done()):
                return

    async def facts(self) -> Facts:
        """What is known beside the messages; of the database only which question has which id."""
        message = tables.inbox_message
        async with open_database(self.options.url) as database, database.reading() as connection:
            rows = (await connection.execute(select(message.c.question_id, message.c.key))).all()
        writing = ("chat.stopStream", "chat.update")
        written = {call.given["ts"]: call.at for call in self.slack.calls if call.ok and call.method in writing}
        return Facts({row.question_id: row.key for row in rows}, written, self._deletions())

    def _deletions(self) -> dict[str, float]:
        """By the ts of questions, when the app acknowledged that they were taken back."""
        found: dict[str, float] = {}
        for delivery in self.slack.deliveries.all:
            event, at = delivery.event, self.watch.acked.get(delivery.payload.get("event_id", ""))
            is_tombstone = event.get("message", {}).get("subtype") == "tombstone"
            ts = event.get("deleted_ts") or (event["message"]["ts"] if is_tombstone else None)
            if ts and at is not None:
                found[ts] = at
        return found


@asynccontextmanager
async def staged(
    *, seed: int = 1, strict: bool = False, retries: tuple[float, ...] = RETRIES, model_seconds: float = 0.5
) -> AsyncIterator[Stage]:
    """`strict`: Slack's limits are on, on both sides."""
    chance = random.Random(seed)  # noqa: S311
    rates, settings = Rates(on=strict), Settings(retries=retries)
    with tempfile.TemporaryDirectory(prefix="sotay-slack-crash-") as name:
        url = f"sqlite+aiosqlite:///{name}/store.sqlite"
        await prepare(url)
        async with SlackServer(dict(MANIFEST), rates=rates, settings=settings) as slack:
            options = Options(url, slack.api_url, slack.bot_token, slack.app_token, strict, model_seconds)
            yield Stage(slack, watched(slack), Traffic(slack, chance), options, Path(name) / "log", chance)


async def prepare(url: str) -> None:
    """Tables, a space for the staff, and the mark that a process left that ran here before."""
    async with open_database(url) as database:
        await SpaceRepository(database).sync([(space, ()) for space in Plan().spaces])
        await Marks(database).see(SURFACE, datetime.now(UTC))
