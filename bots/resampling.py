"""How far a mean or a percentile may be off: the bootstrap, by whole days of people.

What one person asks in one day is alike (the same documents, the same queue), so days of people are drawn again, not
single questions. For looking once: unlike the test of the votes, these intervals do not hold at every look together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np
from numpy.typing import NDArray

from core.comparing import Entry
from core.routing import Strategy

RESAMPLES = 2000
SEED = 20_261_123
"""The same report twice says the same."""
AT_ONCE = 2_000_000  # numbers in memory for one block of resamples
TAILS = (2.5, 97.5)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and between what 95 of 100 resamples lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Values in ascending order, each with the number of the day it belongs to; there are `days` of them."""

    values: Values
    day: NDArray[np.intp]
    days: int

    @classmethod
    def of(cls, groups: Iterable[Sequence[float]]) -> "Sample":
        """The values by day, of which there is one at least; a day without any does not count."""
        groups = [group for group in groups if group]
        values = np.array([value for group in groups for value in group], dtype=np.float64)
        day = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        order = np.argsort(values, kind="stable")
        return cls(values[order], day[order], len(groups))


Statistic = Callable[[Values, Values], Values]
"""Of ascending values and, a row for each resample, how often each was drawn: the figure of each resample."""


def mean(values: Values, drawn: Values) -> Values:
    return np.asarray(drawn @ values / drawn.sum(axis=1))


def median(values: Values, drawn: Values) -> Values:
    """By nearest rank."""
    reached = drawn.cumsum(axis=1)
    return np.asarray(values[(reached >= reached[:, -1:] / 2).argmax(axis=1)])


FIGURES: Mapping[str, tuple[Statistic, Callable[[Entry], float | None]]] = {
    "usd": (mean, lambda entry: entry.usd),
    "first_token": (median, lambda entry: entry.first_token_ms),
    "total": (median, lambda entry: entry.total_ms),
}
"""What is estimated, by the name of the field of `core.comparing.Figures`."""


def resampled(sample: Sample, statistic: Statistic, seed: int = SEED) -> Values:
    """The figure of each resample, after that of the sample itself."""
    dice = np.random.default_rng(seed)
    whole = statistic(sample.values, np.ones((1, sample.values.size)))
    block = max(1, AT_ONCE // max(sample.values.size, sample.days))
    done = [whole]
    for first in range(0, RESAMPLES, block):
        rows = min(block, RESAMPLES - first)
        drawn = dice.integers(0, sample.days, (rows, sample.days)) + sample.days * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * sample.days).reshape(rows, sample.days)
        done.append(statistic(sample.values, times[:, sample.day].astype(np.float64)))
    return np.concatenate(done)


def estimate(figures: Values) -> Estimate:
    """Of what `resampled` gives, or of the difference of two."""
    low, high = np.percentile(figures[1:], TAILS)
    return Estimate(float(figures[0]), float(low), float(high))


def by_day(entries: Iterable[Entry], value: Callable[[Entry], float | None], zone: tzinfo) -> list[list[float]]:
    """The known values of each day of each person."""
    days: defaultdict[tuple[str, date], list[float]] = defaultdict(list)
    for entry in entries:
        theirs = days[entry.person, entry.at.astimezone(zone).date()]
        if (known := value(entry)) is not None:
            theirs.append(known)
    return list(days.values())


def estimates(
    entries: Sequence[Entry], zone: tzinfo
) -> tuple[dict[Strategy, dict[str, Estimate]], dict[Strategy, dict[str, Estimate]]]:
    """Each figure of each arm; and of each but the first, by how much it is more than that of the first."""
    arms = [strategy for strategy in Strategy if any(entry.arm.strategy is strategy for entry in entries)]
    figures: dict[Strategy, dict[str, Estimate]] = {strategy: {} for strategy in arms}
    more: dict[Strategy, dict[str, Estimate]] = {strategy: {} for strategy in arms[1:]}
    for name, (statistic, value) in FIGURES.items():
        drawn: dict[Strategy, Values] = {}
        for number, strategy in enumerate(arms):
            theirs = by_day((entry for entry in entries if entry.arm.strategy is strategy), value, zone)
            if any(theirs):
                drawn[strategy] = resampled(Sample.of(theirs), statistic, SEED + number)
        for strategy, resamples in drawn.items():
            figures[strategy][name] = estimate(resamples)
            if strategy in more and arms[0] in drawn:
                more[strategy][name] = estimate(resamples - drawn[arms[0]])
    return figures, more
