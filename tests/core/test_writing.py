"""From a prompt to a checked completion: who is asked, who is asked next, and what the budget and the record know."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from core.budget import Cap
from core.checks import Verdict
from core.conversation import Language, Remark, Route, Turn
from core.deadline import Deadline
from core.errors import ModelError, ModelRejected, ModelUnavailable
from core.metering import Settlement, Standing
from core.ports import Completion, Delta, LanguageModel
from core.privacy import Clearance, Reach
from core.routing import Plan
from core.writing import Restarted, Sampling, Task, Writer, Written
from tests.core.makers import passage
from tests.fakes import HangingModel, MemoryLedger, ScriptedModel, a_budget

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", heading="Điều 4")
HOTEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2)
GOOD = ["Bạn được nghỉ phép năm ", "14 ngày, hưởng ", "nguyên lương ", "[1]."]
GOOD_TEXT = "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
POOR = ["Bạn được nghỉ phép năm 77 ngày liền, ", "không cần xin phép ai [1]."]
AWAY = ModelUnavailable("model.unreachable", place="test")

LOCAL_ONLY = Plan(Route.LOCAL, None, escalate_poor=False, reasons=())
LOCAL_THEN_API = Plan(Route.LOCAL, Route.API, escalate_poor=False, reasons=())
LOCAL_ELSE_API = Plan(Route.LOCAL, Route.API, escalate_poor=True, reasons=())
API_THEN_LOCAL = Plan(Route.API, Route.LOCAL, escalate_poor=False, reasons=())

Item = Delta | Restarted | Written


@dataclass
class Record:
    """Keeps what the writer reports of its calls, and what its budget is asked for."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    calls: list[tuple[Route, str, Completion | ModelError]] = field(default_factory=list)

    async def __call__(self, route: Route, model: str, started_at: datetime, outcome: Completion | ModelError) -> None:
        assert started_at <= datetime.now(UTC)
        self.calls.append((route, model, outcome))

    @property
    def routes(self) -> list[Route]:
        return [route for route, _, _ in self.calls]


@pytest.fixture
def record() -> Record:
    return Record()


def writer(
    record: Record,
    local: LanguageModel,
    api: LanguageModel | None = None,
    *,
    calls: int = 10,
    guided: frozenset[Route] = frozenset(),
) -> Writer:
    models = {Route.LOCAL: local} | ({Route.API: api} if api else {})
    return Writer(models, a_budget(record.ledger, {Cap.HOUR: calls}), guided, {Route.LOCAL: Sampling(77, 0.6)})


def task(plan: Plan = LOCAL_ONLY, *, query: str = "Ai được nghỉ phép năm?", deadline: float = 60.0) -> Task:
    return Task(
        query=query,
        turns=(),
        passages=(LEAVE, HOTEL),
        language=Language.VIETNAMESE,
        plan=plan,
        clearance=Clearance(Reach.OUTSIDE),
        deadline=Deadline.after(deadline),
    )


async def items_of(writer: Writer, task: Task, record: Record) -> list[Item]:
    async with aclosing(writer.write(task, record)) as items:
        return [item async for item in items]


def shown(items: Sequence[Item]) -> str:
    """What a reader sees in the end: a restart wipes what was there."""
    text = ""
    for item in items:
        if isinstance(item, Restarted):
            text = ""
        elif isinstance(item, Delta):
            text += item.text
    return text


def written(items: Sequence[Item]) -> Written:
    found = [item for item in items if isinstance(item, Written)]
    assert len(found) == 1
    assert found[0] is items[-1]
    return found[0]


async def test_the_deltas_joined_are_the_text_that_is_written(record: Record) -> None:
    items = await items_of(writer(record, ScriptedModel(GOOD)), task(), record)
    assert shown(items) == written(items).text == GOOD_TEXT
    assert written(items).judgement.verdict is Verdict.GOOD
    assert (written(items).route, written(items).cited) == (Route.LOCAL, (0,))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_the_text_does_not_depend_on_how_the_model_cuts_its_pieces(record: Record, size: int) -> None:
    whole = "[2] Tiền khách sạn tối đa 900.000 đồng [2], nghỉ phép năm 14 ngày [1][9].\n\nXem Điều 4 <b>ở trên</b> [1] "
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    items = await items_of(writer(record, ScriptedModel(pieces)), task(), record)
    assert written(items).text == shown(items)
    assert written(items).text == (
        "Tiền khách sạn tối đa 900.000 đồng [1], nghỉ phép năm 14 ngày [2].\n\nXem Điều 4 ở trên [2] [1]"
    )
    assert written(items).cited == (1, 0)


