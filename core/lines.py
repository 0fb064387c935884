"""The few lines of the passages that a small model is shown: ranked by the question's words and by what it asks for.

A model of 1.5 billion parameters finds a fact among few lines better than among five passages: on the example handbook
38 of its 60 answers were right with lines in an early version, 28 to 33 with variants of the passage prompt. What is
reached now, `python -m benchmarks.handbook` prints.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.citations import sentences, support
from core.documents import Passage
from core.folding import fold, words

FOLLOW_UP_WEIGHT = 3.0
"""The words of a follow-up itself count this much against those of the question before it."""
PAIR_WEIGHT, HEADING_WEIGHT, PASSAGE_WEIGHT, KIND_WEIGHT = 1.5, 0.4, 4.0, 3.0
LENGTH_PENALTY, USUAL_WORDS = 0.4, 12
NEAR_THE_BEST, ALREADY_SAID = 0.5, 0.8
SHORTEST, LONGEST, FEWEST_WORDS = 3, 240, 4
_RULE = re.compile(r"[|\s:\-]+")

_AMOUNTS: tuple[tuple[str, str], ...] = (
    (r"may ngay|bao nhieu ngay|how many days", r"\d+ (?:\w+ )?(?:ngay|days?)\b"),
    (r"may tieng|may gio|how many hours", r"\d+ (?:gio|tieng|hours?)\b"),
    (
        r"bao lau|trong vong|may thang|bao nhieu thang|how long|how soon",
        r"\d+ (?:phut|gio|tieng|ngay|tuan|thang|nam|minutes?|hours?|days?|weeks?|months?|years?)\b",
    ),
    (
        r"bao nhieu tien|tri gia|gia bao|het bao|phi bao|how much|price|tien .*bao nhieu",
        r"\d\.\d{3}|\d,\d{3}|\d+ (?:trieu|dong)",
    ),
    (r"phan tram|ty le|percent", r"\d+ ?%|phan tram"),
    (r"so nao|so may|may le|phone|extension", r"\d{3,}"),
)
_HINTS: tuple[tuple[str, str], ...] = (
    (r"thang nao|ngay nao|khi nao|dot nao|bao gio|when|which day", r"(?:thang|ngay) \d|\d/\d|\d(?:st|nd|rd|th)\b"),
    (r"bao nhieu|\bmay\b|how many", r"\d"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a question asks for, and what a line holds that tells it; over folded text.

    Of an amount, a line without it is no answer at all; a hint only moves a line up.
    """

    asked: re.Pattern[str]
    held: re.Pattern[str]
    is_amount: bool


KINDS = tuple(
    Kind(re.compile(asked), re.compile(held), is_amount)
    for kinds, is_amount in ((_AMOUNTS, True), (_HINTS, False))
    for asked, held in kinds
)
"""The first that matches counts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line and the index of its passage."""

    passage: int
    text: str


def lines_of(text: str) -> list[str]:
    """The sentences of a text; of a table each row as "column: value; ...", so that it is understood alone."""
    lines: list[str] = []
    header: list[str] | None = None
    for block in text.splitlines():
        if not block.lstrip().startswith("|"):
            header = None
            for sentence in sentences(block):
                _append(lines, sentence)
        elif not _RULE.fullmatch(block):
            cells = [cell.strip() for cell in block.strip().strip("|").split("|")]
            if header is None:
                header = cells
            else:
                lines.append(_row(header, cells))
    return lines


def best_lines(query: str, passages: Sequence[Passage], limit: int, said: str = "") -> list[Line]:
    """At most `limit` lines, those most likely to answer, best first; `query` may hold a follow-up on its second line.

    Fewer where one stands out: what scores less than half of the best is only in its way. `said` is the answer that a
    follow-up leans on: it asks for something else, so that lines which were said already are left out.
    """
    lines = [
        Line(index, text)
        for index, passage in enumerate(passages)
        for text in lines_of(passage.text)
        if _says_something(text, passage) and not (said and support(text, said) > ALREADY_SAID)
    ]
    kind = _kind(query)
    scorer = _Scorer(query, passages, lines, kind)
    if kind and kind.is_amount:
        lines = [line for line in lines if kind.held.search(fold(line.text))] or lines
    scored = sorted(((scorer.of(line), line) for line in lines), key=lambda pair: -pair[0])[:limit]
    return [line for score, line in scored if score >= NEAR_THE_BEST * scored[0][0]]


def _says_something(text: str, passage: Passage) -> bool:
    """Whether a line is more than a mark or the heading over again."""
    return len(text) > SHORTEST and fold(text).strip("# .") not in fold(passage.heading)


def _append(lines: list[str], sentence: str) -> None:
    """What goes on in lower case belongs to the line before it; a torn-off fragment without one says nothing."""
    goes_on = sentence[0].islower() and bool(lines) and len(lines[-1]) + len(sentence) < LONGEST
    if goes_on:
        lines[-1] = f"{lines[-1]} {sentence}"
    elif len(sentence.split()) >= FEWEST_WORDS or not sentence[0].islower():
        lines.append(sentence)


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    if len(header) != len(cells):
        return " ".join(cell for cell in cells if cell)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell)


class _Scorer:
    """Weighs the lines of one question against each other."""

    def __init__(self, query: str, passages: Sequence[Passage], lines: Sequence[Line], kind: Kind | None) -> None:
        asked = words(query)
        last = words(query.splitlines()[-1] if query else "")
        is_follow_up = len(last) < len(asked)
        self.passages = passages
        self.weight = dict.fromkeys(asked, 1.0) | dict.fromkeys(last, FOLLOW_UP_WEIGHT if is_follow_up else 1.0)
        self.pairs = set(pairwise(last if is_follow_up else asked))
        self.kind = kind
        self.count = len(lines)
        self.holding = Counter(word for line in lines for word in set(words(line.text)))

    def of(self, line: Line) -> float:
        passage = self.passages[line.passage]
        said = words(line.text)
        here = set(said)
        score = sum(self._worth(word) for word in here)
        score += PAIR_WEIGHT * len(self.pairs & set(pairwise(said)))
        score += HEADING_WEIGHT * sum(self._worth(word) for word in set(words(passage.heading)) - here)
        score /= 1 + LENGTH_PENALTY * math.log1p(len(said) / USUAL_WORDS)
        is_of_kind = self.kind is not None and self.kind.held.search(fold(line.text)) is not None
        return score + PASSAGE_WEIGHT * passage.score + KIND_WEIGHT * is_of_kind

    def _worth(self, word: str) -> float:
        """Rare words of the question are worth more, as in BM25; words that were not asked nothing."""
        if word not in self.weight:
            return 0.0
        return self.weight[word] * math.log1p(self.count / max(1, self.holding[word]))


def _kind(query: str) -> Kind | None:
    """Of a follow-up its own kind, else that of the question it follows."""
    for text in (query.splitlines()[-1:], query.split()):
        asked = " ".join(words(" ".join(text)))
        if found := next((kind for kind in KINDS if kind.asked.search(asked)), None):
            return found
    return None
