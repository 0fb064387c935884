"""Reservations on real databases: what is held counts, whoever races, crashes or never tells."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from core.budget import Cap, Reservation, Windows, spent_caps
from core.metering import Settlement, Standing
from core.store import tables
from core.store.budget import Doubt, ReservationBook
from core.store.database import Database, open_database
from tests.core.store.payer import COST, WORST

CHECKOUT = Path(__file__).parents[3]
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
PLENTY = dict.fromkeys(Cap, 10**9)
UNKNOWN = Settlement(Standing.UNKNOWN)


@pytest.fixture
def book(database: Database) -> ReservationBook:
    return ReservationBook(database)


def wanted(number: int = 1, worst: int = 100, at: datetime = NOON, person: str = "lan") -> Reservation:
    return Reservation(f"r{number}", f"q{number}", person, "m", at, worst)


async def reserve(book: ReservationBook, one: Reservation, caps: Mapping[Cap, int] = PLENTY) -> bool:
    """Whether it was granted."""
    used = await book.reserve(one, Windows.at(one.reserved_at, HANOI), caps)
    return not spent_caps(used, one.needs, caps)


async def used(book: ReservationBook, at: datetime = NOON, person: str = "lan") -> list[int]:
    amounts = await book.used(Windows.at(at, HANOI), person)
    return [amounts[cap] for cap in Cap]


async def test_nothing_is_used_at_first(book: ReservationBook) -> None:
    assert await used(book) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("settlement", "after"),
    [
        (Settlement(Standing.SETTLED, 7), [1, 1, 7, 7]),
        (Settlement(Standing.UNKNOWN, None, "gen-1"), [1, 1, 100, 100]),
        (Settlement(Standing.RELEASED, 0), [0, 0, 0, 0]),
    ],
)
async def test_what_is_held_counts_as_the_worst_until_it_is_settled(
    book: ReservationBook, settlement: Settlement, after: list[int]
) -> None:
    assert await reserve(book, wanted())
    assert await used(book) == [1, 1, 100, 100]
    await book.settle("r1", settlement, NOON)
    assert await used(book) == after


async def test_each_sum_has_its_own_window(book: ReservationBook) -> None:
    times = (
        NOON,  # noon in the office
        NOON - timedelta(hours=1),  # an hour ago, to the second: out of the hour
        NOON.replace(hour=16) - timedelta(days=1),  # 23:00 of the day before
        datetime(2026, 10, 31, 17, tzinfo=UTC),  # midnight of the first in the office
        datetime(2026, 10, 31, 16, 59, tzinfo=UTC),  # the month before
    )
    for number, at in enumerate(times):
        assert await reserve(book, wanted(number, 10**number, at))
    assert await used(book) == [1, 1, 11, 1111]


async def test_the_first_hour_of_a_month_reaches_back_into_the_last(book: ReservationBook) -> None:
    midnight = datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert await reserve(book, wanted(1, 100, midnight - timedelta(minutes=30)))
    assert await used(book, midnight) == [1, 1, 0, 0]


async def test_a_person_has_a_share_and_nobody_has_none(book: ReservationBook) -> None:
    for number, person in enumerate(("lan", "lan", "hoa", "")):
        assert await reserve(book, wanted(number, person=person))
    assert [(await used(book, person=person))[1] for person in ("lan", "hoa", "an", "")] == [2, 1, 0, 0]


async def test_what_does_not_fit_leaves_no_trace(book: ReservationBook) -> None:
    caps = PLENTY | {Cap.DAY: 199}
    assert await reserve(book, wanted(1), caps)
    assert not await reserve(book, wanted(2), caps)
    assert await used(book) == [1, 1, 100, 100]


async def test_who_knows_the_cost_first_has_the_last_word(book: ReservationBook) -> None:
    await reserve(book, wanted())
    await book.settle("r1", UNKNOWN, NOON)
    await book.settle("r1", Settlement(Standing.SETTLED, 7, "gen-1"), NOON)
    await book.settle("r1", UNKNOWN, NOON)
    await book.settle("r1", Settlement(Standing.SETTLED, 9), NOON)
    assert (await used(book))[2] == 7


async def test_everything_about_a_call_is_in_its_row(book: ReservationBook, database: Database) -> None:
    await reserve(book, wanted())
    await book.keep_name("r1", "gen-1")
    await book.settle("r1", Settlement(Standing.SETTLED, 7, "gen-1"), NOON + timedelta(seconds=3))
    async with database.reading() as connection:
        row = (await connection.execute(select(tables.reservation))).mappings().one()
    assert dict(row) == {
        "id": "r1",
        "question_id": "q1",
        "person": "lan",
        "model": "m",
        "reserved_at": NOON,
        "worst_micros": 100,
        "state": "settled",
        "cost_micros": 7,
        "generation_id": "gen-1",
        "settled_at": NOON + timedelta(seconds=3),
    }


async def test_doubts_are_what_can_be_asked_for_and_what_has_died(book: ReservationBook) -> None:
    for number in range(6):
        await reserve(book, wanted(number, at=NOON + timedelta(minutes=number)))
    await book.settle("r0", Settlement(Standing.UNKNOWN, None, "gen-0"), NOON)
    await book.settle("r1", UNKNOWN, NOON)
    await book.settle("r2", Settlement(Standing.SETTLED, 1), NOON)
    await book.keep_name("r3", "gen-3")
    await book.keep_name("r5", "gen-5")
    since, dead = NOON, NOON + timedelta(minutes=5)
    found = await book.doubts(since, dead, 10)
    assert found == [Doubt("r0", "gen-0"), Doubt("r3", "gen-3"), Doubt("r4", None)]
    assert await book.doubts(since, dead, 1) == found[:1]
    assert await book.doubts(since + timedelta(minutes=1), dead, 10) == found[1:]


async def test_of_many_who_speak_of_one_slot_one_is_the_first(book: ReservationBook) -> None:
    said = await asyncio.gather(*(book.is_first("low", "2026-11-23") for _ in range(5)))
    assert sorted(said) == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("caps", "room"),
    [({Cap.HOUR: 13}, 3), ({Cap.PERSON: 17}, 7), ({Cap.DAY: 1999}, 9), ({Cap.MONTH: 1000}, 0), ({Cap.MONTH: 1250}, 2)],
)
async def test_fifty_calls_at_once_against_a_nearly_spent_cap(
    book: ReservationBook, caps: dict[Cap, int], room: int
) -> None:
    for number in range(10):
        await reserve(book, wanted(number))
    granted = await asyncio.gather(*(reserve(book, wanted(100 + n), PLENTY | caps) for n in range(50)))
    assert sum(granted) == room
    assert await used(book) == [10 + room, 10 + room, 100 * (10 + room), 100 * (10 + room)]


async def a_payer(url: str, cap: int, calls: int) -> Process:
    command = (sys.executable, "-m", "tests.core.store.payer", url, str(cap), str(calls))
    return await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, cwd=CHECKOUT)


async def words_of(payer: Process, count: int) -> list[bytes]:
    assert payer.stdout
    return [(await payer.stdout.readline()).strip() for _ in range(count)]


async def rows_of(url: str) -> list[tuple[str, int, str | None]]:
    async with open_database(url) as database, database.reading() as connection:
        reservation = tables.reservation
        columns = (reservation.c.state, reservation.c.cost_micros, reservation.c.generation_id)
        return [(row[0], row[1], row[2]) for row in await connection.execute(select(*columns))]


async def test_processes_that_are_killed_in_the_middle_leave_all_they_held(url: str) -> None:
    """Three processes at once with seven calls each; what one third of them was let off is free for others."""
    payers = [await a_payer(url, cap=10 * WORST, calls=7) for _ in range(3)]
    said = [word for payer in payers for word in await words_of(payer, 7)]
    for payer in payers:
        payer.kill()
        await payer.wait()
    rows = await rows_of(url)
    held = [row for row in rows if row[0] == Standing.HELD]
    settled = [row for row in rows if row[0] == Standing.SETTLED]
    assert said.count(b"granted") == len(rows)
    assert {cost for _, cost, _ in settled} <= {COST}
    charged = WORST * len(held) + COST * len(settled)
    assert charged <= 10 * WORST
    async with open_database(url) as database:
        now = datetime.now(UTC)
        book = ReservationBook(database)
        amounts = await book.used(Windows.at(now, UTC), "lan")
        assert (amounts[Cap.DAY], amounts[Cap.HOUR]) == (charged, len(rows))
        doubts = await book.doubts(now - timedelta(days=1), now + timedelta(minutes=1), 100)
        assert sorted(map(str, (doubt.generation_id for doubt in doubts))) == sorted(str(row[2]) for row in held)


async def test_a_process_that_starts_after_the_crash_finds_the_cap_spent(url: str) -> None:
    first = await a_payer(url, cap=5 * WORST, calls=6)
    await words_of(first, 6)
    first.kill()
    await first.wait()
    before = sum(WORST if state == Standing.HELD else COST for state, _, _ in await rows_of(url))
    second = await a_payer(url, cap=before + WORST - 1, calls=4)
    assert await words_of(second, 4) == [b"refused"] * 4
    await second.wait()


async def test_a_month_of_calls_at_the_hourly_cap_is_summed_in_time(book: ReservationBook, database: Database) -> None:
    """100 calls an hour for a month: 72,000 rows."""
    count = 72_000
    rows = [
        {"id": f"r{n}", "person": f"p{n % 50}", "model": "m", "reserved_at": NOON - timedelta(seconds=n * 27),
         "worst_micros": 100, "state": "settled", "cost_micros": 1}
        for n in range(count)
    ]  # fmt: skip
    async with database.writing() as connection:
        await connection.execute(insert(tables.reservation), rows)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await reserve(book, wanted(count))
    assert loop.time() - began < 1.0
