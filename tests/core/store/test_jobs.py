"""Job runs."""

import asyncio

from sqlalchemy import select

from core.store import tables
from core.store.database import Database
from core.store.jobs import JobRuns


async def test_one_of_many_who_claim_a_slot_at_once_wins(database: Database) -> None:
    runs = JobRuns(database)
    claims = await asyncio.gather(*(runs.claim("backup", "2026-11-23T02:00") for _ in range(10)))
    assert sorted(claims) == [False] * 9 + [True]


async def test_each_slot_and_each_job_is_claimed_by_itself(database: Database) -> None:
    runs = JobRuns(database)
    assert await runs.claim("backup", "2026-11-23")
    assert await runs.claim("backup", "2026-11-24")
    assert await runs.claim("ingest", "2026-11-23")


async def test_a_finished_slot_is_not_run_again(database: Database) -> None:
    runs = JobRuns(database)
    await runs.claim("backup", "2026-11-23")
    await runs.finish("backup", "2026-11-23")
    assert not await runs.claim("backup", "2026-11-23")
    async with database.reading() as connection:
        run = (await connection.execute(select(tables.job_run))).one()
    assert run.finished_at >= run.started_at
    assert run.finished_at.utcoffset().total_seconds() == 0
