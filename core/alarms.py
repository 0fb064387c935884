"""What is told to the administrators when something goes wrong: at once, and then not again and again."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import Clock, wait_at_most

QUESTIONS = 10  # ids of questions that one alarm names
DETAIL = 500  # characters of the detail
OTHER = "other"
"""The kind of all that comes when too many kinds are known already."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`count` errors of one kind since the alarm before, the first of them at `first_at`.

    `detail` is of the first error, `question_ids` are of the first ten questions that were hit.
    """

    kind: str
    count: int
    question_ids: tuple[str, ...]
    detail: str
    first_at: datetime


@dataclass(slots=True)
class _Group:
    """The errors of one kind that have not been told. `quiet_until` is in the clock's seconds."""

    quiet_until: float
    count: int = 0
    question_ids: list[str] = field(default_factory=list)
    detail: str = ""
    first_at: datetime | None = None


class Alarms:
    """Errors by kind: the first of a kind is due at once, those after it together, once in `window_seconds`.

    At most `most` kinds are kept apart; a kind that has been quiet for a window is forgotten. One task may wait.
    """

    def __init__(self, clock: Clock, window_seconds: float = 600.0, most: int = 50) -> None:
        self._clock = clock
        self._window = window_seconds
        self._most = most
        self._groups: dict[str, _Group] = {}
        self._raised = asyncio.Event()

    def raised(self, kind: str, question_id: str | None, detail: str) -> None:
        """Something went wrong, with this question or with none."""
        group = self._group(kind)
        if not group.count:
            group.detail, group.first_at = detail[:DETAIL], self._clock.now()
        group.count += 1
        if question_id and question_id not in group.question_ids and len(group.question_ids) < QUESTIONS:
            group.question_ids.append(question_id)
        self._raised.set()

    def due(self) -> list[Alarm]:
        """What is to be told now, in the order of the first errors; it counts as told."""
        now = self._clock.monotonic()
        alarms: list[Alarm] = []
        for kind, group in list(self._groups.items()):
            if group.first_at is not None and group.quiet_until <= now:
                alarms.append(Alarm(kind, group.count, tuple(group.question_ids), group.detail, group.first_at))
                self._groups[kind] = _Group(quiet_until=now + self._window)
        return sorted(alarms, key=lambda alarm: alarm.first_at)

    async def wait(self) -> None:
        """Until something is due."""
        while (seconds := self._seconds_left()) != 0:
            self._raised.clear()
            if seconds is None:
                await self._raised.wait()
            else:
                await wait_at_most(self._clock, self._raised, seconds)

    def _seconds_left(self) -> float | None:
        """Until something is due: 0 when it is; None while nothing is on its way."""
        times = [group.quiet_until for group in self._groups.values() if group.count]
        return max(0.0, min(times) - self._clock.monotonic()) if times else None

    def _group(self, kind: str) -> _Group:
        if kind not in self._groups and len(self._groups) >= self._most:
            self._drop_quiet()
        if kind not in self._groups and len(self._groups) >= self._most:
            kind = OTHER
        return self._groups.setdefault(kind, _Group(quiet_until=self._clock.monotonic()))

    def _drop_quiet(self) -> None:
        now = self._clock.monotonic()
        self._groups = {kind: group for kind, group in self._groups.items() if group.count or group.quiet_until > now}
