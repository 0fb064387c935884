"""The question, the answer and the passages of one check, read once: lines, terms, amounts.

Lines of a passage that give orders to whoever reads it by machine are kept apart: they support nothing.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.checking.amounts import Amount
from core.checking.form import ENDS_WELL
from core.checking.languages import spoken_in
from core.checking.orders import gives_orders
from core.checking.pieces import Piece
from core.checking.rates import rates_of, shares_of, weekday_spans
from core.checking.refusals import MARK, refuses
from core.checking.terms import Text, stem
from core.citations import sentences
from core.conversation import Language
from core.documents import Passage
from core.lines import lines_of

KEPT_LINES = 2_000
MOST_LINES = 30
"""More lines are not read: those that share the fewest words with question and answer are left out."""
OBEYED_TERMS = 2
AT_HOME, PURE = 0.7, 0.95
"""So much of the lines is in the language of an answer most words of which should stand in them; of one whose every
word should."""
WORDS_OF_A_SENTENCE = 7
"""Shorter answers are names and need no end."""
_JOINS = (
    r"(?:va|hoac|thi|neu|khi|tu|cho|de|moi|la|do|tai|o|trong|theo|ke|tren|and|or|if|when|for|per|in|at|on|of|to|from)\b"
)
"""Before these an answer may stop where the line goes on."""
_QUOTED_END = re.compile(r"(?<=[.!?][\"”’)\]])\s+")
_BULLET = re.compile(r"(?m)^\s*(?:[-*•+]|\(?\d{1,2}[.)]|[a-z]\))\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, the keys of the headings above it, and the index of its passage."""

    piece: Piece
    above: frozenset[str]
    passage: int


