"""How busy the local model is, so that questions which may leave can spill over to the API before people wait long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

SMOOTHING = 0.2
"""The weight of the newest answer in the mean time of an answer."""
FIRST_GUESS = 15.0
"""Seconds that an answer is taken to need until one was timed."""


class Load(Protocol):
    """Knows how long a new question would wait."""

    def predicted_wait(self, open_questions: int) -> float:
        """Seconds until an answer to one more question would be begun, behind those that are open."""
        ...


class LocalLoad:
    """`Load` by timing: the open questions that find no slot, times the mean time of a local answer, over the slots.

    `slots` answers are written at once. Used from one event loop. `clock` gives seconds and never goes back.
    """

    def __init__(self, slots: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.slots = max(1, slots)
        self._clock = clock
        self._mean = FIRST_GUESS

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Held around one answer of the local model, from when it is asked until it is done or given up."""
        begun = self._clock()
        try:
            yield
        finally:
            self._mean += SMOOTHING * (self._clock() - begun - self._mean)

    def predicted_wait(self, open_questions: int) -> float:
        return max(0, open_questions - self.slots) / self.slots * self._mean


class SpillOver:
    """Whether questions that may leave should: from a predicted wait above `over` seconds until it is below `under`."""

    def __init__(self, load: Load, over: float = 45.0, under: float = 20.0) -> None:
        self._load = load
        self._over, self._under = over, min(under, over)
        self._is_on = False

    def wait(self, open_questions: int) -> float | None:
        """The predicted wait in seconds while questions should leave because of it, else None."""
        wait = self._load.predicted_wait(open_questions)
        self._is_on = wait > self._over or (self._is_on and wait >= self._under)
        return wait if self._is_on else None
