"""Limits turned round: "at least 1.8 m" where the passages say "no more than 1.8 m"."""

import re
from collections.abc import Iterator

from core.checking import polarity
from core.checking.amounts import Amount, same
from core.checking.evidence import Evidence
from core.checking.phrases import Phrases
from core.checking.pieces import Piece
from core.checking.units import in_base

WIDE = 40
"""So many characters before an amount are looked at."""
_UPPER = re.compile(
    r"(?:\b(?:toi da|nhieu nhat|khong vuot|at most|up to|maximum(?: of)?|max"
    r"|no (?:more|longer|higher|later|greater) than"
    r"|not exceed|must not exceed|not more than|limit(?:ed)? (?:of|to))|\b(?:khong|chua)(?: duoc)?(?: \w+){0,3} qua)"
    r"(?: la| is| den| of|:)?\s$"
)
_LOWER = re.compile(
    r"\b(?:toi thieu|it nhat|khong (?:duoc )?(?:duoi|it hon|thap hon)|at least|minimum(?: of)?"
    r"|no (?:less|fewer|sooner|shorter) than|not less than)(?: la| is| of|:)?\s$"
)


_MUST = Phrases(r"\b(?:phải|bị|cần|sao|must|need|have to|has to)\b")


def turned_limits(evidence: Evidence) -> int:
    """How many amounts the answer has as a limit upwards that all passages have as one downwards, or the other way."""
    held = [(amount, side) for line in evidence.lines for amount, side in _limits(line.piece)]
    turned = 0
    for said, side in (limit for piece in evidence.claims for limit in _limits(piece)):
        sides = {other for amount, other in held if same(said, amount)}
        turned += bool(side and sides and sides == {-side})
    return turned


def _limits(piece: Piece) -> Iterator[tuple[Amount, int]]:
    """The amounts with 1 for an upper limit, -1 for a lower one, 0 for neither."""
    for amount in piece.amounts:
        before = piece.text.folded[max(0, amount.start - WIDE) : amount.start]
        yield amount, bool(_UPPER.search(before)) - bool(_LOWER.search(before))


def breaks_limit(evidence: Evidence) -> bool:
    """Whether the answer says yes to a case that the line about it does not allow: 3 days where 4 are the least.

    Where the question is whether somebody has to, a limit that is passed means yes: of those nothing is known.
    """
    cases = evidence.question.cases
    if not (cases and polarity.asks_whether(evidence) and polarity.says(evidence) > 0) or _MUST.search(
        evidence.asked.text
    ):
        return False
    shared = [(len(evidence.question.keys & line.piece.keys), line) for line in evidence.lines]
    most = max((count for count, _ in shared), default=0)
    limits = [limit for count, line in shared if count == most for limit in _limits(line.piece) if limit[1]]
    met = [
        (value - bound) * side <= 0
        for amount, side in limits
        for value, unit in cases
        for bound, base in [in_base(amount.value, amount.unit)]
        if base == unit
    ]
    return bool(met) and not any(met)
