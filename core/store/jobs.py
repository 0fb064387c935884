"""Job runs: each slot of a scheduled job runs once, whoever wakes up for it and however often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, func, select, update

from core.jobs import Run, RunOutcome
from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

run = tables.job_run


@dataclass(frozen=True)
class JobRuns:
    """The slots that were taken. A slot is any text that names one due time, such as "2026-11-23T02:00"."""

    database: Database

    async def claim(self, name: str, slot: str) -> bool:
        """True for exactly one caller for each job and slot, over all processes and restarts."""
        row = {"name": name, "slot": slot, "started_at": datetime.now(UTC)}
        async with self.database.writing() as connection:
            return await upsert(connection, run, row)

    async def finish(self, name: str, slot: str, outcome: RunOutcome = RunOutcome.DONE, note: str = "") -> None:
        """Note that the run of this slot has ended, and how."""
        ended = {"finished_at": datetime.now(UTC), "outcome": outcome.value, "note": note}
        async with self.database.writing() as connection:
            await connection.execute(update(run).where(run.c.name == name, run.c.slot == slot).values(ended))

    async def break_off(self, before: datetime) -> int:
        """Notes that the runs which began before and have not ended never will; how many there were."""
        ended = {"finished_at": datetime.now(UTC), "outcome": RunOutcome.BROKEN.value}
        statement = update(run).where(run.c.finished_at.is_(None), run.c.started_at < before).values(ended)
        async with self.database.writing() as connection:
            return (await connection.execute(statement)).rowcount

    async def last(self, name: str) -> Run | None:
        """The newest slot of the job that was not taken by hand."""
        found = await self.newest(name, 1)
        return found[0] if found else None

    async def by_hand(self, name: str) -> Run | None:
        """The newest run by hand."""
        statement = (
            select(run).where(run.c.name == name, run.c.slot.like("%/by hand")).order_by(run.c.slot.desc()).limit(1)
        )
        async with self.database.reading() as connection:
            found = (await connection.execute(statement)).one_or_none()
        return _run(found) if found else None

    async def newest(self, name: str, limit: int) -> Sequence[Run]:
        """The newest slots of the job that were not taken by hand, the newest first."""
        statement = (
            select(run)
            .where(run.c.name == name, run.c.slot.not_like("%/by hand"))
            .order_by(run.c.slot.desc())
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return [_run(row) for row in await connection.execute(statement)]

    async def last_finished(self) -> dict[str, datetime]:
        """When each job was done last, of those that ever were; what failed was not done."""
        statement = select(run.c.name, func.max(run.c.finished_at)).where(run.c.outcome == RunOutcome.DONE)
        async with self.database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(statement.group_by(run.c.name))}


def _run(row: Row[tuple[object, ...]]) -> Run:
    outcome = None if row.outcome is None and row.finished_at is None else RunOutcome(row.outcome or RunOutcome.DONE)
    return Run(row.name, row.slot, row.started_at, row.finished_at, outcome, row.note or "")
