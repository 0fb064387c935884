"""How much of what an answer says stands in the passages, word by word."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from core.checking import polarity
from core.checking.evidence import Evidence
from core.checking.pieces import Piece, Span
from core.checking.terms import LIGHT
from core.folding import fold

IDEA_WEIGHT, FREE_WEIGHT = 0.5, 1.0
"""An answer that begins with a yes or a no has said it, whatever words follow; so much is free in a part, too."""
_ADDRESS = re.compile(r"\S*(?:[/@<>]|\w\.\w)\S*")
"""Links and mailboxes are no words; `core.output` deals with them."""
_ACRONYM = re.compile(r"\b[A-ZĐ]{3,7}\b")
_IDEAS = frozenset("#@~")


class Support:
    """The sentences of an answer, but for those that say what is not said, against the lines."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.pieces = evidence.claims
        self.asked = self._weighed(evidence.question.keys)

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The terms that stand in no line, heading or question, and are no acronym of a line spelt out."""
        known = self.evidence.known | self.evidence.question.keys
        spelt = (key for piece in self.pieces for key in self._spelt_out(piece))
        return frozenset(key for key in self._said() if key not in known and key[0] != LIGHT) - frozenset(spelt)

    def _spelt_out(self, piece: Piece) -> Iterator[str]:
        """The keys of words whose first letters are an acronym of a line: "bảo hiểm xã hội" for "BHXH"."""
        words, initials = piece.text.words, "".join(word.folded[0] for word in piece.text.words)
        for short in self._acronyms:
            at = initials.find(short)
            inside = words[at : at + len(short)] if at >= 0 else ()
            yield from (term.key for term in piece.text.terms if any(word.start == term.start for word in inside))

    @cached_property
    def _acronyms(self) -> frozenset[str]:
        """The acronyms of the lines, folded."""
        return frozenset(
            fold(found) for line in self.evidence.lines for found in _ACRONYM.findall(line.piece.text.written)
        )

    def unfounded(self) -> float:
        """How much unknown terms weigh beyond what the passages hold of the answer, or of the worst part of it.

        A free rewording brings words along, but leans on the passages with others, or with an amount.
        """
        if self.evidence.is_mixed:
            return 0.0
        free = FREE_WEIGHT if polarity.says(self.evidence) else 0.0
        whole = _weight(self.unknown) - free - self.held_weight()
        parts = [self._excess(piece, part) - FREE_WEIGHT for piece in self.pieces for part in piece.parts]
        return max(0.0, whole, *parts)

    def _excess(self, piece: Piece, part: Span) -> float:
        """How much more of a part is unknown than known beyond the question: "..., and a cooler is delivered"."""
        inside = {at for match in _ADDRESS.finditer(piece.text.lower) for at in range(*match.span())}
        placed = [(key, at) for key, at in piece.placed if part[0] <= at < part[1] and at not in inside]
        keys = {key for key, _ in placed if key[0] not in {LIGHT, "="}}
        has_amount = any(part[0] <= amount.start < part[1] for amount in piece.amounts)
        return _weight(keys & self.unknown) - len((keys & self.evidence.known) - self.asked) - has_amount

    def held_weight(self) -> float:
        """How many terms of the answer stand in the passages and not in the question, and its own amounts."""
        terms = sum(key in self.evidence.known and key not in self.asked and key[0] != LIGHT for key in self._said())
        return terms + len({amount.digits for amount in self.evidence.said_amounts} - self.evidence.question.digits)

    def presumed(self) -> float:
        """The share of the answer's terms that only the question says."""
        said = self._said()
        return sum(key not in self.evidence.known for key in said if key in self.asked) / len(said) if said else 0.0

    def _said(self) -> list[str]:
        return list(dict.fromkeys(key for piece in self.pieces for key in self._weighed(_words(piece))))

    def _weighed(self, keys: Iterable[str]) -> frozenset[str]:
        """All keys, or only the ideas where the answer is in another language than the passages."""
        return frozenset(key for key in keys if not self.evidence.is_abroad or key[0] in _IDEAS)


def _weight(keys: Iterable[str]) -> float:
    """An idea of the list weighs half of another word."""
    return sum(IDEA_WEIGHT if key[0] in _IDEAS else 1.0 for key in keys)


def _words(piece: Piece) -> list[str]:
    """The keys of a piece that are no part of an amount."""
    return [key for key, _ in piece.placed if key[0] != "="]
