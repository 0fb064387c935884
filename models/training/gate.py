"""The privacy gate's layer from labelled sentences: `python -m models.training.gate [FILE]` writes `gate.json` anew.

The same rows give the same file. Every row is learnt twice, as typed and without tone marks. Of rows that the rules
were written on, what the rules say proves little: they are learnt once more without it. What the layer says of rows
that it was not fitted to (cross-validation by groups) gives its calibration, its threshold and its figures.
"""

import argparse
import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from core.folding import fold
from core.packing import packed
from core.private.judging import BUCKETS, FORMAT, sequences
from core.private.reading import Reading
from core.private.sentences import told_in
from core.private.signs import signs_of
from core.private.wording import plain_words, wording
from core.private_data import find
from models.training.logistic import Array, Indices, Linear, Sparse, fit, softmax

FOLDS, SEED = 6, 20261127
STRENGTH, SIGN_WEIGHT = 10.0, 0.3
"""How closely the layer follows the rows, and what a sign weighs beside all sequences: chosen by cross-validation."""
FEWEST_ROWS = 2
"""A word or sequence of fewer rows teaches nothing."""
UNMARKED, UNRULED = 0.5, 0.5
"""What the copies of a row weigh, without tone marks and without what the rules say."""
MOST_FALSE_ALARMS = 0.09
"""Of clean rows that the rules were not written on, by cross-validation: the threshold is the lowest that keeps it."""
RARITY_SCALE, STEPS, DIGITS = 0.05, 127, 4


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence. `is_fresh`: written by somebody who did not see the rules, and they were not written on it."""

    text: str
    is_private: bool
    group: str
    is_fresh: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Table:
    """Of so many rows, for each way of typing: sequences and signs; `numbers` are the sequences in their columns."""

    words: tuple[Sparse, Sparse]
    signs: tuple[Array, Array]
    numbers: tuple[int, ...]
    rarity: tuple[float, ...]
    sign_names: tuple[str, ...]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of rows that the layer was not fitted to and the rules not written on, data detectors included.

    `flips`: the share whose verdict changes when tone marks and capitals are taken off.
    """

    recall: float
    false_alarm: float
    flips: float
    rows: int


def shipped_rows() -> list[Row]:
    """What the shipped layer was made of: the gate's own rows, and the router's where they say what is private."""
    folder = resources.files("models.training").joinpath("rows")
    rows: list[Row] = []
    for place, is_router in ((folder.joinpath("gate"), False), (folder, True)):
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith(".jsonl"):
                rows += rows_of(entry.read_text(encoding="utf-8").splitlines(), entry.name, is_router=is_router)
    return list({fold(row.text).strip(): row for row in reversed(rows)}.values())[::-1]


