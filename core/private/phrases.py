"""Phrases found in a text by looking words up, however they were typed: with tone marks, or without any.

A word of a phrase matches the same word with its marks, and the same word typed without any; "lượng" is not "lương".
In a text that has its marks a phrase of one word must have them too, since "ba tháng" is not "bà". A phrase with "!"
before it must always have them: without, it is too often another word.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

from core.private.reading import Reading, Token

_BROKEN = re.compile(r"[,;?!\n]|[.:]\s")
"""What no phrase goes over."""
_NEVER_BARE = re.compile("uo|ie|uye|yen|yeu")
"""Vowels that every Vietnamese word has a mark on: typed without any, marks were left out."""
Spellings = tuple[frozenset[str], ...]


class Hit(NamedTuple):
    """A phrase of a group stands at the tokens from `first` up to `last`, the latter not included."""

    group: str
    first: int
    last: int


class Phrasebook:
    """Groups of phrases, each group one text with commas between. A phrase may stand in several groups."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._single: dict[str, list[tuple[Spellings, str]]] = defaultdict(list)
        self._longer: dict[tuple[str, str], list[tuple[Spellings, str]]] = defaultdict(list)
        for group, text in groups.items():
            for phrase in text.split(","):
                self._add(group, _spellings(phrase))
        for entries in self._longer.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def _add(self, group: str, words: Spellings) -> None:
        if len(words) == 1:
            for spelling in words[0]:
                self._single[spelling].append((words, group))
        else:
            for pair in product(words[0], words[1]):
                self._longer[pair].append((words, group))

    def hits(self, reading: Reading) -> list[Hit]:
        """Every phrase that stands there, of each group the longest from a word on; in order of their first words."""
        found: list[Hit] = []
        tokens = reading.tokens
        words = [token.marked for token in tokens]
        for first, pair in enumerate(zip(words, [*words[1:], ""], strict=False)):
            longer, single = self._longer.get(pair), self._single.get(pair[0])
            if longer or single:
                groups: set[str] = set()
                for spellings, group in longer or ():
                    if group not in groups and _stands(reading, words, first, spellings):
                        groups.add(group)
                        found.append(Hit(group, first, first + len(spellings)))
                for spellings, group in single or ():
                    if group not in groups and _may_be_bare(tokens[first], spellings[0], reading):
                        groups.add(group)
                        found.append(Hit(group, first, first + 1))
        return found


def _spellings(phrase: str) -> Spellings:
    needs_marks = phrase.lstrip().startswith("!")
    words = Reading(phrase).tokens
    return tuple(frozenset((word.marked,) if needs_marks else (word.marked, word.plain)) for word in words)


def _stands(reading: Reading, words: list[str], first: int, spellings: Spellings) -> bool:
    """Whether the words from `first` on are these, with nothing between that ends a clause."""
    last = first + len(spellings)
    if last > len(words) or any(words[first + n] not in spellings[n] for n in range(2, len(spellings))):
        return False
    return not _BROKEN.search(reading.seen, reading.tokens[first].end, reading.tokens[last - 1].start)


def _may_be_bare(token: Token, spellings: frozenset[str], reading: Reading) -> bool:
    """Whether one word is believed to be the phrase: typed in full, or where marks are left out anyway."""
    is_typed_in_full = token.marked != token.plain or spellings <= {token.plain}
    return is_typed_in_full or not reading.is_marked or _NEVER_BARE.search(token.plain) is not None
