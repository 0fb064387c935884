"""The finder's layer from rows with marked data: `python -m models.training.spans [FILE]` writes `spans.json` anew.

The same rows give the same file. Of each row the candidates are learnt, those that are a datum and those that are none;
so are those of sentences that hold nothing private. Cross-validation by rows gives the threshold and the figures.
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

from core.packing import packed
from core.private.candidates import candidates
from core.private.likely import FORMAT, numbered
from core.private.reading import Reading
from core.private.spans import Kind
from core.private_data import found_by_rules
from models.training import gate
from models.training.logistic import Array, Indices, Sparse, fit

KINDS = (Kind.SECRET, Kind.SALARY)
FOLDS, SEED = 5, 20261127
STRENGTH = 20.0
"""How closely the layer follows the rows: chosen by cross-validation."""
FEWEST_ROWS = 2
"""A feature of fewer candidates teaches nothing."""
MOST_TOUCHED = 0.003
"""Of the rows without data, by cross-validation: the threshold is the lowest that keeps it, for each kind."""
SLACK = 2
"""Characters that a candidate may reach beyond the datum that it stands for."""
STEPS, DIGITS = 127, 4


@dataclass(frozen=True, slots=True)
class Row:
    """A text with the places of its data of the kinds that are learnt."""

    text: str
    data: tuple[tuple[int, int, Kind], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The candidates of one kind: features, whether each is a datum, in which row it stands, whether a rule finds it.

    `data` counts the data, also those that no candidate stands for.
    """

    features: Sparse
    numbers: tuple[int, ...]
    is_datum: Indices
    rows: Indices
    is_ruled: Indices
    data: int


def shipped_rows() -> list[Row]:
    """What the shipped layer was made of: rows with marked data, and the clean ones of the gate's."""
    folder = resources.files("models.training").joinpath("rows").joinpath("spans")
    rows: list[Row] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".jsonl"):
            rows += rows_of(entry.read_text(encoding="utf-8").splitlines())
    return rows + [Row(row.text, ()) for row in gate.shipped_rows() if not row.is_private]


def rows_of(lines: Sequence[str]) -> list[Row]:
    """The rows of JSON lines with `text` and `spans`."""
    return [_row(json.loads(line)) for line in lines if line.strip()]


def _row(data: dict[str, Any]) -> Row:
    spans = ((span["start"], span["end"], span["type"]) for span in data["spans"])
    return Row(data["text"], tuple((start, end, Kind(kind)) for start, end, kind in spans))


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 of all that is learnt from."""
    return hashlib.sha256("".join(f"{row.text}\t{row.data}\n" for row in rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate with its label."""

    row: int
    features: frozenset[int]
    is_datum: bool
    is_ruled: bool


def examples(rows: Sequence[Row], kind: Kind) -> Iterator[Example]:
    """The candidates of all rows; what overlaps a datum in part, or is data of another kind, teaches nothing."""
    for at, row in enumerate(rows):
        reading = Reading(row.text)
        among = next((one for one in candidates(reading) if one.kind is kind), None)
        if among is None or reading.seen != row.text:
            continue
        ruled = list(found_by_rules(reading))
        for span in among.spans:
            touched = [datum for datum in row.data if datum[0] < span[1] and span[0] < datum[1]]
            is_datum = any(_stands_for(span, datum) and datum[2] is kind for datum in touched)
            found = [one for one in ruled if one.start < span[1] and span[0] < one.end]
            if (touched and not is_datum) or any(one.type is not kind for one in found):
                continue
            yield Example(at, numbered(reading, span, among.places), is_datum, bool(found))


def _stands_for(span: tuple[int, int], datum: tuple[int, int, Kind]) -> bool:
    start, end = span
    return start <= datum[0] and datum[1] <= end and end - start <= datum[1] - datum[0] + SLACK


