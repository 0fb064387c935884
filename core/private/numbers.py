"""What a row of digits is: by the word beside it first, by its shape where no word tells.

Shapes: a mobile number is 0 or 84 and nine digits from 3, 5, 7, 8 or 9; a land line 02 and nine digits; an identity
number twelve digits from 0, an old one nine; a card sixteen digits or so that pass Luhn's sum. A word for something
else right before it (serial, part, contract, invoice, frequency) means that it is no data of a person.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from core.private.number_words import SHORT_NUMBER_WORDS, Clue, clue_after, clues_before
from core.private.reading import Reading
from core.private.spans import Kind, Span

BEFORE, AFTER = 70, 28
"""Characters around a number that are searched for a word about it."""
_ISLAND = re.compile(r"\d(?:[ .()·_-]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_MOBILE = re.compile(r"(?:00|\+)?840?[35789]\d{8}|0[35789]\d{8}")
_LAND = re.compile(r"(?:(?:00|\+)?84|0)2\d{9}")
_ABROAD = re.compile(r"\+(?!84)[1-9]\d{8,13}")
_HOTLINE = re.compile(r"1[89]00\d{4,6}")
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[ .-]{1,3}(?:0?[1-9]|1[0-2])[ .-]{1,3}(?:19|20)\d\d(?!\d)")
_OTHER_NUMBER = re.compile(r"\d{9,12}/")
_GLUED = re.compile(r"[a-z0-9_./#-]+\Z")
_COMPANY = re.compile(
    r"\b(?:cong ty|cty|nha cung cap|ncc|doanh nghiep|chi nhanh|don vi|nha thau|doi tac|company|supplier|"
    r"vendor|to chuc|authority|corporation|corp|ltd|llc|jsc|enterprise|agency|airport|cang vu|"
    r"khach san|nha hang|co quan|van phong|hang|contractor|ho kinh doanh|truong|benh vien|ben (?:ban|mua|a|b))\b"
)
_PERSONAL = re.compile(
    r"\b(?:ca nhan|tncn|personal|(?:cua|cho) (?:toi|em|minh|anh|chi(?! (?:nhanh|cuc))|ong|ba|co(?! quan)|"
    r"chu(?! dau tu)|bac|ban(?! quan ly))|my|his|her|"
    r"nguoi phu thuoc)\b"
)
_TAXED = re.compile(r"\b(?:thue|khau tru|quyet toan thu|thu lao|tncn|giam tru|tax|withholding)\b")
_OFFICE = re.compile(
    r"\b(?:tong dai|van phong|cong ty|cty|phong|le tan|benh vien|fax|hotline|tru so|co quan|khach san|"
    r"ngan hang|may le|"
    r"ext|extension|switchboard|reception|office|truc ban|don vi|trung tam|dai|kho|hang|cskh|bo phan|"
    r"nha cung cap|ncc|"
    r"cong an|cap cuu|dien luc|san bay|cang|supplier|helpdesk|front desk|company)\b"
)
_HOME = re.compile(r"\b(?:(?<!toa )nha|rieng|ca nhan|home|personal|cua (?:toi|em|minh|anh|chi|ong|ba|co))\b")
_TWO_WORDS = re.compile(r"([^\W\d_]+) ([^\W\d_]+)[\s:–,(-]*\Z")
_TOLD_AFTER = frozenset({"account", "bank", "card", "id", "old id", "tax"})
_SIZES: dict[str, Collection[int]] = {
    "account": range(6, 20), "bank": range(8, 20), "tax": {10, 12, 13}, "passport": {7, 8, 9},
    "insurance": {10, 13, 15}, "licence": {12}, "phone": {9, 10, 11},
}  # fmt: skip
"""How many digits the number has that stands by such a word."""
_KINDS = {
    "account": Kind.BANK, "bank": Kind.BANK, "passport": Kind.PASSPORT, "insurance": Kind.INSURANCE,
    "licence": Kind.LICENCE, "phone": Kind.PHONE, "tax": Kind.TAX,
}  # fmt: skip
_WHOLE = frozenset({(12,), (3, 3, 3, 3), (4, 4, 4), (6, 6)})
"""How twelve digits are grouped that are a number by themselves, whatever follows."""
_PERSONAL_MARKS = frozenset({"tax", "id", "old id", "insurance", "account"})
_SURE_CLUES = frozenset({"account", "bank", "licence", "tax"})
IDENTITY, OLD_IDENTITY, TAX, SHORT = 12, 9, 10, 8
FEWEST, MOST, MOST_GROUPS = 6, 20, 16
"""Digits of one number, and groups that it may be written in."""


@dataclass(frozen=True, slots=True)
class Number:
    """Digits that may be one number: where they stand in the readings, and how they are grouped."""

    start: int
    end: int
    digits: str
    groups: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.digits.lstrip("+"))

    @property
    def is_mobile(self) -> bool:
        return bool(_MOBILE.fullmatch(self.digits)) and self.is_even

    @property
    def is_phone(self) -> bool:
        return self.is_mobile or bool(_LAND.fullmatch(self.digits) or _ABROAD.fullmatch(self.digits))

    @property
    def is_even(self) -> bool:
        """Whether people group a number so: by single digits throughout, or with one alone at most."""
        return self.groups[2:].count(1) <= 1 or set(self.groups[1:]) == {1}


def numbers(reading: Reading) -> Iterator[Span]:
    """Phones, identity numbers, tax codes, accounts and cards, numbers of insurance, passport and driving licence."""
    for island in _ISLAND.finditer(reading.plain):
        if island.end() - island.start() >= FEWEST:
            yield from _in_island(reading, island.start(), island.end())


def _in_island(reading: Reading, start: int, end: int) -> Iterator[Span]:
    """The numbers among groups of digits that stand close together: from each group on, the longest that is one."""
    fewest = FEWEST if reading.words & SHORT_NUMBER_WORDS else OLD_IDENTITY
    groups = [group.span() for group in _GROUP.finditer(reading.plain, start, end)]
    first = 0
    while first < len(groups):
        clues: list[Clue] | None = None
        for last in range(min(len(groups), first + MOST_GROUPS), first, -1):
            number = _joined(reading.plain, groups[first:last])
            if not fewest <= number.size <= MOST:
                continue
            clues = clues_of(reading, number) if clues is None else clues
            if kind := kind_of(reading, number, clues, is_followed=last < len(groups)):
                yield Span(number.start, number.end, kind)
                first = last
                break
        else:
            first += 1


def _joined(text: str, groups: Sequence[tuple[int, int]]) -> Number:
    """The groups as one number, with the "+" or "(" before it."""
    start, end = groups[0][0], groups[-1][1]
    digits = "".join(text[a:b] for a, b in groups)
    while start > 0 and text[start - 1] in "+(":
        start -= 1
        digits = f"+{digits}" if text[start] == "+" else digits
    if text[start] == "(" and ")" not in text[start:end]:
        start += 1
    return Number(start, end, digits, tuple(b - a for a, b in groups))


def clues_of(reading: Reading, number: Number) -> list[Clue]:
    """What stands before the number, the nearest first."""
    return clues_before(reading.plain[max(0, number.start - BEFORE) : number.start])


def kind_of(reading: Reading, number: Number, clues: list[Clue], *, is_followed: bool) -> Kind | None:
    """What the number is, or None. `is_followed`: more digits follow it after a separator."""
    text = reading.plain
    if _is_glued(text, number) or _DATE.match(text, number.start):
        return None
    before, after = text[max(0, number.start - BEFORE) : number.start], text[number.end : number.end + AFTER]
    around = f"{before} {after}"
    if clues and _denies(clues, number, around):
        return None
    for clue in _identity_first(clues, number):
        if kind := _by_clue(clue, number, around):
            return kind
    behind = clue_after(after)
    is_told = behind and behind.kind in _TOLD_AFTER and (behind.is_close or behind.kind in {"id", "old id"})
    if behind and is_told and not number.is_mobile and (kind := _by_clue(behind, number, around)):
        return kind
    is_somebodys = number.size == TAX and number.digits[0] == "8" and _is_somebodys(reading, number)
    if is_somebodys or _is_taxed(number, around):
        return Kind.TAX
    return _by_shape(number, around, is_followed=is_followed)


def _identity_first(clues: Sequence[Clue], number: Number) -> Sequence[Clue]:
    """A word for an identity number of that size first, though another stands nearer: "số chứng minh 9 số của em"."""
    wanted = {OLD_IDENTITY: {"old id"}, IDENTITY: {"id"}}.get(number.size, set())
    first = [clue for clue in clues[:2] if clue.kind in wanted]
    return clues if number.is_phone else [*first, *clues]


def _is_somebodys(reading: Reading, number: Number) -> bool:
    """Whether two words with capitals stand right before the number: most likely whose it is."""
    words = _TWO_WORDS.search(reading.seen, max(0, number.start - BEFORE), number.start)
    return words is not None and words[1].istitle() and words[2].istitle()


def _is_taxed(number: Number, around: str) -> bool:
    """Whether it looks like a person's tax code and stands by a word of what people pay tax on."""
    return number.size == TAX and number.digits[0] == "8" and _TAXED.search(around) is not None


