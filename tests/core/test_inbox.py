"""Whole lives of questions: a real database, the real pipeline, a recorded platform."""

import asyncio
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bots.service import working
from core.admission import Admission
from core.conversation import Answer, Person, Question
from core.deadline import Deadline
from core.errors import ModelUnavailable, StoreError
from core.inbox import Capacity, Inbox
from core.intake import Claim, InboxLimits, Notice, SharedFile, Verdict
from core.pacing import Pacer
from core.pipeline import Event, Pipeline
from core.ports import Delta, LanguageModel
from core.queueing import Waiting
from core.replies import KeepAnswer
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.spaces import SpaceRepository
from core.surfaces import Action, Part, Posting, SurfaceUnavailable, Undeliverable
from core.writing import Restarted
from tests.core.desk import ANSWER, GOOD, QUESTION, SENT_AT, Desk, incoming, pipeline_over
from tests.core.makers import INTERNAL, PUBLIC, SPACES, passage
from tests.core.store.databases import KINDS, fresh_database
from tests.fakes import GatedModel, HangingModel, HangingRetriever, ListRetriever, ScriptedModel
from tests.surface import CALM, Fault, RecordedSurface

SHOWN = f"*{ANSWER}*"
NOT_NOW = InboxLimits(join_seconds=0.0, deadline_seconds=0.05)


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Each life is lived on SQLite and on PostgreSQL."""
    async with fresh_database(str(request.param), tmp_path) as opened:
        await SpaceRepository(opened).sync([(space, ()) for space in SPACES.values()])
        yield opened


async def rows(database: Database) -> dict[str, tuple[str, str | None]]:
    """State and worker of every question."""
    async with database.reading() as connection:
        found = await connection.execute(select(tables.inbox))
        return {row.question_id: (row.state, row.worker) for row in found}


async def accepted(inbox: Inbox, *texts: str, **changes: Any) -> list[str]:  # noqa: ANN401
    """The ids of questions asked now."""
    receipts = [await inbox.accept(incoming(text, **changes)) for text in texts]
    return [receipt.question_id or "" for receipt in receipts]


def finals(surface: RecordedSurface, *questions: str) -> bool:
    return all(surface.of(question) and all(sent.is_final for sent in surface.of(question)) for question in questions)


def desk(database: Database, model: LanguageModel | None = None, **changes: Any) -> Desk:  # noqa: ANN401
    return Desk(database, pipeline_over(database, model or ScriptedModel(GOOD)), **changes)


def reaching(office: Desk, point: str) -> asyncio.Event:
    """Set once some question has come to this point of its life."""
    reached = asyncio.Event()
    office.on_trace = lambda done: reached.set() if done == point else None
    return reached


@dataclass(frozen=True)
class BetweenLooks(Claims):
    """A question comes when there was nothing to claim, and before it is looked for who waits; `asked` is its id."""

    asked: list[str] = field(default_factory=list)

    async def open_questions(self, now: datetime) -> list[Waiting]:
        if not self.asked:
            receipt = await Intake(self.database, self.limits).accept(incoming(QUESTION), now)
            self.asked.append(str(receipt.question_id))
        return await super().open_questions(now)


class TestAnswered:
    """From acceptance to the end."""

    async def test_a_question_gets_its_answer_in_the_place_of_its_placeholder(self, database: Database) -> None:
        office = desk(database)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        (sent,) = office.surface.of(question)
        assert sent.texts[0] == "Đang tìm trong tài liệu ..."
        assert sent.text == SHOWN
        assert await rows(database) == {question: ("answered", None)}

    async def test_what_its_adapter_says_beside_answers_pays_from_their_budget(self, database: Database) -> None:
        rates = replace(CALM, place_burst=20.0, place_per_second=1e-6)
        office = desk(database, surface=RecordedSurface(rates=rates))
        assert Pacer(rates, office.clock).must("room", 20.0) == 0.0
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, place="room")
            await office.surface.until(lambda surface: finals(surface, question))
            assert inbox.pacer(office.surface.name).must("room", 20.0) > 0

    async def test_every_step_is_stored_before_the_next_one_is_seen(self, database: Database) -> None:
        office = desk(database)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        points = [point for point, of in office.traced if of == question]
        for earlier, later in (
            ("claimed", "posted"), ("posted", "post stored"), ("post stored", "shown"),
            ("answered", "answer stored"), ("answer stored", "shown"), ("shown", "finished"),
        ):  # fmt: skip
            assert points.index(earlier) < points.index(later)

    async def test_who_would_ask_is_known_with_the_word_of_the_surface(self, database: Database) -> None:
        office = desk(database, surface=RecordedSurface(vouched={"lan": frozenset({"members"})}))
        asker = await office.worker().asker("lan", office.surface.name)
        assert asker == Person("lan", frozenset({"staff", "members"}))

    async def test_what_may_be_acknowledged_is_committed(self, database: Database) -> None:
        """Other connections see it when `accept` returns, however many come at once."""
        inbox = desk(database).worker()

        async def deliver(number: int) -> bool:
            (question,) = await accepted(inbox, QUESTION, person=f"p{number}")
            return question in await rows(database)

        assert await asyncio.gather(*map(deliver, range(30))) == [True] * 30

    async def test_what_was_asked_before_the_worker_began_is_answered(self, database: Database) -> None:
        office = desk(database)
        (question,) = await accepted(office.worker("adapter"), QUESTION)
        async with office.serving():
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]

    async def test_the_record_names_the_platform_and_the_asker(self, database: Database) -> None:
        office = desk(database, surface=RecordedSurface(name="console:1"))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, surface="console:1", person="hoa")
            await office.surface.until(lambda surface: finals(surface, question))
        async with database.reading() as connection:
            row = (await connection.execute(select(tables.question))).one()
        assert (row.surface, row.person, row.text) == ("console", "hoa", QUESTION)

    async def test_a_turn_of_a_conversation_knows_the_one_before(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            questions = await accepted(inbox, QUESTION, "Còn vị trí độc hại?", conversation="c", place="p")
            await office.surface.until(lambda surface: finals(surface, *questions))
        assert QUESTION in model.requests[-1].messages[-1].content

    @pytest.mark.parametrize(("members", "spaces"), [
        (frozenset[str](), {PUBLIC.name, INTERNAL.name}),
        (frozenset({"hoa"}), {PUBLIC.name, INTERNAL.name}),
        (frozenset({"khach"}), {PUBLIC.name}),
        (None, {PUBLIC.name}),
    ])  # fmt: skip
    async def test_who_reads_in_the_place_decides_what_is_searched(
        self, database: Database, members: frozenset[str] | None, spaces: set[str]
    ) -> None:
        retriever = ListRetriever([passage("Nghỉ 14 ngày.")])
        office = desk(database, surface=RecordedSurface(members=members))
        office.answering = pipeline_over(database, ScriptedModel(GOOD), retriever)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert [searched for _, searched in retriever.searches] == [frozenset(spaces)]

    @pytest.mark.parametrize("is_linked", [True, False])
    async def test_who_is_linked_has_the_rights_of_the_person_on_that_platform(
        self, database: Database, *, is_linked: bool
    ) -> None:
        retriever = ListRetriever([passage("Nghỉ 14 ngày.")])
        office = desk(database, surface=RecordedSurface(vouched={"recorded:lan": frozenset({"staff"})}))
        office.answering = pipeline_over(database, ScriptedModel(GOOD), retriever)
        admission = Admission(database)
        if is_linked:
            await admission.link(await admission.link_code("recorded:lan", SENT_AT), "telegram:1", SENT_AT)
        office.links = admission.links
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, person="telegram:1")
            await office.surface.until(lambda surface: finals(surface, question))
        spaces = {PUBLIC.name, INTERNAL.name} if is_linked else {PUBLIC.name}
        assert [searched for _, searched in retriever.searches] == [frozenset(spaces)]


class TestWaiting:
    """More questions than slots."""

    async def test_who_waits_is_told_the_position_and_is_then_answered_in_the_same_message(
        self, database: Database
    ) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model, capacity=Capacity(slots=1))
        async with office.serving() as inbox:
            first, second, third = [
                (await accepted(inbox, QUESTION, person=person))[0] for person in ("lan", "hoa", "minh")
            ]
            await office.surface.until(lambda surface: bool(surface.of(second) and surface.of(third)))
            told = [office.surface.texts(question)[0] for question in (second, third)]
            model.gate.set()
            await office.surface.until(lambda surface: finals(surface, first, second, third))
        assert told == ["Đang chờ, vị trí 1, khoảng 20 giây.", "Đang chờ, vị trí 2, khoảng 30 giây."]
        assert [len(office.surface.of(question)) for question in (first, second, third)] == [1, 1, 1]

    async def test_who_comes_between_two_looks_of_a_worker_with_room_is_not_told_to_wait(
        self, database: Database
    ) -> None:
        asked: list[str] = []
        office = desk(database, claims_of=functools.partial(BetweenLooks, asked=asked))
        async with office.serving():
            await office.surface.until(lambda surface: bool(asked) and finals(surface, *asked))
        (sent,) = office.surface.of(*asked)
        assert [text for text in sent.texts if text.startswith("Đang chờ")] == []

    async def test_a_conversation_is_answered_in_order_beside_others(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            one, two = await accepted(inbox, QUESTION, QUESTION, conversation="c")
            (other,) = await accepted(inbox, QUESTION, person="hoa")
            await model.reached(2)
            await office.surface.until(lambda surface: bool(surface.of(two)))
            assert len(model.asked) == 2
            model.gate.set()
            await office.surface.until(lambda surface: finals(surface, one, two, other))
        claimed = [question for point, question in office.traced if point == "claimed"]
        assert claimed.index(one) < claimed.index(two)
        assert claimed.index(other) < claimed.index(two)

    async def test_short_messages_are_joined_into_one_question(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        office = desk(database, model, limits=InboxLimits(join_seconds=30.0))
        async with office.serving() as inbox:
            (start,) = await accepted(inbox, "cho em hỏi", conversation="c")
            joined = await inbox.accept(incoming("nghỉ phép năm được mấy ngày?", conversation="c"))
            await office.surface.until(lambda surface: finals(surface, start))
        assert (joined.verdict, joined.question_id) == (Verdict.JOINED, start)
        assert "Câu hỏi: cho em hỏi nghỉ phép năm được mấy ngày?" in model.requests[0].messages[-1].content

    async def test_who_floods_is_told_once_and_the_rest_is_answered(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            questions = await accepted(inbox, *[QUESTION] * 9, person="lan")
            await office.surface.until(lambda surface: finals(surface, questions[5]))
            model.gate.set()
            await office.surface.until(lambda surface: finals(surface, *questions[:6]))
        assert [len(office.surface.of(question)) for question in questions] == [1] * 6 + [0] * 3
        assert "Bạn đang có 5 câu hỏi chờ trả lời." in office.surface.texts(questions[5])[0]
        states = await rows(database)
        assert [states[question][0] for question in questions] == ["answered"] * 5 + ["failed"] * 4


class TestChanged:
    """Edited, deleted, stopped."""

    async def test_an_edit_while_it_is_answered_starts_again_in_the_same_message(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, "Nghỉ cưới mấy ngày?", key="k")
            await model.reached(1)
            receipt = await inbox.accept(incoming(QUESTION, key="k", version=1.0))
            await model.reached(2)
            model.gate.set()
            await office.surface.until(lambda surface: finals(surface, question))
        assert (receipt.verdict, receipt.question_id) == (Verdict.CHANGED, question)
        assert model.stopped == 1
        assert QUESTION in model.asked[1].messages[-1].content
        assert office.surface.texts(question) == [SHOWN]

    async def test_an_edit_after_the_answer_is_answered_in_the_same_message(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, "Nghỉ cưới mấy ngày?", key="k")
            await office.surface.until(lambda surface: finals(surface, question))
            await inbox.accept(incoming(QUESTION, key="k", version=1.0))
            await office.surface.until(lambda surface: surface.of(question)[0].texts.count(SHOWN) == 2)
        assert len(office.surface.of(question)) == 1
        assert (await rows(database))[question] == ("answered", None)

    async def test_a_deleted_question_stops_the_model_and_its_placeholder_goes(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, key="k")
            await model.reached(1)
            await office.surface.until(lambda surface: bool(surface.of(question)))
            receipt = await inbox.accept(incoming(None, key="k"))
            await office.surface.until(lambda surface: not surface.of(question))
        assert receipt.verdict is Verdict.CANCELLED
        assert model.stopped == 1
        assert (await rows(database))[question] == ("cancelled", None)

    @pytest.mark.parametrize("by", ["button", "command"])
    async def test_its_asker_can_stop_it_and_is_told_so(self, database: Database, by: str) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, conversation="c")
            await model.reached(1)
            stopped = inbox.stop(question, "lan") if by == "button" else inbox.stop_newest(["c"], "lan", "stop")
            receipt = await stopped
            assert receipt is not None
            assert receipt.verdict is Verdict.CANCELLED
            await office.surface.until(lambda surface: finals(surface, question))
        assert model.stopped == 1
        assert office.surface.texts(question) == ["Đã dừng theo yêu cầu."]
        assert (await rows(database))[question] == ("cancelled", None)

    async def test_what_another_process_stops_is_let_go(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        adapter = office.worker("adapter")
        async with office.serving():
            (question,) = await accepted(adapter, QUESTION)
            await model.reached(1)
            await adapter.stop(question, "lan")
            await office.surface.until(lambda surface: finals(surface, question))
        assert model.stopped == 1


@dataclass
class BrokenAnswering:
    """A pipeline with a fault in its code."""

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del deadline, keep
        raise ZeroDivisionError(question.id)
        yield  # makes it a generator


@dataclass
class SilentAnswering:
    """A pipeline that ends without an answer."""

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del question, deadline, keep
        return
        yield


class HangingSurface(RecordedSurface):
    """A platform that never says who reads in a place."""

    async def readers(self, place: str) -> frozenset[str] | None:
        await asyncio.Event().wait()
        return await super().readers(place)


class BrokenSurface(RecordedSurface):
    """An adapter with a fault in its code: it cannot render, nor, with `everything`, say anything."""

    everything = False

    async def finish(self, *_arguments: object) -> None:
        raise ZeroDivisionError

    async def fail(self, *arguments: object) -> None:
        if self.everything:
            raise ZeroDivisionError
        await super().fail(*arguments)  # type: ignore[arg-type]


class TestFailed:
    """Whatever goes wrong, there is one visible outcome."""

    @pytest.mark.parametrize("hung", ["model", "retriever", "readers"])
    async def test_a_hung_back_end_ends_in_a_sentence_at_the_deadline(self, database: Database, hung: str) -> None:
        surface = HangingSurface() if hung == "readers" else RecordedSurface()
        model = HangingModel() if hung == "model" else ScriptedModel(GOOD)
        office = desk(database, limits=NOT_NOW, surface=surface)
        retriever = HangingRetriever() if hung == "retriever" else None
        office.answering = pipeline_over(database, model, retriever)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await surface.until(lambda recorded: finals(recorded, question))
        assert "mất quá nhiều thời gian" in surface.texts(question)[0]
        assert (await rows(database))[question] == ("failed", None)

    async def test_who_waited_too_long_is_told_although_nothing_ends(self, database: Database) -> None:
        office = desk(database, HangingModel(), capacity=Capacity(slots=1, drain_seconds=0.0))
        async with office.serving() as inbox:
            (hanging,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: bool(surface.of(hanging)))
            (waiting,) = await accepted(inbox, QUESTION, person="hoa")
            async with database.writing() as connection:
                late = update(tables.inbox).where(tables.inbox.c.question_id == waiting)
                await connection.execute(late.values(deadline=tables.inbox.c.accepted_at))
            await office.surface.until(lambda surface: finals(surface, waiting))
        assert "mất quá nhiều thời gian" in office.surface.texts(waiting)[0]
        assert (await rows(database))[hanging] == ("new", None)

    @pytest.mark.parametrize("answering", [BrokenAnswering(), SilentAnswering()])
    async def test_a_fault_in_our_code_is_logged_and_the_asker_gets_a_sentence(
        self, database: Database, answering: Pipeline, caplog: pytest.LogCaptureFixture
    ) -> None:
        office = replace(desk(database), answering=answering)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, "How many days?")
            await office.surface.until(lambda surface: finals(surface, question))
        assert "Something went wrong" in office.surface.texts(question)[0]
        assert f"{question} could not be answered" in caplog.text
        assert (await rows(database))[question] == ("failed", None)

    async def test_an_answer_that_an_adapter_cannot_show_is_replaced_by_a_sentence(self, database: Database) -> None:
        office = desk(database, surface=BrokenSurface())
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert "lỗi trong chương trình" in office.surface.texts(question)[0]
        assert (await rows(database))[question] == ("failed", None)

    async def test_where_nothing_can_be_shown_the_question_ends_all_the_same(self, database: Database) -> None:
        surface = BrokenSurface()
        surface.everything = True
        office = desk(database, surface=surface)
        ended = reaching(office, "finished")
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await ended.wait()
        assert (await rows(database))[question] == ("failed", None)

    async def test_where_the_bot_was_thrown_out_the_question_ends(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        office.surface.faults = [Fault(Action.PLACEHOLDER, Undeliverable("kicked"))]
        ended = reaching(office, "finished")
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await ended.wait()
        assert (await rows(database))[question] == ("failed", None)
        assert office.surface.of(question) == []

    async def test_a_platform_that_is_away_for_a_while_gets_the_answer_when_it_is_back(
        self, database: Database
    ) -> None:
        office = desk(database)
        office.surface.faults = [Fault(Action.FINISH, SurfaceUnavailable("500"))]
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]


@dataclass(frozen=True)
class ForgetfulClaims(Claims):
    """Claims on a database that is away for the first calls of some methods: `away` counts them down."""

    away: dict[str, int] = field(default_factory=dict)

    async def claim(self, now: datetime, *, room: bool, in_hand: Collection[str] = ()) -> Claim | None:
        self._reach("claim")
        return await super().claim(now, room=room, in_hand=in_hand)

    async def keep_answer(self, claim: Claim, answer: Answer) -> Claim:
        self._reach("keep_answer")
        return await super().keep_answer(claim, answer)

    async def fail(self, claim: Claim, notice: Notice) -> Claim:
        self._reach("fail")
        return await super().fail(claim, notice)

    async def held(self) -> dict[str, int]:
        self._reach("held")
        return await super().held()

    async def release(self, claim: Claim, *, counted: bool) -> None:
        self._reach("release")
        await super().release(claim, counted=counted)

    async def finish(self, claim: Claim, now: datetime) -> None:
        self._reach("finish")
        await super().finish(claim, now)

    def _reach(self, method: str) -> None:
        if self.away.get(method):
            self.away[method] -= 1
            raise StoreError("store.locked", place="db", detail="locked")


class TestDatabaseAway:
    """A database that is locked or gone for a moment costs time, never a question."""

    @pytest.mark.parametrize("method", ["claim", "held", "finish"])
    async def test_the_question_is_answered_once_it_is_back(self, database: Database, method: str) -> None:
        away = {method: 2}
        office = desk(database, claims_of=functools.partial(ForgetfulClaims, away=away))
        ended = reaching(office, "finished")
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await ended.wait()
        assert away[method] == 0 or method == "held"
        assert office.surface.texts(question) == [SHOWN]
        assert (await rows(database))[question] == ("answered", None)

    async def test_an_answer_that_cannot_be_stored_is_a_failure_until_it_can(self, database: Database) -> None:
        office = desk(database, claims_of=functools.partial(ForgetfulClaims, away={"keep_answer": 2, "release": 1}))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question) and surface.texts(question) == [SHOWN])
        (sent,) = office.surface.of(question)
        assert any("khóa" in text or "bận" in text or "database" in text for text in sent.texts[:-1]), sent.texts
        assert (await rows(database))[question] == ("answered", None)

    async def test_a_claim_whose_word_was_lost_is_given_back(self, database: Database) -> None:
        """PostgreSQL may commit and then not say so: the question is held, and nobody knows."""
        office = desk(database, limits=InboxLimits(join_seconds=0.0, lease_seconds=0.3))
        inbox = office.worker()
        (question,) = await accepted(inbox, QUESTION)
        assert await office.claims().claim(office.clock.now(), room=True)
        if database.writer.dialect.name == "sqlite":
            await office.claims().beat()
        async with working(inbox):
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]

    async def test_too_late_is_said_although_it_cannot_be_stored(self, database: Database) -> None:
        soon = InboxLimits(join_seconds=0.0, deadline_seconds=0.5)
        office = desk(database, limits=soon, claims_of=functools.partial(ForgetfulClaims, away={"fail": 1}))
        office.surface = HangingSurface()
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: said_too_late(surface, question) == 2)
        assert (await rows(database))[question] == ("failed", None)


def said_too_late(surface: RecordedSurface, question: str) -> int:
    """How often."""
    return sum("mất quá nhiều thời gian" in text for sent in surface.of(question) for text in sent.texts)


class TestWorkers:
    """Workers that are told to stop, die, or are several."""

    async def test_told_to_stop_it_ends_what_it_has_begun(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model)
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await model.reached(1)
            inbox.drain()
            (later,) = await accepted(inbox, QUESTION, person="hoa")
            model.gate.set()
        assert office.surface.texts(question) == [SHOWN]
        assert await rows(database) == {question: ("answered", None), later: ("new", None)}

    async def test_what_takes_too_long_then_is_left_to_the_next_worker(self, database: Database) -> None:
        office = desk(database, HangingModel(), capacity=Capacity(drain_seconds=0.01))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: len(surface.of(question)) == 1)
        assert (await rows(database))[question] == ("new", None)
        office.answering = pipeline_over(database, ScriptedModel(GOOD))
        async with office.serving("w2"):
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]

    async def test_being_stopped_often_is_not_held_against_a_question(self, database: Database) -> None:
        office = desk(database, HangingModel(), capacity=Capacity(drain_seconds=0.0))
        (question,) = await accepted(office.worker("adapter"), QUESTION)
        for number in range(5):
            claimed = reaching(office, "claimed")
            async with office.serving(f"w{number}"):
                await claimed.wait()
        office.answering = pipeline_over(database, ScriptedModel(GOOD))
        async with office.serving("last"):
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]

    async def test_cancelled_it_gives_everything_back(self, database: Database) -> None:
        model = GatedModel(GOOD)
        office = desk(database, model, capacity=Capacity(slots=1))
        inbox = office.worker()
        serving = asyncio.ensure_future(inbox.serve())
        held, waiting = [(await accepted(inbox, QUESTION, person=person))[0] for person in ("lan", "hoa")]
        await model.reached(1)
        await office.surface.until(lambda surface: bool(surface.of(waiting)))
        serving.cancel()
        await asyncio.wait([serving])
        assert serving.cancelled()
        assert set((await rows(database)).values()) == {("new", None)}
        assert held in await rows(database)

    async def test_a_question_that_kills_its_workers_is_given_up_politely(self, database: Database) -> None:
        office = desk(database)
        (question,) = await accepted(office.worker("adapter"), QUESTION)
        for number in range(3):
            dead = office.claims(f"dead{number}")
            await dead.beat()
            assert await dead.claim(office.clock.now(), room=True)
            await office.claims("coroner").take_over([f"dead{number}"])
        async with office.serving():
            await office.surface.until(lambda surface: finals(surface, question))
        assert "khởi động lại nhiều lần" in office.surface.texts(question)[0]
        assert (await rows(database))[question] == ("failed", None)

    async def test_two_workers_answer_each_question_once(self, tmp_path: Path) -> None:
        async with fresh_database("postgresql", tmp_path) as database:
            await SpaceRepository(database).sync([(space, ()) for space in SPACES.values()])
            office = desk(database)
            async with office.serving("w1") as one, office.serving("w2") as two:
                questions = [
                    (await accepted(inbox, QUESTION, person=f"p{number}"))[0]
                    for number in range(10)
                    for inbox in (one, two)
                ]
                await office.surface.until(lambda surface: finals(surface, *questions))
        assert all(office.surface.texts(question) == [SHOWN] for question in questions)
        finished = [question for point, question in office.traced if point == "finished"]
        assert sorted(finished) == sorted(questions)

    async def test_a_worker_that_was_taken_for_dead_writes_nothing_more(self, tmp_path: Path) -> None:
        async with fresh_database("postgresql", tmp_path) as database:
            await SpaceRepository(database).sync([(space, ()) for space in SPACES.values()])
            model = GatedModel(GOOD)
            office = desk(database, model)
            async with office.serving("slow") as inbox:
                (question,) = await accepted(inbox, QUESTION)
                await model.reached(1)
                await office.claims("coroner").take_over(["slow"])
                await model.reached(2)
                model.gate.set()
                await office.surface.until(lambda surface: finals(surface, question))
        assert model.stopped == 1
        assert office.surface.texts(question) == [SHOWN]
        assert [point for point, _ in office.traced].count("answer stored") == 1

    async def test_an_edit_that_comes_with_the_end_is_answered_too(self, database: Database) -> None:
        """The answer is shown, and before that is noted the question reads otherwise."""
        office = desk(database)
        inbox = office.worker()
        edit = incoming("Còn nghỉ ốm mấy ngày?", key="k", version=1.0)
        office.surface = EditingSurface(lambda: inbox.accept(edit))
        inbox = office.worker()
        async with working(inbox):
            (question,) = await accepted(inbox, QUESTION, key="k")
            await office.surface.until(lambda surface: [t for s in surface.sent for t in s.texts].count(SHOWN) == 2)
        assert len(office.surface.of(question)) == 1
        assert (await rows(database))[question] == ("answered", None)


class EditingSurface(RecordedSurface):
    """While it shows an answer for the first time, something else happens."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[object]] | None = meanwhile

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        if self.meanwhile:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        await super().finish(posting, message_id, answer, part)


