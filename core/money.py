"""Money in millionths of a US dollar: whole numbers, so that sums are exact; and what a call may cost at most."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.ports import Message

MICROS = 1_000_000
"""Micro-dollars in a US dollar. A price in US dollars per million tokens is one in micro-dollars per token."""

MESSAGE_TOKENS = 32
"""Tokens that a chat template puts around one message, and once around all; the known ones take under ten."""


def cost_micros(usd: float | None) -> int | None:
    """A cost that a provider reports, rounded up; None for what is no cost: nothing, less than nothing, no number."""
    if usd is None or not math.isfinite(usd) or usd < 0:
        return None
    return int((Decimal(str(usd)) * MICROS).to_integral_value(ROUND_CEILING))


def cap_micros(usd: float) -> int:
    """A limit, rounded down."""
    return int((Decimal(str(usd)) * MICROS).to_integral_value(ROUND_FLOOR))


def as_usd(micros: int) -> float:
    return micros / MICROS


def most_tokens(messages: Iterable[Message]) -> int:
    """A bound that no tokenizer of the models we use passes: one token for each byte of UTF-8, plus the template.

    Byte-level BPE (GPT, Qwen) makes at most one token of a byte, SentencePiece with byte fallback (Gemini, Llama) too.
    English takes about a quarter of that, Vietnamese a third.
    """
    sizes = (len(message.content.encode("utf-8", "replace")) for message in messages)
    return MESSAGE_TOKENS + sum(size + MESSAGE_TOKENS for size in sizes)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The highest prices that a provider may ask, in US dollars per million tokens, and how often one call may be sent.

    `max_tokens` is the longest answer of the settings, for calls that are not written yet.
    """

    prompt: float
    completion: float
    max_tokens: int
    attempts: int

    def worst(self, messages: Iterable[Message] = (), max_tokens: int | None = None) -> int:
        """What a call may cost at most, in micro-dollars: every attempt billed, none of them shorter than it may be."""
        completion = self.max_tokens if max_tokens is None else max_tokens
        cost = most_tokens(messages) * Decimal(str(self.prompt)) + completion * Decimal(str(self.completion))
        return int(cost.to_integral_value(ROUND_CEILING)) * self.attempts
