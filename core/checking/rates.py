"""What texts count by: "mỗi tháng", "a day"; spans of days between days of the week; shares such as a half."""

import re

from core.checking.amounts import Amount
from core.checking.terms import Text
from core.checking.units import NUMBER_WORDS, UNITS

WEEK_DAYS = 7
_DAYS_OF_THE_WEEK = (
    "thu hai|monday", "thu ba|tuesday", "thu tu|wednesday", "thu nam|thursday", "thu sau|friday", "thu bay|saturday",
    "chu nhat|sunday",
)  # fmt: skip
_WEEKDAY = "|".join(_DAYS_OF_THE_WEEK)
_WEEK_SPAN = re.compile(rf"\b({_WEEKDAY}) (?:den(?: het)?|toi|to|through|-) ({_WEEKDAY})\b")


def weekday_spans(text: Text) -> list[Amount]:
    """The number of days from one day of the week to another, both counted: three of "thứ Hai đến thứ Tư"."""
    spans = []
    for match in _WEEK_SPAN.finditer(text.folded):
        first, last = (_weekday(match[group]) for group in (1, 2))
        days = (last - first) % WEEK_DAYS + 1
        spans.append(Amount("number", f"{days}", *match.span(), values=(float(days),), unit="day"))
    return spans


_SHARES = (
    (re.compile(r"\b(?:nua|half)\b"), 1 / 2),
    (re.compile(r"\b(?:phan ba|thirds?)\b"), 1 / 3),
    (re.compile(r"\b(?:phan tu|quarter of)\b"), 1 / 4),
    (re.compile(r"\b(?:phan nam|fifths?)\b"), 1 / 5),
)
_COUNTED = re.compile(r"\b(hai|ba|two|three|four) $")


def shares_of(text: Text) -> list[Amount]:
    """The shares that a text names in words, in percent: 50 of "một nửa", 75 of "three quarters of"."""
    return [
        Amount(
            "number",
            match[0],
            *match.span(),
            values=(100 * share * _times(text.folded[: match.start()]),),
            unit="percent",
        )
        for words, share in _SHARES
        for match in words.finditer(text.folded)
    ]


def _times(before: str) -> float:
    found = _COUNTED.search(before)
    return NUMBER_WORDS[found[1]] if found else 1.0


def _weekday(name: str) -> int:
    return next(at for at, names in enumerate(_DAYS_OF_THE_WEEK) if name in names.split("|"))


_RATE = re.compile(
    r"(?:\b(?:moi|hang|per|every|each|mot|a|an|one)\s|/)([a-z]+)\b|\b(daily|weekly|monthly|quarterly|yearly|annually)\b"
)
_ARTICLES = frozenset({"mot", "a", "an", "one"})
_OFTEN = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
}


def rates_of(text: Text, *, strictly: bool = False) -> list[Amount]:
    """One of each unit that a text counts by: of "mỗi tháng", "đồng/tháng" and "monthly" one month.

    "Một tháng" may be one; `strictly` it is none.
    """
    found = [match for match in _RATE.finditer(text.folded) if not (strictly and match[0].split()[0] in _ARTICLES)]
    units = [(match, UNITS.get(match[1] or "") or _OFTEN.get(match[2] or "", "")) for match in found]
    return [Amount("number", "1", *match.span(), values=(1.0,), unit=unit) for match, unit in units if unit]
