"""Time that goes on and never back, and waiting no longer than one must."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import SteadyClock, wait_at_most
from tests.manual_clock import ManualClock


def test_now_and_monotonic_go_on_together() -> None:
    clock = SteadyClock()
    walls, seconds = [], []
    for _ in range(100):
        seconds.append(clock.monotonic())
        walls.append(clock.now())
    assert walls == sorted(walls)
    assert seconds == sorted(seconds)
    drift = (walls[-1] - walls[0]).total_seconds() - (seconds[-1] - seconds[0])
    assert abs(drift) < 0.05


def test_now_is_the_wall_clocks_time_in_utc() -> None:
    now = SteadyClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=1)


async def test_a_sleep_takes_its_time() -> None:
    clock = SteadyClock()
    began = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - began >= 0.009


async def test_waiting_ends_with_the_event() -> None:
    clock, event = ManualClock(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait_at_most(clock, event, 10))
        await until_asleep(clock)
        event.set()
    assert waiting.result()
    assert clock.sleepers == 0


async def test_waiting_ends_with_the_time() -> None:
    clock, event = ManualClock(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait_at_most(clock, event, 10))
        await until_asleep(clock)
        clock.advance(9.9)
        await asyncio.sleep(0)
        assert not waiting.done()
        clock.advance(0.1)
    assert not waiting.result()


async def test_an_event_that_has_come_already_is_not_waited_for() -> None:
    clock, event = ManualClock(), asyncio.Event()
    event.set()
    assert await wait_at_most(clock, event, 10)
    assert clock.sleepers == 0


async def test_waiting_that_is_cancelled_leaves_nobody_asleep() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait_at_most(clock, asyncio.Event(), 10))
        await until_asleep(clock)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        waiting.result()
    assert clock.sleepers == 0


async def until_asleep(clock: ManualClock) -> None:
    while not clock.sleepers:  # noqa: ASYNC110 (the clock of the tests has no event)
        await asyncio.sleep(0)
