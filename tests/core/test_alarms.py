"""Errors grouped for the administrators: the first at once, the rest together, on a clock in the test's hands."""

import asyncio
from datetime import timedelta

import pytest

from core.alarms import DETAIL, OTHER, QUESTIONS, Alarm, Alarms
from tests.manual_clock import ManualClock

WINDOW = 600.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def alarms(clock: ManualClock) -> Alarms:
    return Alarms(clock, WINDOW, most=3)


def test_nothing_is_due_while_nothing_is_wrong(alarms: Alarms) -> None:
    assert alarms.due() == []


def test_the_first_of_a_kind_is_due_at_once_and_only_once(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", "q1", "timeout")
    assert alarms.due() == [Alarm("model", 1, ("q1",), "timeout", clock.now())]
    assert alarms.due() == []
    clock.advance(2 * WINDOW)
    assert alarms.due() == []


def test_those_that_follow_wait_for_the_window_and_come_together(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", "q1", "timeout")
    alarms.due()
    clock.advance(1)
    second = clock.now()
    for question_id, detail in (("q2", "away"), ("q3", "timeout"), ("q2", "away"), (None, "gone")):
        alarms.raised("model", question_id, detail)
        clock.advance(1)
    clock.advance(WINDOW - 6)
    assert alarms.due() == []
    clock.advance(1)
    assert alarms.due() == [Alarm("model", 4, ("q2", "q3"), "away", second)]


def test_a_kind_that_goes_on_is_told_once_a_window(alarms: Alarms, clock: ManualClock) -> None:
    told: list[int] = []
    for _ in range(3 * int(WINDOW)):
        alarms.raised("model", None, "timeout")
        told += [alarm.count for alarm in alarms.due()]
        clock.advance(1)
    assert told == [1, WINDOW, WINDOW]


def test_a_kind_that_was_quiet_for_a_window_is_due_at_once_again(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", "q1", "timeout")
    alarms.due()
    clock.advance(WINDOW)
    alarms.raised("model", "q2", "timeout")
    assert [alarm.question_ids for alarm in alarms.due()] == [("q2",)]


def test_each_kind_has_its_own_window(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", "q1", "timeout")
    alarms.due()
    alarms.raised("store", "q2", "locked")
    clock.advance(1)
    alarms.raised("index", None, "damaged")
    alarms.raised("model", "q3", "timeout")
    assert [alarm.kind for alarm in alarms.due()] == ["store", "index"]


def test_before_anybody_looks_the_first_and_those_after_it_are_one(alarms: Alarms, clock: ManualClock) -> None:
    first = clock.now()
    for number in range(3):
        alarms.raised("model", f"q{number}", f"error {number}")
        clock.advance(WINDOW)
    assert alarms.due() == [Alarm("model", 3, ("q0", "q1", "q2"), "error 0", first)]


def test_an_alarm_stays_small_however_much_goes_wrong(alarms: Alarms) -> None:
    for number in range(1000):
        alarms.raised("model", f"q{number}", "x" * 10_000)
    (alarm,) = alarms.due()
    assert alarm.count == 1000
    assert alarm.question_ids == tuple(f"q{number}" for number in range(QUESTIONS))
    assert alarm.detail == "x" * DETAIL


def test_kinds_beyond_the_most_are_counted_together(alarms: Alarms) -> None:
    for number in range(100):
        alarms.raised(f"kind {number}", f"q{number}", "x")
    found = alarms.due()
    assert [(alarm.kind, alarm.count) for alarm in found] == [("kind 0", 1), ("kind 1", 1), ("kind 2", 1), (OTHER, 97)]


def test_a_kind_that_is_quiet_makes_room_for_another(alarms: Alarms, clock: ManualClock) -> None:
    for kind in ("a", "b", "c"):
        alarms.raised(kind, None, "x")
    alarms.due()
    alarms.raised("d", None, "x")
    clock.advance(WINDOW)
    alarms.raised("c", None, "x")
    alarms.raised("e", None, "x")
    assert sorted(alarm.kind for alarm in alarms.due()) == ["c", "e", OTHER]


async def test_who_waits_wakes_with_the_first_error(alarms: Alarms) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        waiting = group.create_task(alarms.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        alarms.raised("model", None, "timeout")
    assert len(alarms.due()) == 1


async def test_what_is_due_already_is_not_waited_for(alarms: Alarms) -> None:
    alarms.raised("model", None, "timeout")
    async with asyncio.timeout(5):
        await alarms.wait()


async def asleep(clock: ManualClock, sleepers: int = 1, slept: int = 1) -> None:
    """Until this many sleep, after this many sleeps in all."""
    while clock.sleepers < sleepers or len(clock.slept) < slept:  # noqa: ASYNC110 (the clock of the tests has no event)
        await asyncio.sleep(0)


async def test_who_waits_for_the_rest_wakes_when_the_window_ends(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", None, "timeout")
    alarms.due()
    clock.advance(100)
    alarms.raised("model", None, "timeout")
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        waiting = group.create_task(alarms.wait())
        await asleep(clock)
        assert clock.slept == [WINDOW - 100]
        clock.advance(WINDOW - 101)
        await asyncio.sleep(0)
        assert not waiting.done()
        clock.advance(1)
    assert [alarm.count for alarm in alarms.due()] == [1]


async def test_another_kind_wakes_who_waits_for_a_window(alarms: Alarms, clock: ManualClock) -> None:
    alarms.raised("model", None, "timeout")
    alarms.due()
    alarms.raised("model", None, "timeout")
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        waiting = group.create_task(alarms.wait())
        await asleep(clock)
        alarms.raised("model", None, "again: changes nothing")
        await asleep(clock, slept=2)
        for _ in range(20):
            await asyncio.sleep(0)
        assert clock.slept == [WINDOW, WINDOW]
        assert not waiting.done()
        alarms.raised("store", None, "locked")
    assert [alarm.kind for alarm in alarms.due()] == ["store"]


async def test_a_wait_that_is_given_up_loses_nothing(alarms: Alarms, clock: ManualClock) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(alarms.wait())
        await asyncio.sleep(0)
        waiting.cancel()
    alarms.raised("model", None, "timeout")
    assert alarms.due()[0].first_at == clock.now() + timedelta(0)
