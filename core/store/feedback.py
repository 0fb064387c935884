"""Votes, reasons and corrections as rows, and the samples that training is fed from them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, exists, or_, select, tuple_

from core.documents import Label, Passage
from core.store import tables
from core.store.answers import read_passages
from core.store.database import Database
from core.store.upsert import upsert

SAMPLES_AT_ONCE = 100  # samples in memory while all are gone through

feedback, answer, question = tables.feedback, tables.answer, tables.question


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person thinks of one answer. `vote` is 1, -1, or 0 for none (any more)."""

    answer_id: str
    person: str
    vote: int = 0
    reason: str | None = None
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One person's feedback with the answer as served.

    `confidential` says that something in the prompt may have come from a confidential space: a passage of this answer
    or of one given before it in the thread, by the space's label then or now.
    """

    feedback: Feedback
    question: str
    prompt: tuple[Mapping[str, str], ...]
    answer: str
    language: str
    model: str
    route: str
    passages: tuple[Passage, ...]
    confidential: bool


@dataclass(frozen=True)
class FeedbackRepository:
    """The feedback of a database: one row for each person and answer."""

    database: Database

    async def put(self, given: Feedback, *fields: str) -> bool:
        """Keep these fields of what is `given`, and leave others that are there; False for an unknown answer."""
        row: dict[str, object] = {"updated_at": datetime.now(UTC), **as_row(given)}
        async with self.database.writing() as connection:
            if await connection.scalar(select(answer.c.id).where(answer.c.id == given.answer_id)) is None:
                return False
            return await upsert(connection, feedback, row, changing=(*fields, "updated_at"))

    async def get(self, answer_id: str, person: str) -> Feedback | None:
        """What this person said of this answer."""
        mine = (feedback.c.answer_id == answer_id) & (feedback.c.person == person)
        async with self.database.reading() as connection:
            row = (await connection.execute(select(feedback).where(mine))).mappings().first()
            return to_feedback(row) if row else None

    async def samples(self) -> AsyncIterator[Sample]:
        """Every feedback with its answer, in the order of answers; at most a hundred in memory at once."""
        after = ("", "")
        while page := await self._page(after):
            for sample in page:
                yield sample
            after = (page[-1].feedback.answer_id, page[-1].feedback.person)

    async def _page(self, after: tuple[str, str]) -> list[Sample]:
        place = tuple_(feedback.c.answer_id, feedback.c.person)
        statement = (
            select(feedback, answer, question.c.text.label("question"), confidential().label("confidential"))
            .join_from(feedback, answer)
            .join(question)
            .where(place > after)
            .order_by(feedback.c.answer_id, feedback.c.person)
            .limit(SAMPLES_AT_ONCE)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
            passages = await read_passages(connection, {row["answer_id"] for row in rows})
        return [to_sample(row, tuple(passages[row["answer_id"]])) for row in rows]


def confidential() -> ColumnElement[bool]:
    """Whether the prompt of the outer query's answer may hold confidential text; unknown spaces count as such."""
    passage, space = tables.passage, tables.space
    before, earlier = question.alias("before"), answer.alias("earlier")
    return exists(
        select(passage.c.chunk_id)
        .join_from(passage, earlier, passage.c.answer_id == earlier.c.id)
        .join(before, earlier.c.question_id == before.c.id)
        .outerjoin(space, passage.c.space == space.c.name)
        .where(
            before.c.thread_id == question.c.thread_id,
            before.c.asked_at <= question.c.asked_at,
            or_(
                passage.c.label == Label.CONFIDENTIAL,
                space.c.label == Label.CONFIDENTIAL,
                space.c.name.is_(None),
            ),
        )
        .correlate(question)
    )


def as_row(given: Feedback) -> dict[str, object]:
    return {
        "answer_id": given.answer_id,
        "person": given.person,
        "vote": given.vote,
        "reason": given.reason,
        "correction": given.correction,
    }


def to_feedback(row: RowMapping) -> Feedback:
    return Feedback(**{name: row[name] for name in Feedback.__slots__})


def to_sample(row: RowMapping, passages: tuple[Passage, ...]) -> Sample:
    return Sample(
        feedback=to_feedback(row),
        question=row["question"],
        prompt=tuple(row["prompt"]),
        answer=row["text"],
        language=row["language"],
        model=row["model"],
        route=row["route"],
        passages=passages,
        confidential=row["confidential"],
    )
