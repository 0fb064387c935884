"""Whatever three people have done in the same conversations: of the one who is forgotten nothing is left, of the
others everything.
"""

import asyncio
import json
import tempfile
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.admission import Admission
from core.budget import Cap, Reservation, Windows
from core.conversation import Answer, Language, Outcome, Person, Place, Question, Route
from core.corrections import Corrections
from core.feedback import FeedbackBook
from core.people import People
from core.store import tables
from core.store.budget import ReservationBook
from core.store.database import Database
from core.store.journal import Journal, ModelCall
from core.store.threads import ThreadBook
from tests.core.store.databases import fresh_database
from tests.core.store.lobby import Lobby
from tests.core.store.samples import CITATION, NOON, a_passage

PEOPLE = ("U_AN", "U_BINH", "U_CHI")
FORGOTTEN = PEOPLE[0]
ACTIONS = ("ask", "vote", "explain", "propose", "decide", "mute", "prefer", "enter", "admit", "invite", "guess", "link")
STEPS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTIONS), st.sampled_from(("c1", "c2"))), max_size=12
)
ONE_OF_EACH = [(person, action, "c1") for action in ACTIONS for person in PEOPLE]

MAY_CHANGE = {
    "question": {"query"},
    "answer": {"query", "prompt"},
    "model_call": {"question_id"},
    "reservation": {"question_id", "person"},
    "thread_mute": {"person"},
    "correction": {"decided_by"},
    "admission": {"admitted_by"},
}
Dump = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


@dataclass
class Office:
    """People at work on one database; whatever they write has their name in it."""

    database: Database

    def __post_init__(self) -> None:
        self.lobby = Lobby(self.database)
        self.journal = Journal(self.database)

    async def do(self, person: str, action: str, conversation: str) -> None:
        answers = await self._answers(conversation)
        corrections = Corrections(self.database)
        if action == "ask":
            await self.ask(person, conversation)
        elif action == "mute":
            await ThreadBook(self.database).mute(conversation, person, NOON)
        elif action == "prefer":
            await People(self.database).choose_language(person, "en")
        elif action in {"enter", "admit", "invite", "guess", "link"}:
            await self.let_in(person, action, conversation)
        elif action == "decide":
            for proposed in await corrections.unannounced():
                await corrections.decide(proposed.id, person, accept=True, now=NOON)
        elif answers and action == "propose":
            await corrections.propose(answers[-1], person, f"{person} nghĩ khác", NOON)
        elif answers and action == "vote":
            await FeedbackBook(self.database).vote(answers[-1], person, 1)
        elif answers:
            await FeedbackBook(self.database).explain(answers[0], person, f"{person} không hiểu")

    async def let_in(self, person: str, action: str, conversation: str) -> None:
        """One more is let in or known by another name, of those that people have on a platform beside this one."""
        admission, other = Admission(self.database), f"telegram:{person}:{conversation}"
        if action == "enter":
            await admission.redeem(await admission.invite("U_BOSS", NOON), person, NOON)
        elif action == "admit":
            await admission.admit(f"telegram:{conversation}", person, NOON)
        elif action == "invite":
            await admission.invite(person, NOON)
        elif action == "guess":
            await admission.redeem("WRONG", person, NOON)
        else:
            await admission.link(await admission.link_code(person, NOON), other, NOON)
            await admission.redeem("WRONG", other, NOON)
            await self.ask(other, conversation)

    async def ask(self, person: str, conversation: str) -> None:
        """A question that is answered with all that was said before in the prompt."""
        turns = await self.journal.turns(conversation, 3)
        await self.lobby.ask(f"{person} hỏi gì?", person=person, conversation=conversation)
        claims, claim = self.lobby.claims(), await self.lobby.claim()
        query = "\n".join([*(turn.query.splitlines()[0] for turn in turns[-1:]), claim.text])
        asked = Question(claim.question_id, conversation, Person(person), Place("p"), claim.text, claim.asked_at)
        await self.journal.record_question(asked, query)
        await self.journal.record_call(
            ModelCall(uuid.uuid4().hex, claim.question_id, "m", Route.LOCAL, NOON, cost_usd=0.5)
        )
        await self.pay(person, claim.question_id)
        answer = Answer(
            id=f"a-{claim.question_id}",
            question_id=claim.question_id,
            text="Mười bốn ngày.",
            outcome=Outcome.ANSWERED,
            language=Language.VIETNAMESE,
            query=query,
            citations=(CITATION,),
            passages=(a_passage(),),
            prompt=({"role": "user", "content": f"{turns} {query}"},),
        )
        claim = await claims.keep_answer(claim, answer)
        await claims.posted(claim, 0, f"m-{claim.question_id}")
        await claims.finish(claim, self.lobby.now)

    async def pay(self, person: str, question_id: str) -> None:
        """For a call outside the office; nobody in particular pays for another, made for comparison."""
        book, windows = ReservationBook(self.database), Windows.at(NOON, UTC)
        for payer in (person, ""):
            wanted = Reservation(uuid.uuid4().hex, question_id, payer, "m", NOON, 0)
            await book.reserve(wanted, windows, dict.fromkeys(Cap, 10**6))

    async def _answers(self, conversation: str) -> list[str]:
        statement = select(tables.inbox.c.answer_id).where(tables.inbox.c.conversation == conversation)
        async with self.database.reading() as connection:
            return list(await connection.scalars(statement.order_by(tables.inbox.c.number)))

    async def leave_open(self) -> None:
        """Of everybody one question that is being answered and one that waits."""
        for person in PEOPLE:
            await self.lobby.ask(f"{person} còn hỏi gì?", person=person, conversation=f"open-{person}")
            await self.lobby.claims().posted(await self.lobby.claim(), 0, f"open-{person}")
        for person in PEOPLE:
            await self.lobby.ask(f"{person} hỏi thêm?", person=person)

    async def dump(self) -> Dump:
        """Every row of every table by its key."""
        found: Dump = {}
        async with self.database.reading() as connection:
            for table in tables.metadata.sorted_tables:
                rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
                found[table.name] = {tuple(row[column.name] for column in table.primary_key): row for row in rows}
        return found

    async def empty(self) -> None:
        async with self.database.writing() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                await connection.execute(delete(table))


