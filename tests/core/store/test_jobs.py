"""Job runs."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.jobs import RunOutcome
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


async def test_how_a_run_ended_is_kept(database: Database) -> None:
    runs = JobRuns(database)
    await runs.claim("backup", "2026-11-23")
    under_way = await runs.last("backup")
    await runs.finish("backup", "2026-11-23", RunOutcome.FAILED, "the disk is full")
    ended = await runs.last("backup")
    assert under_way is not None
    assert under_way.outcome is None
    assert ended is not None
    assert (ended.outcome, ended.note) == (RunOutcome.FAILED, "the disk is full")


async def test_runs_that_never_ended_are_noted_as_broken_off(database: Database) -> None:
    runs = JobRuns(database)
    await runs.claim("backup", "2026-11-23")
    await runs.claim("backup", "2026-11-22")
    await runs.finish("backup", "2026-11-22")
    now = datetime.now(UTC)
    assert await runs.break_off(now - timedelta(minutes=1)) == 0
    assert await runs.break_off(now + timedelta(seconds=1)) == 1
    assert [run.outcome for run in await runs.newest("backup", 5)] == [RunOutcome.BROKEN, RunOutcome.DONE]


async def test_runs_by_hand_are_no_slots(database: Database) -> None:
    runs = JobRuns(database)
    await runs.claim("backup", "2026-11-23/by hand")
    await runs.finish("backup", "2026-11-23/by hand", note="done so")
    assert await runs.last("backup") is None
    run = await runs.by_hand("backup")
    assert run is not None
    assert (run.outcome, run.note) == (RunOutcome.DONE, "done so")
    assert await runs.by_hand("ingest") is None
