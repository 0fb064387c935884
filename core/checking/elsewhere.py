"""Is the answer taken from a line about something else, while another line deals with what is asked?

What the question says and the passages hold is looked for in the lines that the answer leans on and in what stands
before them. What is missing there and stands together in another line tells that this line was meant.
"""

import math
from collections import Counter
from collections.abc import Iterable

from core.checking import polarity
from core.checking.amounts import Amount
from core.checking.evidence import Evidence, Line
from core.checking.terms import LIGHT

MOST_LINES = 3
"""An answer leans on no more lines."""
WEAK = 0.2
"""A term that is next to nothing by itself counts this much of its weight; as do terms of the question for a line."""
AMOUNT = 1.5
"""An amount of the answer weighs this much for a line that holds it."""
TOPIC_TERMS = 8
"""The first terms of a passage say what all of it is about."""


Mark = tuple[str, str]


class Elsewhere:
    """The terms of one question, those that the answer's lines hold and those that stand elsewhere."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.lines = evidence.lines
        self._held_by = Counter(key for line in self.lines for key in line.piece.keys)
        self._asked = frozenset(key for key in evidence.asked.keys if key in evidence.known)
        self._new = (evidence.said_keys & evidence.known) - evidence.question.keys
        self._amounts = _marks(evidence.said_amounts) - _marks(evidence.question.amounts)
        self._leaned_on = self._lean()

    def fits_better(self) -> bool:
        """Whether one line holds more of what is asked, that the lines of the answer do not, than they hold at all.

        False where the answer leans on no line, and where it is in another language: too little is known then.
        """
        if not (self._leaned_on and self.evidence.claims) or self.evidence.is_mixed or polarity.says(self.evidence):
            return False
        have = self._at_hand()
        missing = {key for key in self._asked - have if key[0] != LIGHT}
        passages = {self.lines[at].passage for at in self._leaned_on}
        rest = [line for at, line in enumerate(self.lines) if at not in self._leaned_on and line.passage in passages]
        elsewhere = max((self._weight(missing & line.piece.keys) for line in rest), default=0.0)
        return elsewhere > self._weight(self._asked & have)

    def _lean(self) -> list[int]:
        """The lines that hold what the answer says beyond the question: the best, then the best for what is left."""
        chosen: list[int] = []
        new, amounts = set(self._new), set(self._amounts)
        while len(chosen) < MOST_LINES and (new or amounts):
            worth = [self._worth(line, new, amounts) for line in self.lines]
            best = max(range(len(worth)), key=worth.__getitem__, default=None)
            if best is None or not (
                new & self.lines[best].piece.keys or amounts & _marks(self.lines[best].piece.amounts)
            ):
                break
            chosen.append(best)
            new -= self.lines[best].piece.keys
            amounts -= _marks(self.lines[best].piece.amounts)
        return chosen

    def _worth(self, line: Line, new: set[str], amounts: set[Mark]) -> float:
        own = self._weight(new & line.piece.keys) + AMOUNT * len(amounts & _marks(line.piece.amounts))
        return own + WEAK * self._weight(self._asked & line.piece.keys)

    def _at_hand(self) -> frozenset[str]:
        """What its lines say with the line before each, the headings and the passage's first words.

        That the answer says the question's words over again proves nothing.
        """
        have: set[str] = set()
        for at in self._leaned_on:
            line = self.lines[at]
            first = next(other for other in self.lines if other.passage == line.passage)
            have |= line.piece.keys | line.above | {term.key for term in first.piece.text.terms[:TOPIC_TERMS]}
            if at and self.lines[at - 1].passage == line.passage:
                have |= self.lines[at - 1].piece.keys
        return frozenset(have)

    def _weight(self, keys: Iterable[str]) -> float:
        """The fewer lines hold a term the more it weighs."""
        count = max(1, len(self.lines))
        return sum(
            math.log(1 + count / (self._held_by[key] + 0.5)) * (WEAK if key[0] == LIGHT else 1.0) for key in keys
        )


def _marks(amounts: Iterable[Amount]) -> frozenset[Mark]:
    """By what an amount is known again: its digits and its unit; small bare numbers stand everywhere."""
    return frozenset(
        ("/".join(map(str, one.parts[1:])), one.kind) if one.kind == "date" else (one.digits, one.unit)
        for one in amounts
        if one.digits and (one.unit or len(one.digits) > 1)
    )
