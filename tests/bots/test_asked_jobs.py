"""`sotay jobs run` beside a service at work: the service runs the job, and the command tells how it went."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bots.asked_jobs import WISH, AskedJobs
from bots.commands.jobs import Watched, run_there
from bots.commands.running import Session
from bots.door_socket import listening
from core.clock import SteadyClock
from core.conversation import LONG_AGO
from core.errors import SotayError, StoreError
from core.jobs import Job, Run, RunOutcome, Worker
from core.store.database import open_database
from core.store.wishes import Wishes
from tests.bots.building import building, indexed, running
from tests.bots.office import Office
from tests.core.store.databases import fresh_database
from tests.models.openrouter_server import Exchange, OpenRouterServer, answer, stay_silent

HOUR = timedelta(hours=1)


@dataclass
class Silent:
    """A model that never says a word; `asked` once it has been asked."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, exchange: Exchange) -> None:
        self.asked.set()
        await stay_silent(exchange)


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


async def test_a_service_that_dies_in_the_middle_of_a_job_is_told_of(tmp_path: Path) -> None:
    async with OpenRouterServer(silent := Silent()) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes("Ctrl-C")
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(outcome(run_there(session_of(tmp_path), "health", restart=timedelta())))
            await silent.asked.wait()
            service.process.kill()
            await service.process.wait()
            assert await waiting == "jobs.service_ended"


async def test_of_a_service_that_comes_back_it_is_told_that_the_job_was_broken_off(tmp_path: Path) -> None:
    async with OpenRouterServer(silent := Silent()) as model, asyncio.TaskGroup() as group:
        office = await indexed(tmp_path, model)
        async with running(office) as service:
            await service.notes("Ctrl-C")
            waiting = group.create_task(outcome(run_there(session_of(tmp_path), "health")))
            await silent.asked.wait()
        async with running(office):
            assert await waiting is RunOutcome.BROKEN
        assert len(model.requests) == 1, "what was asked for by hand is not done again"


def test_where_nobody_listened_at_first_nothing_is_known_of_the_service(tmp_path: Path) -> None:
    now, path = datetime.now(UTC), tmp_path / "service.sock"
    never = Watched(path, now)
    with listening(path):
        watched = Watched(path, now)
        assert watched.shut_for(now + HOUR) == timedelta()
    assert watched.shut_for(now + 2 * HOUR) == HOUR
    assert never.shut_for(now + HOUR) == timedelta()


async def outcome(running: Coroutine[object, object, Run]) -> RunOutcome | str | None:
    """How the run ended, or the error's message."""
    try:
        return (await running).outcome
    except SotayError as error:
        return error.message_id


def session_of(folder: Path) -> Session:
    return Session(folder / "sotay.toml")


async def test_a_wish_that_nobody_takes_up_is_taken_back_and_said(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    assert (await office.sotay("jobs", "list")).status == 0
    session = session_of(tmp_path)
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
