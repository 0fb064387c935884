"""What is too old goes, in batches: each is a transaction of its own, so that nobody waits for long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Delete, Select, Text, Update, cast, delete, exists, func, or_, select, update

from core.intake import OPEN
from core.store import tables
from core.store.database import Database
from core.store.exclusive import exclusive

question, answer, shadow = tables.question, tables.answer, tables.shadow_answer
inbox, event = tables.inbox, tables.inbox_event
call, reservation = tables.model_call, tables.reservation
code, wrong = tables.admission_code, tables.wrong_code

BATCH: Final = 500
NOTHING: Final = "[]"
"""An empty prompt, as it is stored."""

Changes = Callable[[Sequence[str]], Sequence[Update | Delete]]
"""What is done to the rows with these keys, and to those that hang on them."""


@dataclass(frozen=True)
class Purge:
    """The old rows of a database. Each method says how many rows it has changed, and raises StoreError."""

    database: Database
    batch: int = BATCH

    async def empty_questions(self, before: datetime) -> int:
        """The words of questions that were asked before, but for those that are being answered."""
        worded = or_(question.c.text != "", question.c.query != "")
        in_hand = exists().where(inbox.c.question_id == question.c.id, inbox.c.state.in_(OPEN))
        return await self._each(
            select(question.c.id).where(question.c.asked_at < before, worded, ~in_hand),
            lambda ids: [update(question).where(question.c.id.in_(ids)).values(text="", query="")],
        )

    async def empty_answers(self, before: datetime) -> int:
        """What of a question, or of words before it, was kept with answers that were given before."""
        written = or_(answer.c.query != "", cast(answer.c.prompt, Text) != NOTHING)
        compared = exists().where(shadow.c.answer_id == answer.c.id, cast(shadow.c.prompt, Text) != NOTHING)
        return await self._each(
            select(answer.c.id).where(answer.c.created_at < before, or_(written, compared)),
            lambda ids: [
                update(shadow).where(shadow.c.answer_id.in_(ids)).values(prompt=[]),
                update(answer).where(answer.c.id.in_(ids)).values(query="", prompt=[]),
            ],
        )

    async def unname_reservations(self, before: datetime) -> int:
        """For whom a call was paid before; what it has cost stays."""
        return await self._each(
            select(reservation.c.id).where(reservation.c.reserved_at < before, reservation.c.person != ""),
            lambda ids: [update(reservation).where(reservation.c.id.in_(ids)).values(person="")],
        )

    async def remove_inbox(self, before: datetime) -> int:
        """Questions that had ended before, with the platform's messages and ours; what is open stays."""
        ended = func.coalesce(inbox.c.settled_at, inbox.c.accepted_at) < before
        return await self._each(
            select(inbox.c.question_id).where(ended, inbox.c.state.not_in(OPEN)),
            lambda ids: [delete(inbox).where(inbox.c.question_id.in_(ids))],
        )

    async def remove_answers(self, before: datetime) -> int:
        """Answers that were given before, with all that hangs on them, and their questions with the last of them."""
        shown = exists().where(inbox.c.answer_id == answer.c.id)
        removed = await self._each(
            select(answer.c.id).where(answer.c.created_at < before, ~shown),
            lambda ids: [delete(answer).where(answer.c.id.in_(ids))],
        )
        answered = exists().where(answer.c.question_id == question.c.id)
        accepted = exists().where(inbox.c.question_id == question.c.id)
        await self._each(
            select(question.c.id).where(question.c.asked_at < before, ~answered, ~accepted),
            lambda ids: [delete(question).where(question.c.id.in_(ids))],
        )
        return removed

    async def remove_calls(self, before: datetime) -> int:
        """The figures of calls that were made before, and of what was set aside for them."""
        calls = await self._each(
            select(call.c.id).where(call.c.started_at < before),
            lambda ids: [delete(call).where(call.c.id.in_(ids))],
        )
        return calls + await self._each(
            select(reservation.c.id).where(reservation.c.reserved_at < before),
            lambda ids: [delete(reservation).where(reservation.c.id.in_(ids))],
        )

    async def remove_events(self, before: datetime) -> int:
        """Deliveries that were seen before, codes that had ended, and wrong ones that were tried."""
        events = await self._each(
            select(event.c.event).where(event.c.seen_at < before),
            lambda ids: [delete(event).where(event.c.event.in_(ids))],
        )
        codes = await self._each(
            select(code.c.digest).where(code.c.ends_at < before),
            lambda ids: [delete(code).where(code.c.digest.in_(ids))],
        )
        return (
            events
            + codes
            + await self._each(
                select(wrong.c.id).where(wrong.c.tried_at < before),
                lambda ids: [delete(wrong).where(wrong.c.id.in_(ids))],
            )
        )

    async def _each(self, which: Select[str], changes: Changes) -> int:
        done = 0
        while True:
            async with exclusive(self.database) as connection:
                keys = list(await connection.scalars(which.limit(self.batch)))
                for change in changes(keys) if keys else ():
                    await connection.execute(change)
            done += len(keys)
            if len(keys) < self.batch:
                return done
