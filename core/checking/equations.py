"""Sums that an answer writes out: "2 + 10 + 12 = 22" is wrong whatever the passages say."""

import itertools
import math
import re
from collections.abc import Iterator

from core.checking.reading import readings
from core.checking.terms import Text

_NUMBER = r"(?<![\w.,])\d+(?:[.,]\d+)*"
_THING = r"\s?(?:%|[^\W\d]+)?(?:\s[^\W\d]+)?\s?"
_EQUATION = re.compile(rf"({_NUMBER}){_THING}((?:(?:\s?[-+*/x]\s?|\s:\s){_NUMBER}{_THING})+)=\s?({_NUMBER})")
_STEP = re.compile(rf"([-+*/x:])\s?({_NUMBER})(\s?%)?")
ROUNDED = 0.01


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
