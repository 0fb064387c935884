"""Multinomial logistic regression on numpy alone: sparse and dense features, L-BFGS, always the same result."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Goal = Callable[[Array], tuple[float, Array]]
"""A function to be made small: its value and its slope at a point."""

MEMORY, STEPS, SLOPE = 10, 300, 1e-5
HALVINGS, DESCENT = 30, 1e-4


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of few numbers each: row i holds `values[starts[i]:starts[i + 1]]` in the columns `columns[...]`."""

    starts: Indices
    columns: Indices
    values: Array
    width: int

    @property
    def height(self) -> int:
        return len(self.starts) - 1

    def taken(self, rows: Indices) -> "Sparse":
        """Only these rows, in their order."""
        parts = [np.arange(self.starts[row], self.starts[row + 1]) for row in rows]
        kept = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)
        return Sparse(starts, self.columns[kept], self.values[kept], self.width)

    def times(self, weights: Array) -> Array:
        """The product with a matrix of `width` rows."""
        added = np.concatenate((np.zeros((1, weights.shape[1])), np.cumsum(self._spread(weights), axis=0)))
        total: Array = added[self.starts[1:]] - added[self.starts[:-1]]
        return total

    def turned_times(self, weights: Array) -> Array:
        """The product of the transposed with a matrix of `height` rows."""
        rows = np.repeat(np.arange(self.height), np.diff(self.starts))
        spread = weights[rows] * self.values[:, None]
        columns = [
            np.bincount(self.columns, weights=spread[:, label], minlength=self.width)
            for label in range(weights.shape[1])
        ]
        return np.stack(columns, axis=1)

    def _spread(self, weights: Array) -> Array:
        product: Array = weights[self.columns] * self.values[:, None]
        return product


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of sparse and dense columns and a bias, one column for each label."""

    sparse: Array
    dense: Array
    bias: Array

    def scores(self, sparse: Sparse | None, dense: Array) -> Array:
        total: Array = dense @ self.dense + self.bias
        return total if sparse is None else total + sparse.times(self.sparse)


def fit(
    sparse: Sparse | None, dense: Array, labels: Indices, counts: int, *, weights: Array, strength: float
) -> Linear:
    """The weights that fit rows to `labels` (below `counts`) best; the smaller `strength`, the smaller the weights."""
    width = sparse.width if sparse else 0
    sizes = (width * counts, dense.shape[1] * counts, counts)
    wanted = np.eye(counts)[labels]

    def parts(point: Array) -> Linear:
        one, two, bias = np.split(point, np.cumsum(sizes)[:-1])
        return Linear(one.reshape(width, counts), two.reshape(dense.shape[1], counts), bias)

    def goal(point: Array) -> tuple[float, Array]:
        linear = parts(point)
        chances = softmax(linear.scores(sparse, dense))
        off = strength * weights[:, None] * (chances - wanted)
        loss = -strength * float(weights @ np.log(np.maximum((chances * wanted).sum(axis=1), 1e-300)))
        slopes = [dense.T @ off + linear.dense, off.sum(axis=0)]
        if sparse:
            slopes.insert(0, sparse.turned_times(off) + linear.sparse)
        penalty = float((linear.sparse**2).sum() + (linear.dense**2).sum()) / 2
        return loss + penalty, np.concatenate([slope.ravel() for slope in slopes])

    return parts(least(goal, np.zeros(sum(sizes))))


def softmax(scores: Array) -> Array:
    shares: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Array = shares / shares.sum(axis=1, keepdims=True)
    return chances


def least(goal: Goal, point: Array) -> Array:
    """Where a smooth convex function is least: L-BFGS with halved steps."""
    value, slope = goal(point)
    known: deque[tuple[Array, Array]] = deque(maxlen=MEMORY)
    for _ in range(STEPS):
        if float(np.abs(slope).max()) < SLOPE:
            break
        way = -_bent(slope, known)
        step, fall = 1.0 if known else 1.0 / max(1.0, float(np.abs(slope).sum())), float(way @ slope)
        for _ in range(HALVINGS):
            next_value, next_slope = goal(point + step * way)
            if next_value <= value + DESCENT * step * fall:
                break
            step /= 2
        else:
            break
        change, turn = step * way, next_slope - slope
        if float(change @ turn) > 0:
            known.append((change, turn))
        point, value, slope = point + change, next_value, next_slope
    return point


def _bent(slope: Array, known: deque[tuple[Array, Array]]) -> Array:
    """The slope times the inverse curvature, as far as the last steps know it (two loops)."""
    way, taken = slope.copy(), []
    for change, turn in reversed(known):
        share = float(change @ way) / float(change @ turn)
        taken.append(share)
        way = way - share * turn
    if known:
        change, turn = known[-1]
        way = way * (float(change @ turn) / float(turn @ turn))
    for (change, turn), share in zip(known, reversed(taken), strict=True):
        way = way + change * (share - float(turn @ way) / float(change @ turn))
    return way
