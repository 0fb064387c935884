"""Makes an amount out of others, as a person would in the head: sums, shares, ratios."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.checking.amounts import Amount
from core.checking.units import COUNTED, CURRENCIES, DURATION, LABELS, base_of, in_base

SMALL = 10
"""Sums of three that come to no more prove nothing: too many do."""
DIGITS = 6
MINUTE = 60
UNSCALED = frozenset({"percent", "celsius", "decibel"})
"""Units of what is not taken several times."""
TIMES = frozenset({*COUNTED, *DURATION, "shift", "point", "page", "level", "volt", "set"})
"""What a thing may be taken so many times by; sums of money by anything."""
WHOLE = 100
"""Percent of anything is the thing itself."""


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
        if self.wanted.unit == "second":
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

    def _is_like(self, amount: Amount, *, strictly: bool = False) -> bool:
        return self._likeness[id(amount)][strictly]

    def _may_be_added(self, amount: Amount) -> bool:
        """Whether it has the unit that is wanted: hours are not added to bare numbers."""
        return self._is_like(amount, strictly=bool(self.wanted.unit))

    def _is(self, result: float) -> bool:
        return is_close(result, self.wanted)

    def _of(self, a: Amount, b: Amount) -> Iterator[float]:
        for one, other in ((a, b), (b, a)):
            if self._is_like(one) and other.unit == "percent" and other.value != WHOLE:
                part = one.value * other.value / 100
                yield from (part, one.value + part, one.value - part)
            elif self._is_like(one) and self._multiplies(other):
                yield one.value * other.value
            if other.value:
                yield from self._quotients(one, other)
        is_bare = not self.wanted.unit and self.wanted.value <= SMALL
        if self._may_be_added(a) and self._may_be_added(b) and (not is_bare or a.noun == b.noun):
            yield from (a.value + b.value, abs(a.value - b.value))

    def _multiplies(self, other: Amount) -> bool:
        """Whether a thing of the wanted unit may be taken so many times: once is no reckoning, nor are metres times."""
        if (
            other.value == 1
            or self.wanted.unit in UNSCALED
            or not (self._has_rate or not self._is_like(other, strictly=True))
        ):
            return False
        return self.wanted.unit in CURRENCIES or other.unit in TIMES

    def _divides(self, below: Amount) -> bool:
        """Whether a thing of the wanted unit may be shared out among so many."""
        if below.value == 1 or self.wanted.unit in UNSCALED:
            return False
        return below.unit in {*COUNTED, "shift"} or (below.unit in DURATION and below in self.near)

    def _thirds(self, a: Amount, b: Amount) -> Iterator[Amount | None]:
        wanted, are_like = self.wanted.value, (self._is_like(a), self._is_like(b))
        product = a.value * b.value / (100 if "percent" in {a.unit, b.unit} else 1)
        product = 0.0 if self.wanted.unit in UNSCALED else product
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
        elif a.unit == b.unit and self.wanted.unit not in UNSCALED and b.value and (whole := a.value // b.value):
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
        elif self._is_like(above) and self._divides(below):
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
        return not (strictly and wanted.unit) and wanted.unit != "percent"
    if not wanted.unit:
        return amount.unit in COUNTED
    return base_of(amount.unit) == base_of(wanted.unit)
