"""Do the passages deal with a question? Then to say that they do not is no honest answer."""

from core.checking.asks import KINDS, WEEKDAY, is_of_kind
from core.checking.evidence import Evidence, Line
from core.checking.refusals import refuses
from core.checking.terms import LIGHT

COVERED = 0.7
"""From here on one line deals with what is asked."""
ELSEWHERE = 0.5
"""A term of the question in another line counts this much: headings and the sentence before name the matter."""


def covered(evidence: Evidence) -> float:
    """How far one line deals with the question, 0..1: the share of its terms, 0 where the kind asked for is lacking."""
    wanted = evidence.asked.keys or evidence.question.keys
    if not wanted or _named_in_vain(evidence):
        return 0.0
    kinds = [kind for kind, asked in KINDS if asked.search(evidence.asked.text)]
    lines = [line for line in evidence.lines if _has_kinds(line, kinds, evidence)]
    return max((_share(wanted, line, evidence) for line in lines), default=0.0)


def _named_in_vain(evidence: Evidence) -> bool:
    """Whether the refusal names something asked for that stands in no passage."""
    asked = evidence.question.keys
    refused = (piece.keys & asked for piece in evidence.said if refuses(piece.text))
    return any(key not in evidence.known and key[0] != LIGHT for keys in refused for key in keys)


def _share(wanted: frozenset[str], line: Line, evidence: Evidence) -> float:
    held = wanted & line.piece.keys
    elsewhere = (wanted - held) & evidence.known
    return (len(held) + ELSEWHERE * len(elsewhere)) / len(wanted) if held else 0.0


def _has_kinds(line: Line, kinds: list[str], evidence: Evidence) -> bool:
    """Whether a line holds an amount or a name of each kind asked for that the question does not name."""
    return all(_has_kind(kind, line, evidence) for kind in kinds)


def _has_kind(kind: str, line: Line, evidence: Evidence) -> bool:
    if kind == "where":
        return True
    if kind == "who":
        asked = {name.words for name in evidence.question.names}
        return any(name.words not in asked for name in line.piece.names)
    if kind == "when" and WEEKDAY.search(line.piece.text):
        return True
    asked_numbers = {amount.digits for amount in evidence.asked.amounts}
    return any(is_of_kind(kind, one) and one.digits not in asked_numbers for one in line.piece.amounts)
