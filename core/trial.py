"""Which of two arms do people like better? A test that may be looked at as often as anybody likes.

A mixture sequential probability ratio test (mSPRT, Johari and others, "Always valid inference"): the odds of the data
under "there is a difference, normally distributed around none with deviation `TAU`" against "there is none". They pass
1/alpha by chance in at most alpha of all experiments, whenever and however often one looks.

Ratings of one person are alike, and a test that takes each for itself finds differences that are not there (14 % and
more instead of 5 %). So the variance is that between people, and never less than that between ratings.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

TAU: Final = 0.10
"""How large a difference of shares is expected when there is one: ten points."""
ALPHA: Final = 0.05
MARGIN: Final = 0.10
"""Arms that differ by less than ten points are alike for the office's purposes."""
FEWEST_RATINGS: Final = 20
FEWEST_PEOPLE: Final = 10
"""In each arm: with fewer the normal distribution is no good likeness, and people cannot be told from chance."""
EXPECTED_SHARE: Final = 0.8
"""The share of good ratings that is reckoned with while there are hardly any."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One yes or no of a person. `is_second`: it belongs to the arm that is compared, not to the one compared with."""

    is_second: bool
    person: str
    good: bool


@dataclass(slots=True)
class Tally:
    """The ratings of one arm so far, with what their spread between people needs."""

    ratings: int = 0
    good: int = 0
    _people: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    _squares: list[int] = field(default_factory=lambda: [0, 0, 0])

    @property
    def people(self) -> int:
        return len(self._people)

    @property
    def share(self) -> float:
        """The share of good ratings; 0 of none."""
        return self.good / self.ratings if self.ratings else 0.0

    def add(self, person: str, *, good: bool) -> None:
        self.ratings += 1
        self.good += good
        theirs = self._people[person]
        self._count(theirs, -1)
        theirs[0] += good
        theirs[1] += 1
        self._count(theirs, 1)

    def _count(self, theirs: Sequence[int], sign: int) -> None:
        """Sums over people of good x good, good x all, all x all: one more rating costs the same, however many are."""
        good, total = theirs
        for place, product in enumerate((good * good, good * total, total * total)):
            self._squares[place] += sign * product

    @property
    def plain_variance(self) -> float:
        """Of the share, were every rating another person's. One good and one bad are added, so that it is never 0."""
        share = (self.good + 1) / (self.ratings + 2)
        return share * (1 - share) / max(1, self.ratings)

    @property
    def variance(self) -> float:
        """Of the share: between people, or between ratings where that is more."""
        if self.people <= 1:
            return self.plain_variance
        share = self.share
        both, mixed, alone = self._squares
        between = (both - 2 * share * mixed + share * share * alone) / self.ratings**2
        return max(self.plain_variance, between * self.people / (self.people - 1))

    @property
    def is_enough(self) -> bool:
        """Whether there are so many ratings, of so many people, that anything may be said."""
        return self.ratings >= FEWEST_RATINGS and self.people >= FEWEST_PEOPLE


def odds(difference: float, variance: float, tau: float = TAU) -> float:
    """How much likelier the data are if there is a difference than if there is none."""
    both = variance + tau**2
    return math.sqrt(variance / both) * math.exp(min(700.0, (tau * difference) ** 2 / (2 * variance * both)))


def half_width(variance: float, alpha: float, tau: float = TAU) -> float:
    """Of the interval that holds the true difference at all times together, but for `alpha` of all experiments."""
    both = variance + tau**2
    return math.sqrt(variance * both / tau**2 * (2 * math.log(1 / alpha) + math.log(both / variance)))


