"""Who is in which arm: the same person always, so many people as the shares say, nobody outside the time."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.experiments import Arm, Experiment, share_of
from core.routing import Strategy

STARTS = datetime(2027, 1, 4, tzinfo=timezone(timedelta(hours=7)))
ENDS = STARTS + timedelta(days=14)
HALVES = Experiment("mua-xuan", {Strategy.LOCAL: 50, Strategy.HYBRID: 50}, STARTS, ENDS)
PEOPLE = [f"slack:U{number:06d}" for number in range(4000)]


def arms(experiment: Experiment) -> dict[str, Strategy | None]:
    drawn = {person: experiment.arm_of(person, STARTS) for person in PEOPLE}
    return {person: arm.strategy if arm else None for person, arm in drawn.items()}


def test_a_person_is_in_the_same_arm_every_day_in_every_process() -> None:
    """The hash is fixed for ever: these were dealt once."""
    later = STARTS + timedelta(days=13)
    assert [HALVES.arm_of(person, STARTS) for person in PEOPLE] == [HALVES.arm_of(person, later) for person in PEOPLE]
    known = {person: str(HALVES.arm_of(person, STARTS)) for person in ("lan", "slack:U1", "telegram:5")}
    assert known == {"lan": "mua-xuan/local", "slack:U1": "mua-xuan/hybrid", "telegram:5": "mua-xuan/local"}


@pytest.mark.parametrize(
    "shares",
    [
        {Strategy.LOCAL: 50, Strategy.HYBRID: 50},
        {Strategy.LOCAL: 20, Strategy.HYBRID: 30, Strategy.API: 50},
        {Strategy.LOCAL: 10, Strategy.API: 10},
    ],
)
def test_people_are_dealt_by_the_shares_and_the_rest_takes_no_part(shares: dict[Strategy, int]) -> None:
    counts = Counter(arms(replace(HALVES, shares=shares)).values())
    expected = [*shares.items(), (None, 100 - sum(shares.values()))]
    for strategy, share in expected:
        assert abs(counts[strategy] / len(PEOPLE) - share / 100) < 0.025
    assert counts.total() == len(PEOPLE)


def test_another_experiment_deals_anew() -> None:
    first, second = arms(HALVES), arms(replace(HALVES, name="mua-he"))
    same = sum(first[person] is second[person] for person in PEOPLE)
    assert abs(same / len(PEOPLE) - 0.5) < 0.03
    assert arms(replace(HALVES, name="mua-he", salt="mua-xuan")) == first


def test_it_runs_from_its_beginning_to_before_its_end() -> None:
    moments = (STARTS - timedelta(seconds=1), STARTS, ENDS - timedelta(seconds=1), ENDS)
    assert [HALVES.arm_of("lan", at) is not None for at in moments] == [False, True, True, False]
    assert HALVES.arm_of("lan", STARTS.astimezone(UTC)) == HALVES.arm_of("lan", STARTS)


def test_nobody_in_particular_has_no_arm() -> None:
    assert HALVES.arm_of("", STARTS) is None


def test_arms_stand_in_a_fixed_order() -> None:
    shares = {Strategy.API: 10, Strategy.HYBRID: 0, Strategy.LOCAL: 10}
    assert replace(HALVES, shares=shares).strategies == (Strategy.LOCAL, Strategy.API)


@pytest.mark.parametrize("strategy", Strategy)
def test_an_arm_is_read_as_it_is_kept(strategy: Strategy) -> None:
    arm = Arm("mua-xuan", strategy)
    assert Arm.read(str(arm)) == arm


@pytest.mark.parametrize("text", ["", "hybrid", "/hybrid", "mua-xuan/", "mua-xuan/fast"])
def test_anything_else_is_no_arm(text: str) -> None:
    assert Arm.read(text) is None


def test_an_id_that_no_encoding_knows_has_a_place_too() -> None:
    assert 0 <= share_of("x", "slack:\ud800") < 1
