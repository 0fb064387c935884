"""Spans of time: those between times of day and dates, and the times and dates that lie a span from others."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from core.checking.amounts import HOUR, Amount, dates_agree
from core.checking.units import in_base

MINUTE, DAY_HOURS, DAY_SECONDS, MONTHS_A_YEAR = 60, 24, 86_400, 12
WORKING_DAYS, WEEKEND = 5, 2
ANY_YEAR = 2026
"""For dates that name none; no leap year."""
MOST_SPANS = 6
"""So many spans of time are added up to one at most."""


def spans_of(amounts: Sequence[Amount]) -> list[Amount]:
    """The spans between times of day and between dates, as amounts: of 8:00 and 9:30 one of 1.5 hours."""
    clocks = sorted({one.value for one in amounts if one.kind == "clock"})
    written = [one.value * HOUR for one in amounts if one.unit == "hour" and one.value < DAY_HOURS]
    if clocks or len(written) > 1:
        clocks += written
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
    clocks += [one.value * HOUR for one in others if one.unit == "hour" and one.value <= DAY_HOURS]
    sums = [*spans, sum(spans)] if len(spans) <= MOST_SPANS else spans
    return any(
        (amount.value - clock - sign * span) % (DAY_HOURS * HOUR) == 0
        for clock in clocks
        for span in sums
        for sign in (1, -1)
    )


def date_follows(amount: Amount, others: Sequence[Amount], lengths: Sequence[Amount]) -> bool:
    """Whether a date lies one of the lengths, in days, weeks, months or years, from one of the others.

    Working days may skip weekends.
    """
    spans = [in_base(one.value, one.unit) for one in lengths if one.kind == "number"]
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
