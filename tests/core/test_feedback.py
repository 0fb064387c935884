"""Votes, reasons, corrections, and what is exported from them."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from core.conversation import Outcome
from core.documents import Label, Space
from core.errors import SotayError
from core.feedback import ExportSummary, Feedback, FeedbackBook
from core.store import tables
from core.store.database import Database
from core.store.feedback import SAMPLES_AT_ONCE, FeedbackRepository
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from tests.core.store.databases import KINDS, fresh_database
from tests.core.store.samples import NOON, OPEN, PAY, STAFF, a_question, an_answer, recorded, with_spaces


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database(request.param, tmp_path) as opened:
        await with_spaces(opened)
        yield opened


@pytest.fixture
async def book(database: Database) -> FeedbackBook:
    """The feedback on one answer, `a1`, out of the space of all staff."""
    await recorded(database, an_answer(1))
    return FeedbackBook(database)


async def exported(book: FeedbackBook, kind: str, *, confidential: bool = False) -> tuple[list[Any], ExportSummary]:
    out = io.StringIO()
    summary = await book.export(kind, out, confidential=confidential)
    return [json.loads(line) for line in out.getvalue().splitlines()], summary


async def rows_in(database: Database) -> int:
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(tables.feedback)) or 0


async def test_a_person_has_one_vote_and_may_change_it(book: FeedbackBook, database: Database) -> None:
    for value in (1, 1, -1, 0, -1):
        await book.vote("a1", "an", value)
        assert await book.given("a1", "an") == Feedback("a1", "an", vote=value)
    assert await rows_in(database) == 1


async def test_each_person_votes_alone(book: FeedbackBook) -> None:
    await book.vote("a1", "an", 1)
    await book.vote("a1", "bình", -1)
    assert [(await book.given("a1", person)) for person in ("an", "bình", "chi")] == [
        Feedback("a1", "an", vote=1),
        Feedback("a1", "bình", vote=-1),
        None,
    ]


async def test_vote_reason_and_correction_are_kept_beside_each_other(book: FeedbackBook) -> None:
    await book.explain("a1", "an", "sai số ngày")
    await book.vote("a1", "an", -1)
    await book.correct("a1", "an", "14 ngày")
    await book.explain("a1", "an", "tài liệu cũ")
    assert await book.given("a1", "an") == Feedback("a1", "an", -1, "tài liệu cũ", "14 ngày")


async def test_a_reason_alone_is_no_vote(book: FeedbackBook) -> None:
    await book.explain("a1", "an", "khó hiểu")
    assert await book.given("a1", "an") == Feedback("a1", "an", vote=0, reason="khó hiểu")


@pytest.mark.parametrize("value", [2, -2, 100])
async def test_no_other_vote_is_taken(book: FeedbackBook, value: int) -> None:
    with pytest.raises(SotayError) as raised:
        await book.vote("a1", "an", value)
    assert raised.value.message_id == "feedback.bad_vote"
    assert str(value) in raised.value.text("vi")
    assert await book.given("a1", "an") is None


async def test_feedback_on_an_unknown_answer_is_refused(book: FeedbackBook, database: Database) -> None:
    for call in (
        book.vote("a9", "an", 1),
        book.retract("a9", "an", 1, NOON),
        book.explain("a9", "an", "r"),
        book.correct("a9", "an", "c"),
    ):
        with pytest.raises(SotayError) as raised:
            await call
        assert raised.value.message_id == "feedback.unknown_answer"
        assert "a9" in raised.value.text("vi")
    assert await rows_in(database) == 0


async def test_sft_holds_the_prompt_as_served_and_the_answer_that_was_liked(book: FeedbackBook) -> None:
    await book.vote("a1", "an", 1)
    (row,), summary = await exported(book, "sft")
    served = an_answer(1)
    assert row["prompt"] == list(served.prompt)
    assert row["completion"] == [{"role": "assistant", "content": served.text}]
    assert [passage["text"] for passage in row["passages"]] == [passage.text for passage in served.passages]
    assert row["passages"][0]["document"] == "nghi-phep.docx"
    told = {name: row[name] for name in ("answer", "model", "route", "vote", "correction", "question", "answer_id")}
    assert told == {
        "answer": served.text,
        "model": "qwen2.5-1.5b",
        "route": "local",
        "vote": 1,
        "correction": None,
        "question": a_question().text,
        "answer_id": "a1",
    }
    assert row["language"] == "vi"
    assert len(row["hash"]) == 64
    assert summary == ExportSummary(written=1)


async def test_sft_learns_the_correction_where_there_is_one(book: FeedbackBook) -> None:
    await book.vote("a1", "an", 1)
    await book.correct("a1", "an", "14 ngày")
    (row,), _ = await exported(book, "sft")
    assert row["completion"] == [{"role": "assistant", "content": "14 ngày"}]
    assert row["correction"] == "14 ngày"
    assert row["answer"] == an_answer(1).text


async def test_sft_leaves_out_what_nobody_liked_or_corrected(book: FeedbackBook) -> None:
    await book.vote("a1", "an", -1)
    await book.vote("a1", "bình", 0)
    assert await exported(book, "sft") == ([], ExportSummary(undecided=2))


async def test_sft_takes_the_same_sample_once_however_many_liked_it(book: FeedbackBook) -> None:
    for person in ("an", "bình", "chi"):
        await book.vote("a1", person, 1)
    await book.correct("a1", "bình", "14 ngày")
    rows, summary = await exported(book, "sft")
    assert [row["completion"][0]["content"] for row in rows] == [an_answer(1).text, "14 ngày"]
    assert summary == ExportSummary(written=2, repeated=1)


async def test_kto_labels_each_vote(book: FeedbackBook) -> None:
    for person, value in (("an", 1), ("bình", -1), ("chi", 0)):
        await book.vote("a1", person, value)
    rows, summary = await exported(book, "kto")
    assert [(row["label"], row["vote"]) for row in rows] == [(True, 1), (False, -1)]
    assert {row["completion"][0]["content"] for row in rows} == {an_answer(1).text}
    assert rows[0]["hash"] != rows[1]["hash"]
    assert summary == ExportSummary(written=2, undecided=1)


async def test_an_answer_without_a_prompt_teaches_nothing(book: FeedbackBook, database: Database) -> None:
    await recorded(database, replace(an_answer(2, outcome=Outcome.NOT_FOUND), prompt=()))
    await book.vote("a2", "an", 1)
    assert await exported(book, "sft") == ([], ExportSummary(unasked=1))


async def test_an_unknown_kind_of_export_is_refused(book: FeedbackBook) -> None:
    with pytest.raises(SotayError) as raised:
        await book.export("dpo", io.StringIO())
    assert raised.value.message_id == "feedback.bad_kind"


async def test_confidential_answers_are_left_out_unless_asked_for(book: FeedbackBook, database: Database) -> None:
    await recorded(database, an_answer(2, PAY), thread="t2")
    for answer_id in ("a1", "a2"):
        await book.vote(answer_id, "an", 1)
    rows, summary = await exported(book, "sft")
    assert [row["answer_id"] for row in rows] == ["a1"]
    assert summary == ExportSummary(written=1, confidential=1)
    rows, summary = await exported(book, "sft", confidential=True)
    assert [row["answer_id"] for row in rows] == ["a1", "a2"]
    assert summary == ExportSummary(written=2)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("answer", "Gọi anh Khang theo số 0912 345 678."),
        ("prompt", "Người hỏi: CCCD của em là 079839613183."),
        ("passage", "Lương tháng của chị Trần Thị Mai là 23.450.000 đồng."),
        ("correction", "Mật khẩu là Hoa#2209x."),
    ],
)
async def test_what_is_private_is_left_out_unless_asked_for(
    book: FeedbackBook, database: Database, field: str, text: str
) -> None:
    given = an_answer(2)
    if field == "passage":
        given = replace(given, passages=(replace(given.passages[0], text=text), *given.passages[1:]))
    given = replace(given, text=text) if field == "answer" else given
    given = replace(given, prompt=({"role": "user", "content": text},)) if field == "prompt" else given
    await recorded(database, given, thread="t2")
    for answer_id in ("a1", "a2"):
        await book.vote(answer_id, "an", 1)
    if field == "correction":
        await book.correct("a2", "an", text)
    rows, summary = await exported(book, "sft")
    assert ([row["answer_id"] for row in rows], summary) == (["a1"], ExportSummary(written=1, private=1))
    rows, summary = await exported(book, "sft", confidential=True)
    assert [row["answer_id"] for row in rows] == ["a1", "a2"]


async def test_one_confidential_passage_among_others_is_enough(book: FeedbackBook, database: Database) -> None:
    mixed = an_answer(2)
    secret = an_answer(2, PAY).passages[1]
    await recorded(database, replace(mixed, passages=(mixed.passages[0], secret)), thread="t2")
    await book.vote("a2", "an", 1)
    assert await exported(book, "kto") == ([], ExportSummary(confidential=1))


async def test_a_space_made_confidential_later_takes_its_answers_back(book: FeedbackBook, database: Database) -> None:
    await book.vote("a1", "an", 1)
    await SpaceRepository(database).sync([(Space(STAFF.name, Label.CONFIDENTIAL), [])])
    assert await exported(book, "kto") == ([], ExportSummary(confidential=1))


async def test_a_space_that_is_not_known_counts_as_confidential(book: FeedbackBook, database: Database) -> None:
    await recorded(database, an_answer(2, Space("lạ", Label.PUBLIC)), thread="t2")
    await book.vote("a2", "an", 1)
    assert await exported(book, "kto") == ([], ExportSummary(confidential=1))


async def test_what_was_said_after_a_confidential_answer_in_its_thread_is_left_out(
    book: FeedbackBook, database: Database
) -> None:
    await recorded(database, *(an_answer(number, space) for number, space in ((2, OPEN), (3, PAY), (4, OPEN))))
    for answer_id in ("a2", "a4"):
        await book.vote(answer_id, "an", 1)
    rows, summary = await exported(book, "sft")
    assert [row["answer_id"] for row in rows] == ["a2"]
    assert summary == ExportSummary(written=1, confidential=1)


async def many_votes(database: Database, count: int) -> None:
    rows = [{"answer_id": "a1", "person": f"p{n:04}", "vote": 1, "updated_at": NOON} for n in range(count)]
    async with database.writing() as connection:
        await connection.execute(insert(tables.feedback), rows)


async def test_every_vote_is_exported_once_over_many_pages(book: FeedbackBook, database: Database) -> None:
    await many_votes(database, 2 * SAMPLES_AT_ONCE + 1)
    _, summary = await exported(book, "kto")
    assert summary == ExportSummary(written=2 * SAMPLES_AT_ONCE + 1)


async def test_an_export_holds_one_page_in_memory(book: FeedbackBook, database: Database) -> None:
    await book.vote("a1", "an", 1)
    await many_votes(database, 3 * SAMPLES_AT_ONCE)
    read = 0
    async for _ in FeedbackRepository(database).samples():
        if not read:
            async with database.writing() as connection:
                await connection.execute(delete(tables.feedback))
        read += 1
    assert read == SAMPLES_AT_ONCE


async def test_an_answer_that_is_replaced_keeps_its_own_feedback(book: FeedbackBook, database: Database) -> None:
    await book.vote("a1", "an", -1)
    again = replace(an_answer(1), id="a1-again", text="Mười hai ngày.")
    await Journal(database).record_answer(again)
    await book.vote("a1-again", "an", 1)
    rows, _ = await exported(book, "sft")
    assert [row["answer_id"] for row in rows] == ["a1-again"]
