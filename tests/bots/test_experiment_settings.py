"""The experiment of the settings: what it needs, what is refused, and what runs because of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bots.bootstrap import open_handbook, open_pipeline
from bots.experiments import comparing, experiment_of, undisturbed
from bots.platforms import Opened, open_service
from bots.service import Service
from bots.settings import Settings, load, load_settings
from bots.settings_problems import Rejected
from bots.settings_report import check, show
from core.clock import SteadyClock
from core.routing import Strategy
from core.shadow import Shadows
from tests.bots.office import Office
from tests.core.desk import incoming
from tests.models.openrouter_server import OpenRouterServer, answer
from tests.surface import RecordedSurface

WHOLE = """
[experiment]
enabled = true
name = "mua-xuan"
local = 40
hybrid = 30
since = 2027-01-04
until = "2027-01-17"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "sotay.toml"
    file.write_text(text, encoding="utf-8")
    return file


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    return load_settings(written(folder, text), environ)


def test_the_days_are_the_offices_and_both_take_part(tmp_path: Path) -> None:
    experiment = experiment_of(loaded(tmp_path, WHOLE))
    assert experiment
    assert (experiment.name, experiment.strategies) == ("mua-xuan", (Strategy.LOCAL, Strategy.HYBRID))
    assert experiment.shares == {Strategy.LOCAL: 40, Strategy.HYBRID: 30, Strategy.API: 0}
    assert experiment.starts == datetime(2027, 1, 3, 17, tzinfo=UTC)
    assert experiment.ends == datetime(2027, 1, 17, 17, tzinfo=UTC)


def test_dates_come_from_the_environment_too(tmp_path: Path) -> None:
    chosen = loaded(tmp_path, WHOLE, SOTAY_EXPERIMENT__UNTIL="2027-02-02").experiment
    assert (chosen.since, chosen.until) == (date(2027, 1, 4), date(2027, 2, 2))


def test_without_enabled_there_is_none(tmp_path: Path) -> None:
    assert experiment_of(loaded(tmp_path, WHOLE.replace("true", "false"))) is None
    assert experiment_of(loaded(tmp_path, "")) is None


def test_what_is_shown_loads_to_the_same(tmp_path: Path) -> None:
    first = load(written(tmp_path, WHOLE), {})
    printed = show(first.settings, first.layers)
    assert load(written(tmp_path, printed), {}).settings == first.settings


