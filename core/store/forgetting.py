"""How everything by which a person can be known is taken out of the tables again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.intake import OPEN
from core.store import tables
from core.store.admission import HOME
from core.store.mentions import take_out_mentions
from core.store.overheard import overheard

preference, question, answer = tables.person_preference, tables.question, tables.answer
inbox, inbox_message, inbox_post = tables.inbox, tables.inbox_message, tables.inbox_post
feedback, correction, shadow = tables.feedback, tables.correction, tables.shadow_answer
link, admission, code, wrong = tables.person_link, tables.admission, tables.admission_code, tables.wrong_code
call, mute, reservation, event = tables.model_call, tables.thread_mute, tables.reservation, tables.inbox_event

DIRECT = "D"
"""Begins the id of a channel that Slack has made for one person and us."""
AT_ONCE = 500  # bound parameters of one statement


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A message of ours that nobody will finish any more: its question is gone."""

    surface: str
    place: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Traces:
    """By what the forgotten can still be found outside the tables: their ids, and the answers that had words of theirs.

    Those are their own, the ones that they have judged, and others' that were written after them.
    """

    ids: tuple[str, ...] = ()
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed. `votes` and `corrections` are those that the person gave, on whosever answers."""

    questions: int = 0
    answers: int = 0
    votes: int = 0
    corrections: int = 0
    unfinished: tuple[Unfinished, ...] = ()
    traces: Traces = field(default=Traces(), compare=False, repr=False)


async def ids_of(connection: AsyncConnection, person: str) -> list[str]:
    """Every id of the person, whichever of them this is; their own first."""
    own = await connection.scalar(select(link.c.person).where(link.c.alias == person)) or person
    aliases = select(link.c.alias).where(link.c.person == own).order_by(link.c.alias)
    return [own, *await connection.scalars(aliases)]


async def remove_person(connection: AsyncConnection, person: str) -> Forgotten:
    """Everything by which the person can be known, in the caller's transaction."""
    ids = await ids_of(connection, person)
    unfinished = await connection.execute(_unfinished(ids))
    questions = await connection.scalar(_questions(ids)) or 0
    bared = await _bare(connection, ids)
    judged = await connection.scalars(_judged(ids))
    traces = Traces(tuple(ids), frozenset({*bared, *judged}))
    await _remove_deliveries(connection, ids)
    await _cut_traces(connection, ids)
    removed = await _remove(connection, ids)
    await _lock_out(connection, ids)
    await take_out_mentions(connection, ids)
    return Forgotten(questions, unfinished=tuple(Unfinished(*row) for row in unfinished), traces=traces, **removed)


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


def _judged(ids: Sequence[str]) -> Select[str]:
    """The person's answers, and those that they have said something of."""
    theirs = select(answer.c.id).join_from(answer, question).where(question.c.person.in_(ids))
    said = (select(each.c.answer_id).where(each.c.person.in_(ids)) for each in (feedback, correction))
    return union(theirs, *said)  # type: ignore[return-value]


async def _bare(connection: AsyncConnection, ids: Sequence[str]) -> list[str]:
    """Takes out of others' answers what was carried over into them: the prompt, and the words put before theirs.

    That is so for every question in a conversation in which the person had spoken to us, and wherever people's remarks
    stand in a prompt: who made them was not noted. The ids of these answers.
    """
    after = list(await connection.scalars(select(question.c.id).where(_spoken_after(ids))))
    heard = await overheard(connection)
    bared: list[str] = []
    questions = sorted({*after, *heard})
    alone = select(question.c.text).where(question.c.id == answer.c.question_id).scalar_subquery()
    for first in range(0, len(questions), AT_ONCE):
        some = questions[first : first + AT_ONCE]
        mine = answer.c.question_id.in_(some)
        bared += await connection.scalars(select(answer.c.id).where(mine))
        of_these = select(answer.c.id).where(mine)
        await connection.execute(update(shadow).where(shadow.c.answer_id.in_(of_these)).values(prompt=[]))
        await connection.execute(update(answer).where(mine).values(prompt=[], query=alone))
        await connection.execute(update(question).where(question.c.id.in_(some)).values(query=question.c.text))
    return bared


def _spoken_after(ids: Sequence[str]) -> ColumnElement[bool]:
    """Questions in a conversation in which the person had spoken before; their own among them are removed anyway."""
    before = question.alias("before")
    spoke = exists().where(
        before.c.thread_id == question.c.thread_id,
        before.c.person.in_(ids),
        before.c.asked_at <= question.c.asked_at,
    )
    return spoke.correlate(question)


async def _remove_deliveries(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Deliveries and quiet conversations that bear an id of the person's in their names, or that of their own chat."""
    places = union(*(select(t.c.place).where(t.c.person.in_(ids)) for t in (inbox, question)))
    own = tuple(f"{place}:" for place in await connection.scalars(places) if _is_own(place, ids))
    keys = select(inbox_message.c.key).join_from(inbox_message, inbox).where(inbox.c.person.in_(ids))
    asked = {*await connection.scalars(keys)}
    known = await connection.scalars(select(event.c.event))
    gone = [name for name in known if name.startswith(own) or _names(name, ids) or not asked.isdisjoint(_heads(name))]
    for first in range(0, len(gone), AT_ONCE):
        await connection.execute(delete(event).where(event.c.event.in_(gone[first : first + AT_ONCE])))
    quiet = await connection.scalars(select(mute.c.conversation))
    theirs = [name for name in quiet if f"{name}:".startswith(own) or _names(name, ids)]
    await connection.execute(delete(mute).where(mute.c.conversation.in_(theirs)))


def _is_own(place: str, ids: Sequence[str]) -> bool:
    """Whether nobody but the person and we are there."""
    surface, _, _ = place.partition(":")
    where = place.rpartition(":")[2]
    return f"{surface}:{where}" in ids or (f"{surface}:" == HOME and where.startswith(DIRECT))


def _names(name: str, ids: Sequence[str]) -> bool:
    """Whether one of the words that a delivery is named by is an id of the person's on that platform."""
    surface, *words = name.split(":")
    return any(f"{surface}:{word}" in ids for word in words)


def _heads(name: str) -> tuple[str, str]:
    """The message that a delivery may be named after: alone, or with one more word."""
    return name, name.rpartition(":")[0]


async def _cut_traces(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """What others' rows hold of the person by name."""
    theirs = select(question.c.id).where(question.c.person.in_(ids))
    await connection.execute(update(call).where(call.c.question_id.in_(theirs)).values(question_id=None))
    await connection.execute(update(mute).where(mute.c.person.in_(ids)).values(person=None))
    paid_for = update(reservation).where(reservation.c.question_id.in_(theirs))
    await connection.execute(paid_for.values(question_id=None))
    await connection.execute(update(reservation).where(reservation.c.person.in_(ids)).values(person=""))
    await connection.execute(update(correction).where(correction.c.decided_by.in_(ids)).values(decided_by=None))


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
