"""The journal: every question, every answer as it was served, every call of a model."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select

from core.conversation import Answer, Outcome, Question, Route, Turn
from core.ports import Finish
from core.store import tables
from core.store.answers import read_answer, read_passages, write_answer
from core.store.database import Database
from core.store.upsert import upsert

SPOKEN = (Outcome.ANSWERED, Outcome.NOT_FOUND)  # the outcomes that a later question may refer to

question, answer = tables.question, tables.answer


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model, also a failed one: then `finish` is None and `error` says why."""

    id: str
    question_id: str | None
    model: str
    route: Route
    started_at: datetime
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    first_token_ms: float | None = None
    total_ms: float | None = None
    mean_logprob: float | None = None
    finish: Finish | None = None
    error: str | None = None


def unheard(_call: ModelCall) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Journal:
    """The questions and answers of a database. `heard` is told of every call of a model, before it is kept."""

    database: Database
    heard: Callable[[ModelCall], None] = unheard

    async def record_question(self, asked: Question, query: str) -> None:
        """Keep the question; one that is known already, edited or taken up again, gets the new text and query."""
        row = {
            "id": asked.id,
            "surface": asked.surface,
            "thread_id": asked.thread_id,
            "person": asked.person.id,
            "place": asked.place.id,
            "text": asked.text,
            "query": query,
            "asked_at": asked.asked_at,
        }
        async with self.database.writing() as connection:
            await upsert(connection, question, row, changing=("text", "query"))

    async def record_answer(self, served: Answer) -> None:
        """Keep the answer with its passages, in their order, and its citations: all of it or nothing.

        Its question must have been recorded.
        """
        async with self.database.writing() as connection:
            await write_answer(connection, served)

    async def turns(self, thread_id: str, limit: int) -> list[Turn]:
        """The last `limit` questions of the thread that were answered or not found, oldest first.

        A question that was answered again counts once, with its last answer.
        """
        newest = (
            func.row_number()
            .over(partition_by=answer.c.question_id, order_by=(answer.c.created_at.desc(), answer.c.id.desc()))
            .label("age")
        )
        ranked = (
            select(
                answer.c.id,
                question.c.text.label("question"),
                answer.c.query,
                answer.c.text,
                question.c.asked_at,
                newest,
            )
            .join_from(question, answer)
            .where(question.c.thread_id == thread_id, answer.c.outcome.in_(SPOKEN))
            .subquery()
        )
        statement = select(ranked).where(ranked.c.age == 1).order_by(ranked.c.asked_at.desc()).limit(limit)
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).all()
            passages = await read_passages(connection, [row.id for row in rows])
        return [
            Turn(row.question, row.query, row.text, row.asked_at, tuple(passages[row.id])) for row in reversed(rows)
        ]

    async def last_answer(self, thread_id: str) -> Answer | None:
        """The answer to the thread's last question that has one, whatever its outcome."""
        return await self._answer(question.c.thread_id == thread_id)

    async def answer(self, answer_id: str) -> Answer | None:
        """The answer as served."""
        return await self._answer(answer.c.id == answer_id)

    async def record_call(self, call: ModelCall) -> None:
        """Keep the call."""
        self.heard(call)
        async with self.database.writing() as connection:
            await connection.execute(insert(tables.model_call), asdict(call))

    async def calls_since(self, route: Route, moment: datetime) -> int:
        """How many calls took this route at `moment` or later, failed ones too."""
        call = tables.model_call
        statement = select(func.count()).where(call.c.route == route, call.c.started_at >= moment)
        async with self.database.reading() as connection:
            return await connection.scalar(statement) or 0

    async def _answer(self, which: ColumnElement[bool]) -> Answer | None:
        statement = (
            select(answer)
            .join(question)
            .where(which)
            .order_by(question.c.asked_at.desc(), answer.c.created_at.desc(), answer.c.id.desc())
            .limit(1)
        )
        async with self.database.reading() as connection:
            row = (await connection.execute(statement)).mappings().first()
            return await read_answer(connection, row) if row else None
