"""What texts count by: "mỗi tháng", "a day"; and the spans of days between days of the week."""

import re

from core.checking.amounts import Amount
from core.checking.terms import Text
from core.checking.units import UNITS

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
