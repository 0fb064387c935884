"""What a text says of each of its terms: that it is so, or that it is not."""

import re
from typing import NamedTuple

from core.checking.terms import Text, listed

HEADS = 2
"""So many terms behind a denial are what it denies."""
REACH = 7
"""A denial reaches over so many words behind it, within its clause."""
_DENIALS = listed("không chưa cấm đừng chẳng tránh ko hông hoãn")
_DENIALS_FOLDED = listed("khong ko not no never cannot without forbidden prohibited banned don doesn isn aren won")
_PASSIVE_DENIALS = listed("cấm hoãn forbidden prohibited banned not")
_IDIOM = re.compile(
    r"(?:(?:khong|chua) (?:duoc )?(?:cao |dai |lon |nho |xa |som |muon )?(?:qua|duoi|vuot|tai|huong|luong|it hon"
    r"|nhieu hon|thap hon|nhung|chi|ke|toi|den|du"
    r"|day)\b"
    r"|(?:no|not) (?:more|less|later|earlier|longer|fewer|larger|greater|bigger|higher|smaller|lower|exceed|only"
    r"|load|charge)\b|without load)"
)
_ENDS = re.compile(r"[,.;:()?!\n]|\b(?:nhưng|but|mà|còn|nên|vì|nếu|if|khi|thì|then|unless|except|trừ)\b")
_STOPS = re.compile(r"[.;:!?\n]|\b(?:nhưng|but|còn)\b")


class Stance(NamedTuple):
    """A term, whether it is denied, and whether it is what the denial says first."""

    key: str
    is_denied: bool
    is_head: bool = False


class Denial(NamedTuple):
    """What a denial reaches over, and from where on it says first what it denies."""

    start: int
    heads_from: int
    end: int


def stances_of(text: Text) -> list[Stance]:
    """The terms of a text in order, each with whether a denial reaches over it."""
    denials = _denials(text)
    if not denials:
        return [Stance(term.key, is_denied=False) for term in text.terms]
    heads = {start for denial in denials for start in _first_terms(text, denial)}
    return [
        Stance(term.key, any(one.start <= term.start < one.end for one in denials), term.start in heads)
        for term in text.terms
    ]


def _first_terms(text: Text, denial: Denial) -> list[int]:
    return [term.start for term in text.terms if denial.heads_from <= term.start < denial.end][:HEADS]


def _denials(text: Text) -> list[Denial]:
    """The denials of a text. "X is forbidden" denies X."""
    words, found = text.words, []
    for at, word in enumerate(words):
        denies = word.raw in _DENIALS if text.is_marked else word.folded in _DENIALS_FOLDED
        if not denies or _IDIOM.match(text.folded, word.start):
            continue
        last = words[min(at + REACH, len(words) - 1)]
        stop = _ENDS.search(text.lower, word.start + len(word.raw))
        end = min(last.start + len(last.raw), stop.start() if stop else len(text.lower))
        is_passive = word.raw in _PASSIVE_DENIALS
        start = _clause_start(text, word.start) if is_passive else word.start
        found.append(Denial(start, start if is_passive else word.start, end))
    return found


def _clause_start(text: Text, position: int) -> int:
    """Where the clause before a denial begins: what "is prohibited" stands in front."""
    border = _ENDS if text.folded.startswith("not", position) else _STOPS
    ends = [match.end() for match in border.finditer(text.lower, 0, position)]
    return ends[-1] if ends else 0