async def test_the_request_carries_the_routes_sampling_and_the_tasks_clearance(record: Record) -> None:
    model = ScriptedModel(GOOD)
    asked = task()
    await items_of(writer(record, model), asked, record)
    request = model.requests[0]
    assert (request.max_tokens, request.temperature) == (77, 0.6)
    assert request.clearance is asked.clearance
    assert request.deadline is asked.deadline
    assert request.grammar is None


async def test_what_was_asked_of_the_model_is_kept_with_what_it_wrote(record: Record) -> None:
    model = ScriptedModel(GOOD)
    items = await items_of(writer(record, model), task(), record)
    assert written(items).prompt.messages == model.requests[0].messages
    assert written(items).completion.text == "".join(GOOD)


async def test_a_refusal_is_never_shown_as_text(record: Record) -> None:
    items = await items_of(writer(record, ScriptedModel(["Tôi ", "không ", "biết."])), task(), record)
    assert shown(items) == ""
    assert written(items).judgement.verdict is Verdict.REFUSAL
    assert not written(items).is_shown


async def test_a_guess_is_shown_and_marked(record: Record) -> None:
    guess = written(await items_of(writer(record, ScriptedModel(GOOD, mean_logprob=-3.0)), task(), record))
    assert guess.is_shown
    assert guess.is_unsure


async def test_earlier_turns_stand_in_the_prompt_of_a_large_model(record: Record) -> None:
    model = ScriptedModel(GOOD)
    turn = Turn("Nghỉ phép năm thế nào?", "Nghỉ phép năm thế nào?", "Bạn được nghỉ.")
    await items_of(writer(record, model), replace(task(), turns=(turn,)), record)
    assert "Nghỉ phép năm thế nào?" in model.requests[0].messages[-1].content


async def test_what_people_said_stands_in_the_prompt_of_a_large_model_alone(record: Record) -> None:
    large, small = ScriptedModel(GOOD), ScriptedModel(GOOD)
    said = replace(task(), remarks=(Remark("Chị Hoa bảo mười bốn", datetime.now(UTC)),))
    await items_of(writer(record, large), said, record)
    await items_of(writer(record, small, guided=frozenset({Route.LOCAL})), said, record)
    assert "Đồng nghiệp: Chị Hoa bảo mười bốn" in large.requests[0].messages[-1].content
    assert "Chị Hoa" not in small.requests[0].messages[-1].content


