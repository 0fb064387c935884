"""Do the passages deal with a question? Then to say that they do not is no honest answer."""

from collections.abc import Sequence

from core.checking.asks import WEEKDAY, is_of_kind, kinds_of
from core.checking.evidence import Evidence, Line
from core.checking.refusals import refuses, refuses_at
from core.checking.terms import LIGHT

COVERED = 0.65
"""From here on one line deals with what is asked."""
NAMED = 2
"""So many terms of a refusal, all of them in one line, name what that line deals with."""
ELSEWHERE = 0.5
"""A term of the question in another line counts this much: headings and the sentence before name the matter."""


def is_belied(evidence: Evidence) -> bool:
    """Whether a refusal is belied: one line deals with what is asked, and holds the kind of thing that is wanted."""
    return covered(evidence) >= COVERED


def covered(evidence: Evidence) -> float:
    """How far one line deals with the question, 0..1: the share of its terms, 0 where the kind asked for is lacking."""
    wanted = evidence.asked.keys or evidence.question.keys
    if not wanted or _named_in_vain(evidence):
        return 0.0
    kinds = kinds_of(evidence.asked.text)
    lines = [line for line in evidence.lines if _has_kinds(line, kinds, evidence)]
    told = max((_share(wanted, line, evidence) for line in lines), default=0.0)
    return max(told, *(float(_is_named(line, evidence)) for line in lines)) if lines else 0.0


def _is_named(line: Line, evidence: Evidence) -> bool:
    """Whether a line holds all that the refusal says is not dealt with."""
    said = frozenset(
        term.key
        for piece in evidence.said
        for term in piece.text.terms
        if term.key[0] != LIGHT and not refuses_at(piece.text, term.start)
    )
    return len(said) >= NAMED and said <= line.piece.keys


def _named_in_vain(evidence: Evidence) -> bool:
    """Whether the refusal names something asked for that stands in no passage."""
    return any(key not in evidence.known and key[0] != LIGHT for key in _refused(evidence))


def _refused(evidence: Evidence) -> frozenset[str]:
    """The keys of the question that the refusal says again."""
    refused = (piece.keys for piece in evidence.said if refuses(piece.text))
    return frozenset().union(*refused) & evidence.question.keys


def _share(wanted: frozenset[str], line: Line, evidence: Evidence) -> float:
    held = wanted & line.piece.keys
    elsewhere = (wanted - held) & evidence.known
    return (len(held) + ELSEWHERE * len(elsewhere)) / len(wanted) if held else 0.0


def _has_kinds(line: Line, kinds: Sequence[str], evidence: Evidence) -> bool:
    """Whether a line holds an amount or a name of each kind asked for that the question does not name."""
    return all(_has_kind(kind, line, evidence) for kind in kinds)


def _has_kind(kind: str, line: Line, evidence: Evidence) -> bool:
    if kind == "where":
        return True
    if kind == "who":
        if any(amount.unit == "extension" for amount in line.piece.amounts):
            return True
        asked = {name.words for name in evidence.question.names}
        return any(name.words not in asked for name in line.piece.names)
    if kind == "when" and WEEKDAY.search(line.piece.text):
        return True
    asked_numbers = {amount.digits for amount in evidence.asked.amounts}
    return any(is_of_kind(kind, one) and one.digits not in asked_numbers for one in line.piece.amounts)
