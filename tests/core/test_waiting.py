"""What those who wait are told: once, again when they have moved, and never at the price of their answer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core.delivery import Channel
from core.errors import StoreError
from core.intake import Claim, State
from core.pacing import Pacer
from core.queueing import Waiting
from core.store.claims import Claims
from core.store.database import Database
from core.surfaces import Action, Rates, SurfaceBusy, Undeliverable
from core.waiting import AT_ONCE, FIRST_GUESS, TELL_AGAIN, Estimate, WaitingRoom
from tests.core.desk import incoming, language_of
from tests.core.store.databases import KINDS
from tests.core.store.lobby import Lobby, empty_database
from tests.manual_clock import ImpatientClock, ManualClock
from tests.surface import CALM, Fault, RecordedSurface


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def postgresql(tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database("postgresql", tmp_path) as opened:
        yield opened


@dataclass(frozen=True)
class ShakyClaims(Claims):
    """Fails where it is told to, once for each word in `fails`."""

    fails: list[str] = field(default_factory=list)

    def _fail(self, name: str) -> None:
        if name in self.fails:
            self.fails.remove(name)
            raise StoreError("store.locked", place="", detail="")

    async def hold(self, question_id: str, now: object) -> Claim | None:
        self._fail("hold")
        return await super().hold(question_id, now)  # type: ignore[arg-type]

    async def posted(self, claim: Claim, part: int, message_id: str) -> bool:
        self._fail("posted")
        return await super().posted(claim, part, message_id)

    async def release(self, claim: Claim, *, counted: bool) -> None:
        self._fail("release")
        await super().release(claim, counted=counted)


class Room:
    """A waiting room over a real database and a recorded platform."""

    def __init__(self, database: Database, clock: ManualClock | None = None, rates: Rates = CALM) -> None:
        self.lobby = Lobby(database, clock=clock or ManualClock())
        self.surface = RecordedSurface(rates=rates)
        self.claims = ShakyClaims(database, self.lobby.limits, "w1", ("recorded",), self.lobby.now)
        channel = Channel(self.surface, Pacer(rates, self.lobby.clock), self.claims, self.lobby.clock)
        self.estimate = Estimate(slots=2)
        self.room = WaitingRoom(self.claims, {"recorded": channel}, language_of, self.lobby.clock, self.estimate)

    async def due(self) -> list[tuple[str, int]]:
        return [(row.question_id, position) for row, position in await self.room.due()]

    async def tell_all(self) -> int:
        """Tells everybody who is due; how many they were."""
        due = await self.room.due()
        for waiting, position in due:
            await self.room.tell(waiting, position)
        return len(due)

    async def one_waiting(self) -> Waiting:
        await self.lobby.ask()
        ((waiting, _),) = await self.room.due()
        return waiting


def test_the_first_guess_is_modest_and_every_answer_moves_it() -> None:
    estimate = Estimate(slots=4)
    assert estimate.seconds == FIRST_GUESS
    estimate.took(60)
    assert estimate.seconds == 20
    for _ in range(100):
        estimate.took(3)
    assert estimate.seconds == pytest.approx(3)


@pytest.mark.parametrize(
    ("slots", "seconds", "position", "expected"),
    [(1, 10, 1, 20), (1, 10, 3, 40), (4, 10, 4, 20), (4, 10, 5, 30), (2, 7, 1, 15), (4, 0.01, 1, 5), (1, 0, 9, 5)],
)
def test_the_wait_is_the_rounds_before_and_ones_own_rounded_up(
    slots: int, seconds: float, position: int, expected: int
) -> None:
    assert Estimate(slots, seconds).wait(position) == expected


async def test_who_waits_is_told_the_position_in_the_language_of_the_question(database: Database) -> None:
    office = Room(database)
    first = await office.lobby.ask()
    second = await office.lobby.ask("How many days of leave do I have?", person="hoa")
    assert await office.tell_all() == 2
    assert office.surface.texts(first) == ["Đang chờ, vị trí 1, khoảng 20 giây."]
    assert office.surface.texts(second) == ["Waiting, position 2, about 20 seconds."]
    for question_id in (first, second):
        row = await office.lobby.row(question_id)
        assert (row["state"], row["worker"], row["attempts"]) == (State.NEW, None, 0)


async def test_nobody_is_told_who_is_served_who_is_held_or_whose_sentence_goes_on(database: Database) -> None:
    office = Room(database)
    await office.lobby.bring_to(State.ANSWERING)
    await office.lobby.bring_to(State.DELIVERING)
    held = await office.lobby.ask(person="hoa")
    await office.lobby.claims("w2").hold(held, office.lobby.now)
    last = await office.lobby.ask(person="minh")
    assert await office.due() == [(last, 2)]


async def test_nobody_is_told_to_wait_for_whom_there_is_room(database: Database) -> None:
    """A question may come between the worker's look at what there is to do and its look at who waits."""
    office = Room(database)
    first, second, third = [await office.lobby.ask(person=person) for person in ("lan", "hoa", "minh")]
    told = {room: [row.question_id for row, _ in await office.room.due(room)] for room in (3, 2)}
    assert told == {3: [], 2: [third]}
    assert [(row.question_id, place) for row, place in await office.room.due(1, {first})] == []
    assert [row.question_id for row, _ in await office.room.due(0, {first})] == [second]


