"""Whom and what an answer names that nothing it was given names."""

from core.checking.evidence import Evidence
from core.checking.names import Name
from core.checking.pieces import Piece
from core.checking.terms import WHO


def strange_names(evidence: Evidence) -> list[str]:
    """The names of the answer that neither a passage nor the question names."""
    names = (name for piece in evidence.said for name in piece.names if name.words[0][0] != WHO)
    return [" ".join(name.words) for name in names if _is_strange(name, evidence)]


def strange_offices(evidence: Evidence) -> list[str]:
    """The keys of the offices and departments of the answer that neither a passage nor the question names."""
    if evidence.is_abroad:
        return []
    known = evidence.known | evidence.question.keys
    return [key for key in evidence.said_keys if key[0] == WHO and key not in known]


def _is_strange(name: Name, evidence: Evidence) -> bool:
    unknown = [word for word in name.words if word not in evidence.words]
    if not unknown:
        return False
    if evidence.is_abroad and not name.is_person:
        return False
    return not all(_is_translated(word, evidence) for word in unknown)


def _is_translated(word: str, evidence: Evidence) -> bool:
    """Whether a word is one of an idea that stands in a passage."""
    keys = Piece(word).keys
    return not keys or bool(keys & (evidence.known | evidence.question.keys))
