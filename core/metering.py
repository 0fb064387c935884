"""What one paid call comes to: its attempts as they are told, and what of them is known at the end."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from core.money import cost_micros
from core.ports import Completion

NAME = re.compile(r"[\w.:-]{1,128}", re.ASCII)
"""What can be the name of a generation; such as `gen-1234567890-AbCdEf`."""


class Standing(StrEnum):
    """What has become of a reservation."""

    HELD = "held"
    """The call is under way, or its process has died over it."""
    SETTLED = "settled"
    """What it has cost is known."""
    RELEASED = "released"
    """Nothing was sent."""
    UNKNOWN = "unknown"
    """Something was sent, and what that costs is not known: it counts as all that it may cost."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a call has ended. `cost_micros` is there when it is settled.

    `generation_id` names every attempt that may have cost something, with spaces between them; None where one of them
    has no name, so that nobody can be asked for the cost of all.
    """

    state: Standing
    cost_micros: int | None = None
    generation_id: str | None = None


@dataclass(slots=True)
class Attempt:
    """One request that may have cost something. `cost_micros` is None while that is not known."""

    generation_id: str = ""
    cost_micros: int | None = None


class Bill:
    """The `Meter` of one call. `keep` stores the names of its attempts as soon as they are known, for after a crash.

    A model that tells nothing is believed the worst, unless it brings a completion that says what it has cost.
    """

    def __init__(self, keep: Callable[[str | None], Awaitable[None]]) -> None:
        self._keep = keep
        self._attempts: list[Attempt] = []
        self._is_told = False
        self._was_refused = False

    def begin(self) -> None:
        self._is_told = True

    async def sent(self) -> None:
        """The names that are stored must never be fewer than the attempts: a sum of some would be too low."""
        if self.generation_id is not None:
            await self._keep(None)
        self._attempts.append(Attempt())

    def unsent(self) -> None:
        self._attempts.pop()

    def refused(self) -> None:
        self._was_refused = True
        self._attempts.pop()

    async def named(self, generation_id: str) -> None:
        attempt = self._attempts[-1]
        if not attempt.generation_id and NAME.fullmatch(generation_id):
            attempt.generation_id = generation_id
            await self._keep(self.generation_id)

    def completed(self, completion: Completion) -> None:
        """The last attempt brought all of this."""
        if not self._attempts:
            self._attempts.append(Attempt())
        last = self._attempts[-1]
        last.cost_micros = cost_micros(completion.cost_usd)
        if not last.generation_id and NAME.fullmatch(completion.generation_id):
            last.generation_id = completion.generation_id

    @property
    def generation_id(self) -> str | None:
        """As in `Settlement`; None too while there is no attempt."""
        names = [attempt.generation_id for attempt in self._attempts]
        return " ".join(names) if names and all(names) else None

    def settlement(self) -> Settlement:
        if not self._attempts and not self._is_told:
            return Settlement(Standing.UNKNOWN)
        if not self._attempts and not self._was_refused:
            return Settlement(Standing.RELEASED, 0)
        costs = [attempt.cost_micros for attempt in self._attempts]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs):
            return Settlement(Standing.UNKNOWN, None, self.generation_id)
        return Settlement(Standing.SETTLED, sum(known), self.generation_id)