@dataclass
class SecondThoughts:
    """A pipeline whose first model's text is void; then the real one answers."""

    pipeline: Pipeline

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        yield Delta("Bạn được nghỉ 77 ngày")
        yield Restarted("number 77 stands in no passage")
        async for event in self.pipeline.answer(question, deadline, keep):
            yield event


class TestEdges:
    """What rarely happens."""

    async def test_another_models_text_takes_the_place_of_the_first_ones(self, database: Database) -> None:
        office = desk(database)
        office.answering = SecondThoughts(pipeline_over(database, ScriptedModel(GOOD)))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        (sent,) = office.surface.of(question)
        assert not any("77" in text and "14" in text for text in sent.texts)
        assert sent.text == SHOWN

    async def test_told_to_stop_while_somebody_is_told_to_wait_it_stops(self, database: Database) -> None:
        model = GatedModel(GOOD)
        surface = RecordedSurface(rates=replace(CALM, call_seconds=0.1))
        office = desk(database, model, capacity=Capacity(slots=1), surface=surface)
        async with office.serving() as inbox:
            (first,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda recorded: bool(recorded.of(first)))
            surface.faults = [Fault(Action.PLACEHOLDER)]
            (waiting,) = await accepted(inbox, QUESTION, person="hoa")
            await surface.until(lambda recorded: (Action.PLACEHOLDER, waiting) in recorded.calls)
            inbox.drain()
            model.gate.set()
        assert await rows(database) == {first: ("answered", None), waiting: ("new", None)}

    async def test_what_can_neither_be_shown_nor_stored_is_tried_again(self, database: Database) -> None:
        office = desk(database, claims_of=functools.partial(ForgetfulClaims, away={"finish": 1}))
        office.surface.faults = [Fault(Action.PLACEHOLDER, Undeliverable("kicked"))]
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]


