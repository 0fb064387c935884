"""`sotay jobs run` beside a service at work: the service runs the job, and the command tells how it went."""

from datetime import timedelta
from pathlib import Path

import pytest

from bots.asked_jobs import WISH
from bots.commands.jobs import run_there
from bots.commands.running import Session
from core.errors import SotayError
from core.store.database import open_database
from core.store.wishes import Wishes
from tests.bots.building import building, running
from tests.bots.office import Office
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
