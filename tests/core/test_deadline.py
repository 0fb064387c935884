"""One point in time, on a clock that nobody sets."""

import asyncio
import time

import pytest

from core.deadline import Deadline


def test_what_remains_shrinks_and_never_falls_below_zero() -> None:
    deadline = Deadline.after(1000)
    first, second = deadline.remaining(), deadline.remaining()
    assert 999 < second <= first <= 1000
    assert Deadline.after(-5).remaining() == 0.0


@pytest.mark.parametrize(("seconds", "passed"), [(60, False), (0, True), (-1, True)])
def test_a_deadline_has_passed_when_nothing_remains(seconds: float, passed: bool) -> None:
    assert Deadline.after(seconds).has_passed is passed


def test_it_lies_on_the_monotonic_clock() -> None:
    before = time.monotonic()
    assert before + 10 <= Deadline.after(10).at <= time.monotonic() + 10


async def test_a_passed_deadline_ends_a_wait_at_once() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(Deadline.after(-1).remaining()):
            await asyncio.Event().wait()
