"""The circuit breaker, on a clock that the test turns."""

from collections.abc import Callable

import pytest

from core.breaker import Breaker
from core.errors import ModelUnavailable
from core.guarded import _model_paused


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(_model_paused, clock)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit())


def seconds_to_wait(breaker: Breaker) -> float:
    with pytest.raises(ModelUnavailable) as caught:
        breaker.admit()
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_two_failures_in_a_row_pass_and_the_third_opens_it_for_half_a_minute(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open
    assert seconds_to_wait(breaker) == 30


def test_five_failures_of_the_last_ten_open_it_though_never_three_in_a_row(breaker: Breaker) -> None:
    for n in range(4):
        fail(breaker)
        breaker.succeeded(breaker.admit())
        assert not breaker.is_open, f"after {n + 1} failures"
    fail(breaker)
    assert breaker.is_open


def test_failures_older_than_ten_requests_are_forgotten(breaker: Breaker) -> None:
    for _ in range(4):
        fail(breaker)
        breaker.succeeded(breaker.admit())
    for _ in range(8):
        breaker.succeeded(breaker.admit())
    fail(breaker)
    assert not breaker.is_open


def test_after_the_pause_one_request_tries_and_the_others_still_wait(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 30
    ticket = breaker.admit()
    assert seconds_to_wait(breaker) == 5
    breaker.succeeded(ticket)
    assert not breaker.is_open
    breaker.admit()


def test_each_try_that_fails_doubles_the_pause_up_to_ten_minutes(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    pauses = []
    for _ in range(7):
        pauses.append(seconds_to_wait(breaker))
        clock.now += pauses[-1]
        fail(breaker)
    assert pauses == [30, 60, 120, 240, 480, 600, 600]


def test_a_try_that_works_makes_the_next_pause_short_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 30
    fail(breaker)
    clock.now += 60
    breaker.succeeded(breaker.admit())
    fail(breaker, 3)
    assert seconds_to_wait(breaker) == 30


def test_a_try_that_is_abandoned_leaves_the_place_to_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 30
    breaker.abandoned(breaker.admit())
    assert breaker.is_open
    breaker.succeeded(breaker.admit())
    assert not breaker.is_open


def test_a_refusal_of_the_account_opens_it_for_a_quarter_of_an_hour_at_once(breaker: Breaker) -> None:
    breaker.account_refused(breaker.admit())
    assert seconds_to_wait(breaker) == 900


@pytest.mark.parametrize("outcome", [Breaker.succeeded, Breaker.failed, Breaker.account_refused, Breaker.abandoned])
def test_a_request_from_before_the_opening_neither_closes_it_nor_lengthens_the_pause(
    breaker: Breaker, clock: Clock, outcome: Callable[[Breaker, int], None]
) -> None:
    late = breaker.admit()
    fail(breaker, 3)
    outcome(breaker, late)
    assert seconds_to_wait(breaker) == 30
    clock.now += 30
    breaker.admit()
    outcome(breaker, late)
    assert seconds_to_wait(breaker) == 5, "the try is still under way"


def test_who_has_to_wait_reads_how_long(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 29.5
    with pytest.raises(ModelUnavailable, match="1 more second") as caught:
        breaker.admit()
    assert "1 giây" in caught.value.text("vi")
