"""Finds dates and times of day, as written in both languages."""

import re
from collections.abc import Iterator

from core.checking.amounts import HOUR, Amount
from core.checking.terms import Text
from core.checking.units import MONTHS, ORDINALS

NOON, DAY, HALF_HOUR = 12, 24, 30
NIGHT_ENDS = 6
"""From this hour on "đêm" is the evening's."""
_MONTH = "|".join(MONTHS)
LUNAR = {"gieng": 1, "chap": 12}
_CAPITAL_MONTHS = frozenset({"may", "march", "august"})
_HAS_AMOUNT = re.compile(rf"\d|\b(?:{_MONTH})\b|\b(?:{'|'.join(ORDINALS)}) day\b")
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(r"\b(?:ngay )?(?P<d>\d{1,2}) ?[/.-] ?(?P<m>\d{1,2}) ?[/.-] ?(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\bngay (?P<d>\d{1,2}),? thang (?P<m>\d{1,2})(?:,? (?:nam )?(?P<y>(?:19|20)\d\d))?\b"),
    re.compile(r"\b(?:ngay )?(?P<d>\d{1,2}) thang (?P<m>0?[1-9]|1[0-2])\b(?! (?:ngay|thang|nam\b(?! \d)))"),
    re.compile(r"\b(?:ngay )?(?P<d>\d{1,2}) thang (?P<lunar>gieng|chap)\b"),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{_MONTH})\b(?:,? (?P<y>(?:19|20)\d\d)\b)?"),
    re.compile(rf"\b(?P<name>{_MONTH}) (?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y>(?:19|20)\d\d)\b)?)"),
    re.compile(rf"\b(?P<name>{_MONTH}),? (?P<y>(?:19|20)\d\d)\b"),
    re.compile(rf"\b(?P<name>{_MONTH})\b"),
    re.compile(r"\b(?:thang )?(?P<m>0?[1-9]|1[0-2]) ?/ ?(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\bthang (?P<m>0?[1-9]|1[0-2])(?: nam | )(?P<y>(?:19|20)\d\d)\b"),
    re.compile(
        r"(?<![\d/.])(?:ngay )?(?P<d>0?[1-9]|[12]\d|3[01])/(?P<m>0?[1-9]|1[0-2])\b(?![/\d])(?! (?:ngay|gio|thang|nam"
        r"|luong|cong|muc|tien|suat|so|gia|of)\b)"
    ),
    re.compile(r"(?<!\d )(?<!\d)\bthang (?P<m>0?[1-9]|1[0-2])\b(?! ?(?:%|ngay\b|thang\b|/))"),
    re.compile(
        r"(?<!\d )(?<!\d)\b(?:ngay|hom|mung|day) (?:mung )?(?P<d>0?[1-9]|[12]\d|3[01])\b(?! ?(?:%|/|[.,]\d|trieu"
        r"|nghin|ngan|ty\b|k\b|tr\b|dong\b|gio\b|phut\b|lan\b|nguoi\b))"
    ),
    re.compile(r"\b(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b"),
    re.compile(rf"\b(?P<nth>{'|'.join(ORDINALS)}) day\b"),
    re.compile(r"\b(?:nam|year|in|since) (?P<y>(?:1[0-9]|20)\d\d)\b(?![.,]\d)"),
)
_HALF_DAY = r"(?P<half>am\b|pm\b|a\.m|p\.m|sang\b|trua\b|chieu\b|toi\b|dem\b)"
_HAS_DATE = re.compile(
    rf"\d ?[/.-] ?\d|\b(?:ngay|thang|nam|hom|mung|day|year|in|since) \d|\d(?:st|nd|rd|th)\b|\d thang \w"
    rf"|\b(?:{_MONTH})\b"
    rf"|\b(?:{'|'.join(ORDINALS)}) day\b"
)
_HAS_CLOCK = re.compile(r"\d ?(?:ruoi|[hg:]|gio|am\b|pm\b|a\.m|p\.m|o'clock)")
_CLOCKS = (
    re.compile(rf"(?<![\d.,])(?P<h>[01]?\d|2[0-4])(?: ?(?:h|g|gio))? (?P<thirty>ruoi) ?{_HALF_DAY}"),
    re.compile(
        rf"(?<![\d.,])(?P<h>[01]?\d|2[0-4]) ?(?:h|g|:|gio) ?(?P<m>[0-5]\d)(?![\d:]|[.,]\d)(?! phut)(?: ?{_HALF_DAY})?"
    ),
    re.compile(rf"(?<![\d.,])(?P<h>[01]?\d|2[0-4]) ?(?:h|g|gio) ?{_HALF_DAY}"),
    re.compile(r"(?<![\d.,])(?P<h>[01]?\d|2[0-4]) ?(?P<half>am\b|pm\b|a\.m|p\.m|o'clock)"),
)


def may_hold_amounts(folded: str) -> bool:
    """Whether a text can hold an amount at all, number words aside."""
    return _HAS_AMOUNT.search(folded) is not None


def dates_in(text: Text, folded: str) -> Iterator[Amount]:
    """The dates of a text; `folded` has masked what is read already."""
    taken: list[tuple[int, int]] = []
    for pattern in _DATES if _HAS_DATE.search(folded) else ():
        for match in pattern.finditer(folded):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            named = {name: value or "" for name, value in match.groupdict().items()}
            if named.get("name") and not _is_month(text, match):
                continue
            month = MONTHS.index(named["name"]) + 1 if named.get("name") else int(named.get("m") or 0)
            month = LUNAR.get(named.get("lunar") or "", month)
            day = ORDINALS.index(named["nth"]) + 1 if named.get("nth") else int(named.get("d") or 0)
            parts = (int(named.get("y") or 0), month, day)
            if parts[1] <= NOON:
                taken.append(match.span())
                yield Amount("date", match[0], *match.span(), parts=parts)


def _is_month(text: Text, match: re.Match[str]) -> bool:
    """Whether an English name of a month is one: "máy" is none, "may" and "march" only with a capital letter."""
    start, end = match.span("name")
    is_english = text.lower[start:end] == match["name"]
    return is_english and (match["name"] not in _CAPITAL_MONTHS or text.written[start].isupper())


def clocks_in(_text: Text, folded: str) -> Iterator[Amount]:
    """The times of day of a text, whose marks do not matter."""
    taken: list[int] = []
    for pattern in _CLOCKS if _HAS_CLOCK.search(folded) else ():
        for match in pattern.finditer(folded):
            if match.start() in taken:
                continue
            taken.append(match.start())
            hour, half = int(match["h"]), (match["half"] or "").replace(".", "")
            if half in {"pm", "chieu", "toi"} or (half == "dem" and hour > NIGHT_ENDS):
                hour = hour % NOON + NOON
            elif half in {"am", "dem"}:
                hour %= NOON
            minutes = int(match.groupdict().get("m") or 0) + HALF_HOUR * ("thirty" in match.groupdict())
            yield Amount("clock", match[0], *match.span(), values=(hour % DAY * HOUR + minutes,))
