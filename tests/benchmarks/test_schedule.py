"""The schedule under processes that are killed, small; and that the measure can see a slot that is missing."""

from datetime import timedelta
from pathlib import Path

from benchmarks.office import fresh_url
from benchmarks.schedule import counted, storm
from benchmarks.schedule_worker import EPOCH, NAME
from core.jobs import slot_of
from core.store.database import open_database
from core.store.jobs import JobRuns


async def test_two_processes_and_a_kill_lose_no_slot_and_run_none_twice(tmp_path: Path) -> None:
    outcome = await storm(await fresh_url("sqlite", tmp_path), tmp_path, slots=20, step=200, kills=1)
    assert outcome.done > 0
    assert (outcome.missing, outcome.unnoted) == (0, 0)
    assert outcome.broken <= 1
    assert outcome.done + outcome.skipped + outcome.broken >= outcome.slots


async def test_a_missing_slot_and_a_run_too_many_are_seen(tmp_path: Path) -> None:
    url, file = await fresh_url("sqlite", tmp_path), tmp_path / "runs"
    async with open_database(url) as database:
        runs = JobRuns(database)
        for number in (0, 1, 3):
            slot = slot_of(EPOCH + number * timedelta(milliseconds=200))
            await runs.claim(NAME, slot)
            await runs.finish(NAME, slot)
    file.write_text("1\n1\n1\n1\n", encoding="utf-8")
    outcome = await counted(url, 200, file, kills=0)
    assert (outcome.slots, outcome.missing, outcome.unnoted) == (4, 1, 1)
