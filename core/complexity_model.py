"""The router's model: two small linear readers of a question, one of its words and one of its embedding, weighed
together and calibrated. Pure Python; `models.training` makes the file.

The file is JSON of one version. Sequences of words are numbers (`complexity_features.number_of`), so that it holds no
sentence that anybody wrote. Without an embedding, or with one of another embedder, the words decide alone, by a
calibration of their own.
"""

import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.complexity_features import Features, features_of, weights_of
from core.errors import SotayError
from core.packing import unpacked

FORMAT = 1
"""Of the file and of the features together: a file of another format is refused."""
STEPS = 127
"""Weights of word sequences are whole numbers from -127 to 127 times a scale."""

Scores = tuple[float, ...]
"""One number for each label, in the order of the labels."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Makes probabilities of the readers' scores; `meaning` is the weight of the embedding's, 0 where there is none."""

    words: float
    meaning: float
    bias: Scores

    def probabilities(self, words: Scores, meaning: Scores) -> Scores:
        """Of `words` and `meaning`, each label's score; the probabilities add up to 1."""
        pairs = zip(words, meaning, self.bias, strict=True)
        scores = [self.words * said + self.meaning * meant + bias for said, meant, bias in pairs]
        highest = max(scores)
        shares = [math.exp(score - highest) for score in scores]
        return tuple(share / sum(shares) for share in shares)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Tells the labels of one question apart. All weights are in the order of `labels`."""

    labels: tuple[str, ...]
    sequences: Mapping[int, Scores]
    signs: Mapping[str, Scores]
    bias: Scores
    meaning: tuple[Scores, ...]
    """The weights of the embedding, a row of its length for each label."""
    meaning_bias: Scores
    both: Calibration
    alone: Calibration

    def probabilities(self, features: Features, rarity: Mapping[int, float], embedding: Sequence[float]) -> Scores:
        """Of each label; `embedding` may be empty."""
        words = self.word_scores(features, rarity)
        if len(embedding) != len(self.meaning[0]):
            return self.alone.probabilities(words, (0.0,) * len(words))
        return self.both.probabilities(words, self.meaning_scores(embedding))

    def word_scores(self, features: Features, rarity: Mapping[int, float]) -> Scores:
        totals = list(self.bias)
        for _, shares in self._shares(features, rarity):
            for label, share in enumerate(shares):
                totals[label] += share
        return tuple(totals)

    def meaning_scores(self, embedding: Sequence[float]) -> Scores:
        return tuple(
            bias + sum(weight * value for weight, value in zip(row, embedding, strict=True))
            for row, bias in zip(self.meaning, self.meaning_bias, strict=True)
        )

    def telling(self, features: Features, rarity: Mapping[int, float], label: str, most: int = 3) -> list[str]:
        """The sequences and signs that speak most for `label` against the other labels, strongest first."""
        at = self.labels.index(label)
        found = [(shares[at] - sum(shares) / len(shares), name) for name, shares in self._shares(features, rarity)]
        return [name for weight, name in sorted(found, reverse=True)[:most] if weight > 0]

    def _shares(self, features: Features, rarity: Mapping[int, float]) -> list[tuple[str, Scores]]:
        """What each sequence and sign of the question adds to each label, with its name."""
        shares = [
            (features.sequences[number], tuple(weight * part for part in self.sequences[number]))
            for number, weight in weights_of(features.sequences, rarity).items()
        ]
        shares += [
            (name, tuple(value * part for part in self.signs[name]))
            for name, value in features.signs.items()
            if value and name in self.signs
        ]
        return shares


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From these probabilities on a verdict is believed."""

    complex: float
    simple: float


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the model says of one question: probabilities by label, and what spoke for the likeliest ones."""

    complexity: Mapping[str, float]
    kind: Mapping[str, float]
    telling: tuple[str, ...]
    meant: bool
    """Whether the embedding was read too."""


@dataclass(frozen=True, slots=True)
class RouterModel:
    """A model file, read. `about` is what was noted when it was made: date, data and figures."""

    made: str
    embedder: str
    rarity: Mapping[int, float]
    complexity: Classifier
    kind: Classifier
    thresholds: Thresholds
    about: Mapping[str, Any]

    def assess(self, text: str, embedding: Sequence[float] = ()) -> Assessed:
        """Of a question as it was typed; `embedding` must be the `embedder`'s of it, or empty."""
        features = features_of(text)
        complexity = self.complexity.probabilities(features, self.rarity, embedding)
        kind = self.kind.probabilities(features, self.rarity, embedding)
        likeliest = self.complexity.labels[complexity.index(max(complexity))]
        return Assessed(
            dict(zip(self.complexity.labels, complexity, strict=True)),
            dict(zip(self.kind.labels, kind, strict=True)),
            tuple(self.complexity.telling(features, self.rarity, likeliest)),
            meant=len(embedding) == len(self.complexity.meaning[0]),
        )


def read_model(text: str, path: object) -> RouterModel:
    """The model of a file's text. Raises `SotayError` naming `path` where it is not one of this format."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise SotayError("router.other_format", path=path, found=data["format"], wanted=FORMAT)
        numbers = unpacked("H", data["numbers"])
        steps = zip(numbers, unpacked("B", data["rarity"]), strict=True)
        return RouterModel(
            made=data["made"],
            embedder=data["embedder"],
            rarity={number: step * data["rarity_scale"] for number, step in steps},
            complexity=_classifier(data["complexity"], numbers),
            kind=_classifier(data["kind"], numbers),
            thresholds=Thresholds(**data["thresholds"]),
            about=data["about"],
        )
    except (ValueError, KeyError, TypeError, IndexError, binascii.Error) as error:
        raise SotayError("router.bad_model", path=path, reason=f"{type(error).__name__}: {error}") from error


def _classifier(data: Mapping[str, Any], numbers: Sequence[int]) -> Classifier:
    labels = tuple(data["labels"])
    weights = unpacked("b", data["sequences"])
    rows = [weights[start : start + len(labels)] for start in range(0, len(weights), len(labels))]
    scale = data["sequence_scale"]
    return Classifier(
        labels=labels,
        sequences={number: tuple(scale * weight for weight in row) for number, row in zip(numbers, rows, strict=True)},
        signs={name: tuple(row) for name, row in data["signs"].items()},
        bias=tuple(data["bias"]),
        meaning=tuple(tuple(row) for row in data["meaning"]),
        meaning_bias=tuple(data["meaning_bias"]),
        both=_calibration(data["both"]),
        alone=_calibration(data["alone"]),
    )


def _calibration(data: Mapping[str, Any]) -> Calibration:
    return Calibration(data["words"], data["meaning"], tuple(data["bias"]))
