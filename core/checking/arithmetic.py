"""Makes an amount out of others, as a person would in the head: sums, shares, ratios, spans between times and dates."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations_with_replacement

from core.checking.amounts import HOUR, Amount, dates_agree
from core.checking.units import COUNTED, LABELS, base_of, in_base

SMALL = 10
"""Sums of three that come to no more prove nothing: too many do."""
DIGITS = 6
MINUTE, DAY_HOURS, DAY_SECONDS, MONTHS_A_YEAR = 60, 24, 86_400, 12
WORKING_DAYS, WEEKEND = 5, 2
ANY_YEAR = 2026
"""For dates that name none; no leap year."""
NEARLY = 0.67
WHOLE = 100
"""Percent of anything is the thing itself."""
MOST_SUMMED = 6
"""Out of more amounts nearly any total can be made."""
MOST_SPANS = 6
"""So many spans of time are added up to one at most."""


class Reckoning:
    """The ways to make a wanted number out of two or three others, at least one of them near.

    Near is what the question names or the answer itself: out of all numbers of five passages nearly any can be made.
    """

    def __init__(self, wanted: Amount, near: Sequence[Amount], known: Sequence[Amount]) -> None:
        self.wanted = wanted
        self.near = [_in_unit(one, wanted.unit) for one in _numbers(near)]
        near_too = {(one.value, one.unit): one for one in self.near}
        others = [_in_unit(one, wanted.unit) for one in _numbers(known)]
        self.every = [*self.near, *(one for one in others if (one.value, one.unit) not in near_too)]
        self._likeness = {id(one): (_is_like(one, wanted), _is_like(one, wanted, strictly=True)) for one in self.every}
        self.like = [one for one in self.every if self._is_like(one)]
        self._by_value = {round(one.value, DIGITS): one for one in reversed(self.every)}
        self._like_by_value = {round(one.value, DIGITS): one for one in reversed(self.like)}
        self._has_rate = any(one.value == 1 and one.unit == wanted.unit for one in self.every)

    def of_two(self) -> Iterator[tuple[Amount, ...]]:
        """The pairs that make it; a minute's sixty seconds may be one of both."""
        for a in self.near:
            for b in self.every:
                if a is not b and any(self._is(result) for result in self._of(a, b)):
                    yield a, b
        if self.wanted.unit in {"second", "minute"}:
            yield from ((one,) for one in self.every if one.value and not one.unit and self._is(MINUTE / one.value))

    def of_three(self) -> Iterator[tuple[Amount, ...]]:
        """The triples that make it: products, sums, a third with a product, a share of a product."""
        if self.wanted.value <= SMALL:
            return
        for a in self.near:
            for b in self.every:
                if a is not b:
                    found = (third for third in self._thirds(a, b) if third not in {a, b})
                    yield from ((a, b, third) for third in found if third)

    def of_many(self) -> Iterator[tuple[Amount, ...]]:
        """The sums of up to four amounts of its unit, each as often as need be: a total over rows of a table."""
        like = [one for one in self.like if one.unit == self.wanted.unit and one.value < self.wanted.value]
        if not self.wanted.unit or len(like) > MOST_SUMMED:
            return
        for count in (3, 4):
            chosen = combinations_with_replacement(like, count)
            yield from (some for some in chosen if self._is(sum(one.value for one in some)))

    def _is_like(self, amount: Amount, *, strictly: bool = False) -> bool:
        return self._likeness[id(amount)][strictly]

    def _may_be_added(self, amount: Amount) -> bool:
        """Whether it has the unit that is wanted: hours are not added to bare numbers."""
        return self._is_like(amount, strictly=bool(self.wanted.unit))

    def _are_alike(self, a: Amount, b: Amount) -> bool:
        """Whether one has the unit wanted and the other none, and they are of a size: "48.2 seconds" and "49.0"."""
        is_one = self._may_be_added(a) != self._may_be_added(b) and self._is_like(a) and self._is_like(b)
        return is_one and NEARLY < a.value / (b.value or 1.0) < 1 / NEARLY

    def _is(self, result: float) -> bool:
        return is_close(result, self.wanted)

    def _of(self, a: Amount, b: Amount) -> Iterator[float]:
        for one, other in ((a, b), (b, a)):
            if self._is_like(one) and other.unit == "percent" and other.value != WHOLE:
                part = one.value * other.value / 100
                yield from (part, one.value + part, one.value - part)
            elif self._is_like(one) and (self._has_rate or not self._is_like(other, strictly=True)):
                yield one.value * other.value
            if other.value:
                yield from self._quotients(one, other)
        is_bare = not self.wanted.unit and self.wanted.value <= SMALL
        if self._may_be_added(a) and self._may_be_added(b) and (not is_bare or a.noun == b.noun):
            yield from (a.value + b.value, abs(a.value - b.value))
        elif self._are_alike(a, b):
            yield abs(a.value - b.value)

    def _thirds(self, a: Amount, b: Amount) -> Iterator[Amount | None]:
        wanted, are_like = self.wanted.value, (self._is_like(a), self._is_like(b))
        product = a.value * b.value / (100 if "percent" in {a.unit, b.unit} else 1)
        if product and not (all(are_like) and self.wanted.unit):
            yield self._with(wanted / product, like=not any(are_like))
            yield from self._rates(product)
        if all(are_like) and "" in {a.unit, b.unit}:
            yield from (self._with(wanted - product), self._with(wanted + product))
        if self._may_be_added(a) and self._may_be_added(b):
            for rest in (wanted - a.value - b.value, a.value + b.value - wanted, wanted + a.value + b.value):
                yield self._with(rest)
        elif any(are_like):
            yield from (self._with(wanted - product), self._with(wanted + product))
        elif a.unit == b.unit and b.value and (whole := a.value // b.value):
            yield from (self._with(wanted - whole), self._with(wanted / whole))

    def _rates(self, product: float) -> Iterator[Amount | None]:
        """A percentage that is added to a product or taken off it."""
        percent = [one for one in self.every if one.unit == "percent" and one.value != WHOLE]
        yield from (one for one in percent for sign in (1, -1) if self._is(product * (1 + sign * one.value / 100)))

    def _with(self, value: float, *, like: bool = True) -> Amount | None:
        return (self._like_by_value if like else self._by_value).get(round(value, DIGITS))

    def _quotients(self, above: Amount, below: Amount) -> Iterator[float]:
        """Above by below: of like units a number of times or a share, else of the unit of the one above."""
        ratio, unit = above.value / below.value, self.wanted.unit
        if above.unit == below.unit and unit == "percent":
            yield from (ratio * 100, abs(ratio - 1) * 100)
        elif above.unit == below.unit and unit in {*COUNTED, "day"}:
            yield from (ratio, above.value // below.value)
        elif self._is_like(above):
            yield ratio


def _in_unit(amount: Amount, unit: str) -> Amount:
    """An amount of the unit's family in that unit: 2 hours are 120 minutes."""
    if not unit or amount.unit == unit or base_of(amount.unit) != base_of(unit):
        return amount
    size = in_base(1, amount.unit)[0] / in_base(1, unit)[0]
    return replace(amount, values=tuple(value * size for value in amount.values), unit=unit)


def _numbers(amounts: Iterable[Amount]) -> list[Amount]:
    """The numbers among amounts that can be reckoned with, each value and unit once."""
    usable = [one for one in amounts if one.kind == "number" and one.unit not in LABELS]
    return list({(one.value, one.unit): one for one in usable}.values())


def is_close(result: float, amount: Amount) -> bool:
    """Equal as written: where the answer gives decimals the last may be rounded."""
    return any(math.isclose(result, value, rel_tol=1e-3 if value != int(value) else 1e-9) for value in amount.values)


def _is_like(amount: Amount, wanted: Amount, *, strictly: bool = False) -> bool:
    """Whether one has the unit that is wanted; a number without a unit may have any that is, unless `strictly`."""
    if not amount.unit:
        return not (strictly and wanted.unit)
    if not wanted.unit:
        return amount.unit in COUNTED
    return base_of(amount.unit) == base_of(wanted.unit)


def spans_of(amounts: Sequence[Amount]) -> list[Amount]:
    """The spans between times of day and between dates, as amounts: of 8:00 and 9:30 one of 1.5 hours."""
    clocks = sorted({one.value for one in amounts if one.kind == "clock"})
    if clocks:
        clocks += [one.value * HOUR for one in amounts if one.unit == "hour" and one.value <= DAY_HOURS]
    between = [(late - early) % (DAY_HOURS * HOUR) for early in clocks for late in clocks if early != late]
    hours = [_number(minutes / HOUR, "hour") for minutes in between]
    days = sorted({day for day in map(_as_day, amounts) if day})
    spans = [(late - early).days for early in days for late in days if early < late]
    whole = [_number(count, "day") for span in spans for count in (span, span + 1)]
    months = [
        _number(count, "month")
        for early in days
        for late in days
        for count in {_months(early, late), _months(early, late + timedelta(days=1))}
        if early < late and count
    ]
    return [*hours, *whole, *months]


def _number(value: float, unit: str) -> Amount:
    return Amount("number", f"{value:g}", 0, 0, (float(value),), unit)


def _months(early: date, late: date) -> int:
    """The whole months between two dates of one day of the month, else 0."""
    return (late.year - early.year) * MONTHS_A_YEAR + late.month - early.month if late.day == early.day else 0


def _as_day(amount: Amount) -> date | None:
    year, month, day = amount.parts
    try:
        return date(year or ANY_YEAR, month, day) if month and day else None
    except ValueError:
        return None


def clock_follows(amount: Amount, others: Sequence[Amount]) -> bool:
    """Whether a time of day lies one of the spans among others, or all of them, before or after one of the clocks."""
    spans = [in_base(one.value, one.unit)[0] / MINUTE for one in others if one.unit in {"hour", "minute"}]
    clocks = [one.value for one in others if one.kind == "clock"]
    sums = [*spans, sum(spans)] if len(spans) <= MOST_SPANS else spans
    return any(
        (amount.value - clock - sign * span) % (DAY_HOURS * HOUR) == 0
        for clock in clocks
        for span in sums
        for sign in (1, -1)
    )


def date_follows(amount: Amount, others: Sequence[Amount]) -> bool:
    """Whether a date lies some days, weeks, months or years from another; working days may skip weekends."""
    spans = [in_base(one.value, one.unit) for one in others if one.kind == "number"]
    dates = [one for one in others if one.kind == "date"]
    return any(
        dates_agree(amount.parts, moved) for one in dates for size, base in spans for moved in _moved(one, size, base)
    )


def _moved(amount: Amount, size: float, base: str) -> Iterator[tuple[int, int, int]]:
    """The dates before and after one by so many seconds or months."""
    year, month, day = amount.parts
    start = _as_day(amount)
    if base == "second" and start and size < 4000 * DAY_SECONDS:
        days = size / DAY_SECONDS
        weekends = WEEKEND * math.ceil(days / WORKING_DAYS)
        for count in (days, -days, days + weekends, days + weekends - WEEKEND):
            moved = start + timedelta(days=count)
            yield moved.year if year else 0, moved.month, moved.day
    if base == "month" and month and size == int(size):
        for sign in (1, -1):
            months = (year or ANY_YEAR) * MONTHS_A_YEAR + month - 1 + sign * int(size)
            yield months // MONTHS_A_YEAR if year else 0, months % MONTHS_A_YEAR + 1, day
