"""Votes, reasons and corrections as rows, and the samples that training is fed from them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, exists, false, or_, select, tuple_

from core.documents import Label, Passage
from core.store import tables
from core.store.answers import read_passages
from core.store.corrections import is_there, was_rejected
from core.store.database import Database
from core.store.upsert import upsert

SAMPLES_AT_ONCE = 100  # samples in memory while all are gone through

feedback, answer, question = tables.feedback, tables.answer, tables.question
preference = tables.person_preference


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
    or of one given before it in the thread, by the space's label then or now. `declined` says that the person does not
    want to be learnt from. A correction that an administrator has rejected is not in the feedback.
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
    declined: bool


@dataclass(frozen=True)
class FeedbackRepository:
    """The feedback of a database: one row for each person and answer."""

    database: Database

    async def put(self, given: Feedback, *fields: str) -> bool:
        """Keep these fields of what is `given`, and leave others that are there; False for an unknown answer."""
        row: dict[str, object] = {"updated_at": datetime.now(UTC), **as_row(given)}
        async with self.database.writing() as connection:
            if not await is_there(connection, given.answer_id):
                return False
            return await upsert(connection, feedback, row, changing=(*fields, "updated_at"))

    async def put_vote(self, given: Feedback, at: datetime | None, *, instead_of: int | None = None) -> bool | None:
        """Keep the vote, given `at`, or now; with `instead_of` only where that is the vote so far.

        Whether the vote is now another than before; None for an unknown answer. What was given no later than what is
        known changes nothing. A vote that could not be taken back moves that time too: what is to be taken back may
        still be on its way.
        """
        now = datetime.now(UTC)
        async with self.database.writing() as connection:
            if not await is_there(connection, given.answer_id):
                return None
            found = await connection.execute(select(feedback.c.vote, feedback.c.voted_at).where(_of(given)))
            before, voted_at = found.first() or (0, None)
            if at is not None and voted_at is not None and at <= voted_at:
                return False
            vote = given.vote if instead_of in {None, before} else before
            row = {**as_row(given), "vote": vote, "voted_at": at or now, "updated_at": now}
            await upsert(connection, feedback, row, changing=("vote", "voted_at", "updated_at"))
            return vote != before

    async def get(self, answer_id: str, person: str) -> Feedback | None:
        """What this person said of this answer."""
        mine = _of(Feedback(answer_id, person))
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
            select(
                feedback,
                answer,
                question.c.text.label("question"),
                confidential().label("confidential"),
                was_rejected().label("rejected"),
                (preference.c.training == false()).label("declined"),
            )
            .join_from(feedback, answer)
            .join(question)
            .outerjoin(preference, preference.c.person == feedback.c.person)
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


def _of(given: Feedback) -> ColumnElement[bool]:
    return (feedback.c.answer_id == given.answer_id) & (feedback.c.person == given.person)


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
    given = to_feedback(row)
    return Sample(
        feedback=replace(given, correction=None) if row["rejected"] else given,
        question=row["question"],
        prompt=tuple(row["prompt"]),
        answer=row["text"],
        language=row["language"],
        model=row["model"],
        route=row["route"],
        passages=passages,
        confidential=row["confidential"],
        declined=bool(row["declined"]),
    )
