"""What may be taken for each other: amounts of one unit, spans of time, names of people."""

from core.checking.amounts import Amount, same
from core.checking.names import Name
from core.checking.pieces import Piece
from core.checking.units import DURATION

RATE_CHARACTERS = 12
"""So close behind another amount "a day" is a rate."""
NOT_WEIGHED = frozenset({"1", "thing"})
What = Amount | Name


def group_of(what: What) -> tuple[str, str]:
    """What may be taken for each other: amounts of one unit or all spans of time, dates of one form, names."""
    if isinstance(what, Name):
        return ("name", "person" if what.is_person else "thing")
    if what.kind == "date":
        return ("date", "".join("x" if part else "." for part in what.parts))
    if what.kind != "number":
        return (what.kind, "")
    return ("number", "time" if what.unit in DURATION else what.unit or what.noun or str(len(what.digits)))


def is_weighed(what: What, piece: Piece) -> bool:
    """Whether it can be of a wrong row: single digits without a unit, "a day" and names of things stand everywhere."""
    group = group_of(what)
    if isinstance(what, Amount) and what.values == (1.0,) and group == ("number", "time"):
        return not any(0 <= what.start - other.end <= RATE_CHARACTERS for other in piece.amounts if other is not what)
    return group[1] not in NOT_WEIGHED


def is_same(what: What, other: What) -> bool:
    """Whether two amounts are one, or one name is part of the other."""
    if isinstance(what, Amount):
        if not isinstance(other, Amount) or what.kind != other.kind:
            return False
        return same(what, other)
    if not isinstance(other, Name):
        return False
    return set(what.words) <= set(other.words) or set(other.words) <= set(what.words)
