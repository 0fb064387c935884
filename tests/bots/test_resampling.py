"""The bootstrap by days of people: right on the mean, wider where people are alike, the same every time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bots.resampling import Estimate, Sample, by_day, estimate, estimates, mean, median, resampled
from core.comparing import Entry
from core.conversation import Outcome, Route
from core.experiments import Arm
from core.routing import Strategy

BEGAN = datetime(2027, 1, 4, 1, tzinfo=UTC)
OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")


def entry(strategy: Strategy, person: str, hour: float, usd: float = 0.0, total: float | None = 1000.0) -> Entry:
    at = BEGAN + timedelta(hours=hour)
    return Entry(Arm("mua-xuan", strategy), person, at, Outcome.ANSWERED, Route.LOCAL, total, total, usd)


def interval_of(groups: list[list[float]]) -> Estimate:
    return estimate(resampled(Sample.of(groups), mean))


def test_the_interval_of_a_mean_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(1).normal(10, 2, 400)
    found = interval_of([[float(value)] for value in values])
    spread = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - spread, abs=0.03)
    assert found.high == pytest.approx(values.mean() + spread, abs=0.03)


def test_it_holds_the_true_mean_of_people_who_differ_nineteen_times_of_twenty() -> None:
    """Ten questions a day that are all alike are one piece of news, not ten."""
    dice = np.random.default_rng(2)
    by_person = by_question = 0
    for _ in range(100):
        days = [[float(value) for value in dice.normal(level, 0.2, 10)] for level in dice.normal(5, 1, 40)]
        right, naive = interval_of(days), interval_of([[value] for day in days for value in day])
        by_person += right.low <= 5 <= right.high
        by_question += naive.low <= 5 <= naive.high
    assert by_person >= 88
    assert by_question <= 70


def test_a_median_is_a_value_that_there_was() -> None:
    drawn = resampled(Sample.of([[1.0, 2.0], [3.0], [100.0]]), median)
    assert set(drawn) <= {1.0, 2.0, 3.0, 100.0}
    assert drawn[0] == 2.0
    assert median(np.array([1.0, 2.0, 3.0]), np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 2.0]])).tolist() == [2.0, 3.0]


def test_days_without_a_value_do_not_count() -> None:
    assert Sample.of([[], [1.0], []]).days == 1


def test_the_same_report_twice_says_the_same() -> None:
    entries = [entry(Strategy.LOCAL, f"p{n}", n, n * 0.001) for n in range(20)]
    assert estimates(entries, OFFICE) == estimates(entries, OFFICE)


def test_days_are_those_of_the_office() -> None:
    """The second is asked before midnight UTC, on the same evening of the office; the third on its next day."""
    entries = [entry(Strategy.LOCAL, "lan", hour, usd) for hour, usd in ((0, 1.0), (15.5, 2.0), (16.5, 3.0))]
    assert by_day(entries, lambda one: one.usd, OFFICE) == [[1.0, 2.0], [3.0]]
    assert by_day([*entries, entry(Strategy.LOCAL, "hoa", 0, 4.0)], lambda one: one.usd, OFFICE)[-1] == [4.0]


def test_each_arm_and_by_how_much_it_is_more_than_the_first() -> None:
    entries = [entry(Strategy.LOCAL, f"a{n}", n, 0.0, 1000.0 + n) for n in range(40)]
    entries += [entry(Strategy.API, f"b{n}", n, 0.002 + n * 1e-5, 1500.0 + n) for n in range(40)]
    figures, more = estimates(entries, OFFICE)
    assert figures.keys() == {Strategy.LOCAL, Strategy.API}
    assert figures[Strategy.LOCAL]["usd"] == Estimate(0.0, 0.0, 0.0)
    assert more.keys() == {Strategy.API}
    assert more[Strategy.API]["usd"].low > 0.0019
    assert more[Strategy.API]["total"].value == 500.0
    assert more[Strategy.API]["total"].low < 500.0 < more[Strategy.API]["total"].high


def test_what_was_never_measured_has_no_estimate() -> None:
    entries = [entry(Strategy.LOCAL, "lan", 0, total=None), entry(Strategy.HYBRID, "hoa", 0)]
    figures, more = estimates(entries, OFFICE)
    assert figures[Strategy.LOCAL].keys() == {"usd"}
    assert more[Strategy.HYBRID].keys() == {"usd"}
    assert estimates([], OFFICE) == ({}, {})
