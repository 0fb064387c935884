"""The router: patterns or a model, strategies, and privacy above everything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from core.conversation import ATTACHED, Route
from core.load import SpillOver
from core.ports import SearchResult, Typing
from core.privacy import Clearance, Reach
from core.routing import Assessment, Complexity, PatternPolicy, Router, Strategy
from core.signals import FEWEST, Signals, signals_of

FREE = Clearance(Reach.OUTSIDE)
HELD = Clearance(Reach.OFFICE, ("phone",))
SIMPLE = "Công ty có bao nhiêu chi nhánh?"
MEDIUM = "Tôi muốn đổi ca trực với một đồng nghiệp ở tổ khác vào tuần sau thì làm"
COMPLEX = "Vì sao hai quy định về tạm ứng khác nhau?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SIMPLE, Complexity.SIMPLE),
        ("cong ty co bao nhieu chi nhanh", Complexity.SIMPLE),
        (COMPLEX, Complexity.COMPLEX),
        ("vi sao hai quy dinh ve tam ung khac nhau", Complexity.COMPLEX),
        ("Compare the two leave policies", Complexity.COMPLEX),
        ("nghỉ cưới mấy ngày", Complexity.SIMPLE),
        (MEDIUM, Complexity.MEDIUM),
        ("từ " * 31, Complexity.COMPLEX),
    ],
)
def test_patterns_then_length_decide(text: str, expected: Complexity) -> None:
    assert PatternPolicy().assess(text).complexity is expected


def test_a_pattern_inside_a_word_does_not_count() -> None:
    """Without borders, "o dau" stands inside "do dau", which asks about no place."""
    assert PatternPolicy().assess("do dau may bi hong " + "va " * 6).reason != "simple pattern"


def test_a_higher_threshold_believes_fewer_questions_to_be_simple() -> None:
    assert PatternPolicy(simple_threshold=0.95).assess(SIMPLE).complexity is Complexity.MEDIUM


def test_the_office_strategy_never_plans_a_call_outside() -> None:
    plan = Router(PatternPolicy(), Strategy.LOCAL).plan(COMPLEX, FREE, api_available=True)
    assert (plan.first, plan.fallback) == (Route.LOCAL, None)


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.API])
@pytest.mark.parametrize("text", [SIMPLE, MEDIUM, COMPLEX])
def test_what_the_gate_holds_stays_whatever_strategy_and_question(strategy: Strategy, text: str) -> None:
    plan = Router(PatternPolicy(), strategy).plan(text, HELD, api_available=True)
    assert (plan.first, plan.fallback, plan.escalate_poor) == (Route.LOCAL, None, False)
    assert "stays in the office: phone" in plan.reasons


def test_without_api_everything_is_answered_in_the_office() -> None:
    plan = Router(PatternPolicy(), Strategy.API).plan(COMPLEX, FREE, api_available=False)
    assert (plan.first, plan.fallback) == (Route.LOCAL, None)


def test_hybrid_sends_complex_questions_out_and_tries_medium_ones_first() -> None:
    router = Router(PatternPolicy())
    simple = router.plan(SIMPLE, FREE, api_available=True)
    medium = router.plan(MEDIUM, FREE, api_available=True)
    hard = router.plan(COMPLEX, FREE, api_available=True)
    assert (simple.first, simple.fallback, simple.escalate_poor) == (Route.LOCAL, Route.API, False)
    assert (medium.first, medium.fallback, medium.escalate_poor) == (Route.LOCAL, Route.API, True)
    assert (hard.first, hard.fallback) == (Route.API, Route.LOCAL)


def test_without_fallback_a_failed_local_answer_stays_failed() -> None:
    plan = Router(PatternPolicy(), api_fallback=False).plan(SIMPLE, FREE, api_available=True)
    assert plan.fallback is None


def test_every_plan_says_why() -> None:
    assert Router(PatternPolicy()).plan(SIMPLE, FREE, api_available=True).reasons == ("seed: simple (simple pattern)",)


@dataclass(frozen=True)
class Told:
    """A policy that says what it is told to."""

    complexity: Complexity = Complexity.COMPLEX
    attack: float = 0.0
    name: str = "told"

    def assess(self, query: str, embedding: Sequence[float] = ()) -> Assessment:
        del query, embedding
        return Assessment(self.complexity, "told", {"complex": 0.9}, {"attack": self.attack})


@dataclass
class Waits:
    """A load that is set by hand."""

    seconds: float = 0.0

    def predicted_wait(self, open_questions: int) -> float:
        del open_questions
        return self.seconds


@pytest.mark.parametrize(
    ("office", "arm", "spaces", "expected"),
    [
        ("hybrid", None, [], "hybrid"),
        ("hybrid", None, ["open"], "api"),
        ("hybrid", None, ["open", "plain"], "hybrid"),
        ("hybrid", None, ["open", "shut"], "local"),
        ("local", None, ["open"], "api"),
        ("hybrid", "api", ["plain"], "api"),
        ("hybrid", "api", ["shut"], "local"),
        ("hybrid", "local", ["open"], "local"),
    ],
)
def test_the_strictest_space_counts_and_an_experiment_never_loosens_it(
    office: str, arm: str | None, spaces: list[str], expected: str
) -> None:
    own = {"open": Strategy.API, "shut": Strategy.LOCAL}
    router = Router(Told(), Strategy(office), space_strategies=own)
    plan = router.plan(
        COMPLEX,
        FREE,
        api_available=True,
        strategy=Strategy(arm) if arm else None,
        signals=Signals(spaces=frozenset(spaces)),
    )
    assert plan.strategy == expected
    assert plan.first is (Route.LOCAL if expected == "local" else Route.API)


def test_what_the_search_did_not_find_is_not_paid_for() -> None:
    far = Signals(nearness=0.01, coverage=0.1)
    plan = Router(Told(), Strategy.API).plan(COMPLEX, FREE, api_available=True, signals=far)
    assert (plan.first, plan.fallback) == (Route.LOCAL, None)
    assert plan.reasons[-1].startswith("nothing near was found")


@pytest.mark.parametrize(
    "signals",
    [
        Signals(nearness=0.2, coverage=0.0),
        Signals(nearness=0.0, coverage=0.9),
        Signals(nearness=0.0, coverage=0.0, spaces=frozenset({ATTACHED})),
    ],
)
def test_a_near_passage_or_a_near_word_or_a_file_of_the_asker_is_enough(signals: Signals) -> None:
    assert Router(Told()).plan(COMPLEX, FREE, api_available=True, signals=signals).first is Route.API


def test_half_an_index_and_a_handful_of_chunks_do_not_tell_that_nothing_is_near() -> None:
    found = SearchResult((), "?", Typing.ACCENTED, nearness=0.0, coverage=0.0, weighed=FEWEST)
    assert not signals_of(found, ()).is_near
    assert signals_of(replace(found, degraded=True), ()).is_near
    assert signals_of(replace(found, weighed=FEWEST - 1), ()).is_near


def test_what_may_be_an_attack_stays_in_the_office() -> None:
    plan = Router(Told(attack=0.7), Strategy.API).plan(COMPLEX, FREE, api_available=True)
    assert (plan.first, plan.fallback) == (Route.LOCAL, None)
    assert plan.reasons[-1] == "may be an attack (0.70)"


def test_a_long_queue_spills_over_until_it_is_short_again() -> None:
    waits = Waits()
    router = Router(Told(Complexity.SIMPLE), spill_over=SpillOver(waits, over=45, under=20))
    routes = []
    for waits.seconds in (40, 50, 30, 19, 30):
        routes.append(router.plan(SIMPLE, FREE, api_available=True).first)
    assert routes == [Route.LOCAL, Route.API, Route.API, Route.LOCAL, Route.LOCAL]


def test_a_long_queue_lets_nothing_out_that_must_stay() -> None:
    router = Router(Told(Complexity.SIMPLE), spill_over=SpillOver(Waits(500)))
    assert router.plan(SIMPLE, HELD, api_available=True).first is Route.LOCAL
    assert router.plan(SIMPLE, FREE, api_available=False).first is Route.LOCAL
    assert router.plan(SIMPLE, FREE, api_available=True, strategy=Strategy.LOCAL).first is Route.LOCAL
    outside = router.plan(SIMPLE, FREE, api_available=True)
    assert (outside.first, outside.fallback) == (Route.API, Route.LOCAL)
    assert outside.reasons[-1] == "the local model would keep waiting for 500 s"


def test_every_plan_has_the_probabilities_of_its_policy() -> None:
    assert Router(Told()).plan(COMPLEX, FREE, api_available=True).chances == {"complex": 0.9}