def is_of(known: str | None, person: str) -> bool:
    """Whether this is an id of the person's, here or on the other platform."""
    return known is not None and (known == person or known.startswith(f"telegram:{person}:"))


def of_others(before: Dump, person: str) -> Dump:
    """What must be left of these rows."""
    rows = [*before["question"].values(), *before["inbox"].values()]
    questions = {row.get("id") or row["question_id"] for row in rows if is_of(row["person"], person)}
    answers = {row["id"] for row in before["answer"].values() if row["question_id"] in questions}

    def goes(table: str, row: dict[str, Any]) -> bool:
        if table in {"thread_mute", "model_call", "reservation"}:
            return False
        if any(is_of(row.get(name), person) for name in ("subject", "alias", "issued_by", "used_by")):
            return True
        hangs_on = (row.get("question_id") in questions, row.get("answer_id") in answers, row.get("id") in questions)
        return is_of(row.get("person"), person) or any(hangs_on)

    return {table: {key: row for key, row in rows.items() if not goes(table, row)} for table, rows in before.items()}


def unchangeable(dump: Dump) -> Dump:
    return {
        table: {
            key: {name: value for name, value in row.items() if name not in MAY_CHANGE.get(table, ())}
            for key, row in rows.items()
        }
        for table, rows in dump.items()
    }


def written(dump: Dump) -> str:
    """Everything as one text."""
    rows = {table: list(rows.values()) for table, rows in dump.items()}
    return json.dumps(rows, ensure_ascii=False, default=str)


async def live_and_forget(office: Office, steps: list[tuple[str, str, str]]) -> None:
    await office.empty()
    for step in steps:
        await office.do(*step)
    await office.leave_open()
    before = await office.dump()
    gone = [row["question_id"] for row in before["inbox"].values() if row["person"] == FORGOTTEN]
    assert FORGOTTEN in written(before)
    await People(office.database).forget(FORGOTTEN)
    after = await office.dump()
    assert not any(name in written(after) for name in (FORGOTTEN, *gone))
    assert unchangeable(after) == unchangeable(of_others(before, FORGOTTEN))


def test_nothing_is_left_of_one_and_everything_of_the_others(kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def opened() -> Office:
            return Office(await stack.enter_async_context(fresh_database(kind, Path(folder))))

        office = runner.run(opened())

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @example(ONE_OF_EACH)
        @example([*ONE_OF_EACH, *ONE_OF_EACH])
        @given(STEPS)
        def check(steps: list[tuple[str, str, str]]) -> None:
            runner.run(live_and_forget(office, steps))

        try:
            check()
        finally:
            runner.run(stack.aclose())
