"""Whom and what an answer names that nothing it was given names."""

from itertools import pairwise

from core.checking.amounts import Amount
from core.checking.evidence import Evidence
from core.checking.names import Name
from core.checking.pieces import Piece
from core.checking.rates import weekday_spans
from core.checking.terms import WHO, listed
from core.checking.values import BARE, same_value

FAMILY_NAMES = listed("""
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dao dinh trinh truong mai lam luong ta
    """)


def strange_names(evidence: Evidence) -> list[str]:
    """The names of the answer that neither a passage nor the question names."""
    names = (name for piece in evidence.said for name in piece.names if name.words[0][0] != WHO)
    return [" ".join(name.words) for name in names if _is_strange(name, evidence) or _is_nobody(name, evidence)]


def strange_offices(evidence: Evidence) -> list[str]:
    """The keys of the offices and departments of the answer that neither a passage nor the question names."""
    if evidence.is_abroad:
        return []
    known = evidence.known | evidence.question.keys
    said = frozenset[str]().union(*(piece.keys for piece in evidence.claims))
    return [key for key in said if key[0] == WHO and key not in known]


def strange_values(evidence: Evidence) -> int:
    """How many days of the week and colours the answer names that no passage does, though passages name others."""
    held = [value for line in evidence.lines for value in line.piece.values]
    spans = [span for line in evidence.lines for span in weekday_spans(line.piece.text)]
    given = [*held, *evidence.question.values]
    kinds = {value.unit for value in held} - ({"weekday"} if spans else set())
    said = [value for piece in evidence.claims for value in piece.values if value.unit in kinds]
    return sum(
        not any(same_value(value, other) for other in given) and not _stands_bare(value, evidence) for value in said
    )


def _stands_bare(value: Amount, evidence: Evidence) -> bool:
    """Whether the word by which the answer names it stands in a passage without "màu"."""
    bare = BARE.get(value.text, frozenset())
    return any(word.raw in bare for line in evidence.lines for word in line.piece.text.words)


def _is_strange(name: Name, evidence: Evidence) -> bool:
    unknown = [word for word in name.words if word not in evidence.words]
    if not unknown:
        return False
    if evidence.is_abroad and not name.is_person:
        return False
    return not all(_is_translated(word, evidence) for word in unknown)


def _is_nobody(name: Name, evidence: Evidence) -> bool:
    """Whether it is a full name, by its family name, of which two words in a row stand in a row nowhere."""
    if len(name.words) == 1 or name.words[0] not in FAMILY_NAMES:
        return False
    return any(f" {one} {other} " not in evidence.run for one, other in pairwise(name.words))


def _is_translated(word: str, evidence: Evidence) -> bool:
    """Whether a word is one of an idea that stands in a passage."""
    keys = Piece(word).keys
    return not keys or bool(keys & (evidence.known | evidence.question.keys))
