"""Job runs: each slot of a scheduled job runs once, whoever wakes up for it and however often."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert


@dataclass(frozen=True)
class JobRuns:
    """The slots that were taken. A slot is any text that names one due time, such as "2026-11-23T02:00"."""

    database: Database

    async def claim(self, name: str, slot: str) -> bool:
        """True for exactly one caller for each job and slot, over all processes and restarts."""
        row = {"name": name, "slot": slot, "started_at": datetime.now(UTC)}
        async with self.database.writing() as connection:
            return await upsert(connection, tables.job_run, row)

    async def finish(self, name: str, slot: str) -> None:
        """Note that the run of this slot has ended."""
        run = tables.job_run
        statement = update(run).where(run.c.name == name, run.c.slot == slot).values(finished_at=datetime.now(UTC))
        async with self.database.writing() as connection:
            await connection.execute(statement)
