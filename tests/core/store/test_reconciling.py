"""What was not told at once is asked for later, and counts as the worst until somebody knows."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.budget import Cap, Reservation, Windows
from core.errors import ModelError, ModelUnavailable, StoreError
from core.metering import Settlement, Standing
from core.reconciling import A_ROUND, EVERY, KNOWN_FOR, Reconciler, reconciling
from core.store import tables
from core.store.budget import Doubt, ReservationBook
from core.store.database import Database
from tests.manual_clock import ManualClock

AWAY = ModelUnavailable("model.unreachable", place="test")
LONGEST = timedelta(minutes=3)


class PatientClock(ManualClock):
    """Lets a test wait until somebody has lain down for the n-th time."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self._news.set()
        await super().sleep(seconds)

    async def naps(self, count: int) -> None:
        """Returns once so many sleeps have begun."""
        while len(self.slept) < count:
            self._news.clear()
            await self._news.wait()


@dataclass
class Provider:
    """Knows what it is given; an error is raised, None is not known yet."""

    costs: dict[str, float | ModelError | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def cost_of(self, generation_id: str) -> float | None:
        self.asked.append(generation_id)
        cost = self.costs.get(generation_id)
        if isinstance(cost, ModelError):
            raise cost
        return cost


@dataclass
class Books:
    """Reservations of 100 micro-dollars each, and who looks after them."""

    database: Database
    clock: PatientClock = field(default_factory=PatientClock)
    provider: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        self.book = ReservationBook(self.database)
        self.reconciler = Reconciler(self.book, self.provider, self.clock, LONGEST)

    async def hold(self, number: int, name: str | None = None) -> None:
        """A call is under way; it has this name."""
        now = self.clock.now()
        one = Reservation(f"r{number}", "q", "lan", "m", now, 100)
        await self.book.reserve(one, Windows.at(now, UTC), dict.fromkeys(Cap, 10**9))
        await self.book.keep_name(one.id, name)

    async def lose(self, number: int, name: str | None) -> None:
        """A call has ended without a cost."""
        await self.hold(number)
        await self.book.settle(f"r{number}", Settlement(Standing.UNKNOWN, None, name), self.clock.now())

    async def rows(self) -> list[tuple[str, int | None]]:
        reservation = tables.reservation
        statement = select(reservation.c.state, reservation.c.cost_micros).order_by(reservation.c.id)
        async with self.database.reading() as connection:
            return [(row[0], row[1]) for row in await connection.execute(statement)]

    async def charged(self) -> int:
        return (await self.book.used(Windows.at(self.clock.now(), UTC), ""))[Cap.MONTH]


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


async def test_what_was_cut_off_costs_what_the_provider_says_later(books: Books) -> None:
    await books.lose(1, "gen-1")
    assert await books.charged() == 100
    books.provider.costs = {"gen-1": 0.000007}
    assert await books.reconciler.reconcile() == 1
    assert await books.rows() == [("settled", 7)]
    assert await books.charged() == 7
    assert await books.reconciler.reconcile() == 0
    assert books.provider.asked == ["gen-1"]


async def test_a_call_of_two_attempts_costs_both(books: Books) -> None:
    await books.lose(1, "gen-1 gen-2")
    books.provider.costs = {"gen-1": 0.000007, "gen-2": 0.00001}
    await books.reconciler.reconcile()
    assert await books.rows() == [("settled", 17)]


@pytest.mark.parametrize("costs", [{}, {"gen-1": 0.000007}, {"gen-1": 0.000007, "gen-2": -1.0}])
async def test_until_all_is_known_it_counts_as_the_worst_and_is_asked_again(
    books: Books, costs: dict[str, float | ModelError | None]
) -> None:
    await books.lose(1, "gen-1 gen-2")
    books.provider.costs = costs
    for _ in range(2):
        assert await books.reconciler.reconcile() == 0
        assert await books.charged() == 100
    assert len(books.provider.asked) == 4


async def test_what_has_no_name_is_never_asked_for_and_stays_the_worst(books: Books) -> None:
    await books.lose(1, None)
    assert await books.reconciler.reconcile() == 0
    assert (books.provider.asked, await books.charged()) == ([], 100)


async def test_a_call_under_way_is_left_alone(books: Books) -> None:
    await books.hold(1, "gen-1")
    books.clock.advance(LONGEST.total_seconds())
    assert await books.reconciler.reconcile() == 0
    assert books.provider.asked == []


async def test_what_a_dead_process_held_is_asked_for_or_stays_the_worst(books: Books) -> None:
    await books.hold(1, "gen-1")
    await books.hold(2)
    books.provider.costs = {"gen-1": 0.000007}
    books.clock.advance(LONGEST.total_seconds() + 1)
    assert await books.reconciler.reconcile() == 1
    assert await books.rows() == [("settled", 7), ("unknown", None)]
    assert await books.charged() == 107


async def test_a_provider_that_fails_ends_the_round(books: Books) -> None:
    for number in range(3):
        await books.lose(number, f"gen-{number}")
        books.clock.advance(1)
    books.provider.costs = {"gen-0": 0.000007, "gen-1": AWAY, "gen-2": 0.000007}
    assert await books.reconciler.reconcile() == 1
    assert books.provider.asked == ["gen-0", "gen-1"]
    books.provider.costs["gen-1"] = 0.000007
    assert await books.reconciler.reconcile() == 2


async def test_one_round_asks_for_so_many_and_nothing_that_is_too_old(books: Books) -> None:
    for number in range(A_ROUND + 1):
        await books.lose(number, f"gen-{number}")
    await books.reconciler.reconcile()
    assert len(books.provider.asked) == A_ROUND
    books.clock.advance(KNOWN_FOR.total_seconds() + 1)
    await books.reconciler.reconcile()
    assert len(books.provider.asked) == A_ROUND


async def test_it_watches_from_the_start_and_every_minute_until_the_block_ends(books: Books) -> None:
    await books.lose(1, "gen-1")
    books.provider.costs = {"gen-1": 0.000007}
    async with reconciling(books.reconciler):
        await books.clock.naps(1)
        assert await books.rows() == [("settled", 7)]
        await books.lose(2, "gen-2")
        books.provider.costs = {"gen-2": 0.000009}
        books.clock.advance(EVERY)
        await books.clock.naps(2)
        assert await books.rows() == [("settled", 7), ("settled", 9)]
    assert books.clock.sleepers == 0


async def test_an_error_in_the_block_leaves_it_as_itself(books: Books) -> None:
    with pytest.raises(ModelUnavailable):
        async with reconciling(books.reconciler):
            raise AWAY


@dataclass
class ForgetfulBook:
    """A database that fails once."""

    failures: int = 1
    rounds: int = 0

    async def doubts(self, since: datetime, held_before: datetime, limit: int) -> list[Doubt]:
        del since, held_before, limit
        self.rounds += 1
        if self.rounds <= self.failures:
            raise StoreError("store.locked", place="test")
        return []

    async def settle(self, reservation_id: str, settlement: Settlement, now: datetime) -> None:
        raise AssertionError((reservation_id, settlement, now))


async def test_a_database_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    clock, book = PatientClock(), ForgetfulBook()
    async with reconciling(Reconciler(book, Provider(), clock, LONGEST)):
        await clock.naps(1)
        clock.advance(EVERY)
        await clock.naps(2)
    assert book.rounds == 2
    assert "not looked up" in caplog.text
