"""Scheduled work: each slot once, late ones explicit, a fault ends nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from core.errors import SotayError
from core.jobs import AGAIN, Job, Run, RunOutcome, Worker, due_of, slot_of, slots_between

START = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class MemoryBook:
    """Slots in memory."""

    runs: dict[tuple[str, str], Run] = field(default_factory=dict)

    async def claim(self, name: str, slot: str) -> bool:
        return self.runs.setdefault((name, slot), run := Run(name, slot, START)) is run

    async def finish(self, name: str, slot: str, outcome: RunOutcome = RunOutcome.DONE, note: str = "") -> None:
        self.runs[name, slot] = replace(self.runs[name, slot], finished_at=START, outcome=outcome, note=note)

    async def last(self, name: str) -> Run | None:
        slots = sorted(slot for job, slot in self.runs if job == name)
        return self.runs[name, slots[-1]] if slots else None

    def outcomes(self) -> list[RunOutcome | None]:
        return [self.runs[key].outcome for key in sorted(self.runs)]


def hourly(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + HOUR


@dataclass
class Office:
    """A worker with one job, and what administrators were told."""

    book: MemoryBook = field(default_factory=MemoryBook)
    told: list[tuple[str, str]] = field(default_factory=list)
    works: int = 0
    fault: Callable[[], Exception] | None = None

    async def work(self) -> str:
        self.works += 1
        if self.fault is not None:
            raise self.fault()
        return "swept"

    @property
    def job(self) -> Job:
        return Job("sweep", hourly, self.work, late=timedelta(minutes=30))

    @property
    def worker(self) -> Worker:
        return Worker(self.book, lambda name, note: self.told.append((name, note)))


async def test_a_slot_runs_once_for_two_who_wake_up_for_it() -> None:
    office = Office()
    for _ in range(2):
        assert await office.worker.catch_up(office.job, START, START + HOUR) == START + HOUR
    assert (office.works, office.book.outcomes()) == (1, [RunOutcome.DONE])


async def test_nothing_runs_before_its_time() -> None:
    office = Office()
    assert await office.worker.catch_up(office.job, START, START + timedelta(minutes=59)) == START
    assert office.works == 0


async def test_of_what_was_missed_the_newest_runs_and_the_others_are_noted() -> None:
    office = Office()
    await office.worker.catch_up(office.job, START, START + 4 * HOUR + timedelta(minutes=10))
    assert office.works == 1
    assert office.book.outcomes() == [RunOutcome.SKIPPED] * 3 + [RunOutcome.DONE]


async def test_what_would_be_too_late_is_left_out() -> None:
    office = Office()
    await office.worker.catch_up(office.job, START, START + HOUR + timedelta(minutes=31))
    assert (office.works, office.book.outcomes()) == (0, [RunOutcome.SKIPPED])


async def test_a_job_that_has_never_run_is_first_due_at_its_next_time() -> None:
    office = Office()
    assert await office.worker.begin(office.job, START) == START
    assert office.works == 0


async def test_a_run_that_was_broken_off_is_done_again_once() -> None:
    office = Office()
    slot = slot_of(START)
    await office.book.claim("sweep", slot)
    await office.book.finish("sweep", slot, RunOutcome.BROKEN)
    for _ in range(2):
        assert await office.worker.begin(office.job, START + timedelta(minutes=1)) == START
    assert office.works == 1
    assert office.book.runs["sweep", slot + AGAIN].outcome is RunOutcome.DONE


async def test_slots_of_long_ago_are_not_looked_for() -> None:
    office = Office()
    await office.book.claim("sweep", slot_of(START))
    await office.book.finish("sweep", slot_of(START))
    now = START + timedelta(days=400)
    assert await office.worker.begin(office.job, now) == now - timedelta(days=31)


async def test_a_failure_is_told_and_the_next_slot_runs() -> None:
    office = Office(fault=lambda: SotayError("store.locked", place="x"))
    await office.worker.catch_up(office.job, START, START + HOUR)
    office.fault = None
    await office.worker.catch_up(office.job, START + HOUR, START + 2 * HOUR)
    assert office.book.outcomes() == [RunOutcome.FAILED, RunOutcome.DONE]
    assert [name for name, _ in office.told] == ["sweep"]


async def test_a_fault_that_nobody_thought_of_is_told_by_its_kind_alone() -> None:
    office = Office(fault=lambda: ValueError("what a person wrote"))
    await office.worker.catch_up(office.job, START, START + HOUR)
    assert office.told == [("sweep", "ValueError")]


async def test_by_hand_it_runs_beside_its_times() -> None:
    office = Office()
    assert await office.worker.run_now(office.job, START) is RunOutcome.DONE
    await office.worker.catch_up(office.job, START - HOUR, START)
    assert office.works == 2


@given(some.lists(some.integers(1, 500), min_size=1, max_size=30))
async def test_every_slot_is_accounted_for_exactly_once(steps: list[int]) -> None:
    office, since, now = Office(), START, START
    for minutes in steps:
        now += timedelta(minutes=minutes)
        since = await office.worker.catch_up(office.job, since, now)
    wanted = [slot_of(due) for due in slots_between(office.job, START, now)]
    assert sorted(slot for _, slot in office.book.runs) == wanted
    assert office.works == office.book.outcomes().count(RunOutcome.DONE)


def test_the_name_of_a_slot_is_its_time() -> None:
    assert due_of(slot_of(START) + AGAIN) == START
    assert slot_of(START) < slot_of(START + timedelta(milliseconds=1))