def rows_of(lines: Sequence[str], name: str, *, is_router: bool = False) -> list[Row]:
    """The rows of JSON lines with `text` and `private`; neighbours vary one subject, and stay together in a test."""
    is_fresh = not is_router and not name.startswith("early")
    weight, neighbours = (2.0, 4) if is_fresh else (1.0, 9) if is_router else (1.0, 3)
    data = [json.loads(line) for line in lines if line.strip()]
    return [
        Row(row["text"], row["private"], f"{name}:{at // neighbours}", is_fresh, weight)
        for at, row in enumerate(data)
        if isinstance(row.get("private"), bool)
    ]


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 of all that is learnt from."""
    lines = (f"{row.text}\t{row.is_private}\t{row.group}\t{row.weight}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def table_of(rows: Sequence[Row]) -> Table:
    counts = Counter(word for row in rows for word in {*plain_words(Reading(row.text))})
    known = frozenset(word for word, count in counts.items() if count >= FEWEST_ROWS)
    typed = [[_read(text, known) for text in (row.text, fold(row.text))] for row in rows]
    share = Counter(number for ways in typed for number in ways[0][0] | ways[1][0])
    numbers = tuple(sorted(number for number, count in share.items() if count >= FEWEST_ROWS))
    steps = [round((1 + math.log((1 + len(rows)) / (1 + share[number]))) / RARITY_SCALE) for number in numbers]
    rarity = tuple(RARITY_SCALE * step for step in steps)
    names = tuple(sorted({name for ways in typed for _, signs in ways for name in signs}))
    places, columns = {name: at for at, name in enumerate(names)}, np.zeros(BUCKETS, dtype=np.int64) - 1
    columns[list(numbers)] = np.arange(len(numbers))
    marked, bare = zip(*typed, strict=True)
    sparse = [_sparse([found for found, _ in way], columns, rarity) for way in (marked, bare)]
    dense = [_dense([signs for _, signs in way], places) for way in (marked, bare)]
    return Table((sparse[0], sparse[1]), (dense[0], dense[1]), numbers, rarity, names, known)


def _read(text: str, known: frozenset[str]) -> tuple[frozenset[int], frozenset[str]]:
    reading = Reading(text)
    words = wording(reading, known)
    return sequences(words), signs_of(reading, told_in(reading), words)


def _sparse(read: Sequence[frozenset[int]], columns: Indices, rarity: Sequence[float]) -> Sparse:
    """Each row the rarities of its sequences, together of length 1."""
    weights = np.array(rarity)
    rows = [np.sort(columns[[*found]]) if found else np.zeros(0, dtype=np.int64) for found in read]
    rows = [row[row >= 0] for row in rows]
    values = [weights[row] / (np.sqrt((weights[row] ** 2).sum()) or 1.0) for row in rows]
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    return Sparse(starts, np.concatenate(rows), np.concatenate(values), len(rarity))


def _dense(read: Sequence[frozenset[str]], places: dict[str, int]) -> Array:
    table = np.zeros((len(read), len(places)))
    for at, signs in enumerate(read):
        table[at, [places[name] for name in signs]] = SIGN_WEIGHT
    return table


def fitted(table: Table, rows: Sequence[Row], taken: Indices) -> Linear:
    """To the rows `taken`; private and clean ones weigh the same together."""
    private = np.array([int(rows[at].is_private) for at in taken])
    weights = np.array([rows[at].weight for at in taken])
    fresh = np.array([rows[at].is_fresh for at in taken])
    early = taken[~fresh]
    signs = np.concatenate([table.signs[0][taken], table.signs[1][taken], np.zeros_like(table.signs[0][early])])
    words = _stacked([table.words[0].taken(taken), table.words[1].taken(taken), table.words[0].taken(early)])
    share = np.concatenate([np.where(fresh, 1.0, 1 - UNRULED) * weights, UNMARKED * weights, UNRULED * weights[~fresh]])
    labels = np.concatenate([private, private, private[~fresh]])
    balanced = share * (share.sum() / (2 * np.maximum(np.bincount(labels, share, minlength=2), 1e-9)))[labels]
    return fit(words, signs, labels, 2, weights=balanced, strength=STRENGTH)


def _stacked(parts: Sequence[Sparse]) -> Sparse:
    starts, total = [np.zeros(1, dtype=np.int64)], 0
    for part in parts:
        starts.append(part.starts[1:] + total)
        total += int(part.starts[-1])
    columns, values = (np.concatenate([getattr(part, name) for part in parts]) for name in ("columns", "values"))
    return Sparse(np.concatenate(starts), columns, values, parts[0].width)


def held_out(table: Table, rows: Sequence[Row]) -> tuple[Array, Array]:
    """Scores of each row, as typed and without tone marks, by a layer that was fitted to none of its group."""
    scores = (np.zeros(len(rows)), np.zeros(len(rows)))
    for left in _folds([row.group for row in rows]):
        linear = fitted(table, rows, np.setdiff1d(np.arange(len(rows)), left))
        for way in (0, 1):
            said = linear.scores(table.words[way].taken(left), table.signs[way][left])
            scores[way][left] = said[:, 1] - said[:, 0]
    return scores


def _folds(groups: Sequence[str]) -> Iterator[Indices]:
    names = sorted(set(groups))
    np.random.default_rng(SEED).shuffle(names)
    place = {name: at % FOLDS for at, name in enumerate(names)}
    folds = np.array([place[group] for group in groups])
    for number in range(FOLDS):
        yield np.flatnonzero(folds == number)


def calibrated(scores: Array, private: Indices) -> tuple[float, float]:
    """Scale and bias that make probabilities of scores (Platt's)."""
    linear = fit(None, scores[:, None], private, 2, weights=np.ones(len(scores)), strength=1.0)
    return float(linear.dense[0, 1] - linear.dense[0, 0]), float(linear.bias[1] - linear.bias[0])


def train(rows: Sequence[Row], made: date) -> str:
    """The text of the layer's file."""
    table = table_of(rows)
    private = np.array([int(row.is_private) for row in rows])
    fresh = np.array([row.is_fresh for row in rows])
    scores = held_out(table, rows)
    scale, bias = calibrated(scores[0][fresh], private[fresh])
    chances = [softmax(np.stack([np.zeros_like(way), scale * way + bias], axis=1))[:, 1] for way in scores]
    data = np.array([bool(find(row.text)) for row in rows])
    threshold = threshold_of(chances[0][fresh], private[fresh], data[fresh])
    said = [(chance >= threshold) | data for chance in chances]
    wanted = private == 1
    figures = Figures(
        float(said[0][fresh & wanted].mean()), float(said[0][fresh & ~wanted].mean()),
        float((said[0] != said[1])[fresh].mean()), int(fresh.sum()),
    )  # fmt: skip
    linear = fitted(table, rows, np.arange(len(rows)))
    return _written(table, linear, (scale, bias), threshold, _about(rows, figures, made))


def threshold_of(chances: Array, private: Indices, data: Array) -> float:
    """The lowest that keeps false alarms at `MOST_FALSE_ALARMS`; rows with data are held back anyway."""
    clean = private == 0
    for step in range(5, 100):
        if float(((chances >= step / 100) | (data > 0))[clean].mean()) <= MOST_FALSE_ALARMS:
            return step / 100
    return 0.99


def _about(rows: Sequence[Row], figures: Figures, made: date) -> dict[str, Any]:
    return {
        "made": made.isoformat(), "rows": len(rows), "sha256": digest(rows),
        "private": sum(row.is_private for row in rows),
        "cross_validation": {
            "rows": figures.rows, "recall": round(figures.recall, DIGITS),
            "false_alarm": round(figures.false_alarm, DIGITS), "flip_unaccented": round(figures.flips, DIGITS),
        },
    }  # fmt: skip


def _written(
    table: Table, linear: Linear, calibration: tuple[float, float], threshold: float, about: dict[str, Any]
) -> str:
    scale, bias = calibration
    weights = scale * (linear.sparse[:, 1] - linear.sparse[:, 0])
    signs = scale * SIGN_WEIGHT * (linear.dense[:, 1] - linear.dense[:, 0])
    step = float(np.abs(weights).max()) / STEPS or 1.0
    data = {
        "format": FORMAT,
        "about": about,
        "threshold": threshold,
        "bias": round(bias + scale * float(linear.bias[1] - linear.bias[0]), DIGITS),
        "signs": {name: round(float(weight), DIGITS) for name, weight in zip(table.sign_names, signs, strict=True)},
        "known": " ".join(sorted(table.known)),
        "rarity_scale": RARITY_SCALE,
        "weight_scale": step,
        "numbers": packed("H", table.numbers),
        "rarity": packed("B", [round(rarity / RARITY_SCALE) for rarity in table.rarity]),
        "weights": packed("b", np.rint(weights / step).astype(int).tolist()),
    }
    return "{\n" + ",\n".join(f'"{key}": {json.dumps(value)}' for key, value in data.items()) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.gate", description="The gate's layer, made anew.")
    parser.add_argument("file", type=Path, nargs="?", default=Path("core/data/gate.json"))
    file = parser.parse_args(arguments).file
    text = train(shipped_rows(), datetime.now(UTC).date())
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{json.dumps(json.loads(text)['about'], indent=1)}\n")


if __name__ == "__main__":
    main()
