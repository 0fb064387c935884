"""The books of a period: calls, what they have cost, and what they were for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.conversation import Route
from core.metering import Standing
from core.spending import Answered, Books, Call, Payment
from core.store import tables
from core.store.budget import CHARGE, COUNTED
from core.store.database import Database

answer, passage, call, reservation = tables.answer, tables.passage, tables.model_call, tables.reservation


@dataclass(frozen=True)
class CostBook:
    """What a database knows of costs. Raises StoreError."""

    database: Database

    async def since(self, moment: datetime) -> Books:
        """Calls that have ended and reservations that were not released, from this moment on."""
        async with self.database.reading() as connection:
            calls, payments = await _calls(connection, moment), await _payments(connection, moment)
            return Books(calls, payments, await _answers(connection, moment))


async def _calls(connection: AsyncConnection, moment: datetime) -> tuple[Call, ...]:
    tokens = (func.coalesce(column, 0) for column in (call.c.prompt_tokens, call.c.completion_tokens))
    statement = select(call.c.started_at, call.c.route, call.c.question_id, *tokens)
    done = and_(call.c.route.in_(tuple(Route)), call.c.started_at >= moment, call.c.finish.is_not(None))
    rows = await connection.execute(statement.where(done))
    return tuple(Call(at, Route(route), question, *rest) for at, route, question, *rest in rows)


async def _payments(connection: AsyncConnection, moment: datetime) -> tuple[Payment, ...]:
    columns = (reservation.c.reserved_at, reservation.c.question_id, reservation.c.state, CHARGE)
    rows = await connection.execute(select(*columns).where(COUNTED, reservation.c.reserved_at >= moment))
    return tuple(Payment(at, question, Standing(state), micros) for at, question, state, micros in rows)


async def _answers(connection: AsyncConnection, moment: datetime) -> dict[str, Answered]:
    """By question; where one was answered again, the last answer."""
    first = and_(passage.c.answer_id == answer.c.id, passage.c.rank == 0)
    statement = (
        select(answer.c.question_id, answer.c.route, passage.c.space)
        .join_from(answer, passage, first, isouter=True)
        .where(answer.c.created_at >= moment)
        .order_by(answer.c.created_at, answer.c.id)
    )
    rows = await connection.execute(statement)
    return {question: Answered(Route(route), space) for question, route, space in rows}
