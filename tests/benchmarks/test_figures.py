"""The arithmetic of the benchmarks' figures."""

import math

import pytest

from benchmarks.figures import Figure, percentile, report, slope


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 5), (0.51, 6), (0.9, 9), (0.95, 10), (1.0, 10)])
def test_a_percentile_is_the_nearest_rank(share: float, value: float) -> None:
    assert percentile([10, 3, 5, 1, 2, 4, 9, 8, 7, 6], share) == value


def test_of_one_value_every_percentile_is_that_value_and_of_none_there_is_none() -> None:
    assert [percentile([7.0], share) for share in (0.0, 0.5, 0.99, 1.0)] == [7.0] * 4
    assert math.isnan(percentile([], 0.5))


def test_the_99th_of_a_thousand_leaves_ten_above_it() -> None:
    assert percentile(range(1, 1001), 0.99) == 990


def test_a_slope_is_that_of_the_line_through_the_points() -> None:
    assert slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx(2.0)
    assert slope([(0, 0), (1, 3), (2, 0)]) == pytest.approx(0.0)
    assert slope([(1, 5), (1, 9)]) == 0.0


@pytest.mark.parametrize(
    ("value", "most", "status"), [(2.0, 2.0, 0), (2.1, 2.0, 1), (9.0, None, 0), (math.inf, 2.0, 1), (math.nan, 2.0, 1)]
)
def test_a_figure_that_is_missed_or_was_never_measured_fails_the_run(
    value: float, most: float | None, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report([Figure("first", 0.0, "ms", 1.0), Figure("second", value, "ms", most)]) == status
    assert ("MISSED" in capsys.readouterr().out) == bool(status)
