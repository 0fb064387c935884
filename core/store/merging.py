"""What was written under one id becomes another's: two ids have turned out to be one person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables
from core.store.corrections import CorrectionState

answer, feedback, preference = tables.answer, tables.feedback, tables.person_preference
correction = tables.correction

OWNERS = (
    tables.question.c.person,
    tables.inbox.c.person,
    tables.thread_mute.c.person,
    correction.c.person,
    correction.c.decided_by,
    tables.admission.c.admitted_by,
    tables.reservation.c.person,
)
"""Columns in which a person may stand in several rows. Codes keep the id that they were issued under."""


async def move_rows(connection: AsyncConnection, alias: str, person: str) -> None:
    """Everything of `alias` is from now on that of `person`. What both have once is merged."""
    for column in OWNERS:
        await connection.execute(update(column.table).where(column == alias).values({column.name: person}))
    await _withdraw_older(connection, person)
    await _merge_feedback(connection, alias, person)
    await _merge_preferences(connection, alias, person)


async def _withdraw_older(connection: AsyncConnection, person: str) -> None:
    """Of several open proposals for one answer the newest stays, as if one id had made them all."""
    is_open = (correction.c.person == person) & (correction.c.state == CorrectionState.PROPOSED)
    order = (correction.c.proposed_at.desc(), correction.c.id.desc())
    rows = (await connection.execute(select(correction).where(is_open).order_by(*order))).all()
    newest = {row.answer_id: row.id for row in reversed(rows)}
    older = [row.id for row in rows if newest[row.answer_id] != row.id]
    withdrawn = update(correction).where(correction.c.id.in_(older)).values(state=CorrectionState.WITHDRAWN)
    await connection.execute(withdrawn)


async def _merge_feedback(connection: AsyncConnection, alias: str, person: str) -> None:
    """The newer vote counts; reason and correction are the person's own where there are any."""
    voted = select(feedback.c.answer_id).where(feedback.c.person == alias)
    # Who votes on these answers meanwhile waits until both rows are one.
    locked = select(answer.c.id).where(answer.c.id.in_(voted)).order_by(answer.c.id).with_for_update(key_share=True)
    await connection.execute(locked)
    theirs = (await connection.execute(select(feedback).where(feedback.c.person == alias))).all()
    for row in theirs:
        this = (feedback.c.answer_id == row.answer_id) & (feedback.c.person == person)
        own = (await connection.execute(select(feedback).where(this))).first()
        if own is not None:
            changes = _merged(own, row) | await _last_word(connection, own)
            await connection.execute(update(feedback).where(this).values(changes))
            other = (feedback.c.answer_id == row.answer_id) & (feedback.c.person == alias)
            await connection.execute(delete(feedback).where(other))
    await connection.execute(update(feedback).where(feedback.c.person == alias).values(person=person))


def _merged(own: Row[Any], other: Row[Any]) -> dict[str, object]:
    newer = max(own, other, key=_when_voted)
    return {
        "vote": newer.vote,
        "voted_at": newer.voted_at,
        "reason": own.reason or other.reason,
        "correction": own.correction or other.correction,
        "updated_at": max(own.updated_at, other.updated_at),
    }


def _when_voted(row: Row[Any]) -> tuple[bool, datetime]:
    """Rows may hold a reason alone; those of old know no time of the vote."""
    return row.vote != 0 or row.voted_at is not None, row.voted_at or row.updated_at


async def _last_word(connection: AsyncConnection, own: Row[Any]) -> dict[str, object]:
    """The text of the newest correction: what an administrator says of that is said of the feedback."""
    mine = (correction.c.answer_id == own.answer_id) & (correction.c.person == own.person)
    newest = select(correction.c.text).where(mine).order_by(correction.c.proposed_at.desc()).limit(1)
    text = await connection.scalar(newest)
    return {} if text is None else {"correction": text}


async def _merge_preferences(connection: AsyncConnection, alias: str, person: str) -> None:
    """The person's own choices win; but who has said no to training under either id has said no."""
    of_alias, of_person = preference.c.person == alias, preference.c.person == person
    other = (await connection.execute(select(preference).where(of_alias))).first()
    own = (await connection.execute(select(preference).where(of_person))).first()
    if other is not None and own is not None:
        changes = {
            "language": own.language or other.language,
            "training": own.training and other.training,
            "told_at": own.told_at or other.told_at,
        }
        await connection.execute(update(preference).where(of_person).values(changes))
        await connection.execute(delete(preference).where(of_alias))
    await connection.execute(update(preference).where(of_alias).values(person=person))
