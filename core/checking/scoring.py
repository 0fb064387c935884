"""The calibrated model over the features of an answer: a logistic regression, weights in `core/data/checks.json`."""

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.checking.terms import DATA

NEAREST_CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Of p(good): below `poor` an answer is not shown, from `good` on without a warning, from `sure` on unverified."""

    poor: float
    good: float
    sure: float


@dataclass(frozen=True, slots=True)
class Scorer:
    """Weights by feature; `version` names the features' meaning, `made` and `data` when and from which rows."""

    version: int
    made: str
    data: str
    bias: float
    weights: Mapping[str, float]
    thresholds: Thresholds

    def p_good(self, features: Mapping[str, float]) -> float:
        """The probability (0..1) that an answer with these features is good; features without a weight do not count."""
        return sigmoid(self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items()))

    def worst(self, features: Mapping[str, float]) -> str:
        """The feature that speaks most against an answer."""
        return min(features, key=lambda name: self.weights.get(name, 0.0) * features[name])


@functools.cache
def scorer() -> Scorer:
    """The model that comes with the package."""
    read = json.loads((DATA / "checks.json").read_text(encoding="utf-8"))
    return Scorer(
        version=read["version"],
        made=read["made"],
        data=read["data"],
        bias=read["bias"],
        weights={**read["weights"], **read["given"]},
        thresholds=Thresholds(**read["thresholds"]),
    )


def sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))


def log_odds(probability: float) -> float:
    """The inverse of `sigmoid`, for probabilities of 0 and 1 too."""
    kept = min(1.0 - NEAREST_CERTAIN, max(NEAREST_CERTAIN, probability))
    return math.log(kept / (1.0 - kept))
