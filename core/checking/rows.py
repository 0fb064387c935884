"""Is an amount or a name of the answer the one of the row that was asked about, or that of the row beside it?

Each place in the passages where it stands is weighed by the words around it that question and answer hold, and so is
every place of another amount of the same kind, or another name. Where another place fits clearly better, the answer
has taken the wrong row.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from core.checking.amounts import Amount
from core.checking.conditions import Condition, fit
from core.checking.evidence import Evidence, Line
from core.checking.founding import SMALL, derivations
from core.checking.groups import What, group_of, is_same, is_weighed
from core.checking.names import Name
from core.checking.pieces import Piece, around
from core.checking.terms import LIGHT

BESIDE, LEADING, TRAILING, IN_LINE, ABOVE = 1.0, 0.85, 0.4, 0.3, 0.25
"""What a word is worth by where it stands: in the same part or before the line's first amount, in a part before or
behind up to a semicolon, elsewhere in the line, elsewhere in the passage. What stands before goes for what follows."""
TOPIC, TOPIC_TERMS = 0.8, 8
"""The first terms of a passage say what all of it is about."""
CONDITION = 1.5
ASKED, BEFORE, FARTHER = 0.6, 0.2, 0.5
"""A word of the question, of the one that it follows, or of the answer's sentence farther off, counts this much against
one beside the answer's amount."""
WEAK = 0.2
"""A term that is next to nothing by itself counts this much of its worth."""
MOST, A_LIST = 3.0, 3
"""The greatest gap; so many amounts of one kind in an answer are a list, which is not weighed row by row."""
GONE_BY = 2.0
_GONE_BY = re.compile(
    r"\b(?:instead of|rather than|thay vi|thay cho|truoc day(?: la)?|truoc la|(?:lui|doi|hoan|chuyen|moved?"
    r"|postponed)(?: \w+)? (?:tu|from)"
    r"|before|previously|formerly|old)[:\s]\s*(?:on |ngay )?$"
)
"""What no longer holds, before an amount; it costs a place so much."""
_REPLACES = re.compile(
    r"\b(?:thay the|thay cho|bai bo|replac(?:es|ing)|supersed(?:es|ing))\b\D{0,30}?"
    r"(\d+/[\w/-]+|\b[a-z]+[/-][\w/-]*\d[\w/-]*)"
)
"""A document that replaces another, and the other's number."""
_RECKONS = re.compile(
    r"\d\D{0,8}\s?[x*+=]\s?\d|=|\d\D{0,12}\b(?:chia|nhan|cong|tru di|times|divided|plus|minus)\b\D{0,9}\d"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount or a name stands in the passages, and what its words are worth there.

    `is_bound`: it is the end of a range, which tells for whom a rule is and is no answer itself.
    """

    what: What
    group: tuple[str, str]
    worth: Mapping[str, float]
    conditions: tuple[Condition, ...]
    passage: int
    is_bound: bool
    is_gone_by: bool = False


@dataclass(frozen=True, slots=True)
class Gaps:
    """By how much another row fits better: by the words of the answer's clause, and by those of the question.

    Of the answer's amounts the worst counts by its clause, the best by the question; names have a gap of their own.
    """

    by_answer: float
    by_question: float
    of_names: float


class Rows:
    """All places of one evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.passages = evidence.passage_keys
        groups = {group_of(what) for piece in evidence.said for what in piece.whats}
        base = {number: dict.fromkeys(keys, ABOVE) for number, keys in self.passages.items()}
        for line in reversed(evidence.lines):
            topic = [term.key for term in line.piece.text.terms[:TOPIC_TERMS]]
            base[line.passage] = dict.fromkeys(self.passages[line.passage], ABOVE) | dict.fromkeys(topic, TOPIC)
        replaced = _replaced(evidence)
        self.places = [
            place
            for line in evidence.lines
            for place in places_of(line, base[line.passage], groups, is_replaced=line.passage in replaced)
        ]
        cues = dict.fromkeys(_cues_of(evidence.question), BEFORE) | dict.fromkeys(_cues_of(evidence.asked), ASKED)
        self.asked: Mapping[str, float] = cues
        self.said = [(what, piece) for piece in evidence.said for what in piece.whats]

    def gaps(self) -> Gaps:
        """The gaps, 0 where the answer names nothing that stands in several rows."""
        told = [(what, piece) for what, piece in self.said if not self._is_asked(what) and is_weighed(what, piece)]
        alike = Counter(group_of(what) for what, _ in told)
        by_answer, by_question, of_names = [0.0], [], [0.0]
        for what, piece in told:
            cues = {**self.asked, **_own_cues(piece, what)}
            is_aside = _RECKONS.search(piece.text.folded) or _GONE_BY.search(piece.text.folded[: what.start])
            gap = 0.0 if is_aside else self._gap_of(what, cues)
            count = alike[group_of(what)]
            if gap is None or count >= A_LIST:
                continue
            (of_names if isinstance(what, Name) else by_answer).append(gap / count)
            by_question.append(gap and (self._gap_of(what, self.asked) or 0.0))
        return Gaps(min(MOST, max(by_answer)), min(MOST, min(by_question, default=0.0)), min(MOST, max(of_names)))

    def _gap_of(self, what: What, cues: Mapping[str, float]) -> float | None:
        """The gap of an amount or a name; of a sum, that of what it is made of, the kindest reading of it."""
        gap = self._gap(what, cues)
        if isinstance(what, Name):
            return gap
        said = [amount for amount in self.evidence.said_amounts if amount is not what]
        asked = self.evidence.question.amounts
        is_case = isinstance(gap, float) and gap > 0 and what.kind == "number" and what.value > SMALL
        if gap is None or is_case:
            sums = derivations(what, [*asked, *said], self.evidence.told_amounts, said)
            readings = [
                [self._gap(part, cues) or 0.0 for part in parts if group_of(part) == group_of(what)] for parts in sums
            ]
            return min((max(reading, default=0.0) for reading in readings), default=gap)
        is_shown = gap > 0 and any(set(parts) & set(said) for parts in derivations(what, [*asked, *said], (), said))
        return 0.0 if is_shown else gap

    def _gap(self, what: What, cues: Mapping[str, float]) -> float | None:
        """The best rival's score less its own; None where it stands nowhere."""
        group = group_of(what)
        same_group = [place for place in self.places if place.group == group]
        scores = [(self._score(place, cues), place) for place in same_group if is_same(what, place.what)]
        if not scores:
            return None
        own, here = max(scores, key=lambda pair: pair[0])
        rivals = [
            self._score(place, cues)
            for place in same_group
            if not place.is_bound and self._is_at_hand(place, here)
            if not (self._is_said(place.what) or self._is_asked(place.what))
        ]
        return max(0.0, max(rivals, default=0.0) - own)

    def _is_at_hand(self, place: Place, here: Place) -> bool:
        """Whether a place is in the same passage, or in one that deals with a term asked for which this one lacks."""
        lacking = self.evidence.asked.keys - self.passages[here.passage]
        if here.is_gone_by and not place.is_gone_by:
            return True
        return place.passage == here.passage or any(key[0] != LIGHT for key in lacking & self.passages[place.passage])

    def _is_asked(self, what: What) -> bool:
        return any(is_same(what, other) for other in self.evidence.question.whats)

    def _is_said(self, what: What) -> bool:
        """Whether the answer holds the rival too: then it tells rows apart."""
        return any(is_same(what, other) for other, _ in self.said)

    def _score(self, place: Place, cues: Mapping[str, float]) -> float:
        worth = place.worth
        score = sum(
            weight * worth[key] * (WEAK if key[0] == LIGHT else 1.0) for key, weight in cues.items() if key in worth
        )
        return score + CONDITION * fit(place.conditions, self.evidence.question.cases) - GONE_BY * place.is_gone_by


def places_of(
    line: Line, passage: Mapping[str, float], groups: Container[tuple[str, str]], *, is_replaced: bool = False
) -> Iterator[Place]:
    """The places of a line's amounts and names of some groups; `passage` is what the passage's keys are worth."""
    piece = line.piece
    for what in piece.whats:
        if group_of(what) not in groups and not isinstance(what, Amount):
            continue
        first = min(other.start for other in piece.whats if isinstance(other, Name) is isinstance(what, Name))
        part, segment = around(piece.parts, what.start), around(piece.segments, what.start)
        worth = dict(passage)
        for key, at in piece.placed:
            if what.start <= at < what.end:
                continue
            near = LEADING if at < part[0] else TRAILING
            far = near if segment[0] <= at < segment[1] else IN_LINE
            here = BESIDE if part[0] <= at < part[1] or at < first else far
            worth[key] = max(worth.get(key, 0.0), here)
        bounds = [one for one in piece.conditions if part[0] <= one.start < part[1]]
        others = tuple(one for one in bounds if one.start != what.start)
        is_gone_by = is_replaced or _GONE_BY.search(piece.text.folded[: what.start]) is not None
        yield Place(what, group_of(what), worth, others, line.passage, len(others) < len(bounds), is_gone_by)


def _cues_of(piece: Piece) -> set[str]:
    """What rows are told apart by: terms, and numbers."""
    return {*piece.keys, *(f"={digits}" for digits in piece.digits)}


def _own_cues(piece: Piece, what: What) -> dict[str, float]:
    """The cues of the sentence in which something stands, without itself and what it may be compared with.

    Where the sentence reckons, numbers beside each other tell of no row.
    """
    start, end = around(piece.parts, what.start)
    alike = [(other.start, other.end) for other in piece.whats if group_of(other) == group_of(what)]
    reckons = _RECKONS.search(piece.text.folded) is not None
    cues: dict[str, float] = {}
    for key, at in piece.placed:
        if not (any(begin <= at < stop for begin, stop in alike) or (reckons and key[0] == "=")):
            cues[key] = max(cues.get(key, 0.0), 1.0 if start <= at < end else FARTHER)
    return cues


def _replaced(evidence: Evidence) -> set[int]:
    """The passages that another one replaces by name, where the question does not name them."""
    old = {match[1] for line in evidence.lines for match in _REPLACES.finditer(line.piece.text.folded)}
    old = {name for name in old if name not in evidence.question.text.folded}
    new = {line.passage for line in evidence.lines if _REPLACES.search(line.piece.text.folded)}
    return {line.passage for line in evidence.lines if any(name in line.piece.text.folded for name in old)} - new
