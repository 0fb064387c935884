"""Misbehaviour on demand, method by method."""

from collections import deque
from dataclasses import dataclass, field

DROP_BEFORE, DROP_AFTER, HANG = "drop_before", "drop_after", "hang"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call: an error's name, an HTTP status, `drop_before` or `drop_after` its work is done, or
    `hang`; None for nothing but the `delay`, in seconds, that comes before the work.
    """

    what: str | int | None
    delay: float = 0.0
    retry_after: int = 1


@dataclass
class Faults:
    """The faults still to come, each for one call, first come first served."""

    waiting: dict[str, deque[Fault]] = field(default_factory=dict)

    def plan(self, method: str, fault: Fault, times: int) -> None:
        self.waiting.setdefault(method, deque()).extend([fault] * times)

    def next(self, method: str) -> Fault:
        faults = self.waiting.get(method)
        return faults.popleft() if faults else Fault(None)

    def clear(self) -> None:
        self.waiting.clear()
