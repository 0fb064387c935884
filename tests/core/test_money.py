"""Micro-dollars, and the most that a call may cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import MICROS, Tariff, as_usd, cap_micros, cost_micros, most_tokens
from core.ports import Message

PRICES = st.floats(0, 100, allow_nan=False).map(lambda price: round(price, 4))


@pytest.mark.parametrize(
    ("usd", "micros"), [(0.0000125, 13), (0.000013, 13), (0.0, 0), (1, 1_000_000), (0.1 + 0.2, 300_001), (1e-9, 1)]
)
def test_a_cost_is_rounded_up_and_never_by_a_float(usd: float, micros: int) -> None:
    assert cost_micros(usd) == micros


@pytest.mark.parametrize("usd", [None, -0.01, float("nan"), float("inf")])
def test_what_is_no_cost_is_not_known(usd: float | None) -> None:
    assert cost_micros(usd) is None


@pytest.mark.parametrize(("usd", "micros"), [(5, 5_000_000), (0.0000019, 1), (0.29, 290_000)])
def test_a_cap_is_rounded_down(usd: float, micros: int) -> None:
    assert cap_micros(usd) == micros


def test_micros_come_back_as_dollars() -> None:
    assert as_usd(1_250_000) == 1.25


@given(st.lists(st.text(), max_size=4))
def test_a_prompt_has_no_more_tokens_than_bytes_and_what_the_template_adds(texts: list[str]) -> None:
    tokens = most_tokens(Message("user", text) for text in texts)
    assert tokens >= sum(len(text.encode("utf-8", "replace")) for text in texts) + 10 * len(texts)


def test_vietnamese_counts_by_its_bytes() -> None:
    one, other = (most_tokens([Message("user", text)]) for text in ("nghi phep", "nghỉ phép"))
    assert other - one == 3


@given(PRICES, PRICES, st.integers(0, 32_768), st.integers(1, 3), st.text(max_size=50))
def test_no_call_within_the_limits_costs_more_than_the_worst(
    prompt: float, completion: float, max_tokens: int, attempts: int, text: str
) -> None:
    messages = [Message("user", text)]
    worst = Tariff(prompt, completion, max_tokens, attempts).worst(messages)
    tokens = len(text.encode("utf-8", "replace")) + 8
    dearest = attempts * (tokens * prompt + max_tokens * completion) / MICROS
    assert worst / MICROS >= dearest * (1 - 1e-12)


def test_the_request_says_how_long_its_answer_may_be() -> None:
    tariff = Tariff(0.0, 5.0, max_tokens=100, attempts=2)
    assert (tariff.worst(), tariff.worst((), 10)) == (1000, 100)
