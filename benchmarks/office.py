"""An office for benchmarks: a fresh database, workers over it, people who ask, time that can be driven."""

import asyncio
import itertools
import random
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.chat import Chat
from core.access import Directory
from core.clock import Clock, SteadyClock
from core.conversation import Answer, Language, Outcome, Question
from core.deadline import Deadline
from core.delivery import Channel
from core.inbox import Answering, Capacity, Inbox
from core.intake import OPEN, InboxLimits, Incoming
from core.pacing import Pacer
from core.pipeline import Event
from core.replies import KeepAnswer
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database, open_database
from core.store.intake import Intake
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from tests import postgres
from tests.core.makers import PUBLIC

KINDS = ("sqlite", "postgresql")
UNLIMITED = InboxLimits(queue=10**9, per_person=10**9, join_seconds=0.0)
TEXT = "Tôi có bao nhiêu ngày nghỉ phép năm?"
START = datetime(2026, 11, 23, 1, tzinfo=UTC)

numbers = itertools.count(1)


@contextmanager
def disk_folder(parent: Path | None) -> Iterator[Path]:
    """A folder of this run, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="sotay-benchmark-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def fresh_url(kind: str, folder: Path) -> str:
    """The address of an empty database. Raises `postgres.NoPostgresError`.

    The PostgreSQL is that of the tests, which forces nothing to the disk: its figures leave out what a disk costs.
    """
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{folder}/store-{next(numbers)}.db"
    server, name = postgres.server(), f"benchmark_{next(numbers)}"
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    await engine.dispose()
    return server.url(name)


@asynccontextmanager
async def opened(url: str, *, lock_wait: float = 5.0) -> AsyncIterator[Database]:
    """The database at `url` with one public space."""
    async with open_database(url, lock_wait=lock_wait) as database:
        await SpaceRepository(database).sync([(PUBLIC, ())])
        yield database


def kinds_here() -> tuple[str, ...]:
    """The kinds of database that this machine can run; says so where PostgreSQL is not among them."""
    print(postgres.describe())
    try:
        postgres.server()
    except postgres.NoPostgresError:
        return KINDS[:1]
    return KINDS


def message(content: str | None = TEXT, *, person: str = "lan", key: str = "", **places: str) -> Incoming:
    """A new message of its own, in a conversation and a place of its own unless they are named."""
    number = next(numbers)
    return Incoming(
        surface="chat",
        key=key or f"k{number}",
        event=f"e{number}",
        conversation=places.get("conversation", f"c{number}"),
        place=places.get("place", f"p{number}"),
        person=person,
        text=content,
        sent_at=START + timedelta(seconds=number),
    )


def dice_of(seed: float | str) -> random.Random:
    """Chance that repeats itself."""
    return random.Random(seed)  # noqa: S311


def language_of(content: str) -> Language:
    del content
    return Language.VIETNAMESE


@dataclass(frozen=True)
class Echo:
    """Answers every question at once with its own text, so that a reader sees which version was answered."""

    journal: Journal

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del deadline
        await self.journal.record_question(question, question.text)
        number = f"a{next(numbers)}"
        reply = Answer(number, question.id, question.text, Outcome.ANSWERED, Language.VIETNAMESE, question.text)
        await (keep or self.journal.record_answer)(reply)
        yield reply


@dataclass
class Office:
    """What workers are made of; `serving` lets one work for a while. `on_trace` hears what they do."""

    database: Database
    answering: Answering
    chat: Chat = field(default_factory=Chat)
    clock: Clock = field(default_factory=SteadyClock)
    limits: InboxLimits = UNLIMITED
    capacity: Capacity = field(default_factory=Capacity)
    on_trace: Callable[[str, str], None] = lambda _point, _question_id: None

    def worker(self, name: str = "w1") -> Inbox:
        claims = Claims(self.database, self.limits, name, (self.chat.name,), self.clock.now())
        channel = Channel(self.chat, Pacer(self.chat.rates, self.clock), claims, self.clock, self.on_trace)
        return Inbox(
            Intake(self.database, self.limits),
            claims,
            answering=self.answering,
            channels={self.chat.name: channel},
            directory=Directory({"staff": frozenset({"lan"})}),
            language_of=language_of,
            clock=self.clock,
            capacity=self.capacity,
        )

    @asynccontextmanager
    async def serving(self, name: str = "w1") -> AsyncIterator[Inbox]:
        """A worker at work; at the end it is asked to stop, and has stopped."""
        inbox = self.worker(name)
        async with asyncio.TaskGroup() as group:
            group.create_task(inbox.serve())
            yield inbox
            inbox.drain()

    async def open_rows(self) -> int:
        """Questions that have not ended."""
        statement = select(func.count()).where(tables.inbox.c.state.in_(OPEN))
        async with self.database.reading() as connection:
            return await connection.scalar(statement) or 0


class DrivenClock:
    """`core.clock.Clock` that stands still until `advance`; who sleeps wakes when its time has come."""

    def __init__(self, start: datetime = START) -> None:
        self._wall = start
        self._seconds = 0.0
        self._sleeping: dict[asyncio.Event, float] = {}

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.Event()
        self._sleeping[awake] = self._seconds + seconds
        try:
            await awake.wait()
        finally:
            del self._sleeping[awake]

    def advance(self, seconds: float) -> None:
        """Time goes on for everybody."""
        self._seconds += seconds
        for awake, at in self._sleeping.items():
            if at <= self._seconds:
                awake.set()
