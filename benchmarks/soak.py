"""A simulated day of an office, with one fault each minute: does anything get lost, stuck, or larger and larger?

    python -m benchmarks.soak [--questions 50000] [--seed 1] [--folder DIR]

About 35 questions a minute in bursts, on SQLite; a shorter run simulates fewer minutes of the day. Time is driven: it
goes on as soon as the work of the moment is done. At the end every question must have exactly one outcome, no row may
be open, and memory, open files, threads and tasks must have stayed flat. Exit status 1 when a figure is missed.
"""

import argparse
import asyncio
import logging
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from rich.progress import Progress
from sqlalchemy import select

from benchmarks.chat import BEARS_ALL, Chat
from benchmarks.figures import Figure, Usage, machine, report, slope, usage
from benchmarks.office import UNLIMITED, DrivenClock, Office, dice_of, disk_folder, fresh_url, message, opened
from benchmarks.soak_faults import Hurried, Locksmith, Mood, MoodyModel, MoodyWeather, Trouble
from core.errors import StoreError
from core.inbox import Inbox
from core.intake import OPEN, InboxLimits, Incoming, Receipt, Verdict
from core.store import tables
from core.store.database import READERS, Database
from tests.core.desk import LEAVE, pipeline_over
from tests.fakes import ListRetriever

A_MINUTE = 35  # questions, on average
STEP = 5.0  # seconds that the clock moves at once
STEPS = 12  # in a minute
SLOWLY = 0.5  # seconds that it moves while much is open
PAUSE = 0.003  # real seconds that the work of one step gets at least
QUIET_STEPS = 20  # before a sample, for what is left to be put away
BACKLOG = 50  # open questions above which time goes on slowly
PEOPLE = 200
IN_BURSTS = 0.7  # share of the questions
LOCK_WAIT = 0.05
SAMPLE_MINUTES, SWEEP_MINUTES, RECENT = 5, 5, 2
WARM_UP = 0.3  # share of the day that memory may still grow in
END_SECONDS = 300.0  # real seconds for what is open at the end
JUMPS = (timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1))
LIMITS: InboxLimits = replace(UNLIMITED, deadline_seconds=900.0)
MB_PER_1000, MORE_FILES, MORE_TASKS = 1.0, 6.0, 6.0


@dataclass
class Shift:
    """The worker of the moment: `begin` it, end it as a crash would, begin the next with another wall time."""

    office: Office
    group: asyncio.TaskGroup
    clock: DrivenClock
    number: int = 0
    inbox: Inbox | None = None
    task: asyncio.Task[None] | None = None

    def begin(self, jump: timedelta = timedelta()) -> None:
        self.number += 1
        self.clock = DrivenClock(self.clock.now() + jump)
        self.office.clock = self.clock
        self.inbox = self.office.worker(f"w{self.number}")
        self.task = self.group.create_task(self._serve(self.inbox))

    async def _serve(self, inbox: Inbox) -> None:
        """A service that cannot start, because the database is away, is started again."""
        while True:
            try:
                return await inbox.serve()
            except StoreError:
                await asyncio.sleep(0.05)

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            while not self.task.done():
                self.clock.advance(STEP)
                await asyncio.sleep(PAUSE)

    @property
    def worker(self) -> Inbox:
        if self.inbox is None:
            raise AssertionError("nobody works yet")
        return self.inbox


@dataclass(slots=True)
class Asked:
    """One question of the day: in which minute, whether it was deleted."""

    minute: int
    is_deleted: bool = False


@dataclass
class Ledger:
    """Every question until its outcome has been looked at; then only counts are kept."""

    asked: dict[str, Asked] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def sweep(self, chat: Chat, still_open: set[str], before: int) -> None:
        """Looks at all questions of the minutes before `before` that have ended, and forgets them."""
        for question_id, asked in list(self.asked.items()):
            if asked.minute < before and question_id not in still_open:
                self._judge(question_id, asked, chat)
                del self.asked[question_id]
                chat.stories.pop(question_id, None)

    def _judge(self, question_id: str, asked: Asked, chat: Chat) -> None:
        standing = chat.story(question_id).standing
        if asked.is_deleted and not standing:
            self.outcomes["taken away"] += 1
        elif len(standing) == 1 and standing[0].final_text is not None:
            self.outcomes["answered" if standing[0].is_answer else "told why not"] += 1
        else:
            texts = [shown.final_text for shown in standing]
            self.wrong.append(f"{question_id} of minute {asked.minute}, deleted: {asked.is_deleted}: {texts}")


