"""Which model answers: what may leave the office is decided before, by `core.privacy`; here, whether it should.

In this order: the strategy of the office, of the spaces drawn on and of the person's experiment; the gate's word; an
attack suspected; nothing near found; the API's state; how complex the question is; how long the local model would keep
people waiting. Every plan says why.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from core.complexity_model import RouterModel
from core.conversation import Route
from core.folding import fold
from core.load import SpillOver
from core.privacy import Clearance, Reach
from core.signals import Signals


class Strategy(StrEnum):
    """What an administrator allows: the office's model only, both, or the API where the gate lets it."""

    LOCAL = "local"
    HYBRID = "hybrid"
    API = "api"


STRICTNESS = (Strategy.LOCAL, Strategy.HYBRID, Strategy.API)
"""The strictest first."""


class Complexity(StrEnum):
    """How hard a question is."""

    SIMPLE = "simple"
    MEDIUM = "medium"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A policy's word on one question, with its reason for the log.

    `chances` are the probabilities of the complexities and `kinds` those of the kinds of `models.training.rows`, both
    empty where a policy knows none.
    """

    complexity: Complexity
    reason: str
    chances: Mapping[str, float] = field(default_factory=dict)
    kinds: Mapping[str, float] = field(default_factory=dict)


class RoutingPolicy(Protocol):
    """Says how hard a question is; replaceable."""

    @property
    def name(self) -> str: ...

    def assess(self, query: str, embedding: Sequence[float] = ()) -> Assessment:
        """Of a query and, where the search has made one, its embedding."""
        ...


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b")


SIMPLE = _any_of(
    "co bao nhieu", "bao nhieu", "co nhung", "liet ke", "danh sach", "la gi", "nghia la", "dinh nghia",
    "khi nao", "o dau", "ai la", "how many", "what is", "list", "when", "where", "who is",
)  # fmt: skip
COMPLEX = _any_of(
    "so sanh", "danh gia", "phan tich", "tai sao", "vi sao", "nguyen nhan", "de xuat", "khuyen nghi", "giai phap",
    "du doan", "xu huong", "tuong lai", "compare", "evaluate", "analy[sz]e", "why", "propose", "recommend",
)  # fmt: skip
SHORT_WORDS, LONG_WORDS = 10, 30


@dataclass(frozen=True, slots=True)
class PatternPolicy:
    """The original plan's rules: words that mark a simple or a complex question, then length.

    They match with and without tone marks, at word borders. `simple_threshold` is the share of certainty from which
    "simple" is believed.
    """

    simple_threshold: float = 0.7
    name: str = "seed"

    def assess(self, query: str, embedding: Sequence[float] = ()) -> Assessment:
        del embedding
        certainty, reason = self._certainty_of_simple(fold(query))
        if certainty >= self.simple_threshold:
            return Assessment(Complexity.SIMPLE, reason)
        if certainty <= 1 - self.simple_threshold:
            return Assessment(Complexity.COMPLEX, reason)
        return Assessment(Complexity.MEDIUM, reason)

    @staticmethod
    def _certainty_of_simple(folded: str) -> tuple[float, str]:
        """Rules in the plan's order; the certainties are chosen so that the default threshold gives its verdicts."""
        length = len(folded.split())
        if SIMPLE.search(folded):
            return 0.9, "simple pattern"
        if COMPLEX.search(folded):
            return 0.1, "complex pattern"
        if length < SHORT_WORDS:
            return 0.8, "short"
        if length > LONG_WORDS:
            return 0.2, "long"
        return 0.5, "no pattern"


@dataclass(frozen=True, slots=True)
class LearnedPolicy:
    """A trained model's probabilities and the thresholds that came with it. `embedder` is the one of the search."""

    model: RouterModel
    embedder: str = ""
    name: str = "learned"

    def assess(self, query: str, embedding: Sequence[float] = ()) -> Assessment:
        is_known = self.embedder == self.model.embedder
        assessed = self.model.assess(query, embedding if is_known else ())
        chances, limits = assessed.complexity, self.model.thresholds
        if chances["complex"] >= limits.complex:
            complexity = Complexity.COMPLEX
        elif chances["simple"] >= limits.simple:
            complexity = Complexity.SIMPLE
        else:
            complexity = Complexity.MEDIUM
        reason = (
            f"p(simple) {chances['simple']:.2f} of {limits.simple:.2f}, p(complex) {chances['complex']:.2f}"
            f" of {limits.complex:.2f}{'' if assessed.meant else ', words alone'}"
        )
        return Assessment(complexity, reason, chances, assessed.kind)