class Evidence:
    """Everything that one answer is judged by."""

    def __init__(self, answer: str, question: str, passages: Sequence[Passage]) -> None:
        self.answer = MARK.sub("", answer).strip()
        self.question = Piece(question)
        self.asked = Piece(question.splitlines()[-1] if question.strip() else "")
        self.said = [Piece(_BULLET.sub("", text)) for text in sentences(_BULLET.sub("", self.answer))]
        above = [_read(f"{passage.title} {passage.heading}").keys for passage in passages]
        read = [(_read(line), number) for number, passage in enumerate(passages) for line in _lines(passage.text)]
        self.orders = [piece for piece, _ in read if gives_orders(piece.text)]
        told = [(piece, number) for piece, number in read if not gives_orders(piece.text)]
        self._told = [piece for piece, _ in told]
        sought = Text(f"{question} {self.answer}").folded_words
        self.lines = [Line(piece, above[number], number) for piece, number in chosen(told, sought)]
        self.context = frozenset[str]().union(*(piece.text.folded_words for piece in self._told))
        self.headings = [_read(f"{passage.title} {passage.heading} {passage.document}") for passage in passages]

    @cached_property
    def answer_text(self) -> Text:
        """The answer as one text."""
        return Text(self.answer)

    @cached_property
    def passage_keys(self) -> Mapping[int, frozenset[str]]:
        """The keys of each passage that has lines, with those above it, by its index."""
        keys: dict[int, frozenset[str]] = {}
        for line in self.lines:
            keys[line.passage] = keys.get(line.passage, line.above) | line.piece.keys
        return keys

    @cached_property
    def claims(self) -> list[Piece]:
        """The sentences of the answer, but for those that say what is not said."""
        return [piece for piece in self.said if not refuses(piece.text)]

    @property
    def names_a_gap(self) -> bool:
        """Whether a sentence of the answer says that something is not said."""
        return len(self.claims) < len(self.said)

    @cached_property
    def known(self) -> frozenset[str]:
        """The keys of all lines and headings, and the words of the lines left out."""
        return _union(piece.keys for piece in self._pieces) | frozenset(map(stem, self.context))

    @cached_property
    def amounts(self) -> list[Amount]:
        """The amounts of all lines and headings."""
        return [amount for piece in self._pieces for amount in piece.amounts]

    @cached_property
    def told_amounts(self) -> list[Amount]:
        """The amounts of all lines."""
        return [amount for line in self.lines for amount in line.piece.amounts]

    @cached_property
    def rates(self) -> list[Amount]:
        """One of each unit that lines and question count by ("mỗi tháng": a month), spans of weekdays, and shares."""
        texts = [piece.text for piece in (*self._pieces, self.question)]
        return [amount for text in texts for amount in (*rates_of(text), *weekday_spans(text), *shares_of(text))]

    @property
    def _pieces(self) -> list[Piece]:
        return [*(line.piece for line in self.lines), *self.headings]

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded words of all passages, headings and the question."""
        return self.context.union(*(piece.text.folded_words for piece in (*self.headings, self.question)))

    @cached_property
    def run(self) -> str:
        """The folded words of all lines, headings and the question, a blank around each."""
        pieces = (*self._told, *self.headings, self.question)
        return f" {'  '.join(' '.join(word.folded for word in piece.text.words) for piece in pieces)} "

    @cached_property
    def breaks_off(self) -> bool:
        """Whether the last words of an answer without an end stand in a line that goes on behind them."""
        words = _BULLET.sub("", self.answer.splitlines()[-1]).split() if self.answer else []
        if ENDS_WELL.search(self.answer) or len(self.answer.split()) < WORDS_OF_A_SENTENCE:
            return False
        pattern = re.compile(rf"\b{re.escape(' '.join(Text(word).folded for word in words[-2:]))} (?!{_JOINS})\w")
        return any(pattern.search(line.piece.text.folded) for line in self.lines)

    @cached_property
    def said_amounts(self) -> list[Amount]:
        """The amounts of the answer in order."""
        return [amount for piece in self.said for amount in piece.amounts]

    @cached_property
    def said_keys(self) -> frozenset[str]:
        """The keys of the answer."""
        return _union(piece.keys for piece in self.said)

    @cached_property
    def is_abroad(self) -> bool:
        """Whether many of the lines are in another language than the answer, so that few of its words stand in them."""
        return self._share_alike < AT_HOME

    @cached_property
    def is_mixed(self) -> bool:
        """Whether some of the lines are in another language than the answer: it may have translated just those."""
        return self._share_alike < PURE

    @cached_property
    def _share_alike(self) -> float:
        """How much of the lines is in the answer's language, 0..1."""
        marked = sum(piece.text.is_marked * len(piece.text.words) for piece in self._told)
        total = sum(len(piece.text.words) for piece in self._told)
        return (marked if self._is_vietnamese else total - marked) / total if total else 1.0

    @property
    def _is_vietnamese(self) -> bool:
        return spoken_in(self.answer_text) is not Language.ENGLISH


def obeys(evidence: Evidence) -> bool:
    """Whether the answer says what only an order in a passage says: two terms of it, nothing else, or a number."""
    for order in evidence.orders:
        own = order.keys - evidence.known - evidence.question.keys
        held = {amount.digits for amount in (*evidence.amounts, *evidence.question.amounts)}
        said = {amount.digits for amount in evidence.said_amounts}
        if len(own & evidence.said_keys) >= OBEYED_TERMS or (order.digits - held) & said:
            return True
        if own >= evidence.said_keys > frozenset():
            return True
    return False


def chosen(lines: Sequence[tuple[Piece, int]], sought: frozenset[str]) -> Sequence[tuple[Piece, int]]:
    """The lines that share most words with what is sought, in their order, each with the index of its passage."""
    if len(lines) <= MOST_LINES:
        return lines
    shared = [len(sought & piece.text.folded_words) for piece, _ in lines]
    best = sorted(range(len(lines)), key=lambda at: (-shared[at], at))[:MOST_LINES]
    return [lines[at] for at in sorted(best)]


def _lines(text: str) -> Iterable[str]:
    """The lines of a passage; where one gives orders its sentences stand alone, also those that end in a quotation."""
    for line in lines_of(text):
        yield from _QUOTED_END.split(line) if gives_orders(_read(line).text) else (line,)


@functools.lru_cache(maxsize=KEPT_LINES)
def _read(line: str) -> Piece:
    """A line of a passage; the last ones stay read, since the passages of an office are found again and again."""
    return Piece(_BULLET.sub("", line))


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
