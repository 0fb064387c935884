"""`sotay jobs run` beside a service at work: the service runs the job, and the command tells how it went."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bots.asked_jobs import WISH, AskedJobs
from bots.commands.jobs import run_there
from bots.commands.running import Session
from core.clock import SteadyClock
from core.conversation import LONG_AGO
from core.errors import SotayError, StoreError
from core.jobs import Job, Run, RunOutcome, Worker
from core.store.database import open_database
from core.store.wishes import Wishes
from tests.bots.building import building, running
from tests.bots.office import Office
from tests.core.store.databases import fresh_database
from tests.models.openrouter_server import OpenRouterServer, answer


async def test_the_service_at_work_runs_the_job(tmp_path: Path) -> None:
    async with (
        OpenRouterServer(answer("Không.")) as model,
        building(tmp_path, model) as place,
        running(place.office, **place.environment) as service,
    ):
        await service.notes("dòng lệnh này")
        done = await place.office.sotay("jobs", "run", "backup")
        assert (done.status, "giao cho tiến trình đó" in done.notes) == (0, True), done.notes
        assert "backup: xong" in done.notes
        assert list((tmp_path / "var" / "backups").glob("sotay-*"))
        unknown = await place.office.sotay("jobs", "run", "nothing")
        assert (unknown.status, "reread, backup" in unknown.notes) == (1, True)


async def test_a_wish_that_nobody_takes_up_is_taken_back_and_said(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    assert (await office.sotay("jobs", "list")).status == 0
    session = Session(tmp_path / "sotay.toml")
    with pytest.raises(SotayError) as raised:
        await run_there(session, "backup", patience=timedelta())
    assert raised.value.message_id == "jobs.nobody"
    async with open_database(session.settings.data.database_url) as database:
        assert WISH + "backup" not in await Wishes(database).open()


@dataclass
class BrokenBook:
    """Where no run can be noted; `was_asked` once somebody has tried."""

    was_asked: asyncio.Event

    async def claim(self, name: str, slot: str) -> bool:
        del name, slot
        self.was_asked.set()
        raise StoreError("store.unavailable")

    async def finish(self, name: str, slot: str, outcome: RunOutcome = RunOutcome.DONE, note: str = "") -> None:
        raise NotImplementedError

    async def last(self, name: str) -> Run | None:
        raise NotImplementedError


async def test_a_database_that_fails_meanwhile_does_not_end_what_runs_beside(tmp_path: Path) -> None:
    async def work() -> str:
        raise NotImplementedError

    stopping, book = asyncio.Event(), BrokenBook(asyncio.Event())
    async with fresh_database("sqlite", tmp_path) as database:
        wishes = Wishes(database)
        await wishes.ask(WISH + "backup", LONG_AGO)
        job = Job("backup", lambda _: None, work)
        asked = AskedJobs([job], Worker(book, lambda _name, _note: None), wishes, SteadyClock())
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            running = group.create_task(asked.run(stopping))
            await book.was_asked.wait()
            await wishes.ask(WISH + "backup", LONG_AGO)
            book.was_asked.clear()
            await book.was_asked.wait()
            stopping.set()
            await running