def table_of(rows: Sequence[Row], kind: Kind) -> Table:
    found = list(examples(rows, kind))
    share = Counter(number for one in found for number in one.features)
    numbers = tuple(sorted(number for number, count in share.items() if count >= FEWEST_ROWS))
    columns = {number: at for at, number in enumerate(numbers)}
    kept = [sorted(columns[number] for number in one.features if number in columns) for one in found]
    starts = np.concatenate(([0], np.cumsum([len(row) for row in kept]))).astype(np.int64)
    values = np.concatenate(
        [np.full(len(row), 1 / math.sqrt(len(one.features))) for row, one in zip(kept, found, strict=True)]
    )
    flat = np.array([column for row in kept for column in row], dtype=np.int64)
    return Table(
        Sparse(starts, flat, values, len(numbers)),
        numbers,
        np.array([int(one.is_datum) for one in found]),
        np.array([one.row for one in found]),
        np.array([int(one.is_ruled) for one in found]),
        sum(datum[2] is kind for row in rows for datum in row.data),
    )


def fitted(table: Table, taken: Indices) -> tuple[Array, float]:
    """Weights and bias of the candidates `taken`."""
    nothing = np.zeros((len(taken), 0))
    linear = fit(
        table.features.taken(taken), nothing, table.is_datum[taken], 2, weights=np.ones(len(taken)), strength=STRENGTH
    )
    return linear.sparse[:, 1] - linear.sparse[:, 0], float(linear.bias[1] - linear.bias[0])


def held_out(table: Table) -> Array:
    """The score of each candidate by a layer that was fitted to nothing of its row."""
    places = np.random.default_rng(SEED).permutation(int(table.rows.max()) + 1) % FOLDS
    folds, scores = places[table.rows], np.zeros(len(table.rows))
    for fold in range(FOLDS):
        left = np.flatnonzero(folds == fold)
        weights, bias = fitted(table, np.flatnonzero(folds != fold))
        scores[left] = table.features.taken(left).times(weights[:, None])[:, 0] + bias
    return scores


def threshold_of(table: Table, scores: Array, is_clean: Indices) -> float:
    """The lowest of a score that no rule finds at which few enough of the clean rows are touched."""
    apart = (table.is_datum == 0) & (table.is_ruled == 0) & (is_clean[table.rows] == 1)
    worst: dict[int, float] = {}
    for row, score in zip(table.rows[apart], scores[apart], strict=True):
        worst[int(row)] = max(float(score), worst.get(int(row), -math.inf))
    allowed = int(MOST_TOUCHED * int(is_clean.sum()))
    highest = sorted(worst.values(), reverse=True)
    return highest[allowed] + 1e-6 if len(highest) > allowed else 0.0


def train(rows: Sequence[Row], made: date) -> str:
    """The text of the layer's file."""
    is_clean = np.array([int(not row.data) for row in rows])
    kinds, figures = {}, {}
    for kind in KINDS:
        table = table_of(rows, kind)
        scores = held_out(table)
        threshold = threshold_of(table, scores, is_clean)
        kinds[kind.value] = _written(table, threshold)
        datum, ruled = table.is_datum == 1, table.is_ruled == 1
        figures[kind.value] = {
            "data": table.data, "by_rules": int((datum & ruled).sum()),
            "with_layer": int((datum & (ruled | (scores >= threshold))).sum()),
            "clean_touched": len({*table.rows[~datum & ~ruled & (scores >= threshold) & (is_clean[table.rows] == 1)]}),
        }  # fmt: skip
    about = {
        "made": made.isoformat(), "rows": len(rows), "clean": int(is_clean.sum()), "sha256": digest(rows),
        "cross_validation": figures,
    }  # fmt: skip
    return json.dumps({"format": FORMAT, "about": about, "kinds": kinds}, indent=1) + "\n"


def _written(table: Table, threshold: float) -> dict[str, Any]:
    weights, bias = fitted(table, np.arange(len(table.rows)))
    step = float(np.abs(weights).max()) / STEPS or 1.0
    steps = np.rint(weights / step).astype(int)
    kept = np.flatnonzero(steps)
    return {
        "threshold": round(threshold, DIGITS),
        "bias": round(bias, DIGITS),
        "scale": step,
        "numbers": packed("H", [table.numbers[at] for at in kept]),
        "weights": packed("b", steps[kept].tolist()),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.spans", description="The finder's layer anew.")
    parser.add_argument("file", type=Path, nargs="?", default=Path("core/data/spans.json"))
    file = parser.parse_args(arguments).file
    text = train(shipped_rows(), datetime.now(UTC).date())
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{json.dumps(json.loads(text)['about'], indent=1)}\n")


if __name__ == "__main__":
    main()
