"""Reservations as rows. A call that nobody has settled counts as all that it may cost, whoever has died over it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.budget import Amounts, Cap, Reservation, Windows, spent_caps
from core.metering import Settlement, Standing
from core.store import tables
from core.store.database import Database
from core.store.exclusive import BUDGET_LOCK, exclusive
from core.store.jobs import JobRuns

reservation = tables.reservation

IN_DOUBT = (Standing.HELD, Standing.UNKNOWN)
COUNTED = reservation.c.state != Standing.RELEASED
CHARGE = case((reservation.c.state == Standing.SETTLED, reservation.c.cost_micros), else_=reservation.c.worst_micros)
"""What a reservation counts as, in micro-dollars."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reservation whose cost is not known; `generation_id` names all that its provider can be asked for."""

    id: str
    generation_id: str | None


@dataclass(frozen=True)
class ReservationBook:
    """`core.budget.Ledger` in a database. Every method raises StoreError."""

    database: Database

    async def reserve(self, wanted: Reservation, windows: Windows, caps: Amounts) -> Amounts:
        async with exclusive(self.database, BUDGET_LOCK) as connection:
            used = await _used(connection, windows, wanted.person)
            if not spent_caps(used, wanted.needs, caps):
                await connection.execute(insert(reservation).values(asdict(wanted) | {"state": Standing.HELD}))
            return used

    async def used(self, windows: Windows, person: str) -> Amounts:
        async with self.database.reading() as connection:
            return await _used(connection, windows, person)

    async def keep_name(self, reservation_id: str, generation_id: str | None) -> None:
        this = reservation.c.id == reservation_id
        async with self.database.writing() as connection:
            await connection.execute(update(reservation).where(this).values(generation_id=generation_id))

    async def settle(self, reservation_id: str, settlement: Settlement, now: datetime) -> None:
        """Whoever knows the cost first has the last word."""
        this = (reservation.c.id == reservation_id) & reservation.c.state.in_(IN_DOUBT)
        async with self.database.writing() as connection:
            await connection.execute(update(reservation).where(this).values(asdict(settlement) | {"settled_at": now}))

    async def is_first(self, what: str, slot: str) -> bool:
        return await JobRuns(self.database).claim(what, slot)

    async def doubts(self, since: datetime, held_before: datetime, limit: int) -> list[Doubt]:
        """What may be asked for, oldest first: unknown costs, and what was held longer than a call lives."""
        died = and_(reservation.c.state == Standing.HELD, reservation.c.reserved_at < held_before)
        named = and_(reservation.c.state == Standing.UNKNOWN, reservation.c.generation_id.is_not(None))
        statement = (
            select(reservation.c.id, reservation.c.generation_id)
            .where(or_(died, named), reservation.c.reserved_at >= since)
            .order_by(reservation.c.reserved_at)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return [Doubt(*row) for row in await connection.execute(statement)]


async def _used(connection: AsyncConnection, windows: Windows, person: str) -> Amounts:
    row = (await connection.execute(_sums(windows, person))).mappings().one()
    return {cap: int(row[cap]) for cap in Cap}


def _sums(windows: Windows, person: str) -> Select[*tuple[Any, ...]]:
    """One row: how much of each cap is taken, under the cap's name."""
    at = reservation.c.reserved_at
    in_the_hour = at > windows.hour
    theirs = and_(in_the_hour, reservation.c.person == person, reservation.c.person != "")
    columns = {
        Cap.HOUR: _sum(in_the_hour, 1),
        Cap.PERSON: _sum(theirs, 1),
        Cap.DAY: _sum(at >= windows.day, CHARGE),
        Cap.MONTH: _sum(at >= windows.month, CHARGE),
    }
    first = min(windows.hour, windows.month)
    return select(*(column.label(cap) for cap, column in columns.items())).where(COUNTED, at >= first)


def _sum(condition: ColumnElement[bool], what: ColumnElement[int] | int) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, what), else_=0)), 0)
