"""Any order of deliveries, claims, ends, deaths and hours: SQLite, PostgreSQL and a small model agree."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import delete, select

from core.intake import Claim, ClaimLost, InboxLimits, Incoming, Notice, Receipt
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from tests import postgres
from tests.core.store.databases import fresh_database
from tests.core.store.inbox_model import DEADLINE, JOIN, LIMIT, TRIES, Model, Row

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LIMITS = InboxLimits(queue=1000, per_person=LIMIT, join_seconds=JOIN, deadline_seconds=DEADLINE, attempts=TRIES)
TABLES = (tables.inbox_post, tables.inbox_message, tables.inbox_event, tables.inbox, tables.inbox_worker)
WORKERS, PEOPLE, CONVERSATIONS = ("w1", "w2"), ("lan", "hoa"), ("c1", "c2", "c3")
TEXTS = ("nghỉ phép", "nghỉ phép năm được mấy ngày?", "Còn vị trí độc hại thì được nghỉ thêm bao nhiêu ngày?")
EXAMPLES = 80
COMPARED = ("state", "ending", "notice", "revision", "attempts", "worker")


def kinds() -> tuple[str, ...]:
    """PostgreSQL too, where there is one; the head of the test run says if there is none."""
    try:
        postgres.server()
    except postgres.NoPostgresError:
        return ("sqlite",)
    return ("sqlite", "postgresql")


class Store:
    """One database under test, with ids of its own: questions are named by their number here."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.intake = Intake(database, LIMITS)
        self.claims = {name: Claims(database, LIMITS, name, ("s",), START) for name in WORKERS}
        self.numbers: dict[str, int] = {}
        self.ids: list[str] = []
        self.held: dict[int, Claim] = {}

    def told(self, receipt: Receipt) -> tuple[str, int | None]:
        """The receipt with the question's number."""
        question_id = receipt.question_id
        if question_id is not None and question_id not in self.numbers:
            self.numbers[question_id] = len(self.ids)
            self.ids.append(question_id)
        return receipt.verdict.value, None if question_id is None else self.numbers[question_id]

    async def claim(self, worker: str, now: datetime, *, room: bool) -> tuple[int, str, str, int] | None:
        claim = await self.claims[worker].claim(now, room=room)
        if claim is None:
            return None
        number = self.numbers[claim.question_id]
        self.held[number] = claim
        return number, claim.text, claim.state.value, claim.revision

    async def attempt(self, number: int, work: Callable[[Claims, Claim], Awaitable[Claim | None]]) -> bool:
        """Whether the claim still held."""
        claim = self.held[number]
        try:
            self.held[number] = await work(self.claims[claim.worker], claim) or claim
        except ClaimLost:
            return False
        return True

    async def rows(self) -> list[tuple[object, ...]]:
        columns = [tables.inbox.c[name] for name in COMPARED]
        async with self.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(select(*columns).order_by(tables.inbox.c.number))]


