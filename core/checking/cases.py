"""Does a line give an amount of its own for just the case that is asked about, while the answer has the general one?

"Lao động nam nghỉ 5 ngày làm việc, vợ sinh mổ thì 7 ngày": whoever asks about "sinh mổ" is not helped by 5 days.
"""

from collections import Counter
from collections.abc import Iterable

from core.checking.amounts import Amount
from core.checking.evidence import Evidence
from core.checking.groups import What, group_of, is_same, is_weighed
from core.checking.pieces import Piece, Span, around
from core.checking.terms import LIGHT

Told = frozenset[tuple[str, bool]]
UNASKED = 0.5
"""A term beside an amount that neither question nor answer says counts this much against its place."""


def case_gap(evidence: Evidence) -> float:
    """By how many terms of the question another amount of the same line fits better, at worst, beyond a half; 0 abroad.

    Only the terms of an amount's own part of the line count; those up to the first amount hold for all of them.
    """
    if evidence.is_abroad:
        return 0.0
    told = [(amount, piece) for piece in evidence.said for amount in piece.amounts or piece.values]
    count = Counter(group_of(amount) for amount, _ in told)
    gaps = [
        _gap(amount, piece.keys | evidence.question.keys, evidence)
        for amount, piece in told
        if count[group_of(amount)] == 1 and is_weighed(amount, piece) and not _is_among(amount, evidence.question.whats)
    ]
    return max(0.0, max(gaps, default=0.0) - UNASKED)


def _gap(amount: Amount, said: frozenset[str], evidence: Evidence) -> float:
    """How much better the best rival fits in the line where the amount fits best."""
    asked = _told(evidence.asked, (0, len(evidence.asked.text.lower)))
    taken = [*evidence.question.whats, *(other for piece in evidence.said for other in piece.whats)]
    best, gap = float("-inf"), 0.0
    for line in evidence.lines:
        places = _fits(line.piece, amount, asked, said)
        own = max((fits for other, fits in places if is_same(amount, other)), default=None)
        if own is None or own < best:
            continue
        bounds = {condition.start for condition in line.piece.conditions}
        rivals = [fits for other, fits in places if other.start not in bounds and not _is_among(other, taken)]
        best, gap = own, max(0.0, max(rivals, default=own) - own)
    return gap


def _fits(piece: Piece, amount: Amount, asked: Told, said: frozenset[str]) -> list[tuple[Amount, float]]:
    """How well each amount of a line that may be taken for one fits to what is asked."""
    alike = [other for other in (*piece.amounts, *piece.values) if group_of(other) == group_of(amount)]
    if not alike:
        return []
    lead = _told(piece, (0, around(piece.parts, min(other.start for other in alike))[1]))
    told = [(other, _told(piece, around(piece.parts, other.start))) for other in alike]
    return [
        (other, len((terms | lead) & asked) - UNASKED * sum(key not in said for key, _ in terms))
        for other, terms in told
    ]


def _told(piece: Piece, span: Span) -> Told:
    """The terms of a span outside of amounts, each with whether it is denied."""
    return frozenset(
        (stance.key, stance.is_denied)
        for term, stance in zip(piece.text.terms, piece.stances, strict=True)
        if span[0] <= term.start < span[1] and stance.key[0] != LIGHT and not piece.is_in_amount(term.start)
    )


def _is_among(amount: Amount, others: Iterable[What]) -> bool:
    return any(is_same(amount, other) for other in others)