@dataclass(frozen=True, slots=True)
class Plan:
    """The route to take first, where to go when its model fails, and whether a poor answer is asked again there."""

    first: Route
    fallback: Route | None
    escalate_poor: bool
    reasons: tuple[str, ...]
    chances: Mapping[str, float] = field(default_factory=dict)
    strategy: Strategy = Strategy.HYBRID


SUSPECTED = 0.6
"""From this probability of an attack on, a question that the rules let pass stays in the office all the same."""
UNKNOWN = Signals()


@dataclass(frozen=True, slots=True)
class Router:
    """Puts policy, strategy, clearance and signals together. Privacy stands above everything else.

    `space_strategies` are those of spaces that have one of their own. `spill_over` is left out where nothing spills.
    """

    policy: RoutingPolicy
    strategy: Strategy = Strategy.HYBRID
    api_fallback: bool = True
    space_strategies: Mapping[str, Strategy] = field(default_factory=dict)
    spill_over: SpillOver | None = None

    def plan(
        self,
        query: str,
        clearance: Clearance,
        *,
        api_available: bool,
        strategy: Strategy | None = None,
        signals: Signals = UNKNOWN,
        open_questions: int = 0,
    ) -> Plan:
        """The plan for one question; `api_available` says that the API is enabled and the budget has room.

        `strategy` is that of the person's arm of an experiment; it never overrules a space's own. `open_questions` are
        all that wait or are being answered, this one among them.
        """
        assessment = self.policy.assess(query, signals.embedding)
        chosen = self.strategy_for(signals.spaces, strategy)
        reasons = (f"{self.policy.name}: {assessment.complexity.value} ({assessment.reason})",)
        if kept := tuple(self._kept_in(assessment, chosen, clearance, signals, api_available=api_available)):
            return self._local(assessment, chosen, (*reasons, *kept))
        wait = self.spill_over.wait(open_questions) if self.spill_over else None
        if chosen is Strategy.API or assessment.complexity is Complexity.COMPLEX or wait is not None:
            spilt = () if wait is None else (f"the local model would keep waiting for {wait:.0f} s",)
            why = ("strategy api",) if chosen is Strategy.API else ()
            return Plan(
                Route.API, Route.LOCAL, escalate_poor=False, reasons=(*reasons, *why, *spilt),
                chances=assessment.chances, strategy=chosen,
            )  # fmt: skip
        fallback = Route.API if self.api_fallback else None
        medium = assessment.complexity is Complexity.MEDIUM
        return Plan(Route.LOCAL, fallback, medium, reasons, assessment.chances, chosen)

    def strategy_for(self, spaces: Iterable[str], arm: Strategy | None = None) -> Strategy:
        """The strictest of the spaces' strategies; the arm's, or else the office's, where a space has none."""
        asked = arm or self.strategy
        own = [self.space_strategies.get(space, asked) for space in spaces]
        if arm:
            own.append(arm)
        return min(own or [asked], key=STRICTNESS.index)

    @staticmethod
    def _kept_in(
        assessment: Assessment, strategy: Strategy, clearance: Clearance, signals: Signals, *, api_available: bool
    ) -> Iterable[str]:
        """Why nothing of this question may leave; nothing where it may."""
        if strategy is Strategy.LOCAL:
            yield "strategy local"
        if clearance.reach < Reach.OUTSIDE:
            yield from (f"stays in the office: {reason}" for reason in clearance.reasons)
        if (attack := assessment.kinds.get("attack", 0.0)) >= SUSPECTED:
            yield f"may be an attack ({attack:.2f})"
        if not signals.is_near:
            yield f"nothing near was found (nearness {signals.nearness:.2f}, coverage {signals.coverage:.2f})"
        if not api_available:
            yield "API not available"

    @staticmethod
    def _local(assessment: Assessment, strategy: Strategy, reasons: tuple[str, ...]) -> Plan:
        return Plan(
            Route.LOCAL, None, escalate_poor=False, reasons=reasons, chances=assessment.chances, strategy=strategy
        )
