"""An experiment from its entries: the figures of each arm, what is left out, what may be concluded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.comparing import Entry, Pair, compare, percentiles, result_of, staying
from core.conversation import Outcome, Route
from core.experiments import Arm
from core.routing import Strategy
from core.trial import ALPHA, Conclusion

BEGAN = datetime(2027, 1, 4, 8, tzinfo=UTC)
LOCAL, HYBRID, API = (Arm("mua-xuan", strategy) for strategy in Strategy)
HALVES = {Strategy.LOCAL: 50, Strategy.HYBRID: 50}


def entry(arm: Arm = LOCAL, person: str = "lan", minute: int = 0, **changes: object) -> Entry:
    one = Entry(arm, person, BEGAN + timedelta(minutes=minute), Outcome.ANSWERED, Route.LOCAL, 500.0, 2000.0)
    return replace(one, **changes)  # type: ignore[arg-type]


def crowd(local: float, hybrid: float, people: int = 300) -> Iterator[Entry]:
    """Everybody asks once and votes once, with these shares of good votes."""
    for number in range(people):
        for arm, share in ((LOCAL, local), (HYBRID, hybrid)):
            good = int((number + 1) * share) > int(number * share)
            yield entry(arm, f"{arm}{number}", number, vote=1 if good else -1)


def test_each_arm_has_its_figures() -> None:
    entries = [
        entry(HYBRID, "hoa", 5, usd=0.002, route=Route.API, vote=1, first_token_ms=100.0, total_ms=900.0),
        entry(HYBRID, "hoa", 6, outcome=Outcome.NOT_FOUND, usd=0.001),
        entry(HYBRID, "nam", 7, outcome=Outcome.FAILED, route=Route.NONE, first_token_ms=None, vote=-1),
        entry(LOCAL, "lan", 8),
    ]
    local, hybrid = result_of(entries, [], None, BEGAN).arms
    assert (local.strategy, hybrid.strategy) == (Strategy.LOCAL, Strategy.HYBRID)
    assert (hybrid.people, hybrid.questions) == (2, 3)
    assert (hybrid.answered, hybrid.not_found, hybrid.failed, hybrid.up, hybrid.down) == (1, 1, 1, 1, 1)
    assert hybrid.usd == pytest.approx(0.001)
    assert (hybrid.local, local.local) == (0.5, 1.0)
    assert (hybrid.first_token, hybrid.total) == ({50: 100.0, 95: 500.0}, {50: 2000.0, 95: 2000.0})


def test_votes_that_were_begged_for_are_counted_apart() -> None:
    entries = [
        entry(LOCAL, "lan", vote=1, is_asked=True),
        entry(LOCAL, "hoa", 1, vote=-1, is_asked=True),
        entry(LOCAL, "nam", 2, is_asked=True),
        entry(LOCAL, "an", 3, vote=1),
    ]
    (local,) = result_of(entries, [], None, BEGAN).arms
    assert (local.up, local.down) == (2, 1)
    assert (local.asked, local.asked_up, local.asked_down) == (3, 1, 1)


def test_percentiles_are_values_that_there_were() -> None:
    assert percentiles([*range(1, 101), None]) == {50: 50, 95: 95}
    assert percentiles([7.0]) == {50: 7.0, 95: 7.0}
    assert percentiles([None]) == {}


def test_people_with_answers_of_two_arms_count_nowhere() -> None:
    """Two ids of theirs were linked in the middle."""
    kept, moved = staying([entry(LOCAL, "lan"), entry(HYBRID, "lan", 1), entry(HYBRID, "hoa", 2)])
    assert ([one.person for one in kept], moved) == (["hoa"], 1)
    result = result_of([entry(LOCAL, "lan"), entry(HYBRID, "lan", 1)], [], HALVES, BEGAN)
    assert (result.arms, result.comparisons, result.moved) == ([], [], 1)


def test_the_votes_decide() -> None:
    (compared,) = result_of(crowd(0.7, 0.9), [], HALVES, BEGAN).comparisons
    assert (compared.first, compared.second) == (Strategy.LOCAL, Strategy.HYBRID)
    assert compared.votes.conclusion is Conclusion.BETTER
    assert compared.votes.difference == pytest.approx(0.2)
    assert compared.harms == ()


def test_votes_count_in_the_order_in_which_they_were_given() -> None:
    """Whoever asked when: half-way there was a difference, by the times of the questions there never is one."""
    entries = [
        entry(arm, f"{arm}{number}{vote}", number, vote=vote, voted_at=BEGAN + timedelta(days=days, minutes=number))
        for number in range(40)
        for arm, vote, days in ((LOCAL, -1, 1), (LOCAL, 1, 9), (HYBRID, 1, 1), (HYBRID, -1, 9))
    ]
    (compared,) = result_of(entries, [], None, BEGAN).comparisons
    assert compared.votes.difference == 0.0
    assert compared.votes.p < 1e-6
    (other,) = result_of([replace(one, voted_at=None) for one in entries], [], None, BEGAN).comparisons
    assert other.votes.p > ALPHA


def test_three_arms_share_the_risk_of_being_wrong() -> None:
    both = [*crowd(0.8, 0.8, 200), *(entry(API, f"api{n}", n, vote=1) for n in range(200))]
    hybrid, api = result_of(both, [], None, BEGAN).comparisons
    assert (hybrid.second, api.second, api.first) == (Strategy.HYBRID, Strategy.API, Strategy.LOCAL)
    alone = compare([one for one in both if one.arm != API], Strategy.LOCAL, Strategy.HYBRID, ALPHA)
    assert hybrid.votes.high - hybrid.votes.low > alone.votes.high - alone.votes.low


@pytest.mark.parametrize(("outcome", "name"), [(Outcome.FAILED, "failed"), (Outcome.NOT_FOUND, "not_found")])
def test_an_arm_that_does_harm_is_named(outcome: Outcome, name: str) -> None:
    bad = [
        replace(one, outcome=outcome if one.arm == HYBRID and n % 6 == 1 else Outcome.ANSWERED, vote=0)
        for n, one in enumerate(crowd(1, 1))
    ]
    (compared,) = result_of(bad, [], None, BEGAN).comparisons
    assert compared.harms == (name,)
    good = [replace(one, arm=LOCAL if one.arm == HYBRID else HYBRID) for one in bad]
    assert result_of(good, [], None, BEGAN).comparisons[0].harms == ()


def test_an_uneven_deal_is_said_and_a_plain_one_is_not() -> None:
    people = [entry(LOCAL if n % 3 else HYBRID, f"p{n}", n) for n in range(200)]
    assert result_of(people, [], HALVES, BEGAN).is_dealt_unevenly
    assert not result_of(people, [], {Strategy.LOCAL: 40, Strategy.HYBRID: 20}, BEGAN).is_dealt_unevenly
    assert not result_of(people, [], None, BEGAN).is_dealt_unevenly


def test_an_arm_that_nobody_came_from_is_an_uneven_deal() -> None:
    people = [entry(LOCAL, f"p{n}", n) for n in range(40)]
    assert result_of(people, [], HALVES, BEGAN).is_dealt_unevenly


def test_the_pace_is_votes_a_day() -> None:
    votes = [entry(person=f"p{n}", minute=n, vote=1) for n in range(30)]
    assert result_of(votes, [], None, BEGAN + timedelta(days=10)).pace == pytest.approx(3.0)
    assert result_of([], [], None, BEGAN).pace == 0.0


def test_pairs_prefer_what_the_check_passed_alone() -> None:
    pairs = [Pair(BEGAN, local=False, api=True, usd=0.001)] * 20 + [Pair(BEGAN, local=True, api=True)] * 5
    result = result_of([entry()], [*pairs, Pair(BEGAN, local=True, api=False)], None, BEGAN)
    assert result.pairs
    assert (result.pairs.second, result.pairs.first, result.pairs.ties) == (20, 1, 5)
    assert result.pairs.p < 0.001
    assert result.pairs_usd == pytest.approx(0.02)
    assert result_of([entry()], [], None, BEGAN).pairs is None
