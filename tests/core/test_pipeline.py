"""The life of a question, on a real database, with models that say what they are told to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.budget import Cap
from core.conversation import Answer, Language, Outcome, Place, Question, Route
from core.documents import Passage
from core.errors import ModelError, ModelUnavailable
from core.load import LocalLoad, SpillOver
from core.pipeline import Event, Limits, Pipeline, Searching
from core.ports import Delta, LanguageModel, Retriever
from core.privacy import PrivacyGate, Reach
from core.routing import PatternPolicy, Router, Strategy
from core.store.budget import ReservationBook
from core.store.database import Database, open_database
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.texts import translate
from core.writing import Restarted, Writer
from tests.core.makers import HOA, INTERNAL, PUBLIC, SECRET, SPACES, STRANGER, passage, question
from tests.fakes import HangingModel, HangingRetriever, ListRetriever, ScriptedModel, a_budget

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", page=2)
HOTEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2, space=INTERNAL)
PAY = passage("Bậc 5 hưởng lương 25.000.000 đồng.", number=3, space=SECRET)
GOOD = ["Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1]."]
LONG_MEDIUM = "Tôi muốn đổi ca trực với một đồng nghiệp ở tổ khác vào tuần sau thì làm"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await SpaceRepository(opened).sync([(space, ()) for space in SPACES.values()])
        yield opened


def build(
    database: Database,
    local: LanguageModel,
    api: LanguageModel | None = None,
    *,
    retriever: Retriever | None = None,
    strategy: Strategy = Strategy.HYBRID,
    limits: Limits | None = None,
    calls: int = 100,
) -> Pipeline:
    journal = Journal(database)
    budget = a_budget(ReservationBook(database), {Cap.HOUR: calls})
    models = {Route.LOCAL: local} | ({Route.API: api} if api else {})
    return Pipeline(
        journal=journal,
        spaces=SpaceRepository(database),
        retriever=retriever or ListRetriever([LEAVE]),
        gate=PrivacyGate(),
        router=Router(PatternPolicy(), strategy),
        writer=Writer(models, budget),
        language_of=lambda text: Language.ENGLISH if text.startswith("How") else Language.VIETNAMESE,
        limits=limits or Limits(),
    )


async def events_of(pipeline: Pipeline, asked: Question) -> list[Event]:
    return [event async for event in pipeline.answer(asked)]


async def answer_of(pipeline: Pipeline, asked: Question) -> Answer:
    last = (await events_of(pipeline, asked))[-1]
    assert isinstance(last, Answer)
    return last


def shown(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def test_a_question_ends_in_one_cited_answer_that_is_in_the_journal(database: Database) -> None:
    pipeline = build(database, ScriptedModel(GOOD))
    events = await events_of(pipeline, question("Tôi có bao nhiêu ngày nghỉ phép năm?"))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert [type(event) for event in events].count(Answer) == 1
    assert isinstance(events[0], Searching)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.text == shown(events) == "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
    assert [(c.n, c.document, c.page, c.quote) for c in answer.citations] == [(1, LEAVE.document, 2, LEAVE.text)]
    assert (answer.route, answer.model, answer.confidence) == (Route.LOCAL, "scripted", -0.1)
    assert {"accept", "search", "prepare", "write", "total"} <= answer.timings.keys()
    assert await pipeline.journal.answer(answer.id) == answer


async def test_the_prompt_as_served_is_kept_with_the_answer(database: Database) -> None:
    model = ScriptedModel(GOOD)
    answer = await answer_of(build(database, model), question("nghỉ phép mấy ngày"))
    served = [(message.role, message.content) for message in model.requests[0].messages]
    assert [(message["role"], message["content"]) for message in answer.prompt] == served


async def test_a_question_that_may_leave_does_not_wait_in_a_long_queue(database: Database) -> None:
    local, api = ScriptedModel(GOOD), ScriptedModel(GOOD, name="far")

    async def many() -> int:
        return 40

    pipeline = build(database, local, api)
    busy = replace(
        pipeline, router=replace(pipeline.router, spill_over=SpillOver(LocalLoad(slots=4))), open_questions=many
    )
    asked = "nghỉ phép mấy ngày"
    assert (await answer_of(pipeline, question(asked))).route is Route.LOCAL
    answer = await answer_of(busy, question(asked))
    assert answer.route is Route.API
    assert any("keep waiting" in reason for reason in answer.reasons)


async def test_the_restored_question_is_what_the_model_reads(database: Database) -> None:
    model = ScriptedModel(GOOD)
    retriever = ListRetriever([LEAVE], restored="nghỉ phép mấy ngày")
    await answer_of(build(database, model, retriever=retriever), question("nghi phep may ngay"))
    assert "Câu hỏi: nghỉ phép mấy ngày" in model.requests[0].messages[-1].content


async def test_only_spaces_of_the_asker_are_searched(database: Database) -> None:
    retriever = ListRetriever([LEAVE, HOTEL, PAY])
    pipeline = build(database, ScriptedModel(GOOD), retriever=retriever)
    await answer_of(pipeline, question("lương bậc 5", person=STRANGER))
    await answer_of(pipeline, question("lương bậc 5", person=HOA, number=2))
    assert [spaces for _, spaces in retriever.searches] == [
        frozenset({PUBLIC.name}),
        frozenset({PUBLIC.name, INTERNAL.name, SECRET.name}),
    ]


async def test_who_may_read_nothing_is_told_so_and_nothing_is_searched(database: Database) -> None:
    await SpaceRepository(database).sync([(SECRET, ())])
    retriever = ListRetriever([PAY])
    answer = await answer_of(
        build(database, ScriptedModel(GOOD), retriever=retriever), question("lương?", person=STRANGER)
    )
    assert answer.outcome is Outcome.DENIED
    assert "quản trị viên" in answer.text
    assert retriever.searches == []


async def test_who_may_read_but_not_here_is_told_so(database: Database) -> None:
    retriever = ListRetriever([LEAVE])
    crowd = Place("p1", frozenset({STRANGER}))
    pipeline = build(database, ScriptedModel(GOOD), retriever=retriever)
    await SpaceRepository(database).sync([(INTERNAL, ())])
    answer = await answer_of(pipeline, question("Nghỉ phép năm được mấy ngày?", place=crowd))
    assert (answer.outcome, answer.text) == (Outcome.DENIED, translate("vi", "answer.denied_here"))
    assert retriever.searches == []


async def test_nothing_found_is_said_without_asking_a_model(database: Database) -> None:
    model = ScriptedModel(GOOD)
    answer = await answer_of(build(database, model, retriever=ListRetriever([])), question("giá vàng hôm nay?"))
    assert answer.outcome is Outcome.NOT_FOUND
    assert model.requests == []


@pytest.mark.parametrize("passages", [[LEAVE], []])
async def test_an_answer_from_half_an_index_says_so(database: Database, passages: list[Passage]) -> None:
    retriever = ListRetriever(passages, degraded=True)
    answer = await answer_of(build(database, ScriptedModel(GOOD), retriever=retriever), question("nghỉ mấy ngày?"))
    assert answer.text.endswith("Hãy hỏi lại sau ít phút nếu chưa thấy điều cần tìm.")


async def test_a_greeting_is_returned_without_a_search_or_a_model(database: Database) -> None:
    model, retriever = ScriptedModel(GOOD), ListRetriever([LEAVE])
    answer = await answer_of(build(database, model, retriever=retriever), question("Xin chào!"))
    assert (answer.outcome, answer.route, answer.citations) == (Outcome.ANSWERED, Route.NONE, ())
    assert "sổ tay" in answer.text.lower()
    assert (model.requests, retriever.searches) == ([], [])


async def test_a_refusal_names_the_nearest_document_and_cites_nothing(database: Database) -> None:
    events = await events_of(build(database, ScriptedModel(["Tôi không ", "biết."])), question("Có thưởng Tết không?"))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.NOT_FOUND
    assert "Tài liệu 1 (tai-lieu-1.pdf, trang 2)" in answer.text
    assert answer.citations == ()
    assert shown(events) == ""


async def test_an_answer_with_an_invented_number_is_not_shown_as_one(database: Database) -> None:
    answer = await answer_of(build(database, ScriptedModel(["Bạn được nghỉ 45 ngày [1]."])), question("nghỉ mấy ngày"))
    assert answer.outcome is Outcome.NOT_FOUND
    assert "45" not in answer.text


async def test_a_guess_is_shown_with_a_warning(database: Database) -> None:
    answer = await answer_of(build(database, ScriptedModel(GOOD, mean_logprob=-3.0)), question("nghỉ mấy ngày"))
    assert answer.outcome is Outcome.ANSWERED
    assert "chưa chắc chắn" in answer.text


async def test_texts_speak_the_language_of_the_question(database: Database) -> None:
    pipeline = build(database, ScriptedModel(["I don't know."]))
    answer = await answer_of(pipeline, question("How much is the bonus?"))
    assert answer.language is Language.ENGLISH
    assert answer.text.startswith("The handbook does not answer this.")


async def test_a_follow_up_is_searched_with_the_question_before(database: Database) -> None:
    retriever = ListRetriever([LEAVE])
    pipeline = build(database, ScriptedModel(GOOD), retriever=retriever)
    await answer_of(pipeline, question("Tôi có bao nhiêu ngày nghỉ phép năm?"))
    await answer_of(pipeline, question("Còn làm ở vị trí độc hại?", number=2))
    query, _ = retriever.searches[-1]
    assert query.split("\n") == ["Tôi có bao nhiêu ngày nghỉ phép năm?", "Còn làm ở vị trí độc hại?"]


async def test_another_thread_remembers_nothing(database: Database) -> None:
    retriever = ListRetriever([LEAVE])
    pipeline = build(database, ScriptedModel(GOOD), retriever=retriever)
    await answer_of(pipeline, question("Tôi có bao nhiêu ngày nghỉ phép năm?"))
    await answer_of(pipeline, question("Còn vị trí độc hại?", thread="t2", number=2))
    assert retriever.searches[-1][0] == "Còn vị trí độc hại?"


async def test_a_model_that_fails_ends_in_a_plain_sentence(database: Database) -> None:
    answer = await answer_of(build(database, ScriptedModel([ModelError("answer.too_late")])), question("nghỉ?"))
    assert answer.outcome is Outcome.FAILED
    assert answer.text == "Câu trả lời mất quá nhiều thời gian nên đã dừng. Xin hỏi lại sau ít phút."


async def test_a_search_that_hangs_ends_at_the_deadline(database: Database) -> None:
    pipeline = build(database, ScriptedModel(GOOD), retriever=HangingRetriever(), limits=Limits(deadline_seconds=0.05))
    assert (await answer_of(pipeline, question("nghỉ?"))).outcome is Outcome.FAILED


async def test_cancelling_the_reader_stops_the_model(database: Database) -> None:
    model = HangingModel()

    async def read() -> None:
        async with aclosing(build(database, model).answer(question("nghỉ?"))) as events:
            async for _ in events:
                pass

    reader = asyncio.ensure_future(read())
    await model.started.wait()
    reader.cancel()
    await asyncio.wait([reader])
    assert reader.cancelled()
    assert model.stopped.is_set()


async def test_private_questions_never_reach_the_api_whatever_happens(database: Database) -> None:
    """Local model down, strategy api, a hard question: still nothing leaves."""
    api = ScriptedModel(GOOD, name="api")
    local = ScriptedModel([ModelUnavailable("answer.too_late")])
    for strategy in Strategy:
        pipeline = build(database, local, api, strategy=strategy)
        for text in ("Vì sao lương của chị Hoa là vậy?", "goi so 0912345678 khi nao"):
            answer = await answer_of(pipeline, question(text))
            assert answer.outcome is Outcome.FAILED
    assert api.requests == []


async def test_internal_passages_keep_the_prompt_in_the_office(database: Database) -> None:
    api, local = ScriptedModel(GOOD, name="api"), ScriptedModel(GOOD)
    pipeline = build(database, local, api, retriever=ListRetriever([LEAVE, HOTEL]))
    answer = await answer_of(pipeline, question("Vì sao tiền khách sạn khác nhau?"))
    assert answer.route is Route.LOCAL
    assert local.requests[0].clearance.reach is Reach.OFFICE
    assert f"stays in the office: label internal (a passage of space {INTERNAL.name})" in answer.reasons
    assert api.requests == []


async def test_a_hard_public_question_goes_out_with_a_pass_for_outside(database: Database) -> None:
    api = ScriptedModel(GOOD, name="api")
    answer = await answer_of(build(database, ScriptedModel(GOOD), api), question("Vì sao được nghỉ 14 ngày?"))
    assert (answer.route, answer.model) == (Route.API, "api")
    assert api.requests[0].clearance.reach is Reach.OUTSIDE


async def test_a_poor_answer_to_a_medium_question_is_asked_again_outside(database: Database) -> None:
    api, local = (
        ScriptedModel(GOOD, name="api"),
        ScriptedModel(["Nghỉ 77 ngày liền, không cần xin phép [1]."]),
    )
    events = await events_of(build(database, local, api), question(LONG_MEDIUM))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert [event for event in events if isinstance(event, Restarted)] == [Restarted("number 77 stands in no passage")]
    assert (answer.route, answer.outcome) == (Route.API, Outcome.ANSWERED)


async def test_a_poor_answer_stays_when_the_api_fails_too(database: Database) -> None:
    api = ScriptedModel([ModelUnavailable("answer.too_late")], name="api")
    local = ScriptedModel(["Nghỉ 77 ngày [1]."])
    answer = await answer_of(build(database, local, api), question(LONG_MEDIUM))
    assert (answer.route, answer.outcome) == (Route.LOCAL, Outcome.NOT_FOUND)


async def test_a_failed_local_model_is_replaced_by_the_api_where_that_is_allowed(database: Database) -> None:
    api = ScriptedModel(GOOD, name="api")
    local = ScriptedModel([ModelUnavailable("answer.too_late")])
    answer = await answer_of(build(database, local, api), question("Có bao nhiêu ngày phép?"))
    assert answer.route is Route.API


async def test_a_failed_api_is_replaced_by_the_local_model(database: Database) -> None:
    api = ScriptedModel(["Bạn được ", ModelUnavailable("answer.too_late")], name="api")
    answer = await answer_of(build(database, ScriptedModel(GOOD), api), question("Vì sao được nghỉ 14 ngày?"))
    assert (answer.route, answer.outcome) == (Route.LOCAL, Outcome.ANSWERED)


async def test_a_spent_budget_keeps_questions_in_the_office(database: Database) -> None:
    api = ScriptedModel(GOOD, name="api")
    pipeline = build(database, ScriptedModel(GOOD), api, calls=2)
    routes = [
        (await answer_of(pipeline, question("Vì sao được nghỉ 14 ngày?", thread=f"t{n}", number=n))).route
        for n in range(4)
    ]
    assert routes == [Route.API, Route.API, Route.LOCAL, Route.LOCAL]


async def test_every_call_is_in_the_journal_also_the_failed_one(database: Database) -> None:
    api = ScriptedModel([ModelUnavailable("answer.too_late")], name="api")
    pipeline = build(database, ScriptedModel(GOOD), api)
    await answer_of(pipeline, question("Vì sao được nghỉ 14 ngày?"))
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await pipeline.journal.calls_since(Route.API, hour_ago) == 1
    assert await pipeline.journal.calls_since(Route.LOCAL, hour_ago) == 1


async def test_a_database_that_is_gone_is_said_and_not_silent(database: Database) -> None:
    pipeline = build(database, ScriptedModel(GOOD))
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE question RENAME TO moved")
    answer = await answer_of(pipeline, question("nghỉ?"))
    assert answer.outcome is Outcome.FAILED
