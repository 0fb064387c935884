"""How fast a platform is talked to: never faster than it bears, and what must be said comes before previews."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pacing import MOST_PLACES, Pacer
from core.surfaces import Rates
from tests.manual_clock import ManualClock

RATES = Rates(
    place_burst=3.0,
    place_per_second=1.0,
    burst=10.0,
    per_second=5.0,
    reserve=1.0,
    preview_seconds=1.0,
    call_seconds=5.0,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pacer(clock: ManualClock) -> Pacer:
    return Pacer(RATES, clock)


def test_a_burst_goes_at_once_and_the_rest_in_the_order_of_asking(pacer: Pacer, clock: ManualClock) -> None:
    assert [pacer.must("p", 1) for _ in range(6)] == [0, 0, 0, 1, 2, 3]
    clock.advance(2)
    assert pacer.must("p", 1) == 2  # behind the two that have not gone yet


def test_places_do_not_wait_for_each_other_until_all_together_are_too_fast(pacer: Pacer) -> None:
    assert [pacer.must(f"p{number}", 1) for number in range(11)] == [*[0] * 10, 0.2]


def test_what_costs_nothing_waits_only_where_the_platform_asked_for_it(pacer: Pacer) -> None:
    assert [pacer.must("p", 0) for _ in range(100)] == [0] * 100
    pacer.back_off("p", 7)
    assert pacer.must("p", 0) == 7


def test_a_quiet_place_saves_no_more_than_its_burst(pacer: Pacer, clock: ManualClock) -> None:
    clock.advance(1_000_000)
    assert [pacer.must("p", 1) for _ in range(4)] == [0, 0, 0, 1]


def test_a_preview_leaves_the_reserve_to_what_must_be_sent(pacer: Pacer, clock: ManualClock) -> None:
    assert pacer.preview("p", 1) == 0
    clock.advance(1)
    pacer.must("p", 1)
    pacer.must("p", 1)
    assert pacer.preview("p", 1) == 1  # one is left, and it is the reserve
    assert pacer.must("p", 1) == 0


def test_previews_of_all_places_leave_the_reserve_too(clock: ManualClock) -> None:
    pacer = Pacer(replace(RATES, burst=3.0, per_second=1.0), clock)
    assert [pacer.preview(f"p{number}", 1) for number in range(3)] == [0, 0, 1]
    assert pacer.must("p9", 1) == 0


def test_a_place_gets_one_preview_in_a_while(pacer: Pacer, clock: ManualClock) -> None:
    assert pacer.preview("p", 0) == 0
    assert pacer.preview("p", 0) == 1
    assert pacer.preview("q", 0) == 0
    clock.advance(0.75)
    assert pacer.preview("p", 0) == 0.25
    clock.advance(0.25)
    assert pacer.preview("p", 0) == 0


def test_a_preview_that_may_not_go_costs_nothing(pacer: Pacer) -> None:
    for _ in range(2):
        pacer.must("p", 1)
    for _ in range(50):
        assert pacer.preview("p", 1) > 0
    assert pacer.must("p", 1) == 0


def test_previews_go_again_when_what_must_be_sent_is_paid_for(pacer: Pacer, clock: ManualClock) -> None:
    for _ in range(5):
        pacer.must("p", 1)
    wait = pacer.preview("p", 1)
    assert wait == 4  # two owed, the reserve and its own
    clock.advance(wait)
    assert pacer.preview("p", 1) == 0


def test_a_place_that_asked_for_a_pause_gets_it_and_the_others_go_on(pacer: Pacer, clock: ManualClock) -> None:
    pacer.back_off("p", 30)
    assert (pacer.must("p", 1), pacer.must("q", 1)) == (30, 0)
    assert (pacer.preview("p", 1), pacer.preview("q", 1)) == (30, 0)
    clock.advance(30)
    assert pacer.must("p", 1) == 0


def test_a_pause_everywhere_holds_every_place_back(pacer: Pacer) -> None:
    pacer.back_off("p", 30, everywhere=True)
    assert [pacer.must(place, 1) for place in ("p", "q")] == [30, 30]
    assert pacer.preview("r", 1) == 30


def test_after_a_pause_no_more_goes_at_once_than_ever(pacer: Pacer, clock: ManualClock) -> None:
    pacer.back_off("p", 4)
    assert [pacer.must("p", 1) for _ in range(4)] == [4, 4, 4, 5]
    clock.advance(4)
    assert [pacer.must("p", 1) for _ in range(2)] == [2, 3]


def test_who_is_asked_to_wait_again_while_waiting_learns_it(pacer: Pacer, clock: ManualClock) -> None:
    assert pacer.pause("p") == 0
    pacer.back_off("p", 4)
    clock.advance(1)
    assert (pacer.pause("p"), pacer.pause("q")) == (3, 0)
    pacer.back_off("q", 2, everywhere=True)
    assert (pacer.pause("p"), pacer.pause("q")) == (3, 2)
    clock.advance(9)
    assert (pacer.pause("p"), pacer.pause("q")) == (0, 0)


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_shorter_pause_does_not_end_a_longer_one(pacer: Pacer, *, everywhere: bool) -> None:
    pacer.back_off("p", 30, everywhere=everywhere)
    pacer.back_off("p", 5, everywhere=everywhere)
    assert pacer.must("p", 1) == 30


def test_places_that_are_quiet_are_forgotten_and_busy_ones_are_not(pacer: Pacer, clock: ManualClock) -> None:
    pacer.preview("idle", 1)
    clock.advance(100)
    for _ in range(8):
        pacer.must("owing", 1)
    pacer.back_off("asked", 60)
    for number in range(MOST_PLACES):
        pacer.must(f"p{number}", 0)
    assert len(pacer._places) <= MOST_PLACES
    assert "idle" not in pacer._places
    assert "idle" not in pacer._preview_at
    assert pacer.must("owing", 0) > 0
    assert pacer.must("asked", 0) > 0


def test_a_place_that_was_forgotten_starts_with_its_whole_burst(pacer: Pacer, clock: ManualClock) -> None:
    pacer.must("p", 1)
    clock.advance(100)
    for number in range(MOST_PLACES):
        pacer.must(f"p{number}", 0)
    clock.advance(1000)
    assert [pacer.must("p", 1) for _ in range(4)] == [0, 0, 0, 1]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["must", "preview", "back_off"]),
        st.sampled_from(["p", "q"]),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
        st.sampled_from([0.0, 0.25, 1.0, 4.0]),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_what_must_be_sent_in_a_place_goes_in_order_and_not_too_fast(
    steps: list[tuple[str, str, float, float]],
) -> None:
    clock = ManualClock()
    pacer = Pacer(RATES, clock)
    sent: list[tuple[float, float, str]] = []
    must: dict[str, list[float]] = {"p": [], "q": []}
    for step, place, amount, passed in steps:
        now = clock.monotonic()
        if step == "must":
            must[place].append(now + pacer.must(place, amount))
            sent.append((must[place][-1], amount, place))
        elif step == "preview" and not pacer.preview(place, amount):
            sent.append((now, amount, place))
        elif step == "back_off":
            pacer.back_off(place, 4 * amount, everywhere=passed == 0.25)
        clock.advance(passed)
    for times in must.values():
        assert all(before <= after + 1e-9 for before, after in itertools.pairwise(times))
    for place in ("p", "q"):
        mine = sorted((at, cost) for at, cost, where in sent if where == place)
        assert_bearable(mine, RATES.place_burst, RATES.place_per_second)
    assert_bearable(sorted((at, cost) for at, cost, _ in sent), RATES.burst, RATES.per_second)


def assert_bearable(sent: list[tuple[float, float]], burst: float, per_second: float) -> None:
    """In no span of time more than its share and one burst."""
    for first, (start, _) in enumerate(sent):
        total = 0.0
        for at, cost in sent[first:]:
            total += cost
            assert total <= burst + (at - start) * per_second + 1e-6
