"""How often each method may be called."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.budgets import PREVIEW_SHARE, WINDOW, MethodBudgets
from tests.manual_clock import ManualClock

METHOD = "chat.update"


def budgets(most: int) -> MethodBudgets:
    return MethodBudgets(ManualClock(), {METHOD: most})


def test_so_many_calls_a_minute_and_the_next_when_the_first_is_a_minute_old() -> None:
    budget = budgets(3)
    clock = budget.clock
    assert isinstance(clock, ManualClock)
    for _ in range(3):
        assert budget.take(METHOD) == 0.0
        clock.advance(10.0)
    assert budget.take(METHOD) == pytest.approx(WINDOW - 30.0)
    clock.advance(WINDOW - 30.0)
    assert budget.take(METHOD) == 0.0


def test_what_slack_does_not_count_is_not_counted() -> None:
    budget = budgets(1)
    assert [budget.take("chat.postMessage") for _ in range(100)] == [0.0] * 100


def test_previews_leave_room_for_what_must_be() -> None:
    budget = budgets(10)
    clock = budget.clock
    assert isinstance(clock, ManualClock)
    taken = 0
    for _ in range(100):
        taken += budget.take(METHOD, preview=True) == 0.0
        clock.advance(0.1)
    assert 0 < taken <= 10 * PREVIEW_SHARE
    assert budget.take(METHOD) == 0.0


def test_previews_are_spread_over_the_minute() -> None:
    budget = budgets(100)
    clock = budget.clock
    assert isinstance(clock, ManualClock)
    times = []
    for _ in range(600):
        if budget.take(METHOD, preview=True) == 0.0:
            times.append(clock.monotonic())
        clock.advance(0.1)
    longest = max(later - sooner for sooner, later in itertools.pairwise(times))
    assert longest <= 2.0
    assert times[-1] > 55.0


def test_a_wait_that_rounds_to_nothing_is_still_a_wait() -> None:
    """The first call is not a minute old yet, by less than floating point tells in the sum."""
    budget = budgets(1)
    clock = budget.clock
    assert isinstance(clock, ManualClock)
    began = 75.32463556866874
    clock.advance(began)
    assert budget.take(METHOD) == 0.0
    clock.advance(WINDOW)
    assert clock.monotonic() - WINDOW < began
    assert budget.take(METHOD) > 0.0


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), max_size=120), st.integers(1, 12))
def test_no_minute_ever_holds_more(steps: list[tuple[float, bool]], most: int) -> None:
    budget = budgets(most)
    clock = budget.clock
    assert isinstance(clock, ManualClock)
    times: list[float] = []
    for seconds, preview in steps:
        clock.advance(seconds)
        wait = budget.take(METHOD, preview=preview)
        assert 0.0 <= wait <= WINDOW + 1e-3
        if wait == 0.0:
            times.append(clock.monotonic())
    for at in times:
        assert sum(at <= other < at + WINDOW - 1e-6 for other in times) <= most
