"""Corrections as rows: from the proposal by a reader to the word of an administrator."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, RowMapping, exists, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

correction, feedback, answer, inbox = tables.correction, tables.feedback, tables.answer, tables.inbox

AT_ONCE = 100  # corrections that one look at what is left to do returns
A_MOMENT = timedelta(microseconds=1)  # the finest time that both databases keep


class CorrectionState(StrEnum):
    """Where a correction stands; all but the first are ends."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Correction:
    """What an answer should have been, as one person sees it.

    `announced_id` is the id of the message that shows it to the administrators, `returned_id` of the one that told
    the conversation of it; None while there is none.
    """

    id: str
    answer_id: str
    person: str
    text: str
    state: CorrectionState
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    announced_id: str | None = None
    returned_id: str | None = None


@dataclass(frozen=True)
class CorrectionRepository:
    """The corrections of a database."""

    database: Database

    async def add(self, answer_id: str, person: str, text: str, now: datetime) -> Correction | None:
        """A new proposal, in the place of one by the same person that is not decided; None for an unknown answer.

        Times of one person's proposals for an answer always grow, whatever the clock does.
        """
        mine = (correction.c.answer_id == answer_id) & (correction.c.person == person)
        newest = select(correction.c.proposed_at).where(mine).order_by(correction.c.proposed_at.desc()).limit(1)
        async with self.database.writing() as connection:
            if not await is_there(connection, answer_id):
                return None
            last = await connection.scalar(newest)
            waits = mine & (correction.c.state == CorrectionState.PROPOSED)
            await connection.execute(update(correction).where(waits).values(state=CorrectionState.WITHDRAWN))
            row = {
                "id": uuid.uuid4().hex,
                "answer_id": answer_id,
                "person": person,
                "text": text,
                "state": CorrectionState.PROPOSED,
                "proposed_at": max(now, last + A_MOMENT) if last else now,
            }
            added = await connection.execute(insert(correction).values(row).returning(correction))
            await self._note(connection, answer_id, person, text)
            return to_correction(added.mappings().one())

    async def get(self, correction_id: str) -> Correction | None:
        async with self.database.reading() as connection:
            row = (await connection.execute(select(correction).where(_this(correction_id)))).mappings().first()
            return to_correction(row) if row else None

    async def unannounced(self, surface: str | None) -> list[Correction]:
        """Proposals that no administrator has been shown, oldest first, the first hundred of them."""
        return await self._some(CorrectionState.PROPOSED, correction.c.announced_id.is_(None), _asked_on(surface))

    async def unreturned(self, surface: str | None) -> list[Correction]:
        """What was accepted and its conversation has not been told of, oldest first, the first hundred."""
        return await self._some(CorrectionState.ACCEPTED, correction.c.returned_id.is_(None), _asked_on(surface))

    async def announced(self, correction_id: str, message_id: str) -> None:
        await self._set(correction_id, announced_id=message_id)

    async def returned(self, correction_id: str, message_id: str) -> None:
        await self._set(correction_id, returned_id=message_id)

    async def decide(self, correction_id: str, by: str, state: CorrectionState, now: datetime) -> Correction | None:
        """The correction as decided; None when it is not there or no longer open. Of two at once one gets it."""
        open_one = _this(correction_id) & (correction.c.state == CorrectionState.PROPOSED)
        decision = {"state": state, "decided_by": by, "decided_at": now}
        statement = update(correction).where(open_one).values(decision).returning(correction)
        async with self.database.writing() as connection:
            row = (await connection.execute(statement)).mappings().first()
            return to_correction(row) if row else None

    async def _some(self, state: CorrectionState, *which: ColumnElement[bool]) -> list[Correction]:
        statement = select(correction).where(correction.c.state == state, *which)
        statement = statement.order_by(correction.c.proposed_at, correction.c.id).limit(AT_ONCE)
        async with self.database.reading() as connection:
            return [to_correction(row) for row in (await connection.execute(statement)).mappings()]

    async def _set(self, correction_id: str, **values: str) -> None:
        async with self.database.writing() as connection:
            await connection.execute(update(correction).where(_this(correction_id)).values(values))

    @staticmethod
    async def _note(connection: AsyncConnection, answer_id: str, person: str, text: str) -> None:
        """The same in the feedback, which training reads."""
        row = {
            "answer_id": answer_id,
            "person": person,
            "vote": 0,
            "correction": text,
            "updated_at": datetime.now(UTC),
        }
        await upsert(connection, feedback, row, changing=("correction", "updated_at"))


async def is_there(connection: AsyncConnection, answer_id: str) -> bool:
    """Whether there is such an answer. Who asks next waits until this transaction has ended: one at a time."""
    statement = select(answer.c.id).where(answer.c.id == answer_id).with_for_update(key_share=True)
    return await connection.scalar(statement) is not None


def was_rejected() -> ColumnElement[bool | None]:
    """Whether the correction in the outer query's feedback is the person's newest for the answer, and was rejected."""
    rejected = (correction.c.state == CorrectionState.REJECTED) & (correction.c.text == feedback.c.correction)
    mine = (correction.c.answer_id == feedback.c.answer_id) & (correction.c.person == feedback.c.person)
    newest = select(rejected).where(mine).order_by(correction.c.proposed_at.desc()).limit(1)
    return newest.correlate(feedback).scalar_subquery()


def to_correction(row: RowMapping) -> Correction:
    fields = {name: row[name] for name in Correction.__slots__}
    return Correction(**fields | {"state": CorrectionState(row["state"])})


def _asked_on(surface: str | None) -> ColumnElement[bool]:
    """Whether the question that was answered came by this surface; None stands for all of them."""
    if surface is None:
        return true()
    there = exists().where(
        answer.c.id == correction.c.answer_id, inbox.c.question_id == answer.c.question_id, inbox.c.surface == surface
    )
    return there.correlate(correction)


def _this(correction_id: str) -> ColumnElement[bool]:
    return correction.c.id == correction_id