class TestGuided:
    """Small models read numbered lines and follow a grammar; the others never see one."""

    guided = frozenset({Route.LOCAL})

    async def test_a_guided_route_reads_lines_under_a_grammar(self, record: Record) -> None:
        model = ScriptedModel(["[1] Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương."])
        asked = task(query="Nghỉ phép năm mấy ngày?")
        done = written(await items_of(writer(record, model, guided=self.guided), asked, record))
        request = model.requests[0]
        assert request.grammar is not None
        assert request.grammar.startswith("root ::=")
        assert request.messages[-1].content.startswith("Các dòng tài liệu:\n[1] (Điều 4) Người lao động")
        assert done.cited == (0,)
        assert done.text == "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương. [1]"

    async def test_the_cited_passage_is_the_one_whose_line_was_chosen(self, record: Record) -> None:
        asked = task(query="Tiền khách sạn tối đa bao nhiêu đồng một đêm?")
        model = ScriptedModel(["[1] Tối đa 900.000 đồng một đêm."])
        done = written(await items_of(writer(record, model, guided=self.guided), asked, record))
        assert done.cited == (1,)

    async def test_the_fallback_outside_reads_whole_passages_without_a_grammar(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        asked = writer(record, ScriptedModel([AWAY]), api, guided=self.guided)
        await items_of(asked, task(LOCAL_THEN_API), record)
        assert api.requests[0].grammar is None
        assert "Các đoạn tài liệu:" in api.requests[0].messages[-1].content


class TestFallback:
    """The plan says who is asked after a failure or a poor completion."""

    async def test_without_a_fallback_the_error_is_the_answer(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        with pytest.raises(ModelUnavailable):
            await items_of(writer(record, ScriptedModel([AWAY]), api), task(LOCAL_ONLY), record)
        assert api.requests == []

    async def test_a_failed_model_is_followed_by_the_other_and_the_reader_is_told_why(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        items = await items_of(writer(record, ScriptedModel([AWAY]), api), task(LOCAL_THEN_API), record)
        assert items[0] == Restarted("model.unreachable")
        assert (written(items).route, shown(items)) == (Route.API, GOOD_TEXT)

    async def test_text_of_a_model_that_broke_off_is_void(self, record: Record) -> None:
        broken = ScriptedModel(["Bạn được nghỉ phép năm theo quy định rất dài của công ty, tức là ", AWAY])
        items = await items_of(writer(record, broken, ScriptedModel(GOOD)), task(LOCAL_THEN_API), record)
        kinds = [type(item) for item in items]
        assert kinds.index(Delta) < kinds.index(Restarted)
        assert shown(items) == written(items).text == GOOD_TEXT

    async def test_after_the_deadline_nobody_else_is_asked(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        with pytest.raises(ModelUnavailable):
            await items_of(writer(record, ScriptedModel([AWAY]), api), task(LOCAL_THEN_API, deadline=0.0), record)
        assert api.requests == []

    async def test_when_both_fail_the_second_error_is_raised(self, record: Record) -> None:
        api = ScriptedModel([ModelRejected("openrouter.no_credit")], name="api")
        with pytest.raises(ModelRejected):
            await items_of(writer(record, ScriptedModel([AWAY]), api), task(LOCAL_THEN_API), record)
        assert record.routes == [Route.LOCAL, Route.API]

    async def test_a_poor_completion_goes_on_to_the_fallback_only_where_the_plan_says_so(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        kept = await items_of(writer(record, ScriptedModel(POOR), api), task(LOCAL_THEN_API), record)
        assert (written(kept).route, written(kept).judgement.verdict) == (Route.LOCAL, Verdict.POOR)
        again = await items_of(writer(record, ScriptedModel(POOR), api), task(LOCAL_ELSE_API), record)
        assert Restarted("number 77 stands in no passage") in again
        assert written(again).route is Route.API

    async def test_an_unsure_completion_is_asked_again_too(self, record: Record) -> None:
        local, api = ScriptedModel(GOOD, mean_logprob=-3.0), ScriptedModel(GOOD, name="api")
        items = await items_of(writer(record, local, api), task(LOCAL_ELSE_API), record)
        assert Restarted("low confidence") in items
        assert written(items).judgement.verdict is Verdict.GOOD

    @pytest.mark.parametrize("script", [GOOD, ["Tôi không biết."]])
    async def test_good_completions_and_refusals_are_not_asked_again(self, record: Record, script: list[str]) -> None:
        api = ScriptedModel(GOOD, name="api")
        items = await items_of(writer(record, ScriptedModel(script), api), task(LOCAL_ELSE_API), record)
        assert written(items).route is Route.LOCAL
        assert api.requests == []

    async def test_where_the_second_try_fails_the_first_completion_comes_back(self, record: Record) -> None:
        local, api = ScriptedModel(GOOD, mean_logprob=-3.0), ScriptedModel(["Bạn được", AWAY], name="api")
        items = await items_of(writer(record, local, api), task(LOCAL_ELSE_API), record)
        restarts = [item.reason for item in items if isinstance(item, Restarted)]
        assert restarts == ["low confidence", "model.unreachable"]
        assert (written(items).route, written(items).text) == (Route.LOCAL, GOOD_TEXT)
        assert written(items).is_unsure


class TestBudget:
    """What a call outside may cost is held while it is under way, and settled whatever becomes of it."""

    async def test_a_local_call_costs_nothing(self, record: Record) -> None:
        asked = writer(record, ScriptedModel(GOOD), calls=0)
        assert written(await items_of(asked, task(), record)).route is Route.LOCAL
        assert record.ledger.made == {}

    async def test_a_call_is_held_while_it_runs_and_settled_with_its_cost_afterwards(self, record: Record) -> None:
        asked = writer(record, ScriptedModel(GOOD), ScriptedModel(GOOD, name="api"))
        async with aclosing(asked.write(task(API_THEN_LOCAL), record)) as items:
            assert isinstance(await anext(items), Delta)
            (held,) = record.ledger.made.values()
            assert record.ledger.settled == {}
            assert [item async for item in items]
        assert record.ledger.settled == {held.id: Settlement(Standing.SETTLED, 0)}

    async def test_who_asks_and_what_for_stands_with_the_reservation(self, record: Record) -> None:
        asked = writer(record, ScriptedModel(GOOD), ScriptedModel(GOOD, name="api"))
        await items_of(asked, replace(task(API_THEN_LOCAL), person="lan", question_id="q7"), record)
        (made,) = record.ledger.made.values()
        assert (made.person, made.question_id, made.model) == ("lan", "q7", "api")

    async def test_a_failed_call_counts_as_all_it_may_cost_where_nothing_says_otherwise(self, record: Record) -> None:
        asked = writer(record, ScriptedModel(GOOD), ScriptedModel([AWAY], name="api"))
        await items_of(asked, task(API_THEN_LOCAL), record)
        assert [settled.state for settled in record.ledger.settled.values()] == [Standing.UNKNOWN]

    async def test_a_cancelled_call_is_settled_as_unknown_and_its_model_stopped(self, record: Record) -> None:
        hanging = HangingModel()
        asked = writer(record, ScriptedModel(GOOD), hanging)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(items_of(asked, task(API_THEN_LOCAL), record))
            await hanging.started.wait()
            assert (len(record.ledger.made), record.ledger.settled) == (1, {})
            reading.cancel()
        assert hanging.stopped.is_set()
        assert [settled.state for settled in record.ledger.settled.values()] == [Standing.UNKNOWN]

    async def test_a_budget_that_cannot_be_read_lets_nothing_out(self, record: Record) -> None:
        record.ledger.is_down = True
        api = ScriptedModel(GOOD, name="api")
        asked = writer(record, ScriptedModel(GOOD), api)
        items = await items_of(asked, task(API_THEN_LOCAL), record)
        assert items[0] == Restarted("model.budget_unread")
        assert (written(items).route, api.requests) == (Route.LOCAL, [])
        assert not await asked.api_available()

    async def test_a_spent_budget_sends_the_question_to_the_fallback(self, record: Record) -> None:
        api = ScriptedModel(GOOD, name="api")
        asked = writer(record, ScriptedModel(GOOD), api, calls=0)
        items = await items_of(asked, task(API_THEN_LOCAL), record)
        assert items[0] == Restarted("model.budget_spent")
        assert written(items).route is Route.LOCAL
        assert api.requests == []

    async def test_a_poor_completion_stays_when_the_budget_is_spent_meanwhile(self, record: Record) -> None:
        asked = writer(record, ScriptedModel(POOR), ScriptedModel(GOOD, name="api"), calls=0)
        items = await items_of(asked, task(LOCAL_ELSE_API), record)
        assert (written(items).route, written(items).judgement.verdict) == (Route.LOCAL, Verdict.POOR)

    async def test_the_api_is_available_where_it_is_configured_and_the_hour_has_room(self, record: Record) -> None:
        local, api = ScriptedModel(GOOD), ScriptedModel(GOOD, name="api")
        assert not await writer(record, local).api_available()
        assert await writer(record, local, api, calls=1).api_available()
        assert not await writer(record, local, api, calls=0).api_available()
        await items_of(writer(record, local, api), task(API_THEN_LOCAL), record)
        assert not await writer(record, local, api, calls=1).api_available()


class TestRecord:
    """Every call to a model is reported once, also the one that failed."""

    async def test_a_completion_is_recorded_before_the_answer_is_given(self, record: Record) -> None:
        async with aclosing(writer(record, ScriptedModel(GOOD, name="tiny")).write(task(), record)) as items:
            async for item in items:
                if isinstance(item, Written):
                    assert record.calls == [(Route.LOCAL, "tiny", item.completion)]

    async def test_failures_are_recorded_under_the_name_of_the_model_that_failed(self, record: Record) -> None:
        local, api = ScriptedModel([AWAY], name="tiny"), ScriptedModel(GOOD, name="api")
        await items_of(writer(record, local, api), task(LOCAL_THEN_API), record)
        assert record.calls[0] == (Route.LOCAL, "tiny", AWAY)
        assert [name for _, name, _ in record.calls] == ["tiny", "api"]

    async def test_closing_the_reader_closes_the_model_and_records_nothing(self, record: Record) -> None:
        model = ScriptedModel(["Bạn được nghỉ phép năm và hưởng nguyên lương theo quy định của công ty ", *GOOD])
        async with aclosing(writer(record, model).write(task(), record)) as items:
            assert isinstance(await anext(items), Delta)
            assert model.closed == 0
        assert model.closed == 1
        assert record.calls == []


async def test_an_unsure_answer_comes_back_when_the_other_model_has_none(record: Record) -> None:
    unsure = ScriptedModel(GOOD, mean_logprob=-3.0)
    plan = Plan(Route.LOCAL, Route.API, escalate_poor=True, reasons=())
    items = await items_of(writer(record, unsure, ScriptedModel(["Tôi không biết."])), task(plan), record)
    assert (written(items).route, written(items).is_unsure) == (Route.LOCAL, True)