class InboxMachine(RuleBasedStateMachine):
    """Each rule does the same to every database and to the model, and compares what they answer."""

    runner: asyncio.Runner
    opened: list[Database]
    claimed = Bundle("claimed")

    @initialize()
    def empty(self) -> None:
        self.model = Model()
        self.event = self.keys = 0
        self.last: Incoming | None = None
        self.stores = [Store(database) for database in self.opened]
        self.together(lambda store: emptied(store.database))

    def together(self, work: Callable[[Store], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """The answer that all databases give."""
        answers = [self.runner.run(_awaited(work(store))) for store in self.stores]
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.model.now)

    @rule(text=st.sampled_from(TEXTS), person=st.sampled_from(PEOPLE), conversation=st.sampled_from(CONVERSATIONS))
    def ask(self, text: str, person: str, conversation: str) -> None:
        """A message that has not been seen before."""
        self.keys += 1
        self.deliver(f"k{self.keys}", text, 0.0, person, conversation)

    @rule(
        age=st.integers(0, 3), text=st.sampled_from((*TEXTS, None)), version=st.sampled_from((0.0, 1.0, 2.0)),
    )  # fmt: skip
    def change(self, age: int, text: str | None, version: float) -> None:
        """An edit, a deletion or a twin of one of the last messages, or of one that is yet to come."""
        self.deliver(f"k{max(1, self.keys + 1 - age)}", text, version, PEOPLE[0], CONVERSATIONS[0])

    @rule()
    def deliver_again(self) -> None:
        """The last delivery once more, under its old event key."""
        if self.last:
            self.receive(self.last)

    def deliver(self, key: str, text: str | None, version: float, person: str, conversation: str) -> None:
        self.event += 1
        sent_at = START + timedelta(seconds=self.event)
        self.last = Incoming("s", key, f"e{self.event}", conversation, "p", person, text, sent_at, version)
        self.receive(self.last)

    def receive(self, message: Incoming) -> None:
        async def accept(store: Store) -> object:
            return store.told(await store.intake.accept(message, self.now))

        assert self.together(accept) == self.model.accept(message)

    @rule(number=st.integers(0, 5), person=st.sampled_from(PEOPLE))
    def stop(self, number: int, person: str) -> None:
        if number >= len(self.model.rows):
            return
        mine = self.model.rows[number].person == person
        expected = (self.model.cancel(number, "inbox.stopped"), number) if mine else ("known", None)

        async def stop(store: Store) -> object:
            return store.told(await store.intake.stop(store.ids[number], person, self.now))

        assert self.together(stop) == expected

    @rule(target=claimed, worker=st.sampled_from(WORKERS), room=st.sampled_from((True, True, False)))
    def claim(self, worker: str, *, room: bool) -> int | None:
        number = self.model.claim(worker, room=room)
        got = self.together(lambda store: store.claim(worker, self.now, room=room))
        row = self.model.rows[number] if number is not None else None
        assert got == (row and (number, row.text, row.state, row.revision))
        return number

    @rule(number=claimed)
    def fail(self, number: int | None) -> None:
        if number is None:
            return
        row, claim = self.model.rows[number], self.stores[0].held[number]
        holds = held(row, claim) and row.revision == claim.revision
        if holds:
            row.state, row.ending, row.notice = "delivering", "failed", "inbox.broken"
        assert (
            self.together(
                lambda store: store.attempt(number, lambda claims, claim: claims.fail(claim, Notice("inbox.broken")))
            )
            is holds
        )

    @rule(number=consumes(claimed))
    def finish(self, number: int | None) -> None:
        if number is None or self.stores[0].held[number].ending is None:
            return
        row, claim = self.model.rows[number], self.stores[0].held[number]
        holds = held(row, claim) and row.revision == claim.revision
        if holds:
            row.state, row.worker = str(claim.ending), None
        assert (
            self.together(lambda store: store.attempt(number, lambda claims, claim: claims.finish(claim, self.now)))
            is holds
        )

    @rule(number=consumes(claimed), counted=st.booleans())
    def release(self, number: int | None, *, counted: bool) -> None:
        if number is None:
            return
        row = self.model.rows[number]
        if held(row, self.stores[0].held[number]):
            self.model.give_back(row, counted=counted)
        self.together(lambda store: store.attempt(number, lambda claims, claim: claims.release(claim, counted=counted)))

    @rule(worker=st.sampled_from(WORKERS))
    def die(self, worker: str) -> None:
        """The worker is found dead by the other one."""
        other = next(name for name in WORKERS if name != worker)
        for row in self.model.rows:
            if row.worker == worker:
                self.model.give_back(row, counted=True)
        self.together(lambda store: store.claims[other].take_over([worker]))

    @rule(worker=st.sampled_from(WORKERS))
    def begin_and_die(self, worker: str) -> None:
        """The death that counts: in the middle of an answer."""
        self.claim(worker, room=True)
        self.die(worker)

    @rule(seconds=st.sampled_from((1, JOIN - 1, JOIN, DEADLINE)))
    def wait(self, seconds: float) -> None:
        self.model.now += seconds

    @invariant()
    def the_rows_are_those_of_the_model(self) -> None:
        expected = [tuple(getattr(row, name) for name in COMPARED) for row in self.model.rows]
        assert self.together(lambda store: store.rows()) == expected


def held(row: Row, claim: Claim) -> bool:
    return row.worker == claim.worker


async def _awaited(work: Awaitable[Any]) -> Any:  # noqa: ANN401
    return await work


async def emptied(database: Database) -> None:
    async with database.writing() as connection:
        for table in TABLES:
            await connection.execute(delete(table))


def test_both_databases_do_what_the_model_says() -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def opened() -> list[Database]:
            return [await stack.enter_async_context(fresh_database(kind, Path(folder))) for kind in kinds()]

        InboxMachine.runner, InboxMachine.opened = runner, runner.run(opened())
        try:
            case = InboxMachine.TestCase
            case.settings = settings(
                max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
            )
            case("runTest").runTest()
        finally:
            runner.run(stack.aclose())
