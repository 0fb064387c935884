"""Days of the week and colours: of each there are few, so that an answer may name a wrong one as it may a number."""

import re
from collections.abc import Iterator, Mapping

from core.checking.amounts import Amount
from core.checking.terms import Text, listed, without_marks

_WEEKDAYS: Mapping[str, str] = {
    "monday": r"thứ (?:hai|2)|mondays?",
    "tuesday": r"thứ (?:ba|3)|tuesdays?",
    "wednesday": r"thứ (?:tư|4)|wednesdays?",
    "thursday": r"thứ (?:năm|5)|thursdays?",
    "friday": r"thứ (?:sáu|6)|fridays?",
    "saturday": r"thứ (?:bảy|bẩy|7)|saturdays?",
    "sunday": r"chủ nhật|sundays?",
}
_COLOURS: Mapping[str, str] = {
    "green": r"xanh (?:lá(?: cây)?|lục)|green",
    "blue": r"xanh (?:dương|lam|biển|da trời|nước biển)|blue",
    "green or blue": r"xanh",
    "red": r"đỏ|red",
    "yellow": r"vàng|yellow",
    "orange": r"màu (?:da )?cam|orange",
    "purple": r"tím|purple|violet",
    "white": r"trắng|white",
    "black": r"đen|black",
    "brown": r"màu nâu|brown",
    "grey": r"màu (?:xám|ghi)|gr[ea]y",
    "pink": r"màu hồng|pink",
}
_PATTERNS = tuple(
    (kind, name, re.compile(rf"\b(?:{words})\b"), re.compile(rf"\b(?:{without_marks(words)})\b"))
    for kind, table in (("weekday", _WEEKDAYS), ("colour", _COLOURS))
    for name, words in table.items()
)
_MAY = re.compile(
    r"thứ |chủ nhật|thu (?:hai|ba|tu|nam|sau|bay|\d)|chu nhat|day|xanh|đỏ|vàng|cam|tím|trắng|đen|nâu|xám|ghi|hồng"
    r"|green|blue|red|yellow|orange|purple|violet|white|black|brown|gr[ea]y|pink"
)
BARE: Mapping[str, frozenset[str]] = {
    "orange": frozenset({"cam"}),
    "brown": frozenset({"nâu"}),
    "grey": frozenset({"xám", "ghi"}),
    "pink": frozenset({"hồng"}),
}
"""Words that mean other things too: in a passage they may be the colour without "màu"."""
_WORD_BEFORE = re.compile(r"(\w+)\s$")
_BEFORE_WEEKDAY = listed("tối sáng chiều trưa đêm ngày hôm vào từ đến hết tới mỗi hàng hằng là trước sau")
SHADES = frozenset({"green", "blue", "green or blue"})


def values_of(text: Text) -> list[Amount]:
    """The days of the week and the colours of a text in order, by their English names.

    Colours typed without their marks are not read: "do", "den" and "trang" mean other things.
    """
    return sorted(_values(text), key=lambda value: value.start) if _MAY.search(text.lower) else []


def _values(text: Text) -> Iterator[Amount]:
    taken: list[tuple[int, int]] = []
    for kind, name, marked, plain in _PATTERNS:
        pattern = plain if kind == "weekday" and not text.is_marked else marked
        where = text.folded if pattern is plain else text.lower
        for match in pattern.finditer(where):
            is_taken = any(start <= match.start() < end for start, end in taken)
            if not is_taken and not (kind == "weekday" and _is_ordinal(text, match.start())):
                taken.append(match.span())
                yield Amount("value", name, *match.span(), unit=kind)


def _is_ordinal(text: Text, start: int) -> bool:
    """Whether "thứ hai" in small letters counts: "lần thứ hai", "con thứ ba"."""
    number = text.written[start + len("thứ ") : start + len("thứ ") + 1]
    if text.written[start].isupper() or number.isupper() or not text.lower.startswith("thứ", start):
        return False
    before = _WORD_BEFORE.search(text.lower, 0, start)
    return before is not None and before[1] not in _BEFORE_WEEKDAY


def same_value(one: Amount, other: Amount) -> bool:
    """Whether two are one; "xanh" is green and blue."""
    both = {one.text, other.text}
    return len(both) == 1 or ("green or blue" in both and both <= SHADES)
