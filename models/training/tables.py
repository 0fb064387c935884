"""Rows as arrays: the features of `core.complexity_features` and the embeddings of each question as people type it."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from core.complexity_features import Features, features_of, weights_of
from core.folding import fold
from models.training.logistic import Array, Indices, Sparse
from models.training.rows import Row

FEWEST_ROWS = 2
"""A sequence of words that stands in fewer rows teaches nothing."""
RARITY_SCALE = 0.05
"""Rarities are kept as multiples of it, up to 255."""
SIGN_WEIGHT = 0.3
"""Of a sign beside all sequences of a question, which together have length 1: chosen by cross-validation."""
POLITE = "Dạ em chào anh chị, cho em hỏi "

Embed = Callable[[str], Sequence[float]]
"""The embedding of a question as the search makes it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Of so many rows: `words` and `signs` for one reader, `meanings` for the other, a table for each way of typing.

    `numbers` are those of the sequences in the columns of `words`, `rarity` their rarity by number.
    """

    words: Sparse
    signs: Array
    meanings: tuple[Array, ...]
    numbers: tuple[int, ...]
    rarity: Mapping[int, float]
    sign_names: tuple[str, ...]


def ways_of_typing(text: str) -> tuple[str, str, str]:
    """As it stands, without tone marks, and with a greeting before it: none of these should change a verdict."""
    return text, fold(text), POLITE + text


def table_of(rows: Sequence[Row], embed: Embed) -> Table:
    read = [features_of(row.text) for row in rows]
    rarity = rarities(read)
    ways = list(zip(*(ways_of_typing(row.text) for row in rows), strict=True))
    names = tuple(read[0].signs)
    return Table(
        words=sparse_of(read, rarity),
        signs=SIGN_WEIGHT * np.array([[features.signs[name] for name in names] for features in read]),
        meanings=tuple(np.array([embed(text) for text in texts]) for texts in ways),
        numbers=tuple(rarity),
        rarity=rarity,
        sign_names=names,
    )


def rarities(read: Sequence[Features]) -> dict[int, float]:
    """1 for a sequence of every row, more for rarer ones; in the order of the numbers."""
    rows = Counter(chain.from_iterable(features.sequences for features in read))
    counts = {number: count for number, count in sorted(rows.items()) if count >= FEWEST_ROWS}
    return {
        number: RARITY_SCALE * round((1 + math.log((1 + len(read)) / (1 + count))) / RARITY_SCALE)
        for number, count in counts.items()
    }


def sparse_of(read: Sequence[Features], rarity: Mapping[int, float]) -> Sparse:
    places = {number: place for place, number in enumerate(rarity)}
    weights = [weights_of(features.sequences, rarity) for features in read]
    columns: Indices = np.array([places[number] for row in weights for number in row], dtype=np.int64)
    values = np.array([value for row in weights for value in row.values()])
    starts = np.concatenate(([0], np.cumsum([len(row) for row in weights]))).astype(np.int64)
    return Sparse(starts, columns, values, len(rarity))