def _denies(clues: Sequence[Clue], number: Number, around: str) -> bool:
    """Whether the nearest word says that the number is no person's; "mã" alone only if no other word does."""
    clue = clues[0]
    if number.size in {IDENTITY, OLD_IDENTITY} and any(other.kind in {"id", "old id"} for other in clues):
        return False
    if clue.kind == "mark":
        is_personal = _is_taxed(number, around) or any(other.kind in _PERSONAL_MARKS for other in clues[1:])
        return clue.is_close and not is_personal
    if clue.kind == "tax":
        return not clue.is_used and not _is_of_a_person(number, around)
    is_land = clue.kind == "hotline" and _LAND.fullmatch(number.digits) is not None
    return is_land or (clue.is_close and clue.kind in {"thing", "hotline"})


def _by_clue(clue: Clue, number: Number, around: str) -> Kind | None:
    size = number.size
    is_sure = clue.is_close or clue.kind in {"account", "tax"}
    if number.is_mobile and (clue.is_used or not is_sure):
        return None
    if clue.kind in {"id", "old id"}:
        return {IDENTITY: Kind.CCCD, OLD_IDENTITY: Kind.CMND}.get(size)
    if clue.kind == "card":
        return Kind.BANK if is_card(number.digits) or size in {16, 19} else None
    if clue.kind == "phone" and number.is_phone:
        return None if _is_of_an_office(number, around) else Kind.PHONE
    is_money = size == SHORT and len(number.groups) > 1
    is_hotline = clue.kind == "bank" and _HOTLINE.fullmatch(number.digits)
    if (
        is_money
        or is_hotline
        or size not in _SIZES.get(clue.kind, ())
        or (clue.kind == "tax" and not _is_of_a_person(number, around))
    ):
        return None
    return _KINDS[clue.kind] if clue.is_close or clue.kind in _SURE_CLUES else None


