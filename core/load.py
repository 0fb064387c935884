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

    def predicted_wait(self) -> float:
        """Seconds until the local model would begin with one more question."""
        ...


class LocalLoad:
    """`Load` by counting: questions before a new one, times the mean time of an answer, over `slots` at once.

    Used from one event loop. `clock` gives seconds and never goes back.
    """

    def __init__(self, slots: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._slots = max(1, slots)
        self._clock = clock
        self._mean = FIRST_GUESS
        self._under_way = 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Held around one answer of the local model, from when it is asked until it is done or given up."""
        begun, before = self._clock(), self._waiting_turns()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            taken = (self._clock() - begun) / (1 + before)
            self._mean += SMOOTHING * (taken - self._mean)

    def predicted_wait(self) -> float:
        return self._waiting_turns() * self._mean

    def _waiting_turns(self) -> float:
        """How many whole answers a new question would wait for, on the mean."""
        return max(0, self._under_way - self._slots + 1) / self._slots


class SpillOver:
    """Whether questions that may leave should: from a predicted wait above `over` seconds until it is below `under`."""

    def __init__(self, load: Load, over: float = 45.0, under: float = 20.0) -> None:
        self._load = load
        self._over, self._under = over, min(under, over)
        self._is_on = False

    def wait(self) -> float | None:
        """The predicted wait in seconds while questions should leave because of it, else None."""
        wait = self._load.predicted_wait()
        self._is_on = wait > self._over or (self._is_on and wait >= self._under)
        return wait if self._is_on else None
