"""Questions, answers and model calls in the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from core.conversation import Answer, Language, Outcome, Route, Turn
from core.errors import StoreError
from core.ports import Finish
from core.store import tables
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.journal import Journal, ModelCall
from tests.core.store.samples import NOON, a_document, a_question, an_answer, recorded, stored, with_spaces


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database)


async def rows_of(database: Database) -> list[int]:
    """How many rows an answer has left in each of its tables."""
    async with database.reading() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (tables.answer, tables.passage, tables.citation)
        ]


async def test_an_answer_comes_back_as_it_was_served(journal: Journal) -> None:
    await recorded(journal.database, an_answer())
    assert await journal.answer("a1") == an_answer()


async def test_an_answer_without_model_passages_or_citations_comes_back_too(journal: Journal) -> None:
    bare = Answer("a1", "q1", "Không tìm thấy.", Outcome.NOT_FOUND, Language.VIETNAMESE, "gì")
    await recorded(journal.database, bare)
    assert await journal.answer("a1") == bare


async def test_an_unknown_answer_is_none(journal: Journal) -> None:
    assert await journal.answer("a1") is None
    assert await journal.last_answer("t1") is None


async def test_an_answer_is_recorded_whole_or_not_at_all(journal: Journal) -> None:
    twice = an_answer().citations[:1] * 2
    await journal.record_question(a_question(), "q")
    with pytest.raises(StoreError):
        await journal.record_answer(replace(an_answer(), citations=twice))
    assert await rows_of(journal.database) == [0, 0, 0]


async def test_an_answer_to_a_question_nobody_asked_is_refused(journal: Journal) -> None:
    with pytest.raises(StoreError):
        await journal.record_answer(an_answer())


async def test_history_survives_the_removal_of_the_document(journal: Journal) -> None:
    await with_spaces(journal.database)
    (chunk,) = await stored(journal.database, a_document(), 1)
    passage = replace(an_answer().passages[0], chunk_id=chunk.id, document_id=a_document().id)
    served = replace(an_answer(), passages=(passage,))
    await recorded(journal.database, served)
    await DocumentRepository(journal.database).remove(a_document().id)
    assert await journal.answer(served.id) == served


async def test_turns_are_the_last_ones_oldest_first(journal: Journal) -> None:
    await recorded(journal.database, *(an_answer(number) for number in (2, 3, 1)))
    asked = a_question().text
    assert await journal.turns("t1", 2) == [
        Turn(asked, "số ngày nghỉ phép năm", an_answer(2).text, a_question(2).asked_at, an_answer(2).passages),
        Turn(asked, "số ngày nghỉ phép năm", an_answer(3).text, a_question(3).asked_at, an_answer(3).passages),
    ]


async def test_turns_leave_out_failures_refusals_and_other_threads(journal: Journal) -> None:
    outcomes = dict(enumerate((Outcome.FAILED, Outcome.NOT_FOUND, Outcome.DENIED, Outcome.ANSWERED), 1))
    await recorded(journal.database, *(an_answer(number, outcome=end) for number, end in outcomes.items()))
    await recorded(journal.database, an_answer(9), thread="t2")
    assert [turn.answer for turn in await journal.turns("t1", 10)] == [an_answer(2).text, an_answer(4).text]


async def test_a_question_answered_again_counts_once_with_its_last_answer(journal: Journal) -> None:
    await recorded(journal.database, an_answer(1), an_answer(2))
    await journal.record_answer(replace(an_answer(1), id="a1-again", text="Mười hai ngày."))
    assert [turn.answer for turn in await journal.turns("t1", 10)] == ["Mười hai ngày.", an_answer(2).text]


async def test_the_last_answer_is_that_of_the_last_question_whatever_its_outcome(journal: Journal) -> None:
    await recorded(journal.database, an_answer(2, outcome=Outcome.FAILED), an_answer(1))
    last = await journal.last_answer("t1")
    assert last is not None
    assert last.id == "a2"


async def test_a_question_taken_up_again_keeps_its_time_and_gets_its_new_text(journal: Journal) -> None:
    await journal.record_question(replace(a_question(), surface="slack"), "cũ")
    edited = replace(a_question(text="Còn nghỉ ốm?"), asked_at=NOON + timedelta(days=1))
    await journal.record_question(edited, "mới")
    async with journal.database.reading() as connection:
        row = (await connection.execute(select(tables.question))).one()
    assert (row.text, row.query, row.asked_at) == ("Còn nghỉ ốm?", "mới", a_question().asked_at)
    assert (row.surface, row.person, row.place) == ("slack", "an", "kênh-chung")


async def test_times_are_kept_in_utc_whatever_zone_they_come_in(journal: Journal) -> None:
    hanoi = timezone(timedelta(hours=7))
    await journal.record_question(replace(a_question(), asked_at=NOON.astimezone(hanoi)), "q")
    async with journal.database.reading() as connection:
        kept = await connection.scalar(select(tables.question.c.asked_at))
    assert kept == NOON
    assert kept.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(journal: Journal) -> None:
    with pytest.raises(StoreError):
        await journal.record_question(replace(a_question(), asked_at=NOON.replace(tzinfo=None)), "q")


def a_call(number: int, route: Route, at: datetime) -> ModelCall:
    return ModelCall(f"m{number}", "q1", "gpt-4o-mini", route, at, 900, 80, 0.0003, 410.0, 1900.0, -0.2, Finish.STOP)


async def test_calls_are_counted_by_route_since_a_moment(journal: Journal) -> None:
    hour_ago = NOON - timedelta(hours=1)
    await journal.record_call(a_call(1, Route.API, hour_ago - timedelta(seconds=1)))
    await journal.record_call(a_call(2, Route.API, hour_ago))
    await journal.record_call(a_call(3, Route.LOCAL, NOON))
    await journal.record_call(ModelCall("m4", None, "gpt-4o-mini", Route.API, NOON, error="402: no credit"))
    assert await journal.calls_since(Route.API, hour_ago) == 2
    assert await journal.calls_since(Route.LOCAL, hour_ago) == 1


async def test_a_failed_call_keeps_its_error(journal: Journal) -> None:
    failed = ModelCall("m1", None, "gpt-4o-mini", Route.API, NOON, error="402: no credit")
    await journal.record_call(failed)
    async with journal.database.reading() as connection:
        row = (await connection.execute(select(tables.model_call))).mappings().one()
    assert ModelCall(**row) == failed
