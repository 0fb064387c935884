"""How much of what an answer says stands in the passages, word by word, pair by pair and line by line."""

from collections.abc import Iterable

from core.checking import polarity
from core.checking.acronyms import acronyms_of, spelt_out
from core.checking.evidence import Evidence
from core.checking.phrases import Phrases
from core.checking.pieces import Piece
from core.checking.terms import LIGHT

FEW_TERMS = 2
"""A clause of fewer terms is not weighed by itself."""
FREE_ABROAD = 1
"""So many words may be translated otherwise than the list of ideas knows."""
IDEA_WEIGHT, FREE_WEIGHT = 0.5, 1.0
"""An answer that begins with a yes or a no has said it, whatever words follow."""
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
        spelt = _union(self._spelt_out(piece) for piece in self.pieces)
        unknown = [key for key in self._said() if key not in self.known | spelt and key[0] != LIGHT]
        return unknown[FREE_ABROAD:] if self.evidence.is_abroad else unknown

    def _spelt_out(self, piece: Piece) -> frozenset[str]:
        """The keys of its terms that are an acronym of the passages spelt out, or one that is spelt out there."""
        spans = spelt_out(piece.text, self.evidence.acronyms)
        own = acronyms_of(piece.text) - self.evidence.acronyms
        known = frozenset(
            short for short in own if any(spelt_out(one.piece.text, (short,)) for one in self.evidence.lines)
        )
        inside = (term.key for term in piece.text.terms if any(start <= term.start < end for start, end in spans))
        return frozenset(inside) | known

    def unknown_weight(self) -> float:
        """How much they weigh beyond what the passages hold of the answer; an idea of the list half of another word.

        A free rewording brings words along, but leans on the passages with others, or with an amount.
        """
        weight = sum(IDEA_WEIGHT if key[0] in _IDEAS else 1.0 for key in self.unknown())
        free = FREE_WEIGHT if polarity.says(self.evidence) else 0.0
        return 0.0 if self.evidence.is_mixed else max(0.0, weight - free - self.held_weight())

    def held_weight(self) -> float:
        """How many terms of the answer stand in the passages and not in the question, and its own amounts."""
        terms = sum(key in self.evidence.known and key not in self.asked and key[0] != LIGHT for key in self._said())
        return terms + len({amount.digits for amount in self.evidence.said_amounts} - self.evidence.question.digits)

    def nothing_new(self) -> bool:
        """Whether the answer only says the question's own terms over again, without choosing among what it offers."""
        question = self.evidence.question
        if _OFFERS.search(question.text) or not self.pieces or any(piece.names for piece in self.pieces):
            return False
        numbers = {amount.digits for amount in self.evidence.said_amounts}
        return set(self._said()) <= question.keys and numbers <= {amount.digits for amount in question.amounts}

    def presumed(self) -> float:
        """The share of the answer's terms that only the question says."""
        said = self._said()
        return sum(key not in self.evidence.known for key in said if key in self.asked) / len(said) if said else 0.0

    def _said(self) -> list[str]:
        return list(dict.fromkeys(key for piece in self.pieces for key in self._weighed(_words(piece))))

    def _weighed(self, keys: Iterable[str]) -> frozenset[str]:
        """All keys, or only the ideas where the answer is in another language than the passages."""
        return frozenset(key for key in keys if not self.evidence.is_abroad or key[0] in _IDEAS)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _words(piece: Piece) -> list[str]:
    """The keys of a piece that are no part of an amount."""
    return [key for key, _ in piece.placed if key[0] != "="]
