"""What is kept of a person: what they prefer, what they asked, and how all of it is taken away again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.intake import OPEN
from core.store import tables
from core.store.database import Database
from core.store.exclusive import exclusive
from core.store.upsert import upsert

preference, question, answer = tables.person_preference, tables.question, tables.answer
inbox, inbox_post = tables.inbox, tables.inbox_post
feedback, correction = tables.feedback, tables.correction


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person has chosen. `language` None: that of each question. `training`: their votes may be learnt from.

    `told`: they know that their votes are kept.
    """

    language: str | None = None
    training: bool = True
    told: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the past with the outcome of its newest answer, None where there is none."""

    question_id: str
    text: str
    asked_at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A message of ours that nobody will finish any more: its question is gone."""

    surface: str
    place: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed. `votes` and `corrections` are those that the person gave, on whosever answers."""

    questions: int = 0
    answers: int = 0
    votes: int = 0
    corrections: int = 0
    unfinished: tuple[Unfinished, ...] = ()


@dataclass(frozen=True)
class PeopleRepository:
    """The people of a database."""

    database: Database

    async def preference(self, person: str) -> Preference:
        columns = (preference.c.language, preference.c.training, preference.c.told_at.is_not(None))
        async with self.database.reading() as connection:
            row = (await connection.execute(select(*columns).where(preference.c.person == person))).first()
            return Preference(row[0], row[1], bool(row[2])) if row else Preference()

    async def choose(self, person: str, field: str, value: str | bool | None) -> None:
        """Set one column of the person's preferences."""
        row = {"person": person, "updated_at": datetime.now(UTC), field: value}
        async with self.database.writing() as connection:
            await upsert(connection, preference, row, changing=(field, "updated_at"))

    async def tell(self, person: str) -> bool:
        """Note that the person has been told; False when they had been."""
        now = datetime.now(UTC)
        untold = (preference.c.person == person) & preference.c.told_at.is_(None)
        async with self.database.writing() as connection:
            await upsert(connection, preference, {"person": person, "updated_at": now})
            done = await connection.execute(update(preference).where(untold).values(told_at=now, updated_at=now))
            return done.rowcount == 1

    async def recent_questions(self, person: str, limit: int) -> list[Asked]:
        newest = (
            select(answer.c.outcome)
            .where(answer.c.question_id == question.c.id)
            .order_by(answer.c.created_at.desc(), answer.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            select(question.c.id, question.c.text, question.c.asked_at, newest)
            .where(question.c.person == person)
            .order_by(question.c.asked_at.desc(), question.c.id.desc())
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return [Asked(*row) for row in await connection.execute(statement)]

    async def forget(self, person: str) -> Forgotten:
        """Everything by which the person can be known, in one transaction that no inbox transaction overlaps."""
        async with exclusive(self.database) as connection:
            unfinished = await connection.execute(_unfinished(person))
            questions = await connection.scalar(_questions(person)) or 0
            await _cut_traces(connection, person)
            return Forgotten(
                questions=questions,
                unfinished=tuple(Unfinished(*row) for row in unfinished),
                **await _remove(connection, person),
            )


def _questions(person: str) -> Select[int]:
    """How many questions the person has asked, those counted that never came as far as the journal."""
    theirs = (
        select(question.c.id).where(question.c.person == person),
        select(inbox.c.question_id).where(inbox.c.person == person),
    )
    return select(func.count()).select_from(union(*theirs).subquery())


def _unfinished(person: str) -> Select[str, str, str]:
    """The columns of `Unfinished`: messages of ours for questions that are still open."""
    statement = select(inbox.c.surface, inbox.c.place, inbox_post.c.message_id).join_from(inbox, inbox_post)
    return statement.where(inbox.c.person == person, inbox.c.state.in_(OPEN), inbox_post.c.message_id.is_not(None))


async def _cut_traces(connection: AsyncConnection, person: str) -> None:
    """What others' rows hold of the person: their words in later turns of a conversation, and their name."""
    call, mute = tables.model_call, tables.thread_mute
    theirs = select(question.c.id).where(question.c.person == person)
    after = select(question.c.id).where(_spoken_after(person))
    alone = select(question.c.text).where(question.c.id == answer.c.question_id).scalar_subquery()
    bare = {"prompt": [], "query": alone}
    await connection.execute(update(answer).where(answer.c.question_id.in_(after)).values(bare))
    await connection.execute(update(question).where(_spoken_after(person)).values(query=question.c.text))
    await connection.execute(update(call).where(call.c.question_id.in_(theirs)).values(question_id=None))
    await connection.execute(update(mute).where(mute.c.person == person).values(person=None))
    await connection.execute(update(correction).where(correction.c.decided_by == person).values(decided_by=None))


def _spoken_after(person: str) -> ColumnElement[bool]:
    """Questions in a conversation in which the person had spoken before; their own among them are removed anyway."""
    before = question.alias("before")
    spoke = exists().where(
        before.c.thread_id == question.c.thread_id,
        before.c.person == person,
        before.c.asked_at <= question.c.asked_at,
    )
    return spoke.correlate(question)


async def _remove(connection: AsyncConnection, person: str) -> dict[str, int]:
    """The person's own rows; messages and posts go with the inbox, passages, citations and votes with the answers."""
    theirs = select(question.c.id).where(question.c.person == person)
    await connection.execute(delete(inbox).where(inbox.c.person == person))
    votes = await connection.execute(delete(feedback).where(feedback.c.person == person))
    corrections = await connection.execute(delete(correction).where(correction.c.person == person))
    answers = await connection.execute(delete(answer).where(answer.c.question_id.in_(theirs)))
    await connection.execute(delete(question).where(question.c.person == person))
    await connection.execute(delete(preference).where(preference.c.person == person))
    return {"votes": votes.rowcount, "corrections": corrections.rowcount, "answers": answers.rowcount}
