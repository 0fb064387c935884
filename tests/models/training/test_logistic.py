"""The regression: right weights, sparse and dense alike, the same every time."""

import numpy as np
import pytest

from models.training.figures import auroc, f1, figures_of
from models.training.logistic import Sparse, fit, least, softmax

STARTS, COLUMNS = np.array([0, 2, 2, 3]), np.array([0, 2, 1])
VALUES = np.array([1.0, 2.0, 3.0])
SPARSE = Sparse(STARTS, COLUMNS, VALUES, 3)
DENSE = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]])


def test_sparse_rows_multiply_as_dense_ones_do() -> None:
    weights = np.arange(6.0).reshape(3, 2)
    assert SPARSE.times(weights) == pytest.approx(DENSE @ weights)
    assert SPARSE.turned_times(weights) == pytest.approx(DENSE.T @ weights)
    kept = SPARSE.taken(np.array([2, 0]))
    assert kept.times(weights) == pytest.approx(DENSE[[2, 0]] @ weights)


def test_the_least_point_of_a_bowl_is_found() -> None:
    middle = np.array([3.0, -2.0, 0.5])
    stretch = np.array([1.0, 30.0, 0.2])

    def bowl(point: np.ndarray) -> tuple[float, np.ndarray]:
        return float((stretch * (point - middle) ** 2).sum()), 2 * stretch * (point - middle)

    assert least(bowl, np.zeros(3)) == pytest.approx(middle, abs=1e-4)


def test_what_can_be_told_apart_is_told_apart() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 300)
    dense = np.eye(3)[labels] + random.normal(0, 0.3, (300, 3))
    weights = np.ones(300)
    linear = fit(None, dense, labels, 3, weights=weights, strength=1.0)
    assert (linear.scores(None, dense).argmax(axis=1) == labels).mean() > 0.9
    again = fit(None, dense, labels, 3, weights=weights, strength=1.0)
    assert np.array_equal(linear.dense, again.dense)


def test_the_slope_is_nothing_at_the_fit() -> None:
    labels = np.array([0, 1, 1])
    linear = fit(SPARSE, DENSE[:, :1], labels, 2, weights=np.array([1.0, 2.0, 1.0]), strength=0.7)
    off = 0.7 * np.array([[1.0], [2.0], [1.0]]) * (softmax(linear.scores(SPARSE, DENSE[:, :1])) - np.eye(2)[labels])
    assert SPARSE.turned_times(off) + linear.sparse == pytest.approx(np.zeros((3, 2)), abs=1e-4)
    assert off.sum(axis=0) == pytest.approx([0.0, 0.0], abs=1e-4)


def test_smaller_strength_gives_smaller_weights() -> None:
    labels, weights = np.array([0, 1, 1]), np.ones(3)
    strong, weak = (fit(SPARSE, DENSE, labels, 2, weights=weights, strength=s) for s in (10.0, 0.1))
    assert np.abs(weak.sparse).sum() < np.abs(strong.sparse).sum()


def test_figures_by_hand() -> None:
    wanted, said = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 0])
    found = figures_of(wanted, said, np.array([0.1, 0.2, 0.6, 0.9, 0.5]))
    assert (found.accuracy, found.complex_as_simple) == (0.6, 0.5)
    assert found.auroc_complex == pytest.approx(5 / 6)
    assert found.macro_f1 == pytest.approx((0.5 + 2 / 3 + 2 / 3) / 3)


def test_figures_of_nothing_to_tell_apart() -> None:
    assert np.isnan(auroc(np.array([True, True]), np.array([0.1, 0.2])))
    assert auroc(np.array([True, False]), np.array([0.5, 0.5])) == 0.5
    assert f1(np.array([True]), np.array([False])) == 0.0