async def test_one_is_told_again_when_one_has_moved_but_not_at_every_step(database: Database) -> None:
    office = Room(database)
    ids = [await office.lobby.ask(person=f"p{number}") for number in range(4)]
    assert [position for _, position in await office.due()] == [1, 2, 3, 4]
    office.lobby.clock.advance(TELL_AGAIN)
    assert await office.due() == []
    await office.lobby.claim()
    assert await office.due() == [(question_id, position) for position, question_id in enumerate(ids[1:], 1)]
    await office.lobby.claim()
    assert await office.due() == []
    office.lobby.clock.advance(TELL_AGAIN - 0.1)
    assert await office.due() == []
    office.lobby.clock.advance(0.1)
    assert await office.due() == [(ids[2], 1), (ids[3], 2)]


async def test_the_new_position_takes_the_place_of_the_old_one(database: Database) -> None:
    office = Room(database)
    first, second = await office.lobby.ask(), await office.lobby.ask(person="hoa")
    await office.tell_all()
    await office.lobby.intake.stop(first, "lan", office.lobby.now)
    office.lobby.clock.advance(TELL_AGAIN)
    office.estimate.took(60)
    await office.tell_all()
    (sent,) = office.surface.of(second)
    assert sent.texts == ["Đang chờ, vị trí 2, khoảng 20 giây.", "Đang chờ, vị trí 1, khoảng 40 giây."]


async def test_a_position_that_the_platform_has_no_room_for_is_not_said(database: Database) -> None:
    office = Room(database, rates=replace(CALM, place_burst=1.0, place_per_second=0.001))
    waiting = await office.one_waiting()
    await office.room.tell(waiting, 2)
    await office.room.tell(waiting, 1)
    assert office.surface.texts(waiting.question_id) == ["Đang chờ, vị trí 2, khoảng 20 giây."]


async def test_who_is_gone_is_forgotten_and_told_anew_when_an_edit_brings_the_question_back(database: Database) -> None:
    office, message = Room(database), incoming()
    question_id = await office.lobby.ask(key=message.key)
    assert await office.due() == [(question_id, 1)]
    claim = await office.lobby.claim()
    assert await office.due() == []
    await office.lobby.accept(replace(message, event="edit", text="Khác?", version=1.0))
    await office.lobby.claims().release(claim, counted=False)
    assert await office.due() == [(question_id, 1)]


async def test_who_is_taken_up_before_it_is_said_is_not_told(database: Database) -> None:
    office = Room(database)
    waiting = await office.one_waiting()
    await office.lobby.claim("w2")
    await office.room.tell(waiting, 1)
    assert office.surface.calls == []


async def test_a_question_whose_placeholder_was_taken_away_is_told_in_a_new_one(database: Database) -> None:
    """As after an edit that came between the removal of one part and the next."""
    office = Room(database)
    waiting = await office.one_waiting()
    claim = await office.lobby.claim()
    await office.claims.intend(claim, 1)
    await office.claims.posted(claim, 1, "m-part")
    await office.claims.taken_away(claim, 0)
    await office.claims.release(claim, counted=False)
    await office.room.tell(waiting, 1)
    assert office.surface.texts(waiting.question_id) == ["Đang chờ, vị trí 1, khoảng 20 giây."]
    assert await office.lobby.posts(waiting.question_id) == {0: "m1", 1: "m-part"}


