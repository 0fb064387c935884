"""Which model answers: the plan's first router, kept as a named policy that later ones must beat.

The patterns and limits are those of the original plan: words that mark a simple or a complex question, then length.
Here they match with and without tone marks, at word borders.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.conversation import Route
from core.folding import fold
from core.privacy import Clearance, Reach


class Strategy(StrEnum):
    """What an administrator allows: the office's model only, both, or the API where the gate lets it."""

    LOCAL = "local"
    HYBRID = "hybrid"
    API = "api"


class Complexity(StrEnum):
    """How hard a question is."""

    SIMPLE = "simple"
    MEDIUM = "medium"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A policy's word on one question, with its reason for the log."""

    complexity: Complexity
    reason: str


class RoutingPolicy(Protocol):
    """Says how hard a question is; replaceable."""

    @property
    def name(self) -> str: ...

    def assess(self, query: str) -> Assessment: ...


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
    """The original plan's rules. `simple_threshold` is the share of certainty from which "simple" is believed."""

    simple_threshold: float = 0.7
    name: str = "patterns"

    def assess(self, query: str) -> Assessment:
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
class Plan:
    """The route to take first, where to go when its model fails, and whether a poor answer is asked again there."""

    first: Route
    fallback: Route | None
    escalate_poor: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Router:
    """Puts policy, strategy and clearance together. Privacy stands above everything else."""

    policy: RoutingPolicy
    strategy: Strategy = Strategy.HYBRID
    api_fallback: bool = True

    def plan(self, query: str, clearance: Clearance, *, api_available: bool) -> Plan:
        """The plan for one question; `api_available` says that the API is enabled and the budget has room."""
        assessment = self.policy.assess(query)
        reasons = (f"{self.policy.name}: {assessment.complexity.value} ({assessment.reason})",)
        if self.strategy is Strategy.LOCAL:
            return Plan(Route.LOCAL, None, escalate_poor=False, reasons=(*reasons, "strategy local"))
        if clearance.reach < Reach.OUTSIDE:
            held = (f"stays in the office: {reason}" for reason in clearance.reasons)
            return Plan(Route.LOCAL, None, escalate_poor=False, reasons=(*reasons, *held))
        if not api_available:
            return Plan(Route.LOCAL, None, escalate_poor=False, reasons=(*reasons, "API not available"))
        if self.strategy is Strategy.API or assessment.complexity is Complexity.COMPLEX:
            return Plan(Route.API, Route.LOCAL, escalate_poor=False, reasons=reasons)
        medium = assessment.complexity is Complexity.MEDIUM
        return Plan(Route.LOCAL, Route.API if self.api_fallback else None, escalate_poor=medium, reasons=reasons)
