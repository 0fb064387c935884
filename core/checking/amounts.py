"""A number, sum of money, date, time of day or code in one form, so that two spellings can be compared.

"1.000.000 đồng", "1 triệu" and "one million dong" are one amount, as are "17h30" and "17:30", "24 tháng" and "2 years".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.checking.units import DURATION as TIMES
from core.checking.units import LABELS, in_base

Kind = Literal["number", "clock", "date", "code"]
HOUR = 60
"""Minutes."""
ROUGHLY = {
    ("month", "day"): 30.0,
    ("week", "day"): 7.0,
    ("year", "day"): 365.0,
    ("month", "week"): 4.33,
    ("year", "week"): 52.0,
    ("metre", "kilometre"): 3.6,
}
"""What one of a unit comes to in the other; of speeds, metres a second in kilometres an hour."""
ROUGH, LOOSE = 0.02, 0.1
WORKING_DAYS = 5
"""A week has so many."""
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True)
class Amount:
    """One of them. `values` are its readings: "1.200" may be 1200 or 1.2; minutes since midnight of a time of day.

    `parts` are year, month and day of a date, 0 where it names none; `text` is as written, folded; `many` is the
    multiplier that stands in it: "triệu", "k"; `noun` is the term right behind it, what is counted.
    """

    kind: Kind
    text: str
    start: int
    end: int
    values: tuple[float, ...] = ()
    unit: str = ""
    parts: tuple[int, int, int] = (0, 0, 0)
    many: float = 1.0
    noun: str = ""

    @property
    def value(self) -> float:
        return self.values[0]

    @cached_property
    def digits(self) -> str:
        """Its digits in a row, by which it is found again whatever separates them; of a number in words its value."""
        return _NO_DIGIT.sub("", self.text).lstrip("0") or (f"{self.value:g}" if self.values else "")


def same(one: Amount, other: Amount) -> bool:
    """Whether two amounts say the same; a number without a unit may be one with any."""
    if "code" in {one.kind, other.kind}:
        return _bare(one.text) == _bare(other.text)
    if one.kind == other.kind == "date":
        return dates_agree(one.parts, other.parts)
    if "date" in {one.kind, other.kind}:
        date, number = (one, other) if one.kind == "date" else (other, one)
        return number.kind == "number" and not number.unit and number.value in date.parts
    if {one.unit, other.unit} <= LABELS:
        return one.value == other.value
    if one.kind == other.kind:
        return bool(_in_base(one) & _in_base(other)) or (one.kind == "number" and _same_bare(one, other))
    clock, number = (one, other) if one.kind == "clock" else (other, one)
    minutes = number.value * (1 if number.unit == "minute" else HOUR)
    return (number.unit in {"hour", "minute", ""} and minutes == clock.value) or number.digits == clock.digits


def is_about(one: Amount, other: Amount, *, loosely: bool = False) -> bool:
    """Whether one is the other in units that are turned into each other only about: 120 days are four months."""
    for large, small in ((one, other), (other, one)):
        pair = (large.unit, small.unit)
        times = ROUGHLY.get(pair, 0.0)
        if loosely and pair == ("week", "day") and any(a * WORKING_DAYS in small.values for a in large.values):
            return True
        if times and any(
            abs(a * times - b) <= (LOOSE if loosely else ROUGH) * b for a in large.values for b in small.values
        ):
            return True
    return False


def _same_bare(one: Amount, other: Amount) -> bool:
    """Whether a number stands for one with a unit: not where it counts something else itself."""
    bare, measured = (other, one) if one.unit else (one, other)
    if bare.unit or (measured.unit == "percent") or (bare.noun and measured.unit in TIMES):
        return False
    return bool(set(one.values) & set(other.values))


def _in_base(amount: Amount) -> set[tuple[float, str]]:
    return {in_base(value, amount.unit) for value in amount.values}


def dates_agree(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether nothing that both dates name differs, and they name something in common."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return bool(both) and all(a == b for a, b in both)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text)
