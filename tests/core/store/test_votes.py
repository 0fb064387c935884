"""Votes in the order of their time, and feedback that is not learnt from."""

import asyncio
import io
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.corrections import Corrections
from core.feedback import ExportSummary, Feedback, FeedbackBook
from core.people import People
from core.store.database import Database
from tests.core.store.samples import NOON, an_answer, recorded, with_spaces


@pytest.fixture
async def book(database: Database) -> FeedbackBook:
    """The feedback on one answer, `a1`, out of the space of all staff."""
    await with_spaces(database)
    await recorded(database, an_answer(1))
    return FeedbackBook(database)


async def exported(book: FeedbackBook, kind: str) -> tuple[list[Any], ExportSummary]:
    out = io.StringIO()
    summary = await book.export(kind, out, confidential=True)
    return [json.loads(line) for line in out.getvalue().splitlines()], summary


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


async def test_a_vote_tells_whether_it_changed_anything(book: FeedbackBook) -> None:
    given = [await book.vote("a1", "an", value) for value in (1, 1, -1, 0, 0)]
    assert given == [True, False, True, True, False]


async def test_a_vote_that_comes_late_changes_nothing(book: FeedbackBook) -> None:
    assert await book.vote("a1", "an", 1, at(2))
    for value, minute in ((-1, 1), (-1, 2), (0, 1)):
        assert not await book.vote("a1", "an", value, at(minute))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=1)
    assert await book.vote("a1", "an", -1, at(3))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=-1)


async def test_a_vote_given_here_and_now_is_newer_than_what_a_platform_brings(book: FeedbackBook) -> None:
    await book.vote("a1", "an", -1)
    assert not await book.vote("a1", "an", 1, datetime.now(UTC) - timedelta(minutes=1))
    assert await book.vote("a1", "an", 1, datetime.now(UTC) + timedelta(minutes=1))
    assert await book.vote("a1", "an", -1)


async def test_the_time_of_a_vote_has_nothing_to_do_with_reasons(book: FeedbackBook) -> None:
    await book.explain("a1", "an", "sai số ngày")
    assert await book.vote("a1", "an", -1, at(1))
    await book.correct("a1", "an", "14 ngày")
    assert await book.vote("a1", "an", 1, at(2))
    assert await book.given("a1", "an") == Feedback("a1", "an", 1, "sai số ngày", "14 ngày")


async def test_only_the_vote_that_is_taken_back_goes(book: FeedbackBook) -> None:
    await book.vote("a1", "an", -1, at(1))
    assert not await book.retract("a1", "an", 1, at(2))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=-1)
    assert await book.retract("a1", "an", -1, at(3))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=0)
    assert not await book.retract("a1", "bình", 1, at(1))


async def test_what_was_taken_back_comes_too_late_even_when_another_vote_stands(book: FeedbackBook) -> None:
    await book.vote("a1", "an", -1, at(1))
    await book.retract("a1", "an", 1, at(3))
    assert not await book.vote("a1", "an", 1, at(2))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=-1)


async def test_the_newest_word_holds_in_whatever_order_they_come(book: FeedbackBook) -> None:
    for last in (1, 2, 3, 4):
        for number, order in enumerate(itertools.permutations(range(1, last + 1))):
            person = f"p{last}-{number}"
            for minute in (*order, order[0]):
                await (book.retract if minute % 2 == 0 else book.vote)("a1", person, 1, at(minute))
            assert await book.given("a1", person) == Feedback("a1", person, vote=last % 2), order


async def test_of_votes_at_once_the_newest_stays(book: FeedbackBook) -> None:
    await asyncio.gather(*(book.vote("a1", "an", value, at(minute)) for minute, value in ((3, -1), (1, 1), (2, 0))))
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=-1)


async def test_who_does_not_want_to_be_learnt_from_is_left_out_until_they_do(
    book: FeedbackBook, database: Database
) -> None:
    people = People(database)
    await book.vote("a1", "an", 1)
    await book.vote("a1", "bình", -1)
    await book.correct("a1", "an", "14 ngày")
    await people.choose_language("bình", "en")
    await people.allow_training("an", allowed=False)
    assert await exported(book, "sft") == ([], ExportSummary(declined=1, undecided=1))
    rows, summary = await exported(book, "kto")
    assert ([row["label"] for row in rows], summary) == ([False], ExportSummary(written=1, declined=1))
    await people.allow_training("an", allowed=True)
    assert (await exported(book, "kto"))[1] == ExportSummary(written=2)


@pytest.mark.parametrize(("accept", "learnt"), [(True, "14 ngày"), (False, an_answer(1).text), (None, "14 ngày")])
async def test_a_rejected_correction_is_not_learnt_and_the_vote_still_is(
    book: FeedbackBook, database: Database, *, accept: bool | None, learnt: str
) -> None:
    corrections = Corrections(database)
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    await book.vote("a1", "an", 1)
    if accept is not None:
        await corrections.decide(proposed.id, "quản trị", accept=accept, now=NOON)
    (row,), summary = await exported(book, "sft")
    assert row["completion"] == [{"role": "assistant", "content": learnt}]
    assert row["correction"] == (None if accept is False else "14 ngày")
    assert summary == ExportSummary(written=1)


async def test_a_rejected_correction_without_a_vote_teaches_nothing(book: FeedbackBook, database: Database) -> None:
    corrections = Corrections(database)
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    await corrections.propose("a1", "bình", "14 ngày", NOON)
    await corrections.decide(proposed.id, "quản trị", accept=False, now=NOON)
    assert (await exported(book, "sft"))[1] == ExportSummary(written=1, undecided=1)


@pytest.mark.parametrize("again", ["proposed", "typed", "proposed once more"])
async def test_what_was_said_after_a_rejection_is_learnt(book: FeedbackBook, database: Database, again: str) -> None:
    corrections = Corrections(database)
    text = "14 ngày" if again == "proposed once more" else "13 ngày"
    proposed = await corrections.propose("a1", "an", text, NOON)
    await corrections.decide(proposed.id, "quản trị", accept=False, now=NOON)
    if again == "typed":
        await book.correct("a1", "an", "14 ngày")
    else:
        await corrections.propose("a1", "an", "14 ngày", NOON)
    (row,), _ = await exported(book, "sft")
    assert row["correction"] == "14 ngày"
