"""A question as numbers: its words, pairs and triples of words, hashed, and the signs of `complexity_cues`. Pure."""

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.complexity_cues import signs
from core.complexity_words import last_clause, plain

BUCKETS = 1 << 15
"""Numbers that word sequences are hashed to. With some thousand rows one in five shares its number with another."""
LONGEST = 3
"""Words of the longest sequence."""
MOST_WORDS = 200
"""So much of a text is read; what matters of a longer one is in its beginning and its last clause."""


@dataclass(frozen=True, slots=True)
class Features:
    """`sequences` are numbers below `BUCKETS` with the sequence each stands for; `signs` by name."""

    sequences: Mapping[int, str]
    signs: Mapping[str, float]


def features_of(text: str) -> Features:
    """The same for a text with and without tone marks."""
    spoken = plain(text)
    clause = last_clause(spoken)
    found: dict[int, str] = {}
    for mark, part in (("", spoken), ("... ", clause)):
        for sequence in _sequences(part.replace("?", " ?").split()[-MOST_WORDS:]):
            found.setdefault(number_of(mark + sequence), mark + sequence)
    return Features(found, signs(spoken, clause))


def number_of(sequence: str) -> int:
    """The same number below `BUCKETS` on every machine."""
    return zlib.crc32(sequence.encode()) % BUCKETS


def weights_of(sequences: Mapping[int, str], rarity: Mapping[int, float]) -> dict[int, float]:
    """The rarity of each sequence that has one, together of length 1."""
    known = {number: rarity[number] for number in sequences if number in rarity}
    length = math.sqrt(sum(weight * weight for weight in known.values())) or 1.0
    return {number: weight / length for number, weight in known.items()}


def _sequences(words: list[str]) -> Iterator[str]:
    for length in range(1, LONGEST + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
