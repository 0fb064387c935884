"""Arms in the pipeline: kept with each answer, obeyed by the router, and never above privacy."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.conversation import Outcome, Person, Route
from core.documents import Passage
from core.errors import ModelUnavailable
from core.privacy import Reach
from core.routing import Strategy
from core.store.database import Database, open_database
from tests.core.compared import HARD, SIMPLE, answer_of, everybody_in, pipeline_with, with_spaces
from tests.core.desk import LEAVE
from tests.core.makers import HOA, INTERNAL, LAN, PUBLIC, passage, question
from tests.fakes import ScriptedModel

GOOD = ["Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1]."]
HOTEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2, space=INTERNAL)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await with_spaces(opened)
        yield opened


@pytest.mark.parametrize(
    ("arm", "routes"),
    [
        (Strategy.LOCAL, [Route.LOCAL, Route.LOCAL]),
        (Strategy.HYBRID, [Route.LOCAL, Route.API]),
        (Strategy.API, [Route.API, Route.API]),
    ],
)
@pytest.mark.parametrize("office", Strategy)
async def test_the_arm_is_obeyed_whatever_the_office_does(
    database: Database, arm: Strategy, routes: list[Route], office: Strategy
) -> None:
    pipeline = pipeline_with(database, ScriptedModel(GOOD), ScriptedModel(GOOD), arm=arm, strategy=office)
    answers = [
        await answer_of(pipeline, question(text, number=n, thread=f"t{n}")) for n, text in enumerate((SIMPLE, HARD))
    ]
    assert [answer.route for answer in answers] == routes
    assert {answer.arm for answer in answers} == {f"mua-xuan/{arm.value}"}
    assert [await pipeline.journal.answer(answer.id) for answer in answers] == answers


async def test_who_takes_no_part_has_the_offices_strategy_and_no_arm(database: Database) -> None:
    nobody = replace(everybody_in(Strategy.API), shares={})
    local, api = ScriptedModel(GOOD), ScriptedModel(GOOD)
    pipeline = pipeline_with(database, local, api, strategy=Strategy.LOCAL, experiment=nobody)
    answer = await answer_of(pipeline, question(HARD))
    assert (answer.route, answer.arm) == (Route.LOCAL, "")


async def test_an_experiment_that_is_over_changes_nothing(database: Database) -> None:
    over = replace(everybody_in(Strategy.API), ends=everybody_in(Strategy.API).starts)
    local, api = ScriptedModel(GOOD), ScriptedModel(GOOD)
    pipeline = pipeline_with(database, local, api, strategy=Strategy.LOCAL, experiment=over)
    answer = await answer_of(pipeline, question(HARD))
    assert (answer.route, answer.arm) == (Route.LOCAL, "")


@pytest.mark.parametrize(
    ("text", "found"),
    [("Vì sao lương của chị Hoa là vậy?", LEAVE), ("goi so 0912345678 khi nao", LEAVE), (SIMPLE, HOTEL)],
)
async def test_privacy_stands_above_the_arm(database: Database, text: str, found: Passage) -> None:
    """Everybody is in the arm "api", and the local model is down: what is private fails rather than leaves."""
    api, local = ScriptedModel(GOOD, name="api"), ScriptedModel([ModelUnavailable("answer.too_late")])
    pipeline = pipeline_with(database, local, api, arm=Strategy.API, passages=(found,))
    answer = await answer_of(pipeline, question(text))
    assert (answer.outcome, answer.arm) == (Outcome.FAILED, "mua-xuan/api")
    assert api.requests == []


async def test_internal_passages_stay_whatever_the_arm(database: Database) -> None:
    api, local = ScriptedModel(GOOD, name="api"), ScriptedModel(GOOD)
    answer = await answer_of(
        pipeline_with(database, local, api, arm=Strategy.API, passages=(HOTEL,)), question(HARD, person=HOA)
    )
    assert (answer.route, local.requests[0].clearance.reach) == (Route.LOCAL, Reach.OFFICE)
    assert api.requests == []


async def test_a_space_that_keeps_its_questions_keeps_them_from_the_arm_too(database: Database) -> None:
    api = ScriptedModel(GOOD, name="api")
    pipeline = pipeline_with(database, ScriptedModel(GOOD), api, arm=Strategy.API, own={PUBLIC.name: Strategy.LOCAL})
    assert (await answer_of(pipeline, question(HARD))).route is Route.LOCAL
    assert api.requests == []


async def test_small_talk_and_failures_carry_the_arm_as_well(database: Database) -> None:
    broken = ScriptedModel([ModelUnavailable("answer.too_late")])
    pipeline = pipeline_with(database, broken, None, arm=Strategy.HYBRID)
    answers = [await answer_of(pipeline, question(text, number=n)) for n, text in enumerate(("Xin chào!", SIMPLE))]
    assert [answer.arm for answer in answers] == ["mua-xuan/hybrid"] * 2
    assert answers[1].outcome is Outcome.FAILED


async def test_people_of_one_experiment_are_in_different_arms(database: Database) -> None:
    both = replace(everybody_in(Strategy.LOCAL), shares={Strategy.LOCAL: 50, Strategy.API: 50})
    pipeline = pipeline_with(database, ScriptedModel(GOOD), ScriptedModel(GOOD), experiment=both)
    routes = {}
    for n, person in enumerate((LAN, HOA, *(Person(f"p{i}", LAN.groups) for i in range(6)))):
        answer = await answer_of(pipeline, question(SIMPLE, person=person, number=n, thread=f"t{n}"))
        arm = both.arm_of(person.id, question(SIMPLE).asked_at)
        assert answer.arm == str(arm)
        routes[answer.arm] = answer.route
    assert routes == {"mua-xuan/local": Route.LOCAL, "mua-xuan/api": Route.API}
