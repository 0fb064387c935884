"""`sotay router train`: labelled questions become the router's model file. The same rows give the same file.

Two readers are fitted for each task (how complex, of what kind): one of words and signs, one of the embedding, which
sees every question in several ways of typing. What they say of rows that they were not fitted to (cross-validation
by groups of rows that vary one subject) gives the calibration, the thresholds and the figures.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from core.complexity_model import FORMAT, STEPS
from core.packing import packed
from models.training.figures import Figures, figures_of
from models.training.logistic import Array, Indices, Linear, Sparse, fit, least, softmax
from models.training.rows import COMPLEXITIES, KINDS, Row, digest
from models.training.tables import RARITY_SCALE, SIGN_WEIGHT, Embed, Table, table_of

FOLDS, SEED = 8, 20261123
WORD_STRENGTH, MEANING_STRENGTH = 5.0, 0.001
"""How closely the readers follow the rows; chosen by cross-validation."""
MEANING_SHARE = 0.5
"""How much of the weight that suits the embedding best it is given. Where a question is typed without tone marks it is
another one, its words are the same. In cross-validation four, five and six tenths of it give an accuracy of 0.83, 0.84
and 0.84, and 3 % of the verdicts change with the tone marks; with the whole of it twice as many did."""
COSTS: Array = np.array([[0.0, 1.0, 1.5], [1.0, 0.0, 1.0], [2.5, 1.0, 0.0]])
"""What it costs to call simple, medium, complex (row) simple, medium, complex (column): a hard question that is taken
for a simple one gets a bad answer that nobody looks at twice."""
DIGITS = 5
CALM = 1e-4
"""Keeps the calibration finite where rows are few."""


@dataclass(frozen=True, slots=True)
class Trained:
    """The text of a model file, and how good it is on rows that it was not fitted to."""

    text: str
    figures: Figures
    kind_accuracy: float
    flips: float
    """The share of rows whose verdict changes when tone marks are taken off."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Both readers of one task."""

    words: Linear
    meaning: Linear
    middle: Array
    spread: Array

    def word_scores(self, words: Sparse, signs: Array) -> Array:
        return self.words.scores(words, signs)

    def meaning_scores(self, embeddings: Array) -> Array:
        return self.meaning.scores(None, (embeddings - self.middle) / self.spread)


@dataclass(frozen=True, slots=True)
class Held:
    """What readers say of rows that they were not fitted to: scores by words, and by meaning for each way of typing."""

    words: Array
    meanings: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """The fitted weights of both readers' scores and the bias of each label."""

    words: float
    meaning: float
    bias: Array

    def chances(self, words: Array, meaning: Array) -> Array:
        return softmax(self.words * words + self.meaning * meaning + self.bias)


def train(rows: Sequence[Row], embed: Embed, embedder: str, made: date) -> Trained:
    """The model of these rows. `embed` is that of `embedder`, as the search calls it."""
    table = table_of(rows, embed)
    weights = np.array([row.weight for row in rows])
    folds = list(folds_of([row.group for row in rows]))
    complexity = np.array([COMPLEXITIES.index(row.complexity) for row in rows])
    kind = np.array([KINDS.index(row.kind) for row in rows])
    parts, held, weighings = {}, {}, {}
    for name, labels, wanted in (("complexity", COMPLEXITIES, complexity), ("kind", KINDS, kind)):
        held[name] = held_out(table, wanted, weights, folds, len(labels))
        weighings[name] = weigh(held[name], wanted, weights)
        readers = read(table, np.arange(len(rows)), wanted, weights, len(labels))
        parts[name] = _written(readers, table, labels, weighings[name], weigh_words(held[name], wanted, weights))
    chances = [weighings["complexity"].chances(held["complexity"].words, m) for m in held["complexity"].meanings]
    thresholds = thresholds_of(chances[0], complexity, weights)
    said = [verdicts(each, *thresholds) for each in chances]
    figures = figures_of(complexity, said[0], chances[0][:, 2])
    kinds = weighings["kind"].chances(held["kind"].words, held["kind"].meanings[0]).argmax(axis=1)
    kind_accuracy, flips = float((kinds == kind).mean()), float((said[0] != said[1]).mean())
    said_of_it = {
        "made": made.isoformat(),
        "embedder": embedder,
        "about": _about(rows, figures, kind_accuracy, flips),
        "thresholds": dict(zip(("complex", "simple"), thresholds, strict=True)),
    }
    return Trained(_file(table, parts, said_of_it), figures, kind_accuracy, flips)


def folds_of(groups: Sequence[str]) -> Iterator[tuple[Indices, Indices]]:
    """The rows to fit to and the rows held out, `FOLDS` times; a group is never in both."""
    names = sorted(set(groups))
    np.random.default_rng(SEED).shuffle(names)
    place = {name: at % FOLDS for at, name in enumerate(names)}
    folds = np.array([place[group] for group in groups])
    for fold in range(min(FOLDS, len(names))):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def read(table: Table, rows: Indices, wanted: Indices, weights: Array, counts: int) -> Readers:
    """Both readers, fitted to some rows; each label weighs the same, however many rows have it."""
    labels = wanted[rows]
    shares = np.maximum(np.bincount(labels, weights[rows], minlength=counts), 1e-9)
    balanced = weights[rows] * (weights[rows].sum() / (counts * shares))[labels]
    ways = len(table.meanings)
    meanings = np.concatenate([meaning[rows] for meaning in table.meanings])
    middle, spread = meanings.mean(axis=0), np.maximum(meanings.std(axis=0), 1e-6)
    return Readers(
        fit(table.words.taken(rows), table.signs[rows], labels, counts, weights=balanced, strength=WORD_STRENGTH),
        fit(None, (meanings - middle) / spread, np.tile(labels, ways), counts, weights=np.tile(balanced, ways),
            strength=MEANING_STRENGTH),
        middle,
        spread,
    )  # fmt: skip


