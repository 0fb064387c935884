"""What is private in a text: `find` says where, `kinds_in` says what, also where there is no datum but a matter.

Pure and fast: patterns and word lists, no model, no network. A net with known holes, see docs/privacy.md.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum, auto

from core.private.contacts import contacts
from core.private.credentials import secrets
from core.private.homes import homes
from core.private.numbers import numbers
from core.private.pay import amounts
from core.private.reading import Reading
from core.private.sentences import PERSONAL, matters
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
MOST_REMEMBERED = 4096
"""Documents' passages whose kinds are kept in memory, by digest; the longest unused goes first."""
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
    return settled(_found(reading), reading)


def kinds_in(text: str, source: Source = Source.TYPED) -> frozenset[str]:
    """The private kinds and matters of a text, in words. Of a document the finding is remembered, not its text."""
    if source is Source.TYPED:
        return _kinds(text, source)
    key = hashlib.sha256(f"{source.name}\n{text}".encode(errors="surrogatepass")).digest()
    kinds = _REMEMBERED.pop(key, None)
    _REMEMBERED[key] = kinds = _kinds(text, source) if kinds is None else kinds
    if len(_REMEMBERED) > MOST_REMEMBERED:
        _REMEMBERED.popitem(last=False)
    return kinds


def _kinds(text: str, source: Source) -> frozenset[str]:
    reading = Reading(text)
    kinds = {NAMES[span.type] for span in _found(reading)}
    if source is not Source.PUBLIC:
        kinds |= matters(reading, is_typed=source is Source.TYPED)
    return frozenset(kinds - {PERSONAL} or kinds)


def _found(reading: Reading) -> Iterator[Span]:
    """The surest first: of two that overlap the first one counts."""
    yield from secrets(reading)
    yield from contacts(reading)
    yield from numbers(reading)
    yield from spelled(reading)
    yield from amounts(reading)
    yield from homes(reading)
