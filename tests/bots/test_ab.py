"""`sotay ab`: an experiment as people read it, over a real database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bots.commands import ab
from bots.settings import load_settings
from core.conversation import Answer, Outcome, Person, Place, Question, Route
from core.experiments import Arm, Experiment
from core.feedback import FeedbackBook
from core.routing import Strategy
from core.store.database import Database, open_database
from core.store.experiments import ExperimentBook, ShadowAnswer
from core.store.journal import Journal
from tests.bots.office import Office
from tests.core.store.samples import an_answer

SHARES = {Strategy.LOCAL: 50, Strategy.HYBRID: 50}
NOW = datetime.now(UTC)
UNDER_WAY = {
    "SOTAY_EXPERIMENT__ENABLED": "true",
    "SOTAY_EXPERIMENT__NAME": "mua-xuan",
    "SOTAY_EXPERIMENT__LOCAL": "50",
    "SOTAY_EXPERIMENT__HYBRID": "50",
    "SOTAY_EXPERIMENT__SINCE": f"{NOW - timedelta(days=3):%Y-%m-%d}",
    "SOTAY_EXPERIMENT__UNTIL": f"{NOW + timedelta(days=5):%Y-%m-%d}",
}
OVER = UNDER_WAY | {
    "SOTAY_EXPERIMENT__SINCE": f"{NOW - timedelta(days=13):%Y-%m-%d}",
    "SOTAY_EXPERIMENT__UNTIL": f"{NOW - timedelta(days=3):%Y-%m-%d}",
}
AHEAD = UNDER_WAY | {"SOTAY_EXPERIMENT__SINCE": "2099-01-01", "SOTAY_EXPERIMENT__UNTIL": "2099-01-05"}
ENGLISH = {"SOTAY_CONSOLE__LANGUAGE": "en"}


def dealt(name: str, people: int) -> dict[Strategy, list[str]]:
    """So many people of each arm, by the hash that deals them."""
    experiment = Experiment(name, SHARES, NOW - timedelta(days=9), NOW + timedelta(days=9))
    arms: dict[Strategy, list[str]] = {strategy: [] for strategy in SHARES}
    for number in range(10 * people):
        arm = experiment.arm_of(f"p{number}", NOW)
        if arm and len(arms[arm.strategy]) < people:
            arms[arm.strategy].append(f"p{number}")
    return arms


def answered(number: int, arm: Arm) -> Answer:
    timings = {"write": 900.0, "total": 1000.0 + number, "first_token": 300.0}
    return replace(an_answer(number), arm=str(arm), citations=(), passages=(), timings=timings)


async def ask(database: Database, person: str, answer: Answer) -> None:
    journal = Journal(database)
    asked = Question(answer.question_id, "t", Person(person), Place("p"), "Hỏi?", NOW)
    await journal.record_question(asked, "Hỏi?")
    await journal.record_answer(answer)


async def held(office: Office, people: int, good: dict[Strategy, Sequence[int]], name: str = "mua-xuan") -> None:
    """So many people of each arm ask once and vote; `good` are the numbers of those who are content."""
    settings = load_settings(office.folder / "sotay.toml", {})
    async with open_database(settings.data.database_url) as database:
        number, votes = 0, FeedbackBook(database)
        for strategy, persons in dealt(name, people).items():
            for place, person in enumerate(persons):
                number += 1
                route = Route.API if strategy is Strategy.HYBRID and place % 4 == 0 else Route.LOCAL
                answer = replace(answered(number, Arm(name, strategy)), route=route)
                await ask(database, person, answer)
                await votes.vote(answer.id, person, 1 if place in good[strategy] else -1)


async def told(office: Office, environment: dict[str, str], language: str = "en") -> str:
    """What people read below the table."""
    settings = load_settings(office.folder / "sotay.toml", environment)
    return "\n".join(ab.sentences(await ab.find(settings, None, datetime.now(UTC)), language))


async def test_the_report_says_when_one_may_conclude(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await held(office, 40, {Strategy.LOCAL: range(12), Strategy.HYBRID: range(38)})
    ran = await office.sotay("ab", "report", **UNDER_WAY, **ENGLISH)
    assert ran.status == 0, ran.notes
    assert "hybrid against local: one may conclude. People rate the answers of hybrid better." in ran.out
    assert "95% of the votes are good, against 30%. The difference of +65 points" in ran.out
    lines = {line.split("  ")[0].strip(): line.split() for line in ran.out.splitlines()}
    assert lines["people"][-2:] == ["40", "40"]
    assert lines["votes"][-6:] == ["12", "/", "28", "38", "/", "2"]
    assert lines["kept here"][-2:] == ["100%", "75%"]
    assert max(map(len, ran.out.splitlines()[:11])) <= 80


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "hybrid so với local: chưa thể kết luận. Còn thiếu khoảng"),
        ("en", "hybrid against local: one may not conclude yet. About"),
    ],
)
async def test_the_report_says_how_many_votes_are_missing(tmp_path: Path, language: str, sentence: str) -> None:
    office = Office.found(tmp_path)
    await held(office, 25, {Strategy.LOCAL: range(20), Strategy.HYBRID: range(21)})
    assert sentence in await told(office, UNDER_WAY, language)


async def test_few_people_are_said_to_be_few(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await held(office, 4, {Strategy.LOCAL: range(4), Strategy.HYBRID: range(0)})
    text = await told(office, UNDER_WAY)
    assert "one may not conclude yet. At least 10 people in each arm must have voted" in text
    assert "of the votes are good" not in text


@pytest.mark.parametrize("environment", [OVER, {}])
async def test_an_experiment_that_is_over_without_a_result_says_so(tmp_path: Path, environment: dict[str, str]) -> None:
    """Over by the settings, or of settings that are gone: then the last one is told of."""
    office = Office.found(tmp_path)
    await held(office, 25, {Strategy.LOCAL: range(20), Strategy.HYBRID: range(21)})
    assert "the experiment is over, and one may not conclude anything from the votes" in await told(office, environment)


async def test_json_has_every_figure_and_names_nobody(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await held(office, 40, {Strategy.LOCAL: range(30), Strategy.HYBRID: range(10)})
    ran = await office.sotay("ab", "report", "--experiment", "mua-xuan", "--json", **UNDER_WAY)
    found = ran.json
    assert found["experiment"] == "mua-xuan"
    assert found["arms"]["local"] == {
        "people": 40, "questions": 40, "answered": 40, "not_found": 0, "failed": 0, "up": 30, "down": 10,
        "first_token_ms": {"p50": 420.0, "p95": 438.0}, "total_ms": {"p50": 1020.0, "p95": 1038.0},
        "usd_per_answer": 0.0, "kept_local": 1.0, "intervals": found["arms"]["local"]["intervals"],
            "asked": 12, "asked_up": 12, "asked_down": 0,
    }  # fmt: skip
    assert found["arms"]["local"]["intervals"].keys() == {"usd", "first_token", "total"}
    (compared,) = found["comparisons"]
    assert (compared["first"], compared["second"], compared["harms"]) == ("local", "hybrid", [])
    assert compared["votes"]["conclusion"] == "worse"
    assert compared["votes"]["difference"] == pytest.approx(-0.5)
    assert compared["votes"]["p"] < 0.05
    assert compared["votes"]["high"] < 0
    assert compared["missing_votes"] == 0
    assert compared["more"]["total"]["value"] == pytest.approx(40.0)
    assert found["dealt_unevenly"] == {"p": 1.0, "is_so": False}
    assert found["shadow"] is None
    assert "p1" not in {word.strip('"') for word in ran.out.split()}


async def test_an_uneven_deal_forbids_any_conclusion(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await held(office, 40, {Strategy.LOCAL: range(12), Strategy.HYBRID: range(38)})
    text = await told(office, UNDER_WAY | {"SOTAY_EXPERIMENT__HYBRID": "10"})
    assert "Do not conclude anything" in text
    assert "one may conclude" not in text


async def test_shadow_answers_and_harm_are_told(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await held(office, 80, {Strategy.LOCAL: range(60), Strategy.HYBRID: range(60)})
    async with open_database(load_settings(office.folder / "sotay.toml", {}).data.database_url) as database:
        made = ShadowAnswer(
            "s1", "a1", "mua-xuan/local", Route.API, "m", "x", Outcome.NOT_FOUND, "poor", (), 0.0021, 1.0, 2.0, NOW
        )
        await ExperimentBook(database).keep(made)
        for number, person in enumerate(dealt("mua-xuan", 80)[Strategy.HYBRID], start=500):
            await ask(
                database, person, replace(answered(number, Arm("mua-xuan", Strategy.HYBRID)), outcome=Outcome.FAILED)
            )
    text = await told(office, UNDER_WAY)
    assert "1 questions were put to the other model too (0.0021 USD" in text
    assert "only the office's own 1 times" in text
    assert "Attention: hybrid fails more often than local (50.0% of the questions against 0.0%)" in text


async def test_one_arm_alone_compares_with_nothing(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with open_database(load_settings(office.folder / "sotay.toml", {}).data.database_url) as database:
        await ask(database, "lan", answered(1, Arm("mua-xuan", Strategy.LOCAL)))
    assert "only people of one arm have asked so far" in await told(office, {})


async def test_people_of_two_arms_are_counted_and_left_out(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with open_database(load_settings(office.folder / "sotay.toml", {}).data.database_url) as database:
        for number, strategy in enumerate(SHARES, start=1):
            await ask(database, "lan", answered(number, Arm("mua-xuan", strategy)))
    assert "1 people have answers of several arms" in await told(office, {})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "No experiment has been run yet."),
        (("--experiment", "mua-he"), "No question has been answered in the experiment mua-he yet."),
    ],
)
async def test_without_answers_there_is_no_report(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    ran = await Office.found(tmp_path).sotay("ab", "report", *arguments, **ENGLISH)
    assert (ran.status, ran.out) == (1, "")
    assert sentence in ran.notes


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "No experiment is under way: everybody has the strategy of the settings."),
        (UNDER_WAY, "shares of the people: local 50 %, hybrid 50 %."),
        (OVER, "It is over: everybody has the strategy of the settings."),
        (AHEAD, "runs from 2099-01-01 to 2099-01-05; shares of the people: local 50 %, hybrid 50 %. It has not begun"),
        (UNDER_WAY | {"SOTAY_EXPERIMENT__SHADOW": "true"}, "nobody is shown that."),
    ],
)
def test_the_status_says_what_is_under_way(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    settings = load_settings(Office.found(tmp_path).folder / "sotay.toml", environment)
    assert sentence in "\n".join(ab.status_lines(settings, "en", datetime.now(UTC)))


async def test_the_status_is_a_command(tmp_path: Path) -> None:
    ran = await Office.found(tmp_path).sotay("ab", "status", **UNDER_WAY)
    assert ran.status == 0, ran.notes
    assert "Thử nghiệm mua-xuan chạy từ" in ran.out
