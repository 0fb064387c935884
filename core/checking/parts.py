"""Does an answer say as many things as were asked? One bare fact is half an answer to two questions."""

from core.checking import polarity
from core.checking.amounts import same
from core.checking.asks import asks_of
from core.checking.evidence import Evidence
from core.checking.phrases import Phrases
from core.checking.rates import rates_of

MOST_AMOUNTS = 2
"""Amounts of so many kinds answer two parts."""
_AT = Phrases(r"\b(?:ở|tại|trong|trên|qua|vào|at|in|on|via|through)\b")
_JOINT = Phrases(r"[,;:](?=\s+\S)|\b(?:và|còn|and|while|thì|do|by|với|with|sau đó|rồi)\b|–")


def parts_lacking(evidence: Evidence) -> int:
    """How many parts of the question are more than the answer has facts, counted kindly.

    Its facts are its clauses, or else its amounts, a name, and a yes or a no.
    """
    asks = len(asks_of(evidence.asked.text.written))
    if asks == 1 or evidence.names_a_gap:
        return 0
    return max(0, asks - max(_clauses(evidence), _facts(evidence)))


def _clauses(evidence: Evidence) -> int:
    return sum(1 + _JOINT.count(piece.text) for piece in evidence.said)


def _facts(evidence: Evidence) -> int:
    asked = evidence.question
    kinds = {
        (one.kind, one.unit) for one in evidence.said_amounts if not any(same(one, other) for other in asked.amounts)
    }
    named = {word for name in asked.names for word in name.words}
    names_somebody = any(named.isdisjoint(name.words) for piece in evidence.said for name in piece.names)
    rates = any(rates_of(piece.text, strictly=True) for piece in evidence.said)
    asks_where = any("where" in ask.kinds for ask in asks_of(evidence.asked.text.written))
    names_place = asks_where and _AT.search(evidence.answer_text) is not None
    return min(len(kinds) + rates, MOST_AMOUNTS) + names_place + names_somebody + (polarity.says(evidence) != 0)