@dataclass(frozen=True, slots=True)
class Sample:
    """The process after so many questions."""

    questions: int
    usage: Usage
    threads: int


@dataclass
class Day:
    """The whole simulation."""

    office: Office
    shift: Shift
    mood: Mood
    dice: random.Random
    retriever: ListRetriever
    progressed: Callable[[int], None]
    ledger: Ledger = field(default_factory=Ledger)
    samples: list[Sample] = field(default_factory=list)
    questions: int = 0
    redelivered: int = 0

    async def run(self, questions: int) -> None:
        minute = 0
        while self.questions < questions:
            self.mood.trouble = self.dice.choice(list(Trouble))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._disturb())
                await self._minute(minute, self._plan(questions - self.questions))
            minute += 1
            if minute % SWEEP_MINUTES == 0:
                await self._sweep(minute - RECENT)
            if minute % SAMPLE_MINUTES == 0:
                self.samples.append(await self._sample())
        await self._work_off()
        await self._sweep(minute + 1)

    def _plan(self, left: int) -> dict[int, int]:
        """How many people ask in which step of the minute: an office asks in bursts."""
        count = min(left, round(A_MINUTE * self.dice.uniform(0.2, 1.8)))
        peaks = self.dice.sample(range(STEPS), 3)
        steps = (peaks if self.dice.random() < IN_BURSTS else range(STEPS) for _ in range(count))
        return Counter(map(self.dice.choice, steps))

    async def _minute(self, number: int, plan: dict[int, int]) -> None:
        for step in range(STEPS):
            for _ in range(plan.get(step, 0)):
                await self._ask(number)
            self.shift.clock.advance(STEP)
            await asyncio.sleep(PAUSE)
            if step % 3 == 0:
                await self._catch_up()
        self.progressed(sum(plan.values()))

    async def _catch_up(self) -> None:
        while await self.office.open_rows() > BACKLOG:
            self.shift.clock.advance(SLOWLY)
            await asyncio.sleep(PAUSE)

    async def _ask(self, minute: int) -> None:
        """A question, and what the minute makes of it."""
        asked = message(person=f"person{self.dice.randrange(PEOPLE)}")
        self.questions += 1
        receipt = await self._deliver(asked)
        known = self.ledger.asked.setdefault(receipt.question_id or "", Asked(minute))
        if self.mood.strikes(Trouble.STORM):
            await asyncio.sleep(self.dice.uniform(0, 0.02))
            await self._deliver(replace(asked, event=f"{asked.event}e", text="Tôi nghỉ mấy ngày?", version=1.0))
        if self.mood.strikes(Trouble.STORM):
            await asyncio.sleep(self.dice.uniform(0, 0.02))
            known.is_deleted = True
            await self._deliver(replace(asked, event=f"{asked.event}d", text=None, version=2.0))
        if self.mood.trouble is Trouble.TWICE:
            for event in (asked.event, asked.event, f"{asked.event}twin"):
                again = await self._deliver(replace(asked, event=event))
                if again.verdict is not Verdict.KNOWN:
                    raise AssertionError(f"{event} was taken as new")

    async def _deliver(self, delivery: Incoming) -> Receipt:
        """As a platform does: what is not acknowledged is delivered again."""
        while True:
            try:
                return await self.shift.worker.accept(delivery)
            except StoreError:
                self.redelivered += 1
                await asyncio.sleep(0.02)

    async def _disturb(self) -> None:
        """The trouble that comes once, not with each call."""
        await asyncio.sleep(self.dice.uniform(0, STEPS * PAUSE))
        if self.mood.trouble is Trouble.STORE_LOCKED:
            await Locksmith(self.office.database.place, self.dice).lock()
        elif self.mood.trouble in {Trouble.RESTART, Trouble.CLOCK_JUMP}:
            await self.shift.end()
            jump = self.dice.choice(JUMPS) if self.mood.trouble is Trouble.CLOCK_JUMP else timedelta()
            self.shift.begin(jump)

    async def _work_off(self) -> None:
        """Time goes on without trouble until nothing is open, as long as anybody would wait for it."""
        self.mood.trouble = Trouble.NONE
        started = time.perf_counter()
        while await self.office.open_rows() and time.perf_counter() - started < END_SECONDS:
            self.shift.clock.advance(SLOWLY)
            await asyncio.sleep(PAUSE)

    async def _sweep(self, before: int) -> None:
        statement = select(tables.inbox.c.question_id).where(tables.inbox.c.state.in_(OPEN))
        async with self.office.database.reading() as connection:
            still_open = set(await connection.scalars(statement))
        self.ledger.sweep(self.office.chat, still_open, before)
        self.retriever.searches.clear()

    async def _sample(self) -> Sample:
        """What is held while nothing is open."""
        await self._work_off()
        for _ in range(QUIET_STEPS):
            self.shift.clock.advance(SLOWLY)
            await asyncio.sleep(PAUSE)
        return Sample(self.questions, usage(), threading.active_count())


