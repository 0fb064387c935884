"""What is private in a text: `find` says where, `kinds_in` says what, also where there is no datum but a matter.

Pure and fast: patterns, word lists, two small linear layers, no network. A net with known holes, see docs/privacy.md.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum, auto

from core.private.contacts import contacts
from core.private.credentials import secrets
from core.private.homes import homes
from core.private.judging import Judge, shipped_judge
from core.private.likely import likely, shipped_readers
from core.private.numbers import numbers
from core.private.pay import amounts
from core.private.reading import Reading
from core.private.sentences import PERSONAL, Told, told_in
from core.private.spans import Kind, Span, settled
from core.private.spelled import spelled

NAMES = {
    Kind.ADDRESS: "home address",
    Kind.BANK: "bank account",
    Kind.BIRTH: "birth date",
    Kind.CCCD: "identity number",
    Kind.CMND: "identity number",
    Kind.EMAIL: "e-mail",
    Kind.INSURANCE: "insurance number",
    Kind.LICENCE: "driving licence",
    Kind.PASSPORT: "passport",
    Kind.PHONE: "phone",
    Kind.PLATE: "plate",
    Kind.SALARY: "pay of a person",
    Kind.SECRET: "secret",
    Kind.TAX: "tax code",
}
"""What an administrator reads for each kind."""
LIKELY = "worded like a private matter"
"""What the trained layer alone found."""
MOST_REMEMBERED = 4096
"""Texts whose kinds are kept in memory, by digest, as turns and passages come again; the longest unused goes first."""
LONGEST_TYPED = 500
"""Characters up to which a text is read like what people type; in a document the trained layer finds nothing."""
_REMEMBERED: OrderedDict[bytes, frozenset[str]] = OrderedDict()


class Source(Enum):
    """Where a text comes from, and so what counts in it.

    TYPED, by people in a chat: data, and what is said or asked of people. DOCUMENT: the same, but a name alone proves
    nothing there. PUBLIC, a document that the whole world may read: data only.
    """

    TYPED = auto()
    DOCUMENT = auto()
    PUBLIC = auto()


def find(text: str) -> tuple[Span, ...]:
    """Private data with exact offsets into `text`, in order, none over another."""
    reading = Reading(text)
    return settled(_found(reading, is_typed=len(text) <= LONGEST_TYPED), reading)


def kinds_in(text: str, source: Source = Source.TYPED) -> frozenset[str]:
    """The private kinds and matters of a text, in words. The finding is remembered, not the text."""
    key = hashlib.sha256(f"{source.name}\n{text}".encode(errors="surrogatepass")).digest()
    kinds = _REMEMBERED.pop(key, None)
    _REMEMBERED[key] = kinds = _kinds(text, source) if kinds is None else kinds
    if len(_REMEMBERED) > MOST_REMEMBERED:
        _REMEMBERED.popitem(last=False)
    return kinds


def _kinds(text: str, source: Source) -> frozenset[str]:
    reading = Reading(text)
    is_typed = source is Source.TYPED and len(text) <= LONGEST_TYPED
    kinds = {NAMES[span.type] for span in _found(reading, is_typed=is_typed)}
    if source is Source.TYPED:
        kinds |= judged(reading, shipped_judge(), has_data=bool(kinds))
    elif source is Source.DOCUMENT:
        kinds |= told_in(reading, is_typed=False).matters
    return frozenset(kinds - {PERSONAL} or kinds)


def judged(reading: Reading, judge: Judge | None, *, has_data: bool = False) -> frozenset[str]:
    """The matters that a typed text holds or asks for; by the rules alone where there is no judge.

    Where data stand in it anyway, the rules only add what it is about.
    """
    told = told_in(reading)
    if judge is None or has_data or judge.is_private(reading, told):
        return told.matters if judge is None or has_data else told.matters or frozenset({LIKELY})
    is_held = told.matters and len(told.sentences) > 1 and any(_is_held(part, judge) for part in _parts(reading, told))
    return told.matters if is_held else frozenset()


def _parts(reading: Reading, told: Told) -> Iterator[str]:
    """Each sentence by itself: beside long harmless ones a private one would weigh little."""
    tokens = reading.tokens
    for sentence in told.sentences:
        yield reading.seen[tokens[sentence.first].start : tokens[sentence.last - 1].end]


def _is_held(text: str, judge: Judge) -> bool:
    reading = Reading(text)
    told = told_in(reading)
    return bool(told.matters) and judge.is_private(reading, told)


def _found(reading: Reading, *, is_typed: bool) -> Iterator[Span]:
    """The surest first: of two that overlap the first one counts."""
    yield from found_by_rules(reading)
    if is_typed:
        yield from likely(reading, shipped_readers())


def found_by_rules(reading: Reading) -> Iterator[Span]:
    """What words and shapes alone tell; spans may overlap, the surest come first."""
    yield from secrets(reading)
    yield from contacts(reading)
    yield from numbers(reading)
    yield from spelled(reading)
    yield from amounts(reading)
    yield from homes(reading)
