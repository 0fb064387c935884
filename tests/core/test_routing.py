"""The first router: the plan's patterns, and privacy above everything."""

import pytest

from core.conversation import Route
from core.privacy import Clearance, Reach
from core.routing import Complexity, PatternPolicy, Router, Strategy

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
    assert Router(PatternPolicy()).plan(SIMPLE, FREE, api_available=True).reasons == (
        "patterns: simple (simple pattern)",
    )
