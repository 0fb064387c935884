"""Finds the amounts of a text: each kind is read off and masked, so that the next cannot read it again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.checking.amounts import HOUR, Amount
from core.checking.dates import clocks_in, dates_in, may_hold_amounts
from core.checking.terms import Text
from core.checking.units import (
    CLEAR_NUMBER_WORDS,
    CURRENCIES,
    LABELLED,
    LABELS,
    MEASURED,
    MULTIPLIERS,
    NUMBER_WORDS,
    SPELLINGS,
    UNITS,
)

THOUSANDS, PAIR, NOON = 3, 2, 12
NUMBER_TENS = frozenset({"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"})
HALVES = frozenset({"nửa", "half"})
TAKEN = "\u00a4"
"""Stands for characters that are read already."""


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_CODE = re.compile(
    r"\b[a-z]+(?:[-_./@][a-z]+)*(?:[-_.@]|/(?!\d+ (?:ngay|tuan|thang|quy|nam|gio|days|weeks|months|years|hours)\b))?"
    r"\d[\w@]*(?:[-_./]\w+)*|(?<![\d.,/])\d+(?:/\d+)*[-/](?=[a-z])\w+(?:[-/]\w+)*"
    r"|\b\d+(?:\.\d{1,2}){2,}\b"
)
_UNLIKE_NUMBERS = re.compile(r"(?:(?<!lần )thứ|tháng|quý|hạng|ông|bà|vi|gấp)\s$")
_HOURS_MINUTES = re.compile(
    r"(?<![\d.,])(?P<h>\d{1,2}) ?(?:gio|tieng|h|hours?) (?:va |and )?(?P<m>[0-5]?\d) ?(?:phut|minutes?|mins?)\b"
)
_FRACTION = re.compile(r"(?<![\d.,/])([1-9])/([2-9])(?![\d/])")
_TIMES = re.compile(r"\b(?:gấp (?:đôi|(ba|bốn|năm|sáu|hai))|double|twice)\b")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_MILLIONS = re.compile(r"(?<![\w.,])(?P<whole>\d+) ?(?P<many>tr|trieu|ty) ?(?:(?P<rest>\d)(?!\d)|(?P<half>ruoi))\b")
_AFTER = re.compile(
    r"[\s-]?(?:(?:working|business|calendar|consecutive|full|paid)\s)?(%|°\s?c\b|\$|[^\W\d_]+)(?:\s([^\W\d_]+))?"
)
_BEFORE = re.compile(r"([^\W\d_]+)\s$")
_HALF_MORE = re.compile(r"\s?ruoi\b")
_MORE_WORDS = (*(word for word in NUMBER_WORDS if word != "năm"), "mươi", "trăm", "hundred", "năm(?= mươi| trăm)")
_SPELT = re.compile(
    rf"\b(?!năm (?:một|hai|ba|bốn|sáu|bảy|tám|chín|mười|nửa)\b)(?:{_any_of(NUMBER_WORDS)})"
    rf"(?: (?:{_any_of(_MORE_WORDS)})\b)*(?!\w)"
)
"""Behind or before another number "năm" is the year; behind one five is "lăm"."""
_HALF_OF_DAY = re.compile(r"\s(?:rưỡi\s)?(sáng|trưa|chiều|tối|đêm)\b")
_JOINED = re.compile(r"\s?(?:-|±|\+/-|den|toi|to|va|hoac|or|and)\s?(?:duoi\s)?")


def amounts_of(text: Text) -> list[Amount]:
    """The amounts of a text in order."""
    found: list[Amount] = []
    folded = _without_false_units(text)
    if may_hold_amounts(folded):
        for read in (_codes, dates_in, clocks_in, _numbers):
            some = list(read(text, folded))
            folded = _masked(folded, some)
            found += some
    if _SPELT.search(text.lower) or _TIMES.search(text.lower):
        found += _spelt(text, folded, _masked(text.lower, found))
    if not found:
        return found
    return _with_nouns(_with_shared_units(sorted(found, key=lambda amount: amount.start), text.folded), text)


def _without_false_units(text: Text) -> str:
    """The folded text without the words that are units only when their marks are left out."""
    if not text.is_marked:
        return text.folded
    folded = text.folded
    for word in text.words:
        if word.folded in SPELLINGS and word.raw not in SPELLINGS[word.folded] and word.raw != word.folded:
            folded = f"{folded[: word.start]}{TAKEN * len(word.raw)}{folded[word.start + len(word.raw) :]}"
    return folded


def _masked(text: str, amounts: Iterable[Amount]) -> str:
    """A text of the same length in which what is read already cannot be read again."""
    for amount in amounts:
        text = text[: amount.start] + TAKEN * (amount.end - amount.start) + text[amount.end :]
    return text


def _with_nouns(amounts: Sequence[Amount], text: Text) -> list[Amount]:
    """The amounts with what they count, where it follows at once and no unit stands between."""
    behind = {term.start: term.key for term in text.terms}
    return [
        replace(amount, noun=behind.get(amount.end + 1, "")) if amount.kind == "number" and not amount.unit else amount
        for amount in amounts
    ]


def _codes(text: Text, folded: str) -> Iterator[Amount]:
    """TC-04, 118/BG, backup01, 3.4.1; what begins with a digit must have a capital letter."""
    for match in _CODE.finditer(folded):
        written = text.written[match.start() : match.end()]
        if match[0][0].isdigit() and not (any(c.isupper() for c in written) or match[0].count(".") > 1):
            continue
        yield Amount("code", match[0], match.start(), match.end())


def _numbers(_text: Text, folded: str) -> Iterator[Amount]:
    for match in _HOURS_MINUTES.finditer(folded):
        minutes = int(match["h"]) * HOUR + int(match["m"])
        yield Amount("number", match[0], *match.span(), values=(float(minutes),), unit="minute")
    for match in _FRACTION.finditer(folded):
        yield _with_unit(Amount("number", match[0], *match.span(), values=(int(match[1]) / int(match[2]),)), folded)
    for match in _MILLIONS.finditer(folded):
        rest = 0.5 if match["half"] else int(match["rest"]) / 10
        value = (int(match["whole"]) + rest) * MULTIPLIERS[match["many"]]
        yield Amount("number", match[0], *match.span(), values=(value,), unit="vnd")
    spans = [match.span() for pattern in (_MILLIONS, _HOURS_MINUTES, _FRACTION) for match in pattern.finditer(folded)]
    for match in _NUMBER.finditer(folded):
        if not any(start <= match.start() < end for start, end in spans):
            yield _with_unit(Amount("number", match[0], *match.span(), values=readings(match[0])), folded)


def readings(number: str) -> tuple[float, ...]:
    """What digits with points and commas may stand for: "1.000.000" one thing, "1.200" two."""
    groups = re.split(r"[.,]", number)
    whole = float("".join(groups))
    if len(groups) == 1:
        return (whole,)
    in_thousands = all(len(group) == THOUSANDS for group in groups[1:]) and groups[0] != "0"
    decimal = float(f"{''.join(groups[:-1])}.{groups[-1]}")
    if not in_thousands:
        return (decimal,)
    return (whole, decimal) if len(groups) == PAIR else (whole,)


def _with_unit(amount: Amount, folded: str) -> Amount:
    """The amount with the unit and the multiplier behind it, or the label before it."""
    end, values, many = amount.end, amount.values, 1.0
    after = _AFTER.match(folded, end)
    if after and after[1] in MULTIPLIERS and (after[1] != "k" or folded[end] == "k"):
        many = MULTIPLIERS[after[1]]
        values = tuple(value * many for value in values)
        end = after.end(1)
        after = _AFTER.match(folded, end)
    unit = ""
    if after:
        pair = f"{after[1]} {after[2]}" if after[2] else ""
        unit = UNITS.get(pair) or UNITS.get(after[1].replace(" ", ""), "")
        end = end if not unit else after.end(2) if pair in UNITS else after.end(1)
        if unit and (half := _HALF_MORE.match(folded, end)):
            values, end = tuple(value + 0.5 for value in values), half.end()
    before = _BEFORE.search(folded, max(0, amount.start - 12), amount.start)
    if before and not unit and UNITS.get(before[1], "") in CURRENCIES:
        unit = UNITS[before[1]]
    if before and many == 1 and UNITS.get(before[1], "") in LABELLED and (not unit or unit in LABELS):
        unit = UNITS[before[1]]
    unit = unit or ("vnd" if many > 1 else "")
    if unit not in MEASURED:
        values = values[:1]
    return replace(amount, values=values, unit=unit, end=end, many=many)


def _spelt(text: Text, folded: str, masked: str) -> Iterator[Amount]:
    """Numbers in words; those that mean other things too ("năm" is a year) only where a unit follows."""
    for match in _TIMES.finditer(masked):
        times = NUMBER_WORDS.get(match[1] or "", 2.0)
        yield Amount("number", match[0], *match.span(), values=(times,), unit="time")
    for match in _SPELT.finditer(masked):
        value = _worth(match[0].split())
        amount = _with_unit(Amount("number", match[0], *match.span(), values=(value,)), folded)
        if text.written[match.start()].isupper() and text.written[match.end() : match.end() + 2].strip()[:1].isupper():
            continue
        is_clear = (match[0] in CLEAR_NUMBER_WORDS or _is_joint(match[0])) and not _UNLIKE_NUMBERS.search(
            masked, 0, match.start()
        )
        if amount.end > match.end() or is_clear:
            yield _as_clock(amount, masked)


def _as_clock(amount: Amount, lower: str) -> Amount:
    """Hours with a half of the day behind them are a time of day: "ba giờ chiều" is 15:00."""
    half = _HALF_OF_DAY.match(lower, amount.end) if amount.unit == "hour" else None
    if half is None:
        return amount
    later = half[1] in {"chiều", "tối"} and amount.value < NOON
    minutes = (amount.value + NOON * later) * HOUR
    return replace(amount, kind="clock", unit="", values=(minutes,), end=half.end())


def _is_joint(words: str) -> bool:
    """Whether two number words make one number: "mười hai", "twenty five"."""
    first, _, rest = words.partition(" ")
    return first in CLEAR_NUMBER_WORDS | NUMBER_TENS and bool(rest)


def _worth(words: Sequence[str]) -> float:
    """The value of number words in order: "hai mươi lăm" is 25, "mười hai" 12, "twenty five" 25."""
    if words[-1] in HALVES:
        return NUMBER_WORDS[words[-1]]
    total = 0.0
    for word in words:
        if word == "mươi":
            total *= 10
        elif word in {"trăm", "hundred"}:
            total *= 100
        else:
            total += NUMBER_WORDS[word]
    return total


def _with_shared_units(amounts: Sequence[Amount], folded: str) -> list[Amount]:
    """In "20-24 °C" and "từ 50 đến dưới 200 triệu" the first number has the unit of the second."""
    done = list(amounts)
    for at in range(len(done) - 2, -1, -1):
        left, right = done[at], done[at + 1]
        is_joined = _JOINED.fullmatch(folded, left.end, right.start) is not None
        if left.kind == right.kind == "number" and not left.unit and right.unit and is_joined:
            values = (*left.values, *(value * right.many for value in left.values))
            done[at] = replace(left, unit=right.unit, values=values)
    return done
