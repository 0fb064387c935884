"""What the digest counts, on both databases, and how it is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from core.conversation import Outcome
from core.digest import SHOWN, Stale, Unanswered, Week, digest
from core.store import tables
from core.store.database import Database
from core.store.digest import DigestFigures
from tests.core.store.samples import a_document, an_answer, recorded, stored, with_spaces

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=730)


async def test_questions_without_an_answer_are_counted_alike_ones_together(database: Database) -> None:
    asked = ["Ai giữ chìa khóa kho?", "ai giu chia khoa kho", "Căn tin mở lúc nào?"]
    answers = [
        replace(an_answer(number, outcome=Outcome.NOT_FOUND), query=text) for number, text in enumerate(asked, start=1)
    ]
    await recorded(database, *answers, an_answer(4))
    found = await DigestFigures(database).unanswered(LONG_AGO, 5)
    assert [unanswered.times for unanswered in found] == [2, 1]
    assert found[1] == Unanswered("Căn tin mở lúc nào?", 1)
    assert len(await DigestFigures(database).unanswered(LONG_AGO, 1)) == 1
    assert await DigestFigures(database).unanswered(datetime.now(UTC) + timedelta(days=1), 5) == []


async def test_old_documents_that_are_still_answered_from_are_named(database: Database) -> None:
    await with_spaces(database)
    document = a_document()
    await stored(database, document)
    answer = an_answer()
    await recorded(database, answer)
    now = datetime.now(UTC)
    async with database.writing() as connection:
        await connection.execute(update(tables.document).values(modified_at=(now - timedelta(days=800)).timestamp()))
        await connection.execute(update(tables.citation).values(document=document.path))
    figures, since = DigestFigures(database), now - timedelta(days=7)
    async with database.writing() as connection:
        await connection.execute(update(tables.answer).values(created_at=now))
    found = await figures.stale(since, YEARS, 5)
    assert [(stale.path, stale.times) for stale in found] == [(document.path, 1)]
    assert await figures.stale(since, timedelta(days=900), 5) == []


def test_the_week_is_told_in_the_language_of_the_office() -> None:
    week = Week(
        questions=12,
        answered=9,
        not_found=2,
        failed=1,
        up=4,
        down=1,
        cost_usd=0.125,
        unanswered=[Unanswered("Ai giữ\nchìa khóa " + "rất lâu " * 40, 3)],
        stale=[Stale("quy-che.pdf", datetime(2020, 5, 1, tzinfo=UTC), 7)],
    )
    told = digest("vi", week)
    assert "12 câu hỏi: 9 câu được trả lời" in told
    assert "- quy-che.pdf (05/2020, 7)" in told
    asked = next(line for line in told.splitlines() if line.startswith("- Ai giữ chìa khóa"))
    assert asked.endswith("… (3)")
    assert len(asked) <= SHOWN + len("-  (3)")
    assert "Models outside the office have cost 0.12 USD." in digest("en", week)


def test_what_there_is_nothing_of_is_not_named() -> None:
    told = digest("en", Week(0, 0, 0, 0, 0, 0, 0.0))
    assert len(told.splitlines()) == 3