async def open_all_readers(database: Database) -> None:
    """Fills the pool, so that its growth is not taken for a leak."""
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            await stack.enter_async_context(database.reading())


async def simulate(database: Database, dice: random.Random, questions: int, progressed: Callable[[int], None]) -> Day:
    await open_all_readers(database)
    mood, clock, retriever = Mood(dice), DrivenClock(), ListRetriever([LEAVE])
    answering = Hurried(pipeline_over(database, MoodyModel(mood), retriever))
    chat = Chat(rates=BEARS_ALL, weather=MoodyWeather(mood))
    office = Office(database, answering, chat, clock, LIMITS)
    async with asyncio.TaskGroup() as group:
        shift = Shift(office, group, clock)
        shift.begin()
        day = Day(office, shift, mood, dice, retriever, progressed)
        await day.run(questions)
        await shift.end()
    return day


def growth(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """By how much it grew over the measured part of the day, as a straight line through all samples has it."""
    questions = samples[-1].questions - samples[0].questions
    return slope([(sample.questions, of(sample)) for sample in samples]) * questions


def show(samples: Sequence[Sample]) -> None:
    """Ten of them, evenly spread."""
    print(f"\n{'questions':>10}{'MB':>8}{'files':>8}{'tasks':>8}{'threads':>9}")
    for sample in samples[:: max(1, len(samples) // 10)]:
        used = sample.usage
        print(f"{sample.questions:>10}{used.memory_mb:>8.1f}{used.files:>8}{used.tasks:>8}{sample.threads:>9}")


def figures_of(day: Day, left: int) -> Iterator[Figure]:
    samples = day.samples[round(len(day.samples) * WARM_UP) :]
    thousands = (samples[-1].questions - samples[0].questions) / 1000
    for outcome, count in sorted(day.ledger.outcomes.items()):
        yield Figure(f"questions {outcome}", count, "")
    yield Figure("deliveries made again, as the store was locked", day.redelivered, "")
    yield Figure("without exactly one outcome", len(day.ledger.wrong) + len(day.ledger.asked), "questions", 0)
    yield Figure("still open at the end", left, "questions", 0)
    yield Figure("memory at the end", samples[-1].usage.memory_mb, "MB")
    grown = growth(samples, lambda sample: sample.usage.memory_mb)
    yield Figure("memory growth in 1,000 questions", grown / thousands, "MB", MB_PER_1000)
    yield Figure("growth of open files", growth(samples, lambda sample: sample.usage.files), "files", MORE_FILES)
    yield Figure("growth of tasks", growth(samples, lambda sample: sample.usage.tasks), "tasks", MORE_TASKS)
    yield Figure("growth of threads", growth(samples, lambda sample: sample.threads), "threads", MORE_TASKS)


async def run(questions: int, seed: int, parent: Path | None) -> int:
    print(f"{machine()}; {questions} questions, {questions / A_MINUTE:.0f} minutes simulated, seed {seed}")
    started = time.perf_counter()
    with disk_folder(parent) as folder, Progress() as progress:
        task = progress.add_task("questions", total=questions)
        async with opened(await fresh_url("sqlite", folder), lock_wait=LOCK_WAIT) as database:
            dice = dice_of(seed)
            day = await simulate(database, dice, questions, lambda count: progress.advance(task, count))
            left = await day.office.open_rows()
    print("\n".join(day.ledger.wrong[:20]))
    print(f"{time.perf_counter() - started:.0f} s")
    show(day.samples)
    return report(figures_of(day, left))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where the SQLite file lies; default: the system's temporary folder"
    )
    parser.add_argument("--log", action="store_true", help="show what the inbox logs")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO if arguments.log else logging.CRITICAL)
    sys.exit(asyncio.run(run(arguments.questions, arguments.seed, arguments.folder)))


if __name__ == "__main__":
    main()
