"""What an experiment has shown so far: the figures of each arm, and what may be concluded from them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.conversation import Outcome, Route
from core.experiments import Arm
from core.routing import Strategy
from core.trial import ALPHA, Finding, Preference, Rating, mismatch, preferred, trial_of

UNEVEN = 0.001
"""People are dealt as unevenly as this once in a thousand experiments; then the report is not to be believed."""
MINUTE = 1 / 1440
"""Days; the pace is reckoned over no less."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question that took part, with its last answer.

    `first_token_ms` and `total_ms` count from when the question was taken up. `usd` is what its calls outside have
    cost, or may have cost at most. `vote` is the asker's own, 0 for none; others' belong to no arm. `is_asked`: the
    answer begged for one.
    """

    arm: Arm
    person: str
    at: datetime
    outcome: Outcome
    route: Route
    first_token_ms: float | None = None
    total_ms: float | None = None
    usd: float = 0.0
    vote: int = 0
    voted_at: datetime | None = None
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A question that both routes have answered: whether the check passed each, and what the second answer cost."""

    at: datetime
    local: bool
    api: bool
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One arm. Times in milliseconds by percentile; `local` is the share of answers that the office's model gave.

    `usd` is for a question on the mean. `asked` are the answers that begged for a vote, with those that they got.
    """

    strategy: Strategy
    people: int
    questions: int
    answered: int
    not_found: int
    failed: int
    up: int
    down: int
    first_token: Mapping[int, float]
    total: Mapping[int, float]
    usd: float
    local: float
    asked: int = 0
    asked_up: int = 0
    asked_down: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm beside the first: by votes, and by what must not become worse, named as the field of `Figures`."""

    first: Strategy
    second: Strategy
    votes: Finding
    guards: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def harms(self) -> Sequence[str]:
        """The guards that the second arm has broken."""
        return tuple(name for name, found in self.guards.items() if found.p <= ALPHA and found.difference > 0)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything. `moved` are people who have answers of several arms, since two ids became one; they count nowhere.

    `uneven` is how likely chance deals people so, None where the shares are not known. `pace` is votes a day.
    """

    arms: Sequence[Figures]
    comparisons: Sequence[Comparison]
    moved: int = 0
    uneven: float | None = None
    pace: float = 0.0
    pairs: Preference | None = None
    pairs_usd: float = 0.0

    @property
    def is_dealt_unevenly(self) -> bool:
        return self.uneven is not None and self.uneven < UNEVEN


def staying(entries: Iterable[Entry]) -> tuple[list[Entry], int]:
    """The entries of people with one arm, oldest first, and how many people had several."""
    entries = sorted(entries, key=lambda entry: entry.at)
    arms: defaultdict[str, set[Arm]] = defaultdict(set)
    for entry in entries:
        arms[entry.person].add(entry.arm)
    moved = {person for person, theirs in arms.items() if len(theirs) > 1}
    return [entry for entry in entries if entry.person not in moved], len(moved)


def result_of(
    entries: Iterable[Entry], pairs: Sequence[Pair], shares: Mapping[Strategy, int] | None, now: datetime
) -> Result:
    """The result at `now`. `shares` are those that people were dealt by, None where they are not known."""
    kept, moved = staying(entries)
    there = {entry.arm.strategy for entry in kept}
    arms = [strategy for strategy in Strategy if strategy in there]
    figures = [figures_of(strategy, of_arm(kept, strategy)) for strategy in arms]
    others = arms[1:]
    return Result(
        figures,
        [compare(kept, arms[0], second, ALPHA / len(others)) for second in others],
        moved,
        uneven(figures, shares) if shares else None,
        pace_of(kept, now),
        preferred(pair.api - pair.local for pair in sorted(pairs, key=lambda pair: pair.at)) if pairs else None,
        sum(pair.usd for pair in pairs),
    )


def of_arm(entries: Iterable[Entry], strategy: Strategy) -> list[Entry]:
    return [entry for entry in entries if entry.arm.strategy is strategy]


def figures_of(strategy: Strategy, entries: Sequence[Entry]) -> Figures:
    """Of the entries of one arm, of which there are some."""
    outcomes = Counter(entry.outcome for entry in entries)
    votes = Counter(entry.vote for entry in entries)
    asked = Counter(entry.vote for entry in entries if entry.is_asked)
    routes = Counter(entry.route for entry in entries)
    routed = routes[Route.LOCAL] + routes[Route.API]
    return Figures(
        strategy,
        people=len({entry.person for entry in entries}),
        questions=len(entries),
        answered=outcomes[Outcome.ANSWERED],
        not_found=outcomes[Outcome.NOT_FOUND],
        failed=outcomes[Outcome.FAILED],
        up=votes[1],
        down=votes[-1],
        first_token=percentiles(entry.first_token_ms for entry in entries),
        total=percentiles(entry.total_ms for entry in entries),
        usd=sum(entry.usd for entry in entries) / len(entries),
        local=routes[Route.LOCAL] / routed if routed else 0.0,
        asked=asked.total(),
        asked_up=asked[1],
        asked_down=asked[-1],
    )


def percentiles(values: Iterable[float | None], shares: Sequence[int] = (50, 95)) -> dict[int, float]:
    """By nearest rank, of the values that are known; empty where none is."""
    known = sorted(value for value in values if value is not None)
    return {share: known[max(0, -(-share * len(known) // 100) - 1)] for share in shares} if known else {}


def compare(entries: Sequence[Entry], first: Strategy, second: Strategy, alpha: float) -> Comparison:
    """The two arms among the entries, oldest first."""
    mine = [entry for entry in entries if entry.arm.strategy in {first, second}]
    voted = sorted((entry for entry in mine if entry.vote), key=lambda entry: entry.voted_at or entry.at)
    votes = trial_of((Rating(entry.arm.strategy is second, entry.person, entry.vote > 0) for entry in voted), alpha)
    bad = {"failed": Outcome.FAILED, "not_found": Outcome.NOT_FOUND}
    guards = {
        name: trial_of(
            Rating(entry.arm.strategy is second, entry.person, entry.outcome is outcome) for entry in mine
        ).finding()
        for name, outcome in bad.items()
    }
    return Comparison(first, second, votes.finding(), guards)


def uneven(figures: Sequence[Figures], shares: Mapping[Strategy, int]) -> float:
    """As `core.trial.mismatch`; an arm that nobody has been dealt into counts too."""
    people = {each.strategy: each.people for each in figures}
    dealt = [strategy for strategy in Strategy if shares.get(strategy, 0) > 0]
    return mismatch([people.get(strategy, 0) for strategy in dealt], [float(shares[strategy]) for strategy in dealt])


def pace_of(entries: Sequence[Entry], now: datetime) -> float:
    """Votes a day since the first question."""
    if not entries:
        return 0.0
    days = max(MINUTE, (now - entries[0].at).total_seconds() / 86_400)
    return sum(bool(entry.vote) for entry in entries) / days
