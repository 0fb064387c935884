"""Who is meant: named people, staff numbers, heads of a unit, groups small enough to be known."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from core.private.name_clues import UNITS
from core.private.naming import names_in
from core.private.phrases import Phrasebook
from core.private.reading import Reading
from core.private.wordlists import word_set


class Who(Enum):
    """NAMED: one person, by name or number. HEAD: who holds an office that one person holds. GROUP: a small unit."""

    NAMED = auto()
    HEAD = auto()
    GROUP = auto()


class Mention(NamedTuple):
    """Somebody is spoken of at the tokens from `first` up to `last`.

    `is_sure`: named by title and capital, by full name, or by a name that is no other word. `is_written`: with a
    capital, as names are.
    """

    who: Who
    first: int
    last: int
    is_sure: bool = False
    is_written: bool = False


_HEADS = Phrasebook(
    {
        "head": """
            giám đốc, phó giám đốc, tổng giám đốc, kế toán trưởng, trưởng phòng, phó phòng, phó trưởng phòng,
            trưởng ban, phó ban, đội trưởng, đội phó, tổ trưởng, tổ phó, kíp trưởng, trưởng kíp, trưởng đài,
            trưởng trạm, trưởng ca, chủ tịch, sếp, trưởng bộ phận, trưởng nhóm, trưởng trung tâm, phó đài,
            kỹ sư trực, boss, director, cfo, chief engineer, chief accountant, head of, team leader,
            the chief, !gđ, !pgđ, ban giám đốc, thủ trưởng
        """,
        "pronoun": """
            anh ấy, chị ấy, cô ấy, ông ấy, bà ấy, bạn ấy, em ấy, cậu ấy, chú ấy, bác ấy, !ảnh, !bả, !ổng, !cổ,
            !hắn, !nó, thằng đó, a ấy, c ấy, anh đó, chị đó, ông đó, anh này, chị này, bạn này, em này, ông này,
            his, her, him, he, she, người này, người đó, đương sự, cô nàng
        """,
        "everyone": """
            mọi người, từng người, mỗi người, anh em, tất cả, lãnh đạo, mấy bạn, mấy em, từng bạn, các bạn,
            từng người một, nv cty, !ctv, ctv, toàn bộ nhân viên, tất cả nhân viên, toàn công ty, cả công ty,
            toàn thể, trainees, all staff, everyone, every employee, all employees, each employee, nhân viên,
            cán bộ, công nhân viên, cbcnv, cbnv, staff, employees, thành viên, học viên, từng nhân viên,
            người lao động, toàn đài, toàn trung tâm, các anh chị, mấy anh, mấy chị, mấy anh em, ai cũng,
            từng anh
        """,
        "unit": """
            phòng, !ban, tổ, đội, kíp, !ca, nhóm, team, trung tâm, đài, trạm, bộ phận, department, crew, shift,
            tổ đội, khối, xưởng, kiểm soát viên, kỹ thuật viên, kỹ sư
        """,
    }
)
_STAFF_NUMBER = re.compile(
    r"\b(?:nv|ns|msnv|manv|emp|staff)[ -]?(?:so|id|no)?[ :#.-]?\d{2,6}\b"
    r"|\bma (?:so )?(?:nhan vien|nv)\b\W{0,4}[a-z]{0,3}-?\d{2,6}|\b(?:employee|staff)(?: (?:id|no|"
    r"number))?\W{0,3}[a-z]{0,3}-?\d{3,}"
)
_STAFF_WORDS = word_set("nv ns msnv manv emp staff ma employee")


def mentions(reading: Reading) -> list[Mention]:
    """Everybody who is spoken of, in order. Pronouns count where the text names somebody else as well."""
    found = [Mention(Who.NAMED, *name) for name in names_in(reading)]
    found.extend(_numbered(reading))
    is_somebody_named = bool(found)
    for hit in _HEADS.hits(reading):
        if hit.group == "pronoun" and is_somebody_named:
            found.append(Mention(Who.NAMED, hit.first, hit.last))
        elif hit.group == "head":
            found.append(Mention(Who.HEAD, hit.first, hit.last))
        elif hit.group == "everyone" or (hit.group == "unit" and _is_certain(reading, hit.last)):
            found.append(Mention(Who.GROUP, hit.first, hit.last))
    return sorted(found, key=lambda mention: mention.first)


def _numbered(reading: Reading) -> Iterator[Mention]:
    """People by the number that the firm has given them."""
    if not reading.has_digits or not reading.words & _STAFF_WORDS:
        return
    for match in _STAFF_NUMBER.finditer(reading.plain):
        inside = [n for n, token in enumerate(reading.tokens) if match.start() <= token.start < match.end()]
        yield Mention(Who.NAMED, inside[0], inside[-1] + 1)


def _is_certain(reading: Reading, at: int) -> bool:
    """Whether the word after "tổ", "phòng" or "ca" says which one."""
    if at >= len(reading.tokens):
        return False
    word = reading.tokens[at]
    return reading.seen[word.start].isupper() or word.plain.isdigit() or word.plain in UNITS
