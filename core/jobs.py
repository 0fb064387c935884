"""Scheduled work: every time that a job is due is a slot, and each slot is accounted for exactly once.

A slot is taken before its work begins, over all processes and restarts. What was missed is not made up for one by one:
of the slots that passed while nobody was there the newest runs, late, and the others are noted as skipped. A slot whose
process died in the middle is noted as broken off, and the work is done again in a slot of its own.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from core.errors import SotayError

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=31)
"""Slots that passed longer ago are not looked for."""
AGAIN = "/again"
"""Behind the name of a slot that was broken off: its work done anew."""


class RunOutcome(StrEnum):
    """How a slot ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    BROKEN = "broken off"


@dataclass(frozen=True, slots=True)
class Job:
    """`work` is done at every moment that `next_after` gives, each later than what it was given; its text says what was
    done. A slot may begin `late` after its time, when nobody was there.
    """

    name: str
    next_after: Callable[[datetime], datetime | None]
    work: Callable[[], Awaitable[str]]
    late: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Run:
    """One slot of a job as it was kept. `outcome` is None while it runs."""

    name: str
    slot: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: RunOutcome | None = None
    note: str = ""


class RunBook(Protocol):
    """Where slots are kept. Every method raises StoreError."""

    async def claim(self, name: str, slot: str) -> bool:
        """True for exactly one caller for each job and slot."""
        ...

    async def finish(self, name: str, slot: str, outcome: RunOutcome = RunOutcome.DONE, note: str = "") -> None: ...

    async def last(self, name: str) -> Run | None:
        """The newest slot of the job."""
        ...


def slot_of(due: datetime) -> str:
    """The name of a slot: its time in UTC, which sorts as time does."""
    return due.astimezone(UTC).isoformat(timespec="milliseconds")


def due_of(slot: str) -> datetime:
    """The time of a slot."""
    return datetime.fromisoformat(slot.partition("/")[0])


def slots_between(job: Job, since: datetime, until: datetime) -> Iterator[datetime]:
    """The times after `since`, up to `until`, at which the job is due."""
    due = job.next_after(since)
    while due is not None and due <= until:
        yield due
        due = job.next_after(due)


@dataclass(frozen=True, slots=True)
class Worker:
    """Does the work of jobs. `tell` hears of a job that failed: its name, and what is said of it."""

    book: RunBook
    tell: Callable[[str, str], None]

    async def begin(self, job: Job, now: datetime) -> datetime:
        """Looks after what an earlier process has left; slots after the time given back are still to come.

        A job that has never run is first due at its next time. Call `break_off` of the book before.
        """
        last = await self.book.last(job.name)
        if last is None:
            return now
        if last.outcome is RunOutcome.BROKEN and not last.slot.endswith(AGAIN):
            await self._take(job, last.slot + AGAIN)
        return max(due_of(last.slot), now - LOOKED_BACK)

    async def catch_up(self, job: Job, since: datetime, now: datetime) -> datetime:
        """Runs what is due up to now, unless others have; the time of the newest slot, or `since` where none is."""
        passed = list(slots_between(job, since, now))
        if not passed:
            return since
        *missed, newest = passed
        for due in missed:
            await self._skip(job, due, "a later one was due already")
        if now - newest > job.late:
            await self._skip(job, newest, "nobody was there in time")
        else:
            await self._take(job, slot_of(newest), now - newest)
        return newest

    async def run_now(self, job: Job, now: datetime) -> RunOutcome | None:
        """The work at once, in a slot of its own; None where the very same slot was taken."""
        return await self._take(job, f"{slot_of(now)}/by hand")

    async def _skip(self, job: Job, due: datetime, reason: str) -> None:
        if await self.book.claim(job.name, slot_of(due)):
            log.warning("job %s: the run of %s is left out: %s", job.name, slot_of(due), reason)
            await self.book.finish(job.name, slot_of(due), RunOutcome.SKIPPED, reason)

    async def _take(self, job: Job, slot: str, late: timedelta = timedelta()) -> RunOutcome | None:
        if not await self.book.claim(job.name, slot):
            return None
        log.info("job %s: run of %s begins, %.0f s late", job.name, slot, late.total_seconds())
        try:
            outcome, note = RunOutcome.DONE, await job.work()
        except SotayError as error:
            outcome, note = RunOutcome.FAILED, error.text("en")
            log.warning("job %s failed: %s", job.name, error)
            self.tell(job.name, note)
        except Exception as error:  # a job must not end the schedule of the others
            outcome, note = RunOutcome.FAILED, type(error).__name__
            log.exception("job %s met a fault", job.name)
            self.tell(job.name, note)
        await self.book.finish(job.name, slot, outcome, note)
        log.info("job %s: %s. %s", job.name, outcome, note)
        return outcome
