"""What is kept of a person: what they prefer, what they asked, and how all of it is taken away again."""

from collections.abc import Sequence
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
link, admission, code, wrong = tables.person_link, tables.admission, tables.admission_code, tables.wrong_code


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
            ids = await _ids(connection, person)
            unfinished = await connection.execute(_unfinished(ids))
            questions = await connection.scalar(_questions(ids)) or 0
            await _cut_traces(connection, ids)
            removed = await _remove(connection, ids)
            await _lock_out(connection, ids)
            return Forgotten(questions=questions, unfinished=tuple(Unfinished(*row) for row in unfinished), **removed)


async def _ids(connection: AsyncConnection, person: str) -> list[str]:
    """Every id of the person, whichever of them this is."""
    own = await connection.scalar(select(link.c.person).where(link.c.alias == person)) or person
    return [own, *await connection.scalars(select(link.c.alias).where(link.c.person == own))]


def _questions(ids: Sequence[str]) -> Select[int]:
    """How many questions the person has asked, those counted that never came as far as the journal."""
    theirs = (
        select(question.c.id).where(question.c.person.in_(ids)),
        select(inbox.c.question_id).where(inbox.c.person.in_(ids)),
    )
    return select(func.count()).select_from(union(*theirs).subquery())


def _unfinished(ids: Sequence[str]) -> Select[str, str, str]:
    """The columns of `Unfinished`: messages of ours for questions that are still open."""
    statement = select(inbox.c.surface, inbox.c.place, inbox_post.c.message_id).join_from(inbox, inbox_post)
    return statement.where(inbox.c.person.in_(ids), inbox.c.state.in_(OPEN), inbox_post.c.message_id.is_not(None))


async def _cut_traces(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """What others' rows hold of the person: their words in later turns of a conversation, and their name."""
    call, mute = tables.model_call, tables.thread_mute
    theirs = select(question.c.id).where(question.c.person.in_(ids))
    after = select(question.c.id).where(_spoken_after(ids))
    alone = select(question.c.text).where(question.c.id == answer.c.question_id).scalar_subquery()
    bare = {"prompt": [], "query": alone}
    await connection.execute(update(answer).where(answer.c.question_id.in_(after)).values(bare))
    await connection.execute(update(question).where(_spoken_after(ids)).values(query=question.c.text))
    await connection.execute(update(call).where(call.c.question_id.in_(theirs)).values(question_id=None))
    await connection.execute(update(mute).where(mute.c.person.in_(ids)).values(person=None))
    await connection.execute(update(correction).where(correction.c.decided_by.in_(ids)).values(decided_by=None))


def _spoken_after(ids: Sequence[str]) -> ColumnElement[bool]:
    """Questions in a conversation in which the person had spoken before; their own among them are removed anyway."""
    before = question.alias("before")
    spoke = exists().where(
        before.c.thread_id == question.c.thread_id,
        before.c.person.in_(ids),
        before.c.asked_at <= question.c.asked_at,
    )
    return spoke.correlate(question)


async def _remove(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, int]:
    """The person's own rows; messages and posts go with the inbox, passages, citations and votes with the answers."""
    theirs = select(question.c.id).where(question.c.person.in_(ids))
    await connection.execute(delete(inbox).where(inbox.c.person.in_(ids)))
    votes = await connection.execute(delete(feedback).where(feedback.c.person.in_(ids)))
    corrections = await connection.execute(delete(correction).where(correction.c.person.in_(ids)))
    answers = await connection.execute(delete(answer).where(answer.c.question_id.in_(theirs)))
    await connection.execute(delete(question).where(question.c.person.in_(ids)))
    await connection.execute(delete(preference).where(preference.c.person.in_(ids)))
    return {"votes": votes.rowcount, "corrections": corrections.rowcount, "answers": answers.rowcount}


async def _lock_out(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Links, codes, tries and admission of the person go; whom they have let in stays in."""
    issued_or_used = code.c.issued_by.in_(ids) | code.c.used_by.in_(ids)
    await connection.execute(delete(code).where(issued_or_used))
    await connection.execute(delete(wrong).where(wrong.c.subject.in_(ids)))
    await connection.execute(delete(link).where(link.c.person.in_(ids)))
    await connection.execute(delete(admission).where(admission.c.subject.in_(ids)))
    let_in = update(admission).where(admission.c.admitted_by.in_(ids))
    await connection.execute(let_in.values(admitted_by=None))
