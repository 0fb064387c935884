"""Whom and what an answer names that nothing it was given names."""

import re

from core.checking.evidence import Evidence
from core.checking.names import Name
from core.checking.pieces import Piece
from core.checking.terms import WHO, listed

FAMILY_NAMES = listed("""
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dao dinh trinh truong mai lam luong ta
    """)
_GLOSS = re.compile(r"(?: \w+)? ?\(([\w ]{3,40})\)")


def strange_names(evidence: Evidence) -> list[str]:
    """The names of the answer that neither a passage nor the question names."""
    return [
        " ".join(name.words)
        for piece in evidence.said
        for name in piece.names
        if name.words[0][0] != WHO and _is_strange(name, evidence)
        if not (evidence.is_abroad and _is_translation(name, piece, evidence))
    ]


def strange_offices(evidence: Evidence) -> list[str]:
    """The keys of the offices and departments of the answer that neither a passage nor the question names."""
    if evidence.is_abroad:
        return []
    known = evidence.known | evidence.question.keys
    said = frozenset[str]().union(*(piece.keys for piece in evidence.claims))
    return [key for key in said if key[0] == WHO and key not in known]


def _is_strange(name: Name, evidence: Evidence) -> bool:
    unknown = [word for word in name.words if word not in evidence.words and not _is_idea(word, evidence)]
    return bool(unknown) and (name.is_person or not evidence.is_abroad)


def _is_idea(word: str, evidence: Evidence) -> bool:
    """Whether a word says nothing by itself, or is one of an idea that stands in a passage."""
    keys = Piece(word).keys
    return not keys or bool(keys & (evidence.known | evidence.question.keys))


def _is_translation(name: Name, piece: Piece, evidence: Evidence) -> bool:
    """Whether it stands right before brackets that hold the words of the passages: "An ninh (Security Office)"."""
    found = _GLOSS.match(piece.text.folded, name.end)
    return found is not None and evidence.words.issuperset(found[1].split()) and name.words[0] not in FAMILY_NAMES
