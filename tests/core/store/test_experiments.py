"""Experiments in real databases: arms with answers, what is read of them, shadow answers and their end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.budget import Cap, Reservation, Windows
from core.comparing import Entry, Pair
from core.conversation import Answer, Outcome, Route
from core.experiments import Arm
from core.feedback import FeedbackBook
from core.forgetting import Forgetting
from core.metering import Settlement, Standing
from core.retention import Limits, purge
from core.routing import Strategy
from core.store import tables
from core.store.budget import ReservationBook
from core.store.database import Database
from core.store.experiments import ExperimentBook, ShadowAnswer
from core.store.journal import Journal
from core.store.merging import move_rows
from tests.core.store.samples import NOON, an_answer, recorded

LOCAL, HYBRID = Arm("mua-xuan", Strategy.LOCAL), Arm("mua-xuan", Strategy.HYBRID)
SHADOW = ShadowAnswer(
    id="s1",
    answer_id="a1",
    arm=str(HYBRID),
    route=Route.API,
    model="openai/gpt-4o-mini",
    text="Bạn có 12 ngày.",
    outcome=Outcome.ANSWERED,
    verdict="good",
    prompt=({"role": "user", "content": "Hỏi gì?"},),
    cost_usd=0.0004,
    first_token_ms=300.0,
    total_ms=900.0,
    created_at=NOON,
)


def served(number: int = 1, arm: Arm | None = HYBRID, **changes: object) -> Answer:
    timings = {"accept": 10.0, "search": 20.0, "write": 900.0, "total": 950.0, "first_token": 300.0}
    return replace(an_answer(number), arm=str(arm or ""), timings=timings, **changes)  # type: ignore[arg-type]


async def pay(database: Database, name: str, question: str | None, settlement: Settlement | None) -> None:
    book, now = ReservationBook(database), datetime.now(UTC)
    await book.reserve(
        Reservation(name, question, "an", "m", now, 5000), Windows.at(now, UTC), dict.fromkeys(Cap, 10**9)
    )
    if settlement:
        await book.settle(name, settlement, now)


async def entries(database: Database) -> list[Entry]:
    return sorted(await ExperimentBook(database).entries("mua-xuan"), key=lambda entry: entry.at)


async def shadows(database: Database) -> list[tuple[str, object]]:
    table = tables.shadow_answer
    async with database.reading() as connection:
        return [(row.id, row.prompt) for row in await connection.execute(select(table.c.id, table.c.prompt))]


async def test_the_arm_stays_with_the_answer(database: Database) -> None:
    await recorded(database, served(1), an_answer(2))
    journal = Journal(database)
    kept = [await journal.answer(answer_id) for answer_id in ("a1", "a2")]
    assert [answer and answer.arm for answer in kept] == ["mua-xuan/hybrid", ""]


async def test_without_an_arm_the_column_is_empty(database: Database) -> None:
    await recorded(database, an_answer(1))
    async with database.reading() as connection:
        assert await connection.scalar(select(tables.answer.c.arm)) is None


async def test_an_entry_is_a_question_with_its_last_answer(database: Database) -> None:
    first = served(1, text="Khác.", route=Route.API)
    await recorded(database, first)
    await Journal(database).record_answer(replace(served(1, LOCAL), id="a1-again", outcome=Outcome.NOT_FOUND))
    (entry,) = await entries(database)
    assert (entry.arm, entry.person, entry.outcome, entry.route) == (LOCAL, "an", Outcome.NOT_FOUND, Route.LOCAL)
    assert (entry.first_token_ms, entry.total_ms) == (350.0, 950.0)
    assert (entry.usd, entry.vote, entry.voted_at) == (0.0, 0, None)


async def test_what_took_no_part_is_left_out(database: Database) -> None:
    """Small talk, what was denied, answers without an arm, another experiment; a failure is part of it."""
    await recorded(
        database,
        served(1, outcome=Outcome.ANSWERED, route=Route.NONE),
        served(2, outcome=Outcome.DENIED, route=Route.NONE),
        served(3, None),
        served(4, Arm("mua-xuan/2", Strategy.HYBRID)),
        served(5, outcome=Outcome.FAILED, route=Route.NONE),
        served(6, outcome=Outcome.NOT_FOUND, route=Route.NONE),
    )
    assert [entry.outcome for entry in await entries(database)] == [Outcome.FAILED, Outcome.NOT_FOUND]


async def test_times_that_are_not_known_are_none(database: Database) -> None:
    await recorded(database, replace(served(1), timings={}))
    (entry,) = await entries(database)
    assert (entry.first_token_ms, entry.total_ms) == (None, None)


async def test_only_the_askers_own_vote_counts(database: Database) -> None:
    await recorded(database, served(1), served(2))
    book = FeedbackBook(database)
    await book.vote("a1", "hoa", -1)
    await book.vote("a1", "an", 1, NOON)
    await book.vote("a2", "hoa", -1)
    assert [(entry.vote, entry.voted_at) for entry in await entries(database)] == [(1, NOON), (0, None)]


async def test_it_is_known_which_answers_begged_for_a_vote(database: Database) -> None:
    answers = [served(number) for number in range(1, 12)]
    await recorded(database, *answers)
    asked = [one.asks_for_vote for one in answers]
    assert [entry.is_asked for entry in await entries(database)] == asked
    assert 0 < sum(asked) < len(asked)


async def test_a_question_costs_what_all_its_calls_have_cost_or_may_have(database: Database) -> None:
    await recorded(database, served(1), served(2))
    await pay(database, "r1", "q1", Settlement(Standing.SETTLED, 700))
    await pay(database, "r2", "q1", Settlement(Standing.UNKNOWN, None, "gen-1"))
    await pay(database, "r3", "q1", Settlement(Standing.RELEASED, 0))
    await pay(database, "r4", None, Settlement(Standing.SETTLED, 90))
    assert [entry.usd for entry in await entries(database)] == [pytest.approx(0.0057), 0.0]


async def test_whose_ids_are_linked_has_answers_of_two_arms(database: Database) -> None:
    await recorded(database, served(1, LOCAL), served(2, HYBRID))
    async with database.writing() as connection:
        await connection.execute(tables.question.update().where(tables.question.c.id == "q2").values(person="tg:9"))
        await move_rows(connection, "tg:9", "an")
    assert {(entry.person, entry.arm) for entry in await entries(database)} == {("an", LOCAL), ("an", HYBRID)}


async def test_the_newest_experiment_is_known(database: Database) -> None:
    book = ExperimentBook(database)
    assert await book.newest() is None
    await recorded(database, served(1), served(2, Arm("mua-he", Strategy.API)), an_answer(3))
    assert await book.newest() == "mua-he"
    assert await book.entries("mua-dong") == []


async def test_a_shadow_answer_makes_a_pair(database: Database) -> None:
    book = ExperimentBook(database)
    await recorded(database, served(1, outcome=Outcome.NOT_FOUND), served(2, route=Route.API))
    assert await book.keep(SHADOW)
    other = replace(SHADOW, id="s2", answer_id="a2", route=Route.LOCAL, outcome=Outcome.NOT_FOUND, cost_usd=None)
    assert await book.keep(other)
    assert await book.pairs("mua-xuan") == [
        Pair(NOON, local=False, api=True, usd=0.0004),
        Pair(NOON, local=False, api=True, usd=0.0),
    ]
    assert await book.pairs("mua-he") == []


async def test_a_shadow_answer_is_whole_in_its_row(database: Database) -> None:
    await recorded(database, served(1))
    await ExperimentBook(database).keep(SHADOW)
    async with database.reading() as connection:
        row = (await connection.execute(select(tables.shadow_answer))).mappings().one()
    assert dict(row) == {name: getattr(SHADOW, name) for name in ShadowAnswer.__slots__} | {"prompt": [*SHADOW.prompt]}


async def test_no_shadow_stays_where_its_answer_is_gone(database: Database) -> None:
    """Whoever is forgotten takes the shadows of their answers along, and no later one is kept."""
    book = ExperimentBook(database)
    assert not await book.keep(SHADOW)
    await recorded(database, served(1))
    assert await book.keep(SHADOW)
    await Forgetting(database).forget("an")
    assert await shadows(database) == []
    assert not await book.keep(SHADOW)
    assert await entries(database) == []


async def test_a_prompt_that_was_taken_out_does_not_come_back_with_a_shadow(database: Database) -> None:
    """Somebody who had spoken before in the thread was forgotten: what they said is in neither prompt."""
    book = ExperimentBook(database)
    await recorded(database, served(1), served(2))
    async with database.writing() as connection:
        await connection.execute(tables.question.update().where(tables.question.c.id == "q1").values(person="hoa"))
    assert await book.keep(replace(SHADOW, answer_id="a2"))
    await Forgetting(database).forget("hoa")
    assert await shadows(database) == [("s1", [])]
    assert not await book.keep(replace(SHADOW, id="s2", answer_id="a2"))


async def test_a_shadow_lives_no_longer_than_its_answer(database: Database) -> None:
    await recorded(database, served(1))
    await ExperimentBook(database).keep(SHADOW)
    await purge(database, Limits(), datetime.now(UTC) + timedelta(days=40))
    assert await shadows(database) == [("s1", [])]
    await purge(database, Limits(), datetime.now(UTC) + timedelta(days=400))
    async with database.reading() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(t)) for t in (tables.answer, tables.shadow_answer)
        ]
    assert counts == [0, 0]