MISSING = (
    "an experiment needs experiment.name, experiment.since, experiment.until and a share above 0 for at least two of "
    "experiment.local, experiment.hybrid and experiment.api."
)
TOO_LONG = (
    "experiment.until must be the same day as experiment.since or one after it, so that the experiment takes at most "
    "30 days."
)
TOO_MANY = "experiment.local, experiment.hybrid and experiment.api are more than 100 per cent together."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('name = "mua-xuan"\n', ""), MISSING),
        (("since = 2027-01-04\n", ""), MISSING),
        (('until = "2027-01-17"\n', ""), MISSING),
        (("hybrid = 30\n", ""), MISSING),
        (("2027-01-17", "2027-01-03"), TOO_LONG),
        (("2027-01-17", "2027-02-03"), TOO_LONG),
        (("local = 40", "local = 71"), TOO_MANY),
        (("local = 40", "local = 40\napi = 31"), TOO_MANY),
        (("local = 40", "local = 101"), "experiment.local is 101, but must be a whole number from 0 to 100."),
        (('"2027-01-17"', '"17.1.2027"'), 'experiment.until is "17.1.2027", but must be a date such as 2027-01-04.'),
        (("2027-01-04", "2027-01-04T08:00:00"), "must be a date such as 2027-01-04."),
        (("2027-01-04", "7"), "experiment.since is 7, but must be a date such as 2027-01-04."),
        (('"mua-xuan"', '"mua/xuan"'), "experiment.name"),
    ],
)
def test_what_makes_no_experiment_is_refused(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    with pytest.raises(Rejected) as refused:
        loaded(tmp_path, WHOLE.replace(*change))
    (problem,) = refused.value.problems
    assert sentence in problem.text("en")


def test_thirty_days_are_the_most(tmp_path: Path) -> None:
    chosen = loaded(tmp_path, WHOLE.replace("2027-01-17", "2027-02-02")).experiment
    assert chosen.since
    assert chosen.until
    assert (chosen.until - chosen.since).days + 1 == 30


def test_an_unfinished_experiment_may_stand_there_until_it_is_enabled(tmp_path: Path) -> None:
    assert not loaded(tmp_path, "[experiment]\nname = 'mua-xuan'\nlocal = 10").experiment.enabled


def test_arms_that_cannot_differ_are_doubtful(tmp_path: Path) -> None:
    doubts = check(written(tmp_path, WHOLE), {}).text("en")
    assert "sotay.toml:3: an arm of the experiment may ask a model outside, but openrouter.enabled is false" in doubts
    environ = {"SOTAY_OPENROUTER__ENABLED": "true", "SOTAY_OPENROUTER__API_KEY": "sk-or-v1-5ecre7"}
    assert "experiment" not in check(written(tmp_path, WHOLE), environ).text("en")


UNDER_WAY = {
    "SOTAY_EXPERIMENT__ENABLED": "true",
    "SOTAY_EXPERIMENT__NAME": "mua-xuan",
    "SOTAY_EXPERIMENT__LOCAL": "50",
    "SOTAY_EXPERIMENT__API": "50",
    "SOTAY_EXPERIMENT__SINCE": "2027-01-04",
    "SOTAY_EXPERIMENT__UNTIL": "2027-01-17",
    "SOTAY_ROUTING__POLICY": "seed",
}


def a_console(surface: RecordedSurface) -> Opened:
    nothing_runs: Any = None
    return Opened("here", surface, lambda *_alarm: None, lambda _inbox: nothing_runs)


def shadows_of(service: Service) -> list[Shadows]:
    return [each for each in service.beside if isinstance(each, Shadows)]


@pytest.mark.parametrize(("shadow", "count"), [("true", 1), ("false", 0)])
async def test_shadow_answers_run_beside_the_inbox_where_they_are_wanted(
    tmp_path: Path, shadow: str, count: int
) -> None:
    office = Office.found(tmp_path)
    settings = load_settings(office.folder / "sotay.toml", UNDER_WAY | {"SOTAY_EXPERIMENT__SHADOW": shadow})
    surface = RecordedSurface()
    async with (
        open_handbook(settings) as handbook,
        open_pipeline(settings, handbook) as pipeline,
        open_service(settings, handbook, pipeline, a_console(surface)) as service,
    ):
        assert pipeline.experiment == experiment_of(settings)
        assert len(shadows_of(service)) == count
        await service.inbox.accept(incoming())
        assert [shadows._disturbed.is_set() for shadows in shadows_of(service)] == [True] * count
        assert [await shadows.open_questions() for shadows in shadows_of(service)] == [1] * count


async def test_what_the_pipeline_serves_is_offered(tmp_path: Path) -> None:
    async with OpenRouterServer(answer("x")) as server:
        office = Office.found(tmp_path, remote=server.base_url, key="sk-or-v1-5ecre7")
        settings = load_settings(office.folder / "sotay.toml", UNDER_WAY | {"SOTAY_EXPERIMENT__SHADOW": "true"})
        async with open_handbook(settings) as handbook, open_pipeline(settings, handbook) as pipeline:
            compared = comparing(settings, handbook.database, pipeline, SteadyClock())
    (shadows,) = compared.beside
    assert compared.pipeline.heard == shadows.offer
    assert compared.disturb == shadows.disturb
    assert (shadows.seconds, shadows.pipeline) == (settings.answer.deadline_seconds, pipeline)


async def test_without_an_experiment_the_pipeline_is_as_it_was(tmp_path: Path) -> None:
    environ = {"SOTAY_EXPERIMENT__SHADOW": "true", "SOTAY_ROUTING__POLICY": "seed"}
    settings = load_settings(Office.found(tmp_path).folder / "sotay.toml", environ)
    async with open_handbook(settings) as handbook, open_pipeline(settings, handbook) as pipeline:
        compared = comparing(settings, handbook.database, pipeline, SteadyClock())
    assert (compared.pipeline, compared.beside, compared.disturb) == (pipeline, (), undisturbed)
