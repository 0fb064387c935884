"""Rules that hold for some amounts only ("từ 3 ngày trở lên", "dưới 50 triệu"): does one hold for the case asked?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.checking.amounts import Amount
from core.checking.terms import Text
from core.checking.units import base_of, in_base

_ABOVE = re.compile(r"\b(?:tren|qua|vuot qua|vuot|lon hon|hon|more than|over|above|exceeds?|exceeding|greater than)\s$")
_BELOW = re.compile(r"\b(?:duoi|chua den|chua du|it hon|nho hon|less than|under|below|fewer than)\s$")
_FROM = re.compile(r"\b(?:tu|from|at least|it nhat|toi thieu|du|dat)\s$")
_TO = re.compile(r"\b(?:den|toi|khong qua|up to|to|at most|khong vuot qua)\s$")
_ON = re.compile(r"\s?(?:\w+\s){0,2}?(?:tro len|or more|and more|or longer|and above|or above|upwards)\b")
_OFF = re.compile(r"\s?(?:\w+\s){0,2}?(?:tro xuong|or less|or fewer|and below|or below)\b")
_BETWEEN = re.compile(r"\s?(?:-|den|den duoi|toi|to|den het|to under|to below)\s?(?:duoi\s)?")
_NOT = re.compile(r"\b(?:khong|not|no)\s(?:\w+\s){0,2}$")
WIDE = 24
"""So many characters before an amount are looked at."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds from `least` to `most`, in the base of `unit`; either end may be excluded by a hair."""

    least: float
    most: float
    unit: str
    start: int

    def holds(self, value: float) -> bool:
        return self.least <= value <= self.most


HAIR, NUDGE = 1e-9, 1e-6
_ENDLESS = float("inf")


def conditions_of(text: Text, read: Sequence[Amount]) -> list[Condition]:
    """The conditions of a line with these amounts, each at the place of its amount."""
    amounts = [amount for amount in read if amount.kind == "number" and amount.unit]
    found = list(_ranges(text, amounts))
    inside = {condition.start for condition in found}
    bounds = [(amount, _bounds(text.folded, amount)) for amount in amounts if amount.start not in inside]
    found += [Condition(*ends, base_of(amount.unit), amount.start) for amount, ends in bounds if ends]
    return found


def _ranges(text: Text, amounts: Sequence[Amount]) -> Iterator[Condition]:
    """From X to Y, also "từ X đến dưới Y"; both amounts give one, so that neither is read alone."""
    folded = text.folded
    for left, right in pairwise(amounts):
        between = folded[left.end : right.start]
        if _BETWEEN.fullmatch(between) and _FROM.search(folded, max(0, left.start - WIDE), left.start):
            low, unit = _least_reading(left, right)
            high = in_base(right.value, right.unit)[0] * (1 - HAIR if "duoi" in between or "under" in between else 1)
            yield from (Condition(low, high, unit, amount.start) for amount in (left, right))


def _least_reading(left: Amount, right: Amount) -> tuple[float, str]:
    """The lower end; "từ 50 đến dưới 200 triệu" is read as millions both."""
    values = [in_base(value, left.unit or right.unit) for value in left.values]
    fitting = [pair for pair in values if pair[0] <= in_base(right.value, right.unit)[0]]
    return max(fitting) if fitting else values[0]


def _bounds(folded: str, amount: Amount) -> tuple[float, float] | None:
    value = in_base(amount.value, amount.unit)[0]
    before = folded[max(0, amount.start - WIDE) : amount.start]
    negated = _NOT.search(_without_last_word(before)) is not None
    if _ON.match(folded, amount.end):
        return value, _ENDLESS
    if _OFF.match(folded, amount.end):
        return -_ENDLESS, value
    if _ABOVE.search(before):
        return (-_ENDLESS, value) if negated else (value * (1 + HAIR) + HAIR, _ENDLESS)
    if _BELOW.search(before):
        return (value, _ENDLESS) if negated else (-_ENDLESS, value * (1 - HAIR) - HAIR)
    return (-_ENDLESS, value) if _TO.search(before) else None


def excludes(folded: str, amount: Amount) -> int:
    """1 where only more than a whole number will do, -1 where only less, 0 where itself does or none is meant."""
    before = folded[max(0, amount.start - WIDE) : amount.start]
    if amount.value != int(amount.value) or _NOT.search(_without_last_word(before)):
        return 0
    return bool(_ABOVE.search(before)) - bool(_BELOW.search(before))


def _without_last_word(text: str) -> str:
    return text.rstrip().rpartition(" ")[0] + " "


def fit(conditions: Sequence[Condition], cases: Sequence[tuple[float, str]]) -> int:
    """How cases meet conditions: 1 where one holds, -1 where none does, 0 where nothing is comparable."""
    answers = [condition.holds(value) for condition in conditions for value, unit in cases if unit == condition.unit]
    return (1 if any(answers) else -1) if answers else 0


def cases_of(amounts: Sequence[Amount], conditions: Sequence[Condition]) -> list[tuple[float, str]]:
    """The amounts of a question in base units; of "more than 5 days" something more than that."""
    bounds = {condition.start: condition for condition in conditions}
    cases = []
    for amount in amounts:
        if amount.kind == "number" and amount.unit:
            value, unit = in_base(amount.value, amount.unit)
            bound = bounds.get(amount.start)
            nudge = 0.0 if bound is None else (bound.least > value) - (bound.most < value)
            cases.append((value * (1 + nudge * NUDGE), unit))
    return cases