class TestTold:
    """What people and administrators hear meanwhile."""

    async def test_the_status_counts_what_is_searched(self, database: Database) -> None:
        async def count(spaces: frozenset[str]) -> int:
            return 100 * len(spaces)

        model = GatedModel(GOOD)
        answering = replace(pipeline_over(database, model), documents_in=count)
        office = Desk(database, answering, surface=RecordedSurface(announces=True))
        said = ["Đang tìm trong tài liệu ...", "Đang tìm trong 200 tài liệu ..."]
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: surface.statuses.get(question) == said)
            model.gate.set()
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.surface.texts(question) == [SHOWN]

    async def test_files_go_with_the_question_to_who_reads_them(self, database: Database) -> None:
        office = desk(database, surface=RecordedSurface(files={"F1": b"%PDF"}))
        files = (SharedFile("F1", "a.pdf", "application/pdf", 4, "https://f/1"), SharedFile("F2", "b.pdf", "", 0, ""))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION, files=files)
            await office.surface.until(lambda surface: finals(surface, question))
        text = office.surface.texts(question)[0]
        assert text.count("a.pdf") == 1  # nobody reads files here
        assert text.count("b.pdf") == 1  # the platform does not have it any more

    async def test_failures_are_told_with_the_question_and_the_cause(self, database: Database) -> None:
        office = desk(database, ScriptedModel([ModelUnavailable("model.failed", reason="x")]))
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.alarms == [("alarm.failed", question, "model.failed")]

    async def test_an_answer_that_cannot_be_delivered_is_told(self, database: Database) -> None:
        office = desk(database)
        office.surface.faults.append(Fault(Action.PLACEHOLDER, Undeliverable("archived")))
        ended = reaching(office, "finished")
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await ended.wait()
        assert office.alarms == [("alarm.undeliverable", question, "archived")]

    async def test_a_fault_of_ours_is_told(self, database: Database) -> None:
        office = Desk(database, BrokenAnswering())
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert [(kind, about) for kind, about, _ in office.alarms] == [("alarm.broken", question)]

    async def test_a_question_that_comes_to_no_end_is_told(self, database: Database) -> None:
        office = desk(database, HangingModel(), limits=NOT_NOW)
        office.surface = HangingSurface()
        async with office.serving() as inbox:
            (question,) = await accepted(inbox, QUESTION)
            await office.surface.until(lambda surface: finals(surface, question))
        assert office.alarms == [("alarm.failed", question, "answer.too_late")]