def held_out(
    table: Table, wanted: Indices, weights: Array, folds: Sequence[tuple[Indices, Indices]], counts: int
) -> Held:
    words = np.zeros((len(wanted), counts))
    meanings = tuple(np.zeros_like(words) for _ in table.meanings)
    for fitted, left in folds:
        readers = read(table, fitted, wanted, weights, counts)
        words[left] = readers.word_scores(table.words.taken(left), table.signs[left])
        for scores, embeddings in zip(meanings, table.meanings, strict=True):
            scores[left] = readers.meaning_scores(embeddings[left])
    return Held(words, meanings)


def weigh(held: Held, wanted: Indices, weights: Array) -> Weighing:
    """The calibration of both readers together (Platt's, for several labels), over every way of typing."""
    ways = len(held.meanings)
    words, meanings = np.tile(held.words, (ways, 1)), np.concatenate(held.meanings)
    wanted, weights = np.tile(wanted, ways), np.tile(weights, ways)
    (_, whole), _ = calibrated((words, meanings), np.zeros_like(words), wanted, weights)
    meaning = MEANING_SHARE * whole
    (scale,), bias = calibrated((words,), meaning * meanings, wanted, weights)
    return Weighing(scale, meaning, bias)


def weigh_words(held: Held, wanted: Indices, weights: Array) -> Weighing:
    """The calibration of the words alone."""
    (scale,), bias = calibrated((held.words,), np.zeros_like(held.words), wanted, weights)
    return Weighing(scale, 0.0, bias)


def calibrated(
    scores: Sequence[Array], given: Array, wanted: Indices, weights: Array
) -> tuple[tuple[float, ...], Array]:
    """The weight of each table of scores, and the bias of each label, that make of them and `given` probabilities."""
    counts = given.shape[1]
    right = np.eye(counts)[wanted]
    share = weights[:, None] / weights.sum()

    def goal(point: Array) -> tuple[float, Array]:
        total = sum((weight * table for weight, table in zip(point, scores, strict=False)), given)
        chances = softmax(total + point[len(scores) :])
        off = share * (chances - right)
        loss = -float((share * right * np.log(np.maximum(chances, 1e-300))).sum())
        slope = np.array([*((off * table).sum() for table in scores), *off.sum(axis=0)])
        return loss + CALM * float(point @ point) / 2, slope + CALM * point

    found = least(goal, np.array([*np.ones(len(scores)), *np.zeros(counts)]))
    return tuple(map(float, found[: len(scores)])), found[len(scores) :]


def verdicts(chances: Array, complex_from: float, simple_from: float) -> Indices:
    """As `core.routing.LearnedPolicy` decides."""
    said: Indices = np.where(chances[:, 2] >= complex_from, 2, np.where(chances[:, 0] >= simple_from, 0, 1))
    return said


def thresholds_of(chances: Array, wanted: Indices, weights: Array) -> tuple[float, float]:
    """From which chance on complex, and then simple, is said so that it costs least (`COSTS`)."""
    steps = [round(step / 100, 2) for step in range(10, 91)]
    costs = {
        (hard, easy): float(weights @ COSTS[wanted, verdicts(chances, hard, easy)]) for hard in steps for easy in steps
    }
    return min(costs, key=lambda pair: (costs[pair], pair))


def _written(readers: Readers, table: Table, labels: Sequence[str], both: Weighing, alone: Weighing) -> dict[str, Any]:
    """One task as the file holds it; the spread of the embedding's numbers is worked into their weights."""
    scale = float(np.abs(readers.words.sparse).max()) / STEPS or 1.0
    meaning = readers.meaning.dense / readers.spread[:, None]
    signs = SIGN_WEIGHT * readers.words.dense
    return {
        "labels": list(labels),
        "sequences": packed("b", np.rint(readers.words.sparse / scale).astype(int).ravel().tolist()),
        "sequence_scale": scale,
        "signs": {name: _rounded(row) for name, row in zip(table.sign_names, signs, strict=True)},
        "bias": _rounded(readers.words.bias),
        "meaning": [_rounded(row) for row in meaning.T],
        "meaning_bias": _rounded(readers.meaning.bias - readers.middle @ meaning),
        "both": {
            "words": round(both.words, DIGITS),
            "meaning": round(both.meaning, DIGITS),
            "bias": _rounded(both.bias),
        },
        "alone": {"words": round(alone.words, DIGITS), "meaning": 0.0, "bias": _rounded(alone.bias)},
    }


def _about(rows: Sequence[Row], figures: Figures, kind_accuracy: float, flips: float) -> dict[str, Any]:
    said = {**asdict(figures), "kind_accuracy": kind_accuracy, "flip_unaccented": flips}
    return {
        "rows": len(rows),
        "sha256": digest(rows),
        "complexity": dict(sorted(Counter(row.complexity for row in rows).items())),
        "kind": dict(sorted(Counter(row.kind for row in rows).items())),
        "language": dict(sorted(Counter(row.language for row in rows).items())),
        "cross_validation": {name: round(value, 4) for name, value in said.items()},
    }


def _file(table: Table, parts: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """The text of the file: what is `said` of the model, the sequences, and the tasks."""
    data = {
        "format": FORMAT,
        **said,
        "numbers": packed("H", table.numbers),
        "rarity": packed("B", [round(table.rarity[number] / RARITY_SCALE) for number in table.numbers]),
        "rarity_scale": RARITY_SCALE,
        **parts,
    }
    return "{\n" + ",\n".join(f'"{key}": {json.dumps(value)}' for key, value in data.items()) + "\n}\n"


def _rounded(values: Array) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
