"""What a candidate looks like and what stands around it, as features for the trained layer of the finder."""

import re
from collections.abc import Iterator
from itertools import pairwise

from core.private.pay import Places
from core.private.reading import Reading, Token
from core.private.secret_shapes import shape_of

_BEFORE, _AFTER = 10, 8
"""Words on either side that are looked at."""
_LONGEST_NUMBER, _MOST_DIGITS, _LONGEST = 9, 12, 20
_AMOUNT = re.compile(r"[\d.,]+")
_EDGE = "^"


def features(reading: Reading, span: tuple[int, int], places: Places | None) -> Iterator[str]:
    """Names of features. `places` are those of the text, for amounts of pay; numbers count by their length only."""
    start, end = span
    tokens = reading.tokens
    first = next((at for at, token in enumerate(tokens) if token.start >= start), len(tokens))
    last = next((at for at in range(first, len(tokens)) if tokens[at].start >= end), len(tokens))
    before = [_said(token) for token in tokens[max(0, first - _BEFORE) : first]]
    after = [_said(token) for token in tokens[last : last + _AFTER]]
    look = _look(reading.seen[start:end])
    yield from _own(reading, span)
    yield from _nearest([_EDGE] * 3 + before, [*after, _EDGE, _EDGE])
    for word in before:
        yield f"L {word}"
        yield f"L {look[0]} {word}"
    yield from (f"N {word}" for word in after)
    yield from (f"LL {one} {other}" for one, other in pairwise(before))
    yield from (f"NN {one} {other}" for one, other in pairwise(after))
    yield from (f"A {_said(token)}" for token in tokens)
    if places is None:
        yield f"shape {shape_of(reading.seen[start:end]).name}"
    else:
        yield f"u {_AMOUNT.sub('#', reading.plain[start:end])}"
        yield from (f"g {group}" for group in places.groups_near(start))


def _own(reading: Reading, span: tuple[int, int]) -> Iterator[str]:
    """Of the candidate itself, and the signs right beside it."""
    start, end = span
    text = reading.seen[start:end]
    yield f"look {_look(text)}"
    yield f"long {min(len(text), _LONGEST)}"
    yield f"digits {min(_MOST_DIGITS, sum(map(str.isdigit, text)))}"
    yield f"ends {'' if text[-1].isalnum() else text[-1]}"
    sign = reading.seen[:start].rstrip(" ")[-1:]
    yield f"after {'a' if sign.isalnum() else sign}"
    sign = reading.seen[end : end + 1]
    yield f"before {'a' if sign.isalnum() else sign}"


def _nearest(before: list[str], after: list[str]) -> Iterator[str]:
    """The nearest words by their places."""
    third, second, nearest = before[-3:]
    yield from (f"w1 {nearest}", f"w2 {second}", f"w3 {third}")
    yield from (f"w12 {second} {nearest}", f"w23 {third} {second}", f"w123 {third} {second} {nearest}")
    yield from (f"n1 {after[0]}", f"n2 {after[1]}", f"n12 {after[0]} {after[1]}")


def _said(token: Token) -> str:
    """The word without tone marks, a number as its length."""
    if token.plain.isdecimal():
        return f"#{min(len(token.plain), _LONGEST_NUMBER)}"
    return "#x" if token.plain[0].isdecimal() else token.plain


def _look(text: str) -> str:
    """Digits, letters or both; other signs, capitals, small letters."""
    has_digit, has_letter = any(map(str.isdigit, text)), any(map(str.isalpha, text))
    kind = "M" if has_digit and has_letter else "D" if has_digit else "L"
    others = "o" * any(not char.isalnum() for char in text)
    return kind + others + "u" * any(map(str.isupper, text)) + "l" * any(map(str.islower, text))
