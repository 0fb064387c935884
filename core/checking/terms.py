"""Texts as sequences of terms: what is said, whichever of two languages and whichever of several words say it.

A term is an idea of `core/data/concepts.txt` ("#12" for "tối đa" and "at most" alike) or else a folded, stemmed word.
Words that only hold a sentence together are no terms.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from core.folding import fold

DATA = Path(__file__).parents[1] / "data"
MARKED_SHARE = 0.15
"""From this share of its words with marks on a text is Vietnamese, typed with its marks."""
WHO = "@"
"""Begins the key of somebody who does things: a person by office, a department."""
LIGHT = "~"
"""Begins the key of an idea that is next to nothing by itself: "each", "before"."""
STEM_FROM, STEM_LEAVES = 4, 3
"""Words from this length on lose an English ending, if so much is left."""

_WORD = re.compile(r"[^\W_]+")
_TONE_PLACE = re.compile(r"([òóỏõọ])([ae])\b|([ùúủũụ])(y)\b")


class _Folding(dict[int, int]):
    """For `str.translate`: every character folded to one, so that places stay; looked up once each."""

    def __missing__(self, code: int) -> int:
        folded = fold(chr(code))
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLDED = _Folding(zip(map(ord, "–—−“”‘’…×"), map(ord, "---\"\"''.x"), strict=True))

Phrases = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
"""By first word: phrases, longest first, each with its term; an empty term says nothing."""


class Word(NamedTuple):
    """One word of a text: in lower case, folded, and where it begins."""

    raw: str
    folded: str
    start: int


class Term(NamedTuple):
    """One term, and where its words begin and end in the text."""

    key: str
    start: int
    end: int


class Text:
    """A text made ready for looking at it: `written` (NFC), `lower` and `folded`, all of one length."""

    def __init__(self, text: str) -> None:
        self.written = unicodedata.normalize("NFC", text)
        self.lower = _TONE_PLACE.sub(_moved, self.written.lower())
        self.folded = self.lower.translate(_FOLDED)

    @cached_property
    def words(self) -> list[Word]:
        """The words in order."""
        return [
            Word(match[0], self.folded[match.start() : match.end()], match.start())
            for match in _WORD.finditer(self.lower)
        ]

    @cached_property
    def folded_words(self) -> frozenset[str]:
        """Its words folded, without order."""
        return frozenset(_WORD.findall(self.folded))

    @cached_property
    def is_marked(self) -> bool:
        """Whether it is Vietnamese typed with its marks."""
        return sum(word.raw != word.folded for word in self.words) >= MARKED_SHARE * max(1, len(self.words))

    @cached_property
    def terms(self) -> list[Term]:
        """The terms in order; numbers are none."""
        phrases = _phrases()[self.is_marked]
        words = self.words
        spelt = [word.raw for word in words] if self.is_marked else [word.folded for word in words]
        terms: list[Term] = []
        at = 0
        while at < len(words):
            length, key = _longest(phrases, spelt, at) or (1, stem(words[at].folded))
            if key and not key[0].isdigit():
                last = words[at + length - 1]
                terms.append(Term(key, words[at].start, last.start + len(last.raw)))
            at += length
        return terms

    @cached_property
    def keys(self) -> frozenset[str]:
        """What is said, without order."""
        return frozenset(term.key for term in self.terms)


def listed(table: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(table.split())


def without_marks(pattern: str) -> str:
    """A pattern's source without Vietnamese marks, its escapes as they were."""
    return "".join(c if c.isascii() else fold(c) for c in pattern)


def _moved(match: re.Match[str]) -> str:
    """Tone marks where the newer spelling has them: hoá, not hóa."""
    decomposed = unicodedata.normalize("NFD", match[1] or match[3])
    vowel, tone = decomposed[0], decomposed[1]
    return vowel + unicodedata.normalize("NFC", (match[2] or match[4]) + tone)


@functools.lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """An English word without its endings; Vietnamese syllables end otherwise and stay as they are."""
    if len(word) < STEM_FROM or word.isdigit():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= STEM_LEAVES:
            word = word[: -len(ending)]
    return word.rstrip("e") if len(word) > STEM_FROM else word


def _longest(phrases: Phrases, spelt: Sequence[str], at: int) -> tuple[int, str] | None:
    """The longest known phrase that begins at a word: how many words it takes, and its term."""
    candidates = phrases.get(spelt[at]) or phrases.get(stem(spelt[at]))
    for phrase, key in candidates or ():
        if len(phrase) == 1 or tuple(map(stem, spelt[at + 1 : at + len(phrase)])) == phrase[1:]:
            return len(phrase), key
    return None


@functools.cache
def _phrases() -> tuple[Phrases, Phrases]:
    """The phrases of the file, for text without Vietnamese marks and for text with them."""
    unmarked: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    marked: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for number, line in enumerate((DATA / "concepts.txt").read_text(encoding="utf-8").splitlines()):
        kind = line[0] if line[0] in {WHO, LIGHT} else "#"
        key = "" if line.startswith("-") else f"{kind}{number}"
        phrases = () if line.startswith("#") else line.replace("|", ",").split(",")
        for phrase in filter(None, (part.strip(f" -{WHO}{LIGHT}") for part in phrases)):
            words = [word.raw for word in Text(phrase).words]
            _put(marked, words, key)
            _put(unmarked, [fold(word) for word in words], key)
    return unmarked, marked


def _put(phrases: dict[str, list[tuple[tuple[str, ...], str]]], words: Sequence[str], key: str) -> None:
    """Adds a phrase behind the longer ones; of two that are spelt alike the first counts."""
    spelt = (words[0], *map(stem, words[1:]))
    for first in {spelt[0], stem(spelt[0])}:
        known = phrases.setdefault(first, [])
        if all(phrase != spelt for phrase, _ in known):
            known.append((spelt, key))
            known.sort(key=lambda pair: -len(pair[0]))
