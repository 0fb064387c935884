"""Misbehaviour on demand, method by method."""

from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.telegram_server.refusals import Refused

DROP_BEFORE, DROP_AFTER, HANG, FLOOD = "drop_before", "drop_after", "hang", "flood"
CODES = {"Bad Request": 400, "Unauthorized": 401, "Forbidden": 403, "Not Found": 404, "Conflict": 409}


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call: a description as Telegram words it (`Bad Request: …`, `Forbidden: …`), an HTTP status,
    `drop_before` or `drop_after` its work is done, `hang`, or `flood` for a 429 with `retry_after` seconds; None for
    nothing but the `delay`, in seconds, that comes before the work.
    """

    what: str | int | None
    delay: float = 0.0
    retry_after: int = 1

    def refusal(self) -> Refused | None:
        """The refusal that this fault is; None for the others. A `flood` is the rates' business."""
        if isinstance(self.what, int):
            return Refused(self.what, HTTPStatus(self.what).phrase)
        if self.what in {None, DROP_BEFORE, DROP_AFTER, HANG, FLOOD}:
            return None
        return Refused(CODES.get(str(self.what).partition(":")[0], 400), str(self.what))


@dataclass
class Faults:
    """The faults still to come, each for one call, first come first served."""

    waiting: dict[str, deque[Fault]] = field(default_factory=dict)

    def plan(self, method: str, fault: Fault, times: int) -> None:
        self.waiting.setdefault(method.lower(), deque()).extend([fault] * times)

    def next(self, method: str) -> Fault:
        faults = self.waiting.get(method.lower())
        return faults.popleft() if faults else Fault(None)

    def clear(self) -> None:
        self.waiting.clear()
