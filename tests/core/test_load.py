"""How long a question would wait for the local model: counted and timed, on a clock that is set by hand."""

from contextlib import suppress
from dataclasses import dataclass

import pytest

from core.load import FIRST_GUESS, LocalLoad, SpillOver


@dataclass
class Seconds:
    """A clock."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("open_questions", "turns"), [(0, 0), (2, 0), (3, 0.5), (6, 2)])
def test_those_that_find_no_slot_are_waited_for(open_questions: int, turns: float) -> None:
    assert LocalLoad(slots=2).predicted_wait(open_questions) == pytest.approx(turns * FIRST_GUESS)


def test_the_mean_time_follows_what_is_measured() -> None:
    clock = Seconds()
    load = LocalLoad(slots=1, clock=clock)
    for _ in range(50):
        with load.answering():
            clock.now += 60
    assert load.predicted_wait(2) == pytest.approx(60, abs=0.1)


def test_an_answer_that_fails_took_its_time_too() -> None:
    clock = Seconds()
    load = LocalLoad(clock=clock)
    with suppress(KeyError), load.answering():
        clock.now += FIRST_GUESS + 50
        raise KeyError
    assert load.predicted_wait(2) == pytest.approx(FIRST_GUESS + 10)


def test_the_queue_spills_over_until_it_is_short_again() -> None:
    spill = SpillOver(LocalLoad(slots=4), over=45, under=20)
    waits = [spill.wait(open_questions) is not None for open_questions in (4, 15, 17, 12, 9, 12)]
    assert waits == [False, False, True, True, False, False]
