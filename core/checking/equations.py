"""Sums that an answer writes out or tells: "2 + 10 + 12 = 22" is wrong whatever the passages say."""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.checking.amounts import Amount
from core.checking.phrases import Phrases
from core.checking.pieces import Piece
from core.checking.reading import readings
from core.checking.terms import Text
from core.checking.units import LABELS, in_base

_NUMBER = r"(?<![\w.,])\d+(?:[.,]\d+)*"
_THING = r"\s?(?:%|[^\W\d]+)?(?:\s[^\W\d]+)?\s?"
_EQUATION = re.compile(rf"({_NUMBER}){_THING}((?:(?:\s?[-+*/x]\s?|\s:\s){_NUMBER}{_THING})+)=\s?({_NUMBER})")
_STEP = re.compile(rf"([-+*/x:])\s?({_NUMBER})(\s?%)?")
ROUNDED = 0.01
PAIR, DAY, HOUR = 2, 24 * 60, 60
_TOTALS = Phrases(
    r"\b(?:tổng|tổng cộng|cả thảy|gồm|tăng thêm|tăng|giảm|chênh|chênh lệch|nhiều hơn|ít hơn|lâu hơn|kéo dài|dài|còn lại"
    r"|total|altogether|difference|more|less|longer|shorter|lasts|left|remaining)\b"
)
_LASTS = Phrases(r"\b(?:kéo dài|dài|lasts)\b")


def false_sums(text: Text) -> list[str]:
    """The equations that come out otherwise, as written; where a number may be read in two ways, in all of them."""
    found = _EQUATION.finditer(text.folded)
    return [match[0] for match in found if not any(_holds(*reading) for reading in _readings(match))]


def _readings(match: re.Match[str]) -> Iterator[tuple[float, list[tuple[str, float]], float]]:
    steps = [(sign, number, bool(percent)) for sign, number, percent in _STEP.findall(match[2])]
    choices = [readings(match[1]), *(readings(number) for _, number, _ in steps), readings(match[3])]
    for first, *rest, result in itertools.product(*choices):
        numbers = [value / 100 if step[2] else value for step, value in zip(steps, rest, strict=True)]
        yield first, [(step[0], value) for step, value in zip(steps, numbers, strict=True)], result


def _holds(first: float, steps: list[tuple[str, float]], result: float) -> bool:
    """Whether it comes out, thousands and millions left aside: "5 x 800 nghìn = 4 triệu"."""
    terms = [first]
    for sign, value in steps:
        if sign in "+-":
            terms.append(value if sign == "+" else -value)
        elif sign in "*x":
            terms[-1] *= value
        elif value:
            terms[-1] /= value
    total = sum(terms)
    return any(math.isclose(total, result * scale, rel_tol=ROUNDED) for scale in (1, 1e3, 1e-3, 1e6, 1e-6, 1e2, 1e-2))


def false_totals(pieces: Sequence[Piece]) -> int:
    """How many sentences tell a total or a difference that their amounts do not come to: "15, gồm 12 và 2"."""
    every = _by_unit(amount for piece in pieces for amount in piece.amounts)
    return sum(_is_false_total(piece, every) for piece in pieces if _TOTALS.search(piece.text))


def _by_unit(amounts: Iterable[Amount]) -> Mapping[str, Sequence[float]]:
    """The values of numbers by the base of their unit; labels and percentages are no parts of totals."""
    units: dict[str, list[float]] = {}
    for one in amounts:
        if one.kind == "number" and one.unit not in LABELS | {"percent"}:
            value, base = in_base(one.value, one.unit)
            units.setdefault(base, []).append(value)
    return units


def _is_false_total(piece: Piece, every: Mapping[str, Sequence[float]]) -> bool:
    """Whether of three amounts of one unit the greatest is made of no others, or a span is not that between times."""
    units = _by_unit(piece.amounts)
    clocks = [one.value for one in piece.amounts if one.kind == "clock"]
    spans = units.get("second", ())
    if len(clocks) == PAIR and len(spans) == 1 and _LASTS.search(piece.text):
        return (clocks[1] - clocks[0]) % DAY * HOUR != spans[0]
    if "+" in piece.text.folded:
        return False
    return any(len(values) == PAIR + 1 and not _is_made(max(values), every[unit]) for unit, values in units.items())


def _is_made(total: float, values: Sequence[float]) -> bool:
    pairs = itertools.combinations(values, PAIR)
    return any(math.isclose(total, made, rel_tol=ROUNDED) for a, b in pairs for made in (a + b, a * b))
