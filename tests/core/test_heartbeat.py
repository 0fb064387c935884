"""Signs of life: the dead are found, the living are left in peace, whatever the clocks and the database do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import StoreError
from core.heartbeat import BEATS_PER_LEASE, Heartbeat
from core.intake import InboxLimits, State
from core.store.claims import Claims
from core.store.database import Database
from tests.core.store.databases import KINDS, fresh_database
from tests.core.store.lobby import Lobby, empty_database
from tests.manual_clock import ImpatientClock

LEASE = InboxLimits().lease_seconds


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def postgresql(tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database("postgresql", tmp_path) as opened:
        yield opened


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database("sqlite", tmp_path) as opened:
        yield opened


@dataclass
class Listener:
    """One worker's heart, and how often it has found that questions came back."""

    heart: Heartbeat
    found: list[None]

    @classmethod
    def of(cls, lobby: Lobby, name: str, claims: Claims | None = None) -> "Listener":
        found: list[None] = []
        heart = Heartbeat(claims or lobby.claims(name), lobby.clock, LEASE, lambda: found.append(None))
        return cls(heart, found)

    async def beat(self, times: int = 1) -> None:
        for _ in range(times):
            await self.heart.beat()


@dataclass(frozen=True)
class AwayClaims(Claims):
    """A database that is away for as many beats as it is told; `tried` counts all."""

    away: list[StoreError] = field(default_factory=list)
    tried: list[None] = field(default_factory=list)

    async def beat(self) -> dict[str, int]:
        self.tried.append(None)
        if self.away:
            raise self.away.pop()
        return dict(await super().beat())


def away_claims(lobby: Lobby, name: str) -> AwayClaims:
    return AwayClaims(lobby.database, lobby.limits, name, ("recorded",), lobby.now)


async def worker_of(lobby: Lobby, question_id: str) -> object:
    return (await lobby.row(question_id))["worker"]


async def test_a_worker_whose_beat_stands_still_for_a_lease_is_taken_over(database: Database) -> None:
    lobby = Lobby(database)
    await Listener.of(lobby, "dead").beat()
    held = (await lobby.ask(), await lobby.claim("dead"))[0]
    alive = Listener.of(lobby, "alive")
    await alive.beat(BEATS_PER_LEASE)
    assert (await worker_of(lobby, held), alive.found) == ("dead", [])
    await alive.beat()
    row = await lobby.row(held)
    assert (row["worker"], row["state"], alive.found) == (None, State.NEW, [None])
    await alive.beat(5)
    assert alive.found == [None]


async def test_of_several_who_listen_one_takes_the_dead_over(database: Database) -> None:
    lobby = Lobby(database)
    for number in range(3):
        await lobby.ask(person=f"p{number}")
        await lobby.claim("dead")
    listeners = [Listener.of(lobby, f"w{number}") for number in range(3)]
    for _ in range(BEATS_PER_LEASE + 1):
        await asyncio.gather(*(listener.beat() for listener in listeners))
    assert sum(len(listener.found) for listener in listeners) == 1
    assert await lobby.claims("dead").held() == {}


async def test_a_slow_worker_that_beats_again_in_time_keeps_what_it_holds(database: Database) -> None:
    lobby = Lobby(database)
    slow, other = Listener.of(lobby, "slow"), Listener.of(lobby, "other")
    await slow.beat()
    held = (await lobby.ask(), await lobby.claim("slow"))[0]
    for _ in range(4):
        await other.beat(BEATS_PER_LEASE)
        await slow.beat()
    assert await worker_of(lobby, held) == "slow"


async def test_a_worker_that_comes_back_too_late_lives_on_with_empty_hands(database: Database) -> None:
    lobby = Lobby(database)
    late, other = Listener.of(lobby, "late"), Listener.of(lobby, "other")
    await lobby.ask()
    await lobby.claim("late")
    await other.beat(BEATS_PER_LEASE + 1)
    await late.beat()
    assert await lobby.claims("late").held() == {}
    await lobby.claim("late")
    for _ in range(4):
        await other.beat()
        await late.beat()
    assert len(await lobby.claims("late").held()) == 1


