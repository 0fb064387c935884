"""Calls, ends and hours in any order: SQLite, PostgreSQL and a small model agree, and no cap is ever passed."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from core.budget import Amounts, Cap, Reservation, Windows
from core.metering import Settlement, Standing
from core.store import tables
from core.store.budget import ReservationBook
from tests.core.store.databases import fresh_database
from tests.fakes import MemoryLedger

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Step:
    """What happens next: a call is wanted, an earlier one ends somehow, or time passes."""

    kind: str
    amount: int
    person: str
    which: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(("reserve", "reserve", "reserve", "cost", "unknown", "release", "wait")),
        st.integers(0, 120),
        st.sampled_from(("lan", "hoa", "")),
        st.integers(0, 30),
    ),
    max_size=30,
)
CAPS = st.fixed_dictionaries(
    {Cap.HOUR: st.integers(0, 8), Cap.PERSON: st.integers(0, 5), Cap.DAY: st.integers(0, 400),
     Cap.MONTH: st.integers(0, 900)}
)  # fmt: skip


@dataclass
class Machine:
    """A database and a model in step; whatever either grants, no cap is passed at that moment."""

    book: ReservationBook
    caps: Amounts
    model: MemoryLedger = field(default_factory=MemoryLedger)
    now: datetime = datetime(2026, 11, 30, 14, tzinfo=UTC)

    async def take(self, number: int, step: Step) -> None:
        if step.kind == "reserve":
            await self.reserve(Reservation(f"r{number}", None, step.person, "m", self.now, step.amount))
        elif step.kind == "wait":
            self.now += timedelta(minutes=step.amount * 5)
        elif self.model.made:
            await self.end([*self.model.made][step.which % len(self.model.made)], step)

    async def reserve(self, one: Reservation) -> None:
        windows = Windows.at(self.now, HANOI)
        before = await self.book.reserve(one, windows, self.caps)
        assert before == await self.model.reserve(one, windows, self.caps)
        if one.id in self.model.made:
            after = await self.book.used(windows, one.person)
            assert all(after[cap] <= self.caps[cap] for cap in Cap)

    async def end(self, reservation_id: str, step: Step) -> None:
        """No call costs more than its worst; who knows the cost first has the last word."""
        if self.model.state(reservation_id) in {Standing.SETTLED, Standing.RELEASED}:
            return
        cost = min(step.amount, self.model.made[reservation_id].worst_micros)
        settlement = {
            "cost": Settlement(Standing.SETTLED, cost),
            "unknown": Settlement(Standing.UNKNOWN, None, "gen"),
            "release": Settlement(Standing.RELEASED, 0),
        }[step.kind]
        for ledger in (self.book, self.model):
            await ledger.settle(reservation_id, settlement, self.now)


def test_the_database_does_as_the_model_and_no_cap_is_ever_passed(kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        database = runner.run(stack.enter_async_context(fresh_database(kind, Path(folder))))

        async def live(caps: Amounts, steps: list[Step]) -> None:
            async with database.writing() as connection:
                await connection.execute(delete(tables.reservation))
            machine = Machine(ReservationBook(database), caps)
            for number, step in enumerate(steps):
                await machine.take(number, step)

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(CAPS, STEPS)
        def check(caps: Amounts, steps: list[Step]) -> None:
            runner.run(live(caps, steps))

        try:
            check()
        finally:
            runner.run(stack.aclose())
