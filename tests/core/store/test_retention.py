"""What is too old goes, what is not stays, nothing goes twice, and nobody waits for long."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from core.conversation import Outcome
from core.feedback import FeedbackBook
from core.intake import State
from core.people import People
from core.retention import Limits, Purged, purge
from core.store import tables
from core.store.cost import CostBook
from core.store.database import Database
from core.store.retention import Purge
from tests.core.store.crowd import NOW as WRITTEN
from tests.core.store.crowd import Member, move_in
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON, an_answer, recorded

DAY = timedelta(days=1)
LIMITS = Limits()
CROWD = 20


async def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.reading() as connection:
        return {
            table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
            for table in tables.metadata.sorted_tables
        }


async def written(database: Database) -> str:
    return repr(await dump(database))


async def test_within_its_time_nothing_goes(database: Database) -> None:
    await move_in(database, CROWD)
    before = await dump(database)
    assert await purge(database, LIMITS, WRITTEN + 6 * DAY) == Purged()
    assert await dump(database) == before


async def test_after_a_month_the_words_are_gone_and_the_figures_are_not(database: Database) -> None:
    await move_in(database, CROWD)
    now = WRITTEN + 31 * DAY
    before, books = await dump(database), await CostBook(database).since(WRITTEN - DAY)
    purged = await purge(database, LIMITS, now)
    assert purged == Purged(questions=2 * CROWD, prompts=2 * CROWD, payers=2 * CROWD, inbox=2 * CROWD, events=7 * CROWD)
    after = await dump(database)
    assert after["inbox"] == after["inbox_message"] == after["inbox_post"] == after["inbox_event"] == []
    assert {(row["text"], row["query"]) for row in after["question"]} == {("", "")}
    assert {(row["query"], tuple(row["prompt"])) for row in after["answer"]} == {("", ())}
    assert {tuple(row["prompt"]) for row in after["shadow_answer"]} == {()}
    assert {row["person"] for row in after["reservation"]} == {""}
    assert [row["text"] for row in after["answer"]] == [row["text"] for row in before["answer"]]
    kept = ("passage", "citation", "feedback", "correction", "person_preference", "person_link", "admission")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert await CostBook(database).since(WRITTEN - DAY) == books
    assert await purge(database, LIMITS, now) == Purged()


async def test_after_a_year_the_answers_are_gone(database: Database) -> None:
    await move_in(database, CROWD)
    purged = await purge(database, LIMITS, WRITTEN + 366 * DAY)
    assert purged.answers == 2 * CROWD
    assert purged.calls == 4 * CROWD
    after = await dump(database)
    left = {name for name, rows in after.items() if rows}
    assert left == {"person_preference", "person_link", "admission", "thread_mute"}
    assert not any(member.mark in repr(after) for member in (Member(0), Member(CROWD - 1)))
    assert await purge(database, LIMITS, WRITTEN + 366 * DAY) == Purged()


async def test_the_settings_decide(database: Database) -> None:
    await move_in(database, CROWD)
    longer = Limits(questions=90 * DAY, answers=900 * DAY, events=60 * DAY)
    assert await purge(database, longer, WRITTEN + 59 * DAY) == Purged()
    assert (await purge(database, longer, WRITTEN + 61 * DAY)).total == 7 * CROWD
    assert (await purge(database, longer, WRITTEN + 91 * DAY)).questions == 2 * CROWD
    assert (await purge(database, longer, WRITTEN + 800 * DAY)).answers == 0


async def test_an_answer_never_goes_before_its_question(database: Database) -> None:
    await move_in(database, CROWD)
    odd = Limits(questions=30 * DAY, answers=2 * DAY)
    assert (await purge(database, odd, WRITTEN + 20 * DAY)).answers == 0
    assert (await purge(database, odd, WRITTEN + 31 * DAY)).answers == 2 * CROWD


async def test_what_is_of_today_stays_whatever_the_settings(database: Database) -> None:
    await move_in(database, CROWD)
    nothing = Limits(timedelta(0), timedelta(0), timedelta(0))
    assert await purge(database, nothing, WRITTEN + timedelta(hours=12)) == Purged()


async def test_what_is_open_is_not_touched(database: Database) -> None:
    """One that is being answered, however long it has been, keeps its words, its messages and its answer."""
    lobby = Lobby(database)
    await lobby.bring_to(State.ANSWERED, person="an", conversation="c1")
    asked = await lobby.bring_to(State.ANSWERED, person="bình", conversation="c2")
    async with database.writing() as connection:
        again = update(tables.inbox).where(tables.inbox.c.question_id == asked).values(state=State.NEW)
        await connection.execute(again)
    before = await lobby.row(asked)
    purged = await purge(database, LIMITS, lobby.now + 40 * DAY)
    assert (purged.inbox, purged.questions) == (1, 1)
    assert await lobby.row(asked) == before
    rows = await dump(database)
    assert {row["id"]: bool(row["text"]) for row in rows["question"]}[asked]
    assert [row["question_id"] for row in rows["inbox_message"]] == [asked]


async def test_a_shown_answer_of_an_open_question_stays(database: Database) -> None:
    lobby = Lobby(database)
    question_id = await lobby.bring_to(State.ANSWERED, person="an")
    async with database.writing() as connection:
        opened = update(tables.inbox).where(tables.inbox.c.question_id == question_id).values(state=State.DELIVERING)
        await connection.execute(opened)
    purged = await purge(database, LIMITS, datetime.now(NOON.tzinfo) + 400 * DAY)
    assert (purged.inbox, purged.answers) == (0, 0)


async def test_batches_come_to_all_of_it(database: Database) -> None:
    await move_in(database, CROWD)
    rows = Purge(database, batch=7)
    before = WRITTEN + DAY
    assert await rows.empty_questions(before) == 2 * CROWD
    assert await rows.remove_events(before) == 7 * CROWD
    assert await rows.remove_inbox(before) == 2 * CROWD
    assert await rows.remove_answers(before) == 2 * CROWD
    assert (await dump(database))["question"] == []


async def test_questions_are_accepted_between_the_batches(database: Database) -> None:
    await move_in(database, 60)
    lobby = Lobby(database)
    order: list[str] = []

    async def clean() -> None:
        await Purge(database, batch=1).remove_inbox(WRITTEN + DAY)
        order.append("cleaned")

    async def ask() -> None:
        await lobby.ask("Còn bao nhiêu ngày phép?", person="an")
        order.append("asked")

    async with asyncio.TaskGroup() as group:
        group.create_task(clean())
        group.create_task(ask())
    assert order == ["asked", "cleaned"]


async def test_an_emptied_question_is_shown_to_nobody_and_leaned_on_by_none(database: Database) -> None:
    await recorded(database, an_answer(1), an_answer(2))
    async with database.writing() as connection:
        first = tables.question.c.id == "q1"
        await connection.execute(update(tables.question).where(first).values(asked_at=NOON - 40 * DAY))
    await Purge(database).empty_questions(NOON - 30 * DAY)
    assert [asked.question_id for asked in await People(database).recent_questions("an", 10)] == ["q2"]


async def test_an_emptied_answer_is_nothing_to_learn_from(database: Database) -> None:
    await recorded(database, an_answer(1, outcome=Outcome.ANSWERED))
    await FeedbackBook(database).vote("a1", "an", 1)
    await Purge(database).empty_answers(datetime.now(NOON.tzinfo) + DAY)
    samples = [sample async for sample in FeedbackBook(database)._rows.samples()]
    assert [sample.prompt for sample in samples] == [()]


@pytest.mark.parametrize("days", [31, 366])
async def test_a_run_that_was_broken_off_is_gone_on_with(database: Database, days: int) -> None:
    await move_in(database, CROWD)
    now = WRITTEN + days * DAY
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(purge(database, LIMITS, now))
    assert await purge(database, LIMITS, now) == Purged()
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM inbox")) == 0
