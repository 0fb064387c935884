"""Shadow answers: of what may leave alone, when nobody asks, given up at once, within the budget, shown to nobody."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import RowMapping, select

from core.budget import Cap, Windows
from core.conversation import Answer, Outcome, Remark, Route, Turn
from core.documents import Label
from core.errors import ModelUnavailable, StoreError
from core.forgetting import Forgetting
from core.pipeline import Pipeline, Served
from core.ports import Completion, CompletionRequest, Delta, LanguageModel
from core.privacy import Clearance, Reach
from core.routing import Strategy
from core.shadow import POLL, QUEUE, QUIET, Shadows
from core.store import tables
from core.store.database import Database, open_database
from core.store.experiments import ExperimentBook, ShadowAnswer
from core.store.spaces import SpaceRepository
from core.writing import Task
from tests.core.compared import HARD, SIMPLE, STARTS, answer_of, pipeline_with, with_spaces
from tests.core.desk import LEAVE
from tests.core.makers import INTERNAL, PUBLIC, SPACES, passage, question
from tests.fakes import GatedModel, HangingModel, ScriptedModel
from tests.manual_clock import ManualClock

GOOD = ["Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1]."]
HOTEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2, space=INTERNAL)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await with_spaces(opened)
        yield opened


@dataclass(frozen=True)
class LoudBook(ExperimentBook):
    """Says when something was kept."""

    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, made: ShadowAnswer) -> bool:
        is_kept = await super().keep(made)
        self.news.set()
        return is_kept


@dataclass
class BrokenModel:
    """Has a mistake in its program."""

    name: str = "broken"
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        self.asked.set()
        raise ZeroDivisionError
        yield Delta("")


@dataclass
class Night:
    """A pipeline whose answers are compared when it is quiet. `open` is how many questions there are elsewhere."""

    pipeline: Pipeline
    shadows: Shadows
    book: LoudBook
    clock: ManualClock
    heard: list[Served]
    open: list[int]
    _waits: Counter[float] = field(default_factory=Counter)

    async def ask(self, text: str = SIMPLE, number: int = 1, thread: str = "") -> Answer:
        return await answer_of(self.pipeline, question(text, number=number, thread=thread or f"t{number}"))

    async def prepared(self) -> Task | None:
        """What would be asked for the last answer, by all that is known now."""
        return await self.shadows._task(self.heard[-1])

    async def rows(self) -> Sequence[RowMapping]:
        async with self.book.database.reading() as connection:
            return (await connection.execute(select(tables.shadow_answer))).mappings().all()

    async def quiet(self, seconds: float = QUIET) -> None:
        """So much time goes by, once somebody has begun to wait for it."""
        await self.waited_for(seconds)
        self.clock.advance(seconds)

    async def waited_for(self, seconds: float) -> None:
        """Returns once somebody has begun to wait for so long, after the last time that this was asked for."""
        self._waits[seconds] += 1
        while self.clock.slept.count(seconds) < self._waits[seconds]:  # noqa: ASYNC110 (the clock has no event)
            await asyncio.sleep(0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(self.shadows.run(stopping))
            yield
            stopping.set()


def night(
    database: Database,
    local: LanguageModel | None = None,
    api: LanguageModel | None = None,
    *,
    arm: Strategy | None = Strategy.LOCAL,
    seconds: float = 30,
    **parts: object,
) -> Night:
    local, api = local or ScriptedModel(GOOD, name="local"), api or ScriptedModel(GOOD, name="api")
    pipeline = pipeline_with(database, local, api, arm=arm, **parts)  # type: ignore[arg-type]
    book, clock, heard, waiting = LoudBook(database), ManualClock(), [], [0]

    async def open_questions() -> int:
        if waiting[0] < 0:
            raise StoreError("store.locked", place="here")
        return waiting[0]

    shadows = Shadows(pipeline, book, open_questions, clock, seconds)

    def hear(served: Served) -> None:
        heard.append(served)
        shadows.offer(served)

    return Night(replace(pipeline, heard=hear), shadows, book, clock, heard, waiting)


async def test_the_other_model_is_asked_the_same_when_it_is_quiet(database: Database) -> None:
    local, api = ScriptedModel(GOOD), ScriptedModel(GOOD, name="api")
    at_night = night(database, local, api)
    answer = await at_night.ask()
    assert (answer.route, api.requests) == (Route.LOCAL, [])
    async with at_night.running():
        await at_night.quiet()
        await at_night.book.news.wait()
    (row,) = await at_night.rows()
    assert (row["answer_id"], row["arm"], row["route"], row["model"]) == (answer.id, "mua-xuan/local", "api", "api")
    assert (row["text"], row["outcome"], row["verdict"]) == ("".join(GOOD), "answered", "good")
    assert api.requests[0].messages == local.requests[0].messages
    assert [(m.role, m.content) for m in api.requests[0].messages] == [(m["role"], m["content"]) for m in row["prompt"]]
    assert api.requests[0].clearance.reach is Reach.OUTSIDE


async def test_what_went_out_is_put_to_the_model_here(database: Database) -> None:
    local = ScriptedModel(["Tôi không ", "biết."])
    at_night = night(database, local, arm=Strategy.API)
    assert (await at_night.ask()).route is Route.API
    async with at_night.running():
        await at_night.quiet()
        await at_night.book.news.wait()
    (row,) = await at_night.rows()
    assert (row["route"], row["outcome"]) == ("local", "not_found")
    assert len(local.requests) == 1


async def test_it_is_paid_for_and_for_nobody(database: Database) -> None:
    """The call is in the books, without the question: it saved nothing and belongs to no person's share."""
    at_night = night(database)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await at_night.book.news.wait()
    async with database.reading() as connection:
        reserved = (await connection.execute(select(tables.reservation))).mappings().all()
        calls = (await connection.execute(select(tables.model_call))).mappings().all()
    assert [(row["question_id"], row["person"], row["state"]) for row in reserved] == [(None, "", "settled")]
    assert {(row["route"], row["question_id"]) for row in calls} == {("local", "q1"), ("api", None)}


