"""A circuit breaker: a service that keeps failing is left alone for a while, then asked by one request only."""

import time
from collections import deque
from collections.abc import Callable

from core.errors import SotayError

STREAK = 3
WINDOW, FAILURES = 10, 5
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0
ACCOUNT_PAUSE = 900.0
PROBE_TIME = 5.0


class Breaker:
    """Opens after `STREAK` failures in a row or `FAILURES` of the last `WINDOW` requests.

    Open, it refuses for 30 s, then lets one request try; each try that fails doubles the pause, up to 10 min. A
    refusal of the account (key, credit, rights) opens it for 15 min at once. `clock` gives seconds and never goes
    back. `admit` hands out a ticket that the outcome is reported with; outcomes of requests that began before the
    breaker last changed do not count. Used from one event loop. `refusal` makes the error for a wait in seconds.
    """

    def __init__(self, refusal: Callable[[float], SotayError], clock: Callable[[], float] = time.monotonic) -> None:
        self._refusal = refusal
        self._clock = clock
        self._failed: deque[bool] = deque(maxlen=WINDOW)
        self._pause = 0.0
        self._until: float | None = None
        self._trying = False
        self._ticket = 0

    @property
    def is_open(self) -> bool:
        return self._until is not None

    def admit(self) -> int:
        """Lets a request pass. Raises the refusal, with the seconds to wait, while open."""
        if self._until is None:
            return self._ticket
        wait = PROBE_TIME if self._trying else self._until - self._clock()
        if wait > 0:
            raise self._refusal(wait)
        self._change(until=self._until, trying=True)
        return self._ticket

    def succeeded(self, ticket: int) -> None:
        if ticket != self._ticket:
            return
        self._failed.append(False)
        if self._trying:
            self._failed.clear()
            self._pause = 0.0
            self._change(until=None)

    def failed(self, ticket: int) -> None:
        """A failure that another try may mend."""
        if ticket != self._ticket:
            return
        self._failed.append(True)
        in_a_row = list(self._failed)[-STREAK:] == [True] * STREAK
        if self._trying or in_a_row or sum(self._failed) >= FAILURES:
            self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
            self._change(until=self._clock() + self._pause)

    def account_refused(self, ticket: int) -> None:
        """Key, credit or rights: nothing mends it but an administrator."""
        if ticket == self._ticket:
            self._change(until=self._clock() + ACCOUNT_PAUSE)

    def abandoned(self, ticket: int) -> None:
        """The request ended without an outcome; harmless after one."""
        if ticket == self._ticket and self._trying:
            self._change(until=self._until)

    def _change(self, *, until: float | None, trying: bool = False) -> None:
        self._until, self._trying = until, trying
        self._ticket += 1