class Conclusion(StrEnum):
    """What may be said: the second arm is better or worse, the two are alike, or nothing yet."""

    BETTER = "better"
    WORSE = "worse"
    ALIKE = "alike"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """How the second arm compares with the first.

    `difference` is that of their shares by now, second less first. Between `low` and `high` lies the true one, by all
    looks so far; they and `p` are valid at every look. `missing` is about how many ratings more it takes, both arms
    together, if the difference stays as it is; 0 where something may be concluded.
    """

    first: Tally
    second: Tally
    difference: float
    low: float
    high: float
    p: float
    conclusion: Conclusion
    missing: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether there are ratings enough for `difference` and the rest to mean anything."""
        return self.first.is_enough and self.second.is_enough


class Trial:
    """Ratings in the order in which they were given."""

    def __init__(self, alpha: float = ALPHA) -> None:
        self.alpha = alpha
        self.first, self.second = Tally(), Tally()
        self._best = 1.0
        self._low, self._high = -1.0, 1.0

    @property
    def difference(self) -> float:
        return self.second.share - self.first.share

    @property
    def is_enough(self) -> bool:
        return self.first.is_enough and self.second.is_enough

    @property
    def p(self) -> float:
        """Of the look that tells most so far."""
        return min(1.0, 1 / self._best)

    def add(self, rating: Rating) -> None:
        """One more. `look` looks at all that there are."""
        (self.second if rating.is_second else self.first).add(rating.person, good=rating.good)

    def look(self) -> bool:
        """Whether the arms differ, by now."""
        if self.is_enough:
            self._best = max(self._best, odds(self.difference, self.variance))
            self._narrow(self.difference, half_width(self.variance, self.alpha))
        return self.p <= self.alpha

    def _narrow(self, middle: float, width: float) -> None:
        """What one look has left out stays so, unless nothing would be left: then people have changed their minds."""
        low, high = max(self._low, middle - width), min(self._high, middle + width)
        self._low, self._high = (low, high) if low <= high else (middle - width, middle + width)

    @property
    def variance(self) -> float:
        return self.first.variance + self.second.variance

    def finding(self) -> Finding:
        """What may be said after the last look."""
        conclusion, low, high = Conclusion.OPEN, self._low, self._high
        if low > 0 or high < 0:
            conclusion = Conclusion.BETTER if low > 0 else Conclusion.WORSE
        elif low > -MARGIN and high < MARGIN:
            conclusion = Conclusion.ALIKE
        missing = self._missing() if conclusion is Conclusion.OPEN else 0
        return Finding(self.first, self.second, self.difference, low, high, self.p, conclusion, missing)

    def _missing(self) -> int:
        """Until the interval is so narrow that it leaves out "no difference", or "one that matters"."""
        spread = 2 * EXPECTED_SHARE * (1 - EXPECTED_SHARE)
        width = MARGIN
        if self.is_enough:
            spread = self.first.variance * self.first.ratings + self.second.variance * self.second.ratings
            width = max(abs(self.difference), MARGIN - abs(self.difference))
        needed = max(FEWEST_RATINGS, math.ceil(spread / variance_for(width, self.alpha)))
        return max(1, sum(max(0, needed - arm.ratings) for arm in (self.first, self.second)))


def trial_of(ratings: Iterable[Rating], alpha: float = ALPHA) -> Trial:
    """All ratings, looked at after each."""
    trial = Trial(alpha)
    for rating in ratings:
        trial.add(rating)
        trial.look()
    return trial


def variance_for(width: float, alpha: float) -> float:
    """The variance at which `half_width` is this."""
    low, high = 1e-12, 1.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if half_width(middle, alpha) < width else (low, middle)
    return low


@dataclass(frozen=True, slots=True)
class Preference:
    """Of pairs of answers to the same question: how often the second was preferred, how often the first; ties apart."""

    second: int
    first: int
    ties: int
    p: float


def preferred(pairs: Iterable[int]) -> Preference:
    """From 1 (the second), -1 (the first) and 0 (neither), in their order; `p` is valid at every look.

    The odds are those of "any share is as likely as any other" against "one half".
    """
    second = first = ties = 0
    best = 0.0
    for pair in pairs:
        second, first, ties = second + (pair > 0), first + (pair < 0), ties + (pair == 0)
        decided = second + first
        even = decided * math.log(2)
        best = max(best, math.lgamma(second + 1) + math.lgamma(first + 1) - math.lgamma(decided + 2) + even)
    return Preference(second, first, ties, min(1.0, math.exp(-best)))


def mismatch(counts: Sequence[int], shares: Sequence[float]) -> float:
    """How likely chance alone deals people into two or three arms at least as unevenly (chi-squared).

    Below 0.001 something but chance is at work, and nothing else in the report may be believed.
    """
    total, whole = sum(counts), sum(shares)
    if not total:
        return 1.0
    expected = [total * share / whole for share in shares]
    statistic = sum((count - mean) ** 2 / mean for count, mean in zip(counts, expected, strict=True))
    degrees = len(counts) - 1
    return math.exp(-statistic / 2) if degrees > 1 else math.erfc(math.sqrt(statistic / 2))
