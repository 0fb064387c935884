"""What the owner thread did, and what it spent its time on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests are answered at once at most, how many are, and how many wait behind them."""

    slots: int
    busy: int
    waiting: int


@dataclass(slots=True)
class Statistics:
    """Seconds that the owner thread spent on what, and how much it did, since the model was opened."""

    steps: int = 0
    evaluated: int = 0
    drawn: int = 0
    drafted: int = 0
    accepted: int = 0
    plan_seconds: float = 0.0
    model_seconds: float = 0.0
    settle_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Glance:
    """The state of a model, as far as a look from another thread or process is true."""

    load: Load
    statistics: Statistics
