"""Where private data stands in a text: `find` gives exact spans by kind."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.private.reading import Reading


class Kind(StrEnum):
    """What a piece of private data is. BANK holds cards, too; SECRET is whatever opens something."""

    ADDRESS = "ADDRESS"
    BANK = "BANK"
    BIRTH = "BIRTH"
    CCCD = "CCCD"
    CMND = "CMND"
    EMAIL = "EMAIL"
    INSURANCE = "INSURANCE"
    LICENCE = "LICENCE"
    PASSPORT = "PASSPORT"
    PHONE = "PHONE"
    PLATE = "PLATE"
    SALARY = "SALARY"
    SECRET = "SECRET"  # noqa: S105 - the name of a kind
    TAX = "TAX"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Private data at `start` up to `end`, character offsets into the text as typed."""

    start: int
    end: int
    type: Kind


def settled(found: Iterable[Span], reading: Reading) -> tuple[Span, ...]:
    """The spans in the text as typed, in order; of two that overlap, the one found first."""
    kept: list[Span] = []
    for span in found:
        if span.start < span.end and not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return tuple(Span(*reading.place(span.start, span.end), span.type) for span in sorted(kept))
