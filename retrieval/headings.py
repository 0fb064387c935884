"""Lines that are headings though nothing marks them: "Chương II", "Điều 5. Nghỉ phép", "1.2 Phạm vi". Pure."""

import re

MAX_LENGTH = 140
"""A longer line is text, however it begins."""

_LEGAL_LEVELS = {
    "phần": 2,
    "part": 2,
    "chương": 3,
    "chapter": 3,
    "phụ lục": 3,
    "appendix": 3,
    "mục": 4,
    "section": 4,
    "điều": 5,
    "article": 5,
}
_LEGAL = re.compile(
    rf"(?P<word>{'|'.join(_LEGAL_LEVELS)}) +(?:\d+[a-z]?|[IVXLC]+|[A-Z])(?:(?:[.:)]| *[-–—]) *(?P<name>\S.*)?|)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<number>(?:\d{1,2}(?:\.\d{1,2})*|[IVX]+))[.)]? +(?P<name>[^\W\d_].*)")
_ENDS_AS_TEXT = (".", ";", ",", ":", "!", "?", "…")
NUMBERED_LEVEL = 6


def legal_level(line: str) -> int | None:
    """The level of "Điều 5. Nghỉ phép" and its like; None for other lines, "Điều 5 và Điều 6 quy định" among them."""
    match = _LEGAL.match(line) if len(line) <= MAX_LENGTH else None
    if match is None or line[0].islower():
        return None
    name = match["name"]
    if name and (name[0].islower() or name.endswith(_ENDS_AS_TEXT)):
        return None
    return _LEGAL_LEVELS[match["word"].lower()]


def has_no_name(line: str) -> bool:
    """Whether `line` is a bare "Chương II", whose name stands on the next line."""
    match = _LEGAL.match(line)
    return match is not None and not match["name"]


def numbered_level(line: str) -> int | None:
    """The level of "1.2 Phạm vi"; a line that ends like a sentence is none. A list can look the same: ask its
    neighbours.
    """
    match = _NUMBERED.fullmatch(line) if len(line) <= MAX_LENGTH else None
    if match is None or match["name"][0].islower() or line.endswith(_ENDS_AS_TEXT):
        return None
    return NUMBERED_LEVEL + match["number"].count(".")


def is_shouted(line: str) -> bool:
    """A short line in capitals, of two words or more: "QUY ĐỊNH CHUNG"."""
    return len(line) <= MAX_LENGTH and line.isupper() and len(line.split()) > 1 and not line.endswith(_ENDS_AS_TEXT)
