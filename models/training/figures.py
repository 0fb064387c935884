"""How good verdicts on labelled questions are. Pure numpy; shares are from 0 to 1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.training.logistic import Array, Indices


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one set of verdicts on complexity."""

    accuracy: float
    macro_f1: float
    auroc_complex: float
    complex_as_simple: float


def figures_of(wanted: Indices, said: Indices, complex_chance: Array) -> Figures:
    """0, 1, 2 stand for simple, medium, complex; `complex_chance` is the probability of the last."""
    hard = wanted == 2  # noqa: PLR2004
    return Figures(
        accuracy=float((wanted == said).mean()),
        macro_f1=float(np.mean([f1(wanted == label, said == label) for label in range(3)])),
        auroc_complex=auroc(hard, complex_chance),
        complex_as_simple=float((said[hard] == 0).mean()) if hard.any() else 0.0,
    )


def f1(wanted: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """The harmonic mean of precision and recall; 0 where nothing is right."""
    right = float((wanted & said).sum())
    return 2 * right / (float(wanted.sum()) + float(said.sum())) if right else 0.0


def auroc(wanted: NDArray[np.bool_], scores: Array) -> float:
    """The chance that a wanted one has a higher score than another, ties counting half; not a number without both."""
    if wanted.all() or not wanted.any():
        return float("nan")
    below = scores[wanted][:, None] - scores[~wanted][None, :]
    return float(((below > 0) + 0.5 * (below == 0)).mean())
