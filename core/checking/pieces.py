"""A sentence or line with everything that can be read off it, each thing read at most once."""

import re
from functools import cached_property

from core.checking.amounts import Amount
from core.checking.conditions import Condition, cases_of, conditions_of
from core.checking.names import Name, names_of
from core.checking.reading import amounts_of
from core.checking.stances import Stance, stances_of
from core.checking.terms import Text

Span = tuple[int, int]
_CLAUSE = re.compile(r"[;()\n]|[,.?!:](?=\s)|\s(?:còn|nhưng|trong khi|while|but|whereas)\s")
_SEGMENT = re.compile(r";|[.?!](?=\s)|\s(?:còn|nhưng|trong khi|while|whereas|but)\s")
_PART = re.compile(r"[,;()\n](?=\s|$)|[.?!](?=\s)|\s(?:và|hoặc|còn|nhưng|va|hoac|con|and|or|but|while)\s")


class Piece:
    """One sentence or line. Spans and places count in characters of its text."""

    def __init__(self, text: str | Text) -> None:
        self.text = text if isinstance(text, Text) else Text(text)

    @property
    def keys(self) -> frozenset[str]:
        return self.text.keys

    @cached_property
    def amounts(self) -> list[Amount]:
        """Its amounts in order."""
        return amounts_of(self.text)

    @cached_property
    def digits(self) -> frozenset[str]:
        """The digits of its amounts."""
        return frozenset(amount.digits for amount in self.amounts if amount.digits)

    @cached_property
    def names(self) -> list[Name]:
        """Whom and what it names; units of amounts are no names."""
        return [
            name for name in names_of(self.text) if not any(self.is_in_amount(at) for at in (name.start, name.end - 1))
        ]

    @cached_property
    def whats(self) -> list[Amount | Name]:
        """Its amounts and names."""
        return [*self.amounts, *self.names]

    @cached_property
    def stances(self) -> list[Stance]:
        """Its terms in order, each said or denied."""
        return stances_of(self.text)

    @cached_property
    def conditions(self) -> list[Condition]:
        """For which amounts it holds."""
        return conditions_of(self.text, self.amounts) if self.amounts else []

    @cached_property
    def cases(self) -> list[tuple[float, str]]:
        """Its amounts as cases for conditions."""
        return cases_of(self.amounts, self.conditions)

    @cached_property
    def clauses(self) -> list[Span]:
        """The spans between commas, brackets, colons and "but"."""
        return _spans(_CLAUSE, self.text.lower)

    @cached_property
    def segments(self) -> list[Span]:
        """The spans between semicolons and "but"."""
        return _spans(_SEGMENT, self.text.lower)

    @cached_property
    def parts(self) -> list[Span]:
        """The spans between commas, brackets and conjunctions."""
        return _spans(_PART, self.text.lower)

    @cached_property
    def placed(self) -> list[tuple[str, int]]:
        """The keys of the terms outside of amounts and "=" with the digits of the amounts, each with its place."""
        terms = [(term.key, term.start) for term in self.text.terms if not self.is_in_amount(term.start)]
        return terms + [(f"={amount.digits}", amount.start) for amount in self.amounts if amount.digits]

    def is_in_amount(self, position: int) -> bool:
        """Whether a character belongs to an amount."""
        return any(amount.start <= position < amount.end for amount in self.amounts)


def around(spans: list[Span], position: int) -> Span:
    """The span in which a character stands."""
    return next((span for span in spans if span[0] <= position <= span[1]), (0, 0))


def _spans(border: re.Pattern[str], text: str) -> list[Span]:
    ends = [match.start() for match in border.finditer(text)]
    return list(zip([0, *(end + 1 for end in ends)], [*ends, len(text)], strict=True))