@pytest.mark.parametrize(
    ("text", "found"),
    [("Vì sao lương của chị Hoa là vậy?", LEAVE), ("goi so 0912345678 khi nao", LEAVE), (SIMPLE, HOTEL)],
)
@pytest.mark.parametrize("arm", Strategy)
async def test_what_is_private_is_never_compared(database: Database, text: str, found: object, arm: Strategy) -> None:
    at_night = night(database, arm=arm, passages=(found,))
    await at_night.ask(text)
    assert [served.task.clearance.reach for served in at_night.heard] == [Reach.OFFICE]
    assert not at_night.shadows._waiting
    assert await at_night.prepared() is None


async def test_a_space_that_was_closed_meanwhile_keeps_its_passages(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    assert await at_night.prepared() is not None
    closed = SPACES | {PUBLIC.name: replace(PUBLIC, label=Label.INTERNAL)}
    await SpaceRepository(database).sync([(space, ()) for space in closed.values()])
    assert await at_night.prepared() is None


async def test_a_space_that_keeps_its_questions_keeps_them_from_shadows(database: Database) -> None:
    at_night = night(database, own={PUBLIC.name: Strategy.LOCAL})
    await at_night.ask(HARD)
    assert len(at_night.shadows._waiting) == 1
    assert await at_night.prepared() is None


async def test_a_private_question_keeps_its_follow_ups(database: Database) -> None:
    """Even were they taken for cleared when they were answered."""
    at_night = night(database)
    await at_night.ask("Gọi số 0912345678 xin nghỉ phép năm được không?", 1, "t1")
    await at_night.ask("Còn làm ở vị trí độc hại?", 2, "t1")
    second = at_night.heard[-1]
    assert second.task.turns
    assert second.task.clearance.reach is Reach.OFFICE
    served = replace(second, task=replace(second.task, clearance=Clearance(Reach.OUTSIDE)))
    assert await at_night.shadows._task(served) is None


@pytest.mark.parametrize(
    ("part", "is_cleared"),
    [
        ({"turns": (Turn("Nghỉ mấy ngày?", "Nghỉ mấy ngày?", "14 ngày.", passages=(LEAVE,)),)}, True),
        ({"turns": (Turn("Gọi số 0912345678 được không?", "x", "Được."),)}, False),
        ({"turns": (Turn("Gọi ai?", "Gọi ai?", "Gọi chị Hoa, 0912345678."),)}, False),
        ({"turns": (Turn("Khách sạn?", "Khách sạn?", "900.000 đồng.", passages=(HOTEL,)),)}, False),
        ({"remarks": (Remark("Số của chị Hoa là 0912345678.", STARTS),)}, False),
        ({"query": "Gọi số 0912345678 được không?"}, False),
    ],
)
async def test_all_that_the_prompt_would_hold_is_read_again(
    database: Database, part: dict[str, object], *, is_cleared: bool
) -> None:
    at_night = night(database)
    await at_night.ask()
    (served,) = at_night.heard
    served = replace(served, task=replace(served.task, **part))  # type: ignore[arg-type]
    assert (await at_night.shadows._task(served) is not None) is is_cleared


async def test_the_forgotten_are_not_compared(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    await Forgetting(database).forget("lan")
    assert await at_night.prepared() is None


async def test_an_answer_whose_prompt_was_taken_out_is_not_compared(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    async with database.writing() as connection:
        await connection.execute(tables.answer.update().values(prompt=[]))
    assert await at_night.prepared() is None


@pytest.mark.parametrize("arm", [None, Strategy.LOCAL])
async def test_without_an_experiment_nothing_is_compared(database: Database, arm: Strategy | None) -> None:
    at_night = night(database, arm=arm)
    await at_night.ask()
    assert len(at_night.shadows._waiting) == (0 if arm is None else 1)


async def test_small_talk_is_not_even_heard_of(database: Database) -> None:
    at_night = night(database)
    await at_night.ask("Xin chào!")
    assert at_night.heard == []


async def test_without_a_model_outside_there_is_nothing_to_compare_with(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    at_night.pipeline.writer.models = {Route.LOCAL: ScriptedModel(GOOD)}
    assert await at_night.prepared() is None


async def test_so_many_wait_and_the_oldest_goes(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    (served,) = at_night.heard
    for number in range(QUEUE + 5):
        at_night.shadows.offer(replace(served, answer=replace(served.answer, id=f"a{number}")))
    waiting = [one.answer.id for one in at_night.shadows._waiting]
    assert waiting == [f"a{number}" for number in range(5, QUEUE + 5)]


async def test_nothing_is_begun_before_it_has_been_quiet_for_a_while(database: Database) -> None:
    api = GatedModel(GOOD)
    at_night = night(database, api=api)
    await at_night.ask()
    async with at_night.running():
        await at_night.waited_for(QUIET)
        at_night.clock.advance(QUIET - 1)
        at_night.shadows.disturb()
        await at_night.waited_for(QUIET)
        at_night.clock.advance(QUIET - 1)
        assert api.asked == []
        at_night.clock.advance(1)
        await api.reached(1)


async def test_nothing_is_begun_while_a_question_is_open_or_nobody_can_say(database: Database) -> None:
    api = GatedModel(GOOD)
    at_night = night(database, api=api)
    await at_night.ask()
    async with at_night.running():
        for at_night.open[0] in (1, -1):
            await at_night.quiet()
        await at_night.waited_for(QUIET)
        assert api.asked == []
        at_night.open[0] = 0
        at_night.clock.advance(QUIET)
        await api.reached(1)


async def stopped(model: GatedModel) -> None:
    while not model.stopped:  # noqa: ASYNC110 (counted where it happens)
        await asyncio.sleep(0)


async def test_a_question_that_comes_ends_what_is_under_way_at_once(database: Database) -> None:
    api = GatedModel(GOOD)
    at_night = night(database, api=api)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await api.reached(1)
        at_night.shadows.disturb()
        await stopped(api)
        api.gate.set()
    assert await at_night.rows() == []
    used = await at_night.pipeline.writer.budget.used()
    assert used[Cap.HOUR] == 1  # what was sent is counted as all that it may cost


async def test_a_question_of_another_process_ends_it_within_a_second(database: Database) -> None:
    api = GatedModel(GOOD)
    at_night = night(database, api=api)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await api.reached(1)
        at_night.open[0] = 1
        await at_night.quiet(POLL)
        await stopped(api)
    assert await at_night.rows() == []


async def test_the_end_of_the_service_ends_it(database: Database) -> None:
    api = GatedModel(GOOD)
    at_night = night(database, api=api)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await api.reached(1)
    assert api.stopped == 1


async def test_half_of_the_budget_is_left_to_people(database: Database) -> None:
    at_night = night(database, caps={Cap.HOUR: 4})
    for number in range(1, 4):
        await at_night.ask(number=number)
    async with at_night.running():
        for _ in range(2):
            await at_night.quiet()
            await at_night.book.news.wait()
            at_night.book.news.clear()
    assert len(await at_night.rows()) == 2
    assert await at_night.prepared() is None


async def test_a_shadow_here_costs_nothing_and_needs_no_budget(database: Database) -> None:
    at_night = night(database, arm=Strategy.API, caps={Cap.HOUR: 1})
    assert (await at_night.ask()).route is Route.API
    task = await at_night.prepared()
    assert task
    assert (task.plan.first, task.plan.fallback, task.person, task.question_id) == (Route.LOCAL, None, "", "")


async def test_what_goes_wrong_harms_nobody_and_the_next_is_compared(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken = BrokenModel()
    at_night = night(database, api=broken)
    for number in (1, 2, 3):
        await at_night.ask(number=number)
    down = ScriptedModel([ModelUnavailable("answer.too_late")])
    async with at_night.running():
        for model in (broken, down, ScriptedModel(GOOD)):
            await at_night.waited_for(QUIET)
            at_night.pipeline.writer.models = {**at_night.pipeline.writer.models, Route.API: model}
            at_night.clock.advance(QUIET)
        await at_night.book.news.wait()
    assert "ZeroDivisionError" in caplog.text
    assert len(down.requests) == 1
    assert [row["answer_id"] for row in await at_night.rows()] == [at_night.heard[2].answer.id]


async def test_one_that_takes_too_long_is_given_up(database: Database) -> None:
    slow = HangingModel()
    at_night = night(database, api=slow, seconds=0.05)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await slow.stopped.wait()
    assert await at_night.rows() == []


async def test_a_failed_answer_is_not_compared(database: Database) -> None:
    at_night = night(database, local=ScriptedModel([ModelUnavailable("answer.too_late")]))
    assert (await at_night.ask()).outcome is Outcome.FAILED
    assert at_night.heard == []


async def test_the_persons_own_share_is_not_touched(database: Database) -> None:
    at_night = night(database)
    await at_night.ask()
    async with at_night.running():
        await at_night.quiet()
        await at_night.book.news.wait()
    ledger = at_night.pipeline.writer.budget._ledger
    windows = Windows.at(at_night.pipeline.writer.budget._clock.now(), at_night.pipeline.writer.budget._zone)
    assert (await ledger.used(windows, "lan"))[Cap.PERSON] == 0
    assert (await ledger.used(windows, "lan"))[Cap.HOUR] == 1
