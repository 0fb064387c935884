"""When scheduled work is due, by APScheduler; and that a service stops although work is under way."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.schedule import Schedule, cron
from core.clock import SteadyClock
from core.errors import SettingsError
from core.jobs import Job, RunOutcome, Worker
from core.store.jobs import JobRuns
from tests.core.store.databases import fresh_database

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("30 2 * * *", datetime(2026, 11, 30, 2, 30, tzinfo=HANOI)),
        ("0 8 * * mon", datetime(2026, 11, 30, 8, tzinfo=HANOI)),
        ("0 8 1 * *", datetime(2026, 12, 1, 8, tzinfo=HANOI)),
        ("*/30 * * * *", datetime(2026, 11, 29, 19, 30, tzinfo=HANOI)),
    ],
)
def test_times_are_those_of_the_office(line: str, due: datetime) -> None:
    assert cron(line, HANOI)(SUNDAY) == due


def test_a_time_that_is_due_is_not_its_own_successor() -> None:
    due = cron("30 2 * * *", HANOI)(SUNDAY)
    assert due is not None
    assert cron("30 2 * * *", HANOI)(due) == due + timedelta(days=1)


def test_a_line_that_is_no_time_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        cron("61 2 * * *", HANOI)
    assert "61 2 * * *" in caught.value.text("vi")


async def test_due_work_is_done_and_noted(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        runs, done, stopping = JobRuns(database), asyncio.Event(), asyncio.Event()

        async def work() -> str:
            done.set()
            return "swept"

        job = Job("sweep", lambda moment: moment + timedelta(milliseconds=50), work)
        schedule = Schedule([job], runs, Worker(runs, lambda *_: None), SteadyClock())
        async with asyncio.TaskGroup() as group:
            group.create_task(schedule.run(stopping))
            await done.wait()
            stopping.set()
        assert (await runs.newest("sweep", 100))[-1].name == "sweep"


async def test_a_run_under_way_at_the_stop_is_broken_off_and_done_again(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        runs, begun, stopping = JobRuns(database), asyncio.Event(), asyncio.Event()
        again = asyncio.Event()
        start = datetime.now(UTC)

        async def hangs() -> str:
            begun.set()
            await asyncio.Event().wait()
            return ""

        async def works() -> str:
            again.set()
            return "done again"

        def soon(moment: datetime) -> datetime | None:
            first = start + timedelta(milliseconds=50)
            return first if moment < first else start + timedelta(days=1)

        for work, event in ((hangs, begun), (works, again)):
            schedule = Schedule([Job("sweep", soon, work)], runs, Worker(runs, lambda *_: None), SteadyClock())
            async with asyncio.TaskGroup() as group:
                group.create_task(schedule.run(stopping))
                await event.wait()
                stopping.set()
            stopping.clear()
        found = await runs.newest("sweep", 5)
        assert [run.outcome for run in found][1:] == [RunOutcome.BROKEN]
        assert found[0].slot.endswith("/again")
