"""How much of what an answer says stands in the passages, word by word, pair by pair and line by line."""

from collections.abc import Iterable

from core.checking.conditions import fit
from core.checking.evidence import Evidence, Line
from core.checking.phrases import Phrases
from core.checking.pieces import Piece
from core.checking.terms import LIGHT

FEW_TERMS = 2
"""A clause of fewer terms is not weighed by itself."""
FREE_ABROAD = 1
"""So many words may be translated otherwise than the list of ideas knows."""
IDEA_WEIGHT, USUAL_WEIGHT = 0.5, 1.0
_OFFERS = Phrases(r"\b(?:hay|or|nào|which)\b")
_IDEAS = frozenset("#@~")


class Support:
    """The sentences of an answer, but for those that say what is not said, against the lines."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.pieces = evidence.claims
        self.asked = self._weighed(evidence.question.keys)
        self.known = evidence.known | evidence.question.keys

    def unknown(self) -> list[str]:
        """The terms that stand in no line, heading or question, each once."""
        unknown = [key for key in self._said() if key not in self.known and key[0] != LIGHT]
        return unknown[FREE_ABROAD:] if self.evidence.is_abroad else unknown

    def unknown_weight(self) -> float:
        """How much they weigh beyond what any rewording brings along; an idea of the list half of another word."""
        weight = sum(IDEA_WEIGHT if key[0] in _IDEAS else 1.0 for key in self.unknown())
        return max(0.0, weight - USUAL_WEIGHT)

    def nothing_new(self) -> bool:
        """Whether the answer only says the question's own terms over again, without choosing among what it offers."""
        question = self.evidence.question
        if _OFFERS.search(question.text):
            return False
        numbers = {amount.digits for amount in self.evidence.said_amounts}
        return set(self._said()) <= question.keys and numbers <= {amount.digits for amount in question.amounts}

    def used(self) -> list[Line]:
        """The lines that the sentences of the answer lean on: each sentence's best by what the question did not say."""
        return [line for piece in self.pieces if (line := self._best(piece)) is not None]

    def _best(self, piece: Piece) -> Line | None:
        keys = self._weighed(piece.keys)
        new = keys - self.evidence.question.keys
        digits = {amount.digits for amount in piece.amounts}

        def worth(line: Line) -> float:
            held = digits & {amount.digits for amount in line.piece.amounts}
            return len(new & line.piece.keys) + 0.3 * len(keys & line.piece.keys) + len(held)

        best = max(self.evidence.lines, key=worth, default=None)
        return best if best is not None and worth(best) > 0 else None

    def another_case(self) -> bool:
        """Whether the answer leans on lines for other amounts than the question's, while a line is for just these."""
        cases = self.evidence.question.cases
        fits = [fit(line.piece.conditions, cases) for line in self.used()] if cases else []
        return (
            bool(fits) and max(fits) < 0 and any(fit(line.piece.conditions, cases) > 0 for line in self.evidence.lines)
        )

    def presumed(self) -> float:
        """The share of the answer's terms that only the question says."""
        said = self._said()
        return sum(key not in self.evidence.known for key in said if key in self.asked) / len(said) if said else 0.0

    def _said(self) -> list[str]:
        return list(dict.fromkeys(key for piece in self.pieces for key in self._weighed(_words(piece))))

    def _weighed(self, keys: Iterable[str]) -> frozenset[str]:
        """All keys, or only the ideas where the answer is in another language than the passages."""
        return frozenset(key for key in keys if not self.evidence.is_abroad or key[0] in _IDEAS)


def _words(piece: Piece) -> list[str]:
    """The keys of a piece that are no part of an amount."""
    return [key for key, _ in piece.placed if key[0] != "="]