async def test_a_worker_that_dies_between_a_late_claim_and_its_next_beat_is_found(database: Database) -> None:
    lobby = Lobby(database)
    await Listener.of(lobby, "late").beat()
    other = Listener.of(lobby, "other")
    await other.beat(BEATS_PER_LEASE + 1)  # taken for dead
    held = (await lobby.ask(), await lobby.claim("late"))[0]
    await other.beat(BEATS_PER_LEASE + 1)
    assert await worker_of(lobby, held) is None


async def test_one_that_dies_with_nothing_in_hand_calls_nobody(database: Database) -> None:
    lobby = Lobby(database)
    await Listener.of(lobby, "dead").beat()
    alive = Listener.of(lobby, "alive")
    await alive.beat(BEATS_PER_LEASE + 1)
    assert alive.found == []
    assert await lobby.claims("alive").beat() == {}


async def test_no_clock_that_jumps_makes_a_worker_look_dead(database: Database) -> None:
    lobby = Lobby(database)
    alive, other = Listener.of(lobby, "alive"), Listener.of(lobby, "other")
    held = (await lobby.ask(), await lobby.claim("alive"))[0]
    for seconds in (86_400 * 400, -86_400 * 800, 1, 3600):
        lobby.clock.advance(seconds)
        await alive.beat()
        await other.beat()
    assert await worker_of(lobby, held) == "alive"


async def test_a_database_that_was_away_for_everybody_makes_nobody_look_dead(database: Database) -> None:
    lobby = Lobby(database)
    claims = away_claims(lobby, "one")
    one, two = Listener.of(lobby, "one", claims), Listener.of(lobby, "two")
    await two.beat()
    held = (await lobby.ask(), await lobby.claim("two"))[0]
    await one.beat()
    claims.away.extend(StoreError("store.unreachable", place="", detail="") for _ in range(20))
    for _ in range(20):
        lobby.clock.advance(LEASE)
        with pytest.raises(StoreError):
            await one.beat()
    await one.beat()
    assert (await worker_of(lobby, held), one.found) == ("two", [])


async def test_at_work_it_beats_three_times_a_lease_and_outlives_an_absent_database(database: Database) -> None:
    lobby = Lobby(database, clock=ImpatientClock())
    claims = away_claims(lobby, "alive")
    await lobby.ask()
    await lobby.claim("dead")
    back = asyncio.Event()
    heart = Heartbeat(claims, lobby.clock, LEASE, back.set)
    await heart.start()
    claims.away.extend(StoreError("store.unreachable", place="", detail="") for _ in range(2))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(heart.run())
        if not claims.is_alone:  # else it has been taken over at the start
            await back.wait()
        while len(claims.tried) < 7:
            await lobby.claims("watcher").held()
        running.cancel()
    assert set(lobby.clock.slept) == {LEASE / BEATS_PER_LEASE}
    assert await lobby.claims("dead").held() == {}


async def test_on_sqlite_what_the_last_process_held_is_taken_over_at_the_start(sqlite: Database) -> None:
    lobby = Lobby(sqlite)
    held = (await lobby.ask(), await lobby.claim("before"))[0]
    await Listener.of(lobby, "after").heart.start()
    row = await lobby.row(held)
    assert (row["worker"], row["state"], row["attempts"]) == (None, State.NEW, 1)
    await Listener.of(lobby, "third").heart.start()  # with nothing to take over


async def test_on_postgresql_the_others_are_left_in_peace_at_the_start(postgresql: Database) -> None:
    lobby = Lobby(postgresql)
    held = (await lobby.ask(), await lobby.claim("other"))[0]
    await Listener.of(lobby, "new").heart.start()
    assert await worker_of(lobby, held) == "other"


async def test_a_start_without_a_database_says_so(database: Database) -> None:
    lobby = Lobby(database)
    claims = away_claims(lobby, "w1")
    claims.away.append(StoreError("store.unreachable", place="", detail=""))
    with pytest.raises(StoreError):
        await Listener.of(lobby, "w1", claims).heart.start()
