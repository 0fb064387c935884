"""An A/B test: for its time every person is in one arm, and each arm has a strategy of its own.

The arm is a hash of the person, so it needs no table, is the same in every process and after every restart, and nobody
can ask their way into another one. What may leave the office is decided above it, by the privacy gate.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.routing import Strategy

LONGEST: Final = timedelta(days=30)
"""An experiment that has not told anything by then will not."""
WHOLE: Final = 100
MARK: Final = "/"
"""Stands between the name of an experiment and the strategy of an arm."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The arm of an experiment, as it is kept with an answer: `spring/hybrid`. Without experiment, "" is kept."""

    experiment: str
    strategy: Strategy

    def __str__(self) -> str:
        return f"{self.experiment}{MARK}{self.strategy.value}"

    @classmethod
    def read(cls, text: str) -> "Arm | None":
        """The arm that was kept so; None for anything else."""
        name, mark, strategy = text.rpartition(MARK)
        return cls(name, Strategy(strategy)) if mark and name and strategy in tuple(Strategy) else None


@dataclass(frozen=True, slots=True)
class Experiment:
    """Who is in which arm. `shares` are per cent of people by arm, together at most 100; the rest is in none.

    It runs from `starts` to before `ends`. `salt` goes into the hash: another one deals the people anew. Left out, the
    name is it.
    """

    name: str
    shares: Mapping[Strategy, int]
    starts: datetime
    ends: datetime
    salt: str = ""

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """The arms that somebody may be in, in a fixed order; the first is what the others are compared with."""
        return tuple(strategy for strategy in Strategy if self.shares.get(strategy, 0) > 0)

    def arm_of(self, person: str, at: datetime) -> Arm | None:
        """The person's arm at this time; None outside the experiment's time, or where the person takes no part.

        `person` is the id that all linked ids of somebody stand for, so that one person has one arm.
        """
        strategy = self._drawn(person) if self.starts <= at < self.ends and person else None
        return Arm(self.name, strategy) if strategy else None

    def _drawn(self, person: str) -> Strategy | None:
        """The same for everybody who asks at any time."""
        point, upper = WHOLE * share_of(self.salt or self.name, person), 0
        for strategy in Strategy:
            upper += self.shares.get(strategy, 0)
            if point < upper:
                return strategy
        return None


def share_of(salt: str, person: str) -> float:
    """Where a person lies between 0 and 1: evenly spread over people, and anew for every salt."""
    digest = hashlib.sha256(f"{salt}\0{person}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
