"""How long a question would wait for the local model: counted and timed, on a clock that is set by hand."""

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from core.load import FIRST_GUESS, LocalLoad


@dataclass
class Seconds:
    """A clock."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_nobody_waits_while_a_slot_is_free() -> None:
    load = LocalLoad(slots=2)
    with load.answering():
        assert load.predicted_wait() == 0.0


def test_those_before_a_question_are_waited_for() -> None:
    load = LocalLoad(slots=2)
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(load.answering())
        assert load.predicted_wait() == pytest.approx(2 * FIRST_GUESS)
    assert load.predicted_wait() == 0.0


def test_the_mean_time_follows_what_is_measured() -> None:
    clock = Seconds()
    load = LocalLoad(slots=1, clock=clock)
    for _ in range(50):
        with load.answering():
            clock.now += 60
    with load.answering():
        assert load.predicted_wait() == pytest.approx(60, abs=0.1)


def test_waiting_is_no_part_of_the_time_of_an_answer() -> None:
    """Two questions one after the other in one slot, 10 s each: the second is under way for 20 s and needs 10."""
    clock = Seconds()
    load = LocalLoad(slots=1, clock=clock)
    for _ in range(50):
        with ExitStack() as second:
            with load.answering():
                second.enter_context(load.answering())
                clock.now += 10
            clock.now += 10
    with load.answering():
        assert load.predicted_wait() == pytest.approx(10, abs=0.1)


def test_an_answer_that_fails_counts_as_ended() -> None:
    load = LocalLoad()
    with pytest.raises(KeyError), load.answering():
        raise KeyError
    assert load.predicted_wait() == 0.0
