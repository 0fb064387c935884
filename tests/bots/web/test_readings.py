"""What is read for metrics: from a real database, and what remains when it is away."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bots.observing import readings_of
from bots.web.lag import Lag
from bots.web.metrics import PrometheusMetrics, Reading
from bots.web.readings import Readings, Sources
from core.backup import last_backup
from core.budget import Cap
from core.conversation import Outcome
from core.errors import BackupError
from core.feedback import FeedbackBook
from core.jobs import RunOutcome
from core.store.figures import Figures
from core.store.jobs import JobRuns
from models.llama.statistics import Glance, Load, Statistics
from tests.bots.web.reading import Samples, lose, samples
from tests.core.desk import QUESTION
from tests.core.store.databases import fresh_database
from tests.core.store.lobby import Lobby
from tests.core.store.samples import STAFF, a_document, stored, with_spaces
from tests.fakes import MemoryLedger, a_budget

GLANCE = Glance(Load(4, 2, 1), Statistics(steps=10, evaluated=200, drawn=30, drafted=8, accepted=5, model_seconds=1.5))


@dataclass
class Surface:
    is_healthy: bool = True


@dataclass
class Office:
    """A database, what is read of it, and when."""

    lobby: Lobby
    folder: Path
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    slack: Surface = field(default_factory=Surface)
    paused: dict[str, bool] = field(default_factory=lambda: {"search": False, "local": False})
    change: Callable[[Sources], Sources] = lambda sources: sources

    def __post_init__(self) -> None:
        self.metrics = PrometheusMetrics()
        database, clock = self.lobby.database, self.lobby.clock
        budget = a_budget(self.ledger, {Cap.DAY: 4, Cap.HOUR: 10, Cap.MONTH: 0}, clock)
        sources = Sources(
            figures=Figures(database),
            jobs=JobRuns(database),
            budget=budget,
            surfaces={"Slack": self.slack},
            paused=lambda: self.paused,
            model=busy_model,
            backed_up=lambda: last_backup(self.folder / "backups"),
            directory=self.folder,
            lag=Lag(clock, seconds=0.25),
        )
        self.readings = Readings(self.change(sources), self.metrics, clock)

    async def read(self) -> Samples:
        return samples(self.metrics.text(await self.readings.read()))


async def busy_model() -> Sequence[Reading]:
    return readings_of(GLANCE)


@asynccontextmanager
async def office(folder: Path, change: Callable[[Sources], Sources] = lambda sources: sources) -> AsyncIterator[Office]:
    async with fresh_database("sqlite", folder) as database:
        yield Office(Lobby(database), folder, change=change)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_the_queue_and_its_oldest_question(there: Office) -> None:
    read = await there.read()
    assert read["sotay_queue_depth", ()] == read["sotay_oldest_question_age_seconds", ()] == 0
    await there.lobby.ask(QUESTION)
    there.lobby.clock.advance(90)
    await there.lobby.ask(QUESTION)
    read = await there.read()
    assert read["sotay_queue_depth", ()] == 2
    assert read["sotay_oldest_question_age_seconds", ()] == 90


async def test_the_documents_of_each_space_and_the_age_of_its_index(there: Office) -> None:
    database = there.lobby.database
    await with_spaces(database)
    await stored(database, a_document())
    read = await there.read()
    assert read["sotay_documents", (STAFF.name,)] == 1
    assert read["sotay_documents", ("luong",)] == 0
    assert read["sotay_index_age_seconds", (STAFF.name,)] >= 0
    assert ("sotay_index_age_seconds", ("luong",)) not in read


async def test_votes_are_counted_once_from_the_first_reading_on(there: Office) -> None:
    lobby = there.lobby
    answers = [await an_answer(lobby) for _ in range(3)]
    book = FeedbackBook(lobby.database)
    await book.vote(answers[0], "lan", 1, lobby.now)
    lobby.clock.advance(1)
    await there.read()
    lobby.clock.advance(1)
    await book.vote(answers[1], "lan", 1, lobby.now)
    await book.vote(answers[2], "lan", -1, lobby.now)
    for _ in range(2):
        lobby.clock.advance(1)
        read = await there.read()
        assert (read["sotay_votes_total", ("up",)], read["sotay_votes_total", ("down",)]) == (1, 1)


async def an_answer(lobby: Lobby) -> str:
    await lobby.ask(QUESTION)
    claim = await lobby.keep(await lobby.claim(), Outcome.ANSWERED)
    await lobby.claims().finish(claim, lobby.now)
    return claim.answer_id or ""


async def test_the_share_of_each_cap_that_is_taken(there: Office) -> None:
    read = await there.read()
    assert read["sotay_budget_used_ratio", (Cap.DAY.value,)] == 0
    assert read["sotay_budget_used_ratio", (Cap.HOUR.value,)] == 0
    assert ("sotay_budget_used_ratio", (Cap.MONTH.value,)) not in read
    assert ("sotay_budget_used_ratio", (Cap.PERSON.value,)) not in read


async def test_nothing_is_said_of_a_budget_where_nothing_can_be_spent(tmp_path: Path) -> None:
    async with office(tmp_path, lambda sources: replace(sources, budget=None)) as there:
        assert not [name for name, _ in await there.read() if name == "sotay_budget_used_ratio"]


async def test_jobs_that_were_done(there: Office) -> None:
    runs = JobRuns(there.lobby.database)
    await runs.claim("digest", "2026-11-23")
    await runs.finish("digest", "2026-11-23", RunOutcome.FAILED)
    await runs.claim("backup", "2026-11-23")
    await runs.claim("alarm.budget_low.usd_per_day", "2026-11-23")
    assert not [labels for name, labels in await there.read() if name == "sotay_job_age_seconds"]
    await runs.finish("backup", "2026-11-23")
    assert [labels for name, labels in await there.read() if name == "sotay_job_age_seconds"] == [("backup",)]


async def test_the_newest_backup(there: Office) -> None:
    assert (await there.read())["sotay_backup_age_seconds", ()] == math.inf
    folder = there.folder / "backups"
    folder.mkdir()
    for days in (9, 2):
        at = there.lobby.now - timedelta(days=days)
        (folder / f"sotay-{at:%Y%m%dT%H%M%SZ}.tar.gz").touch()
    assert (await there.read())["sotay_backup_age_seconds", ()] == 2 * 86400


async def test_a_folder_of_backups_that_cannot_be_listed_is_left_out(tmp_path: Path) -> None:
    def refused() -> datetime | None:
        raise BackupError("backup.cannot_list", path="/backups", reason="Permission denied")

    async with office(tmp_path, lambda sources: replace(sources, backed_up=refused)) as there:
        read = await there.read()
    assert ("sotay_backup_age_seconds", ()) not in read
    assert ("sotay_disk_free_bytes", ()) in read


async def test_what_is_at_hand(there: Office) -> None:
    there.paused["local"] = True
    there.slack.is_healthy = False
    read = await there.read()
    assert read["sotay_surface_up", ("Slack",)] == 0
    assert (read["sotay_breaker_open", ("local",)], read["sotay_breaker_open", ("search",)]) == (1, 0)
    assert read["sotay_loop_lag_seconds", ()] == 0.25
    assert 0 < read["sotay_disk_free_bytes", ()] <= read["sotay_disk_size_bytes", ()]
    assert read["sotay_database_up", ()] == 1
    slots = ("sotay_model_slots", "sotay_model_busy_slots", "sotay_model_waiting")
    assert [read[name, ()] for name in slots] == [4, 2, 1]
    assert read["sotay_model_steps_total", ()] == 10
    assert read["sotay_model_drafts_total", ("accepted",)] == 5
    assert read["sotay_model_seconds_total", ("model",)] == 1.5


async def test_without_a_database_the_rest_is_still_read(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        there = Office(Lobby(database), tmp_path)
    lose(database)
    read = await there.read()
    assert read["sotay_database_up", ()] == 0
    assert ("sotay_queue_depth", ()) not in read
    assert read["sotay_surface_up", ("Slack",)] == 1


async def test_a_disk_that_cannot_be_looked_at_is_left_out(tmp_path: Path) -> None:
    async with office(tmp_path, lambda sources: replace(sources, directory=tmp_path / "gone")) as there:
        read = await there.read()
    assert ("sotay_disk_free_bytes", ()) not in read
    assert ("sotay_backup_age_seconds", ()) in read