@pytest.mark.parametrize("fails", ["hold", "posted"])
async def test_where_the_store_fails_the_question_waits_on_for_its_answer(database: Database, fails: str) -> None:
    office = Room(database)
    waiting = await office.one_waiting()
    office.claims.fails.append(fails)
    await office.room.tell(waiting, 1)
    assert (await office.lobby.row(waiting.question_id))["worker"] is None
    assert (await office.lobby.claim("w2")).question_id == waiting.question_id


@pytest.mark.parametrize("error", [Undeliverable("blocked by the person"), ZeroDivisionError("blocked by a fault")])
async def test_where_the_platform_fails_the_question_waits_on_for_its_answer(
    database: Database, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    office = Room(database)
    waiting = await office.one_waiting()
    office.surface.faults.append(Fault(Action.PLACEHOLDER, error))
    with caplog.at_level(logging.WARNING):
        await office.room.tell(waiting, 1)
    assert "blocked by" in caplog.text
    assert (await office.lobby.claim("w2")).question_id == waiting.question_id


async def test_a_question_taken_over_meanwhile_is_left_to_its_new_hands(database: Database) -> None:
    office = Room(database)
    waiting = await office.one_waiting()
    office.surface.faults.append(Fault(Action.PLACEHOLDER, SurfaceBusy(3)))
    async with asyncio.TaskGroup() as group:
        group.create_task(office.room.tell(waiting, 1))
        while not office.lobby.clock.sleepers:
            await office.lobby.claims("w2").held()
        await office.lobby.claims("w2").take_over(["w1"])
        await office.lobby.claim("w2")
        office.lobby.clock.advance(3)
    assert (await office.lobby.row(waiting.question_id))["worker"] == "w2"


async def test_a_database_that_is_away_is_waited_for_so_that_nobody_stays_held(database: Database) -> None:
    office = Room(database, ImpatientClock())
    waiting = await office.one_waiting()
    office.claims.fails.extend(["release", "release"])
    await office.room.tell(waiting, 1)
    assert office.claims.fails == []
    assert len(office.lobby.clock.slept) == 2
    assert (await office.lobby.row(waiting.question_id))["worker"] is None


async def test_a_telling_that_is_cancelled_holds_nothing(database: Database) -> None:
    office = Room(database)
    waiting = await office.one_waiting()
    office.surface.rates = replace(CALM, call_seconds=0.1)
    office.surface.faults.append(Fault(Action.PLACEHOLDER))
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(office.room.tell(waiting, 1))
        while not office.surface.calls:
            await office.lobby.claims("w2").held()
        telling.cancel()
    assert (await office.lobby.claim("w2")).posts[0].in_doubt


async def test_who_is_still_being_told_is_not_told_again_beside_that(database: Database) -> None:
    """Two tellings of one question would take it from each other."""
    office = Room(database)
    ahead = await office.lobby.ask(person="p1")
    await office.lobby.ask(person="p2")
    (*_, (waiting, position)) = await office.room.due()
    office.surface.rates = replace(CALM, call_seconds=0.5)
    office.surface.faults.append(Fault(Action.PLACEHOLDER))
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(office.room.tell(waiting, position))
        while not office.surface.calls:
            await office.lobby.claims("w2").held()
        await office.lobby.claims("w1").let_go(waiting.question_id)  # so that only the telling keeps it from being due
        assert (await office.lobby.claim("w2")).question_id == ahead
        office.lobby.clock.advance(TELL_AGAIN)
        assert await office.room.due() == []
        telling.cancel()
    office.lobby.clock.advance(TELL_AGAIN)
    assert [row.question_id for row, _ in await office.room.due()] == [waiting.question_id]


async def test_no_more_than_a_few_are_told_at_the_same_time(postgresql: Database) -> None:
    office = Room(postgresql)
    for number in range(AT_ONCE + 2):
        await office.lobby.ask(person=f"p{number}")
    office.surface.rates = replace(CALM, call_seconds=0.5)
    office.surface.faults.extend(Fault(Action.PLACEHOLDER) for _ in range(AT_ONCE))
    async with asyncio.TaskGroup() as group:
        tellings = [group.create_task(office.room.tell(*due)) for due in await office.room.due()]
        while len(office.surface.calls) < AT_ONCE:
            await office.lobby.claims("w2").held()
        assert len(await office.claims.held()) == AT_ONCE
        for telling in tellings[:AT_ONCE]:
            telling.cancel()
    assert len(office.surface.sent) == 2
    assert await office.claims.held() == {}