def _by_shape(number: Number, around: str, *, is_followed: bool) -> Kind | None:
    if number.is_mobile or _ABROAD.fullmatch(number.digits):
        return Kind.PHONE
    if _LAND.fullmatch(number.digits):
        return None if _is_of_an_office(number, around) else Kind.PHONE
    is_whole = number.groups in _WHOLE or not is_followed
    if number.size == IDENTITY and number.digits[0] == "0" and number.is_even and is_whole:
        return None if _mobile_leads(number) else Kind.CCCD
    is_grouped = number.groups == (4, 4, 4, 4) and number.digits[0] in "34569"
    return Kind.BANK if is_grouped or (number.size in {16, 19} and is_card(number.digits)) else None


def _is_of_an_office(number: Number, around: str) -> bool:
    """Whether a land line stands by a word for an office and by none for somebody's home."""
    is_office = _OFFICE.search(around) is not None and _HOME.search(around) is None
    return is_office and _LAND.fullmatch(number.digits) is not None


def _mobile_leads(number: Number) -> bool:
    """Whether the first groups make a mobile number by themselves."""
    total = 0
    for size in number.groups[:-1]:
        total += size
        if _MOBILE.fullmatch(number.digits[:total]):
            return True
    return False


def _is_glued(text: str, number: Number) -> bool:
    """Whether the digits are part of a longer name such as "SN0912345678" or "0912345678AB"."""
    if text[number.end : number.end + 1].isalpha():
        return True
    glued = _GLUED.search(text, max(0, number.start - 20), number.start)
    if not glued or not glued[0].strip("./-") or _OTHER_NUMBER.fullmatch(glued[0]):
        return False
    clues = clues_before(glued[0])
    return not clues or not clues[0].is_close or clues[0].kind in {"thing", "mark"}


def _is_of_a_person(number: Number, around: str) -> bool:
    """Whether a tax code is a person's: those begin with 8, a firm's with the number of its province."""
    return number.digits[0] == "8" or bool(_PERSONAL.search(around)) or not _COMPANY.search(around)


def is_card(digits: str) -> bool:
    """Whether Luhn's sum says that it may be the number of a card."""
    if not 13 <= len(digits) <= 19 or not digits.isdigit() or digits[0] == "0":  # noqa: PLR2004 - ISO/IEC 7812
        return False
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0
