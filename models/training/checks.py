"""Trains the answer check's model: `python -m models.training.checks --data FILE ...` writes `core/data/checks.json`.

Rows are `{"question", "context", "answer", "good"}`. Those that a rule decides teach nothing. No weight may speak for
an answer: each feature is something amiss. Folds keep the rows of one context together.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checking.languages import spoken_in
from core.checking.terms import DATA, Text
from core.checks import Judgement, Verdict, examine
from core.conversation import Language
from core.documents import Label, Passage

VERSION = 1
FOLDS = 10
STEPS, SHRINK = 40, 1.0
"""Newton steps, and how strongly weights are kept small."""
MOST_FLAGGED = 0.055
"""So many of the good rows may be flagged, in the folds where they were not seen."""
GIVEN: Mapping[str, float] = {"low confidence": -0.5, "an unlikely word": -0.2, "nothing near was found": -0.5}
"""Weights set by hand: the rows have no log-probabilities and no search. All together they make an answer unsure that
was nearly so, and no answer poor."""
_MARK = re.compile(r"\[(\d+)\]")
_BLANK_LINE = re.compile(r"\n\s*\n")

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Triple:
    """One labelled answer."""

    question: str
    context: str
    answer: str
    good: bool

    @property
    def passages(self) -> tuple[Passage, ...]:
        return passages_of(self.context)

    @property
    def language(self) -> Language:
        """The question's, by its words."""
        return spoken_in(Text(self.question)) or Language.VIETNAMESE


def read_triples(path: Path) -> list[Triple]:
    """The rows of a file. Raises KeyError where a field is missing."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    return [Triple(row["question"], row["context"], row["answer"], bool(row["good"])) for row in rows]


def passages_of(context: str) -> tuple[Passage, ...]:
    """The passages of a context: its paragraphs, or what follows marks such as [1].

    A mark begins a line, or stands within one and counts on from the mark before it.
    """
    parts, at, counted = [], 0, 0
    for mark in _MARK.finditer(context):
        number, begins = int(mark[1]), context[: mark.start()].rpartition("\n")[2] == ""
        if begins or (counted and number == counted + 1):
            parts.append(context[at : mark.start()])
            at, counted = mark.end(), number
    parts.append(context[at:])
    texts = [text.strip() for part in parts for text in _BLANK_LINE.split(part) if text.strip()]
    return tuple(
        Passage(f"c{n}", f"d{n}", "", "", "", None, text, "", Label.INTERNAL) for n, text in enumerate(texts, start=1)
    )


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows look like to the model: `ruled` holds the verdict where a rule decided, `features` the rest's."""

    names: tuple[str, ...]
    features: Array
    good: NDArray[np.bool_]
    ruled: tuple[Judgement | None, ...]
    folds: NDArray[np.int64]

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which rows the model decides."""
        return np.array([judgement is None for judgement in self.ruled])

    def flagged(self, p_good: Array, threshold: float) -> NDArray[np.bool_]:
        """Which rows would be escalated, warned of or not shown."""
        by_rule = [judgement is not None and judgement.verdict is Verdict.POOR for judgement in self.ruled]
        return np.array(by_rule) | (self.open & (p_good < threshold))


def table_of(triples: Sequence[Triple]) -> Table:
    """The features of every row, one column each."""
    seen = [examine(one.answer, one.question, one.passages, one.language) for one in triples]
    read = [one for one in seen if not isinstance(one, Judgement)]
    names = tuple(read[0]) if read else ()
    rows = [[0.0] * len(names) if isinstance(one, Judgement) else [one[name] for name in names] for one in seen]
    folds = [int(hashlib.sha256(one.context.encode()).hexdigest(), 16) % FOLDS for one in triples]
    return Table(
        names,
        np.array(rows, dtype=np.float64),
        np.array([one.good for one in triples]),
        tuple(one if isinstance(one, Judgement) else None for one in seen),
        np.array(folds),
    )


def fit(features: Array, good: NDArray[np.bool_]) -> Array:
    """The bias and the weights of a logistic regression, none of the weights above 0."""
    kept = np.ones(features.shape[1] + 1, dtype=bool)
    while True:
        weights = np.zeros(len(kept))
        columns = np.column_stack((np.ones(len(features)), features))[:, kept]
        weights[kept] = _newton(columns, good.astype(np.float64))
        speaks_for = np.flatnonzero(weights[1:] > 0) + 1
        if len(speaks_for) == 0:
            return weights
        kept[speaks_for] = False


def _newton(columns: Array, wanted: Array) -> Array:
    weights = np.zeros(columns.shape[1])
    shrink = np.full(columns.shape[1], SHRINK)
    shrink[0] = 0.0
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-(columns @ weights)))
        slope = columns.T @ (p - wanted) + shrink * weights
        curve = (columns * (p * (1.0 - p))[:, None]).T @ columns + np.diag(shrink)
        weights -= np.linalg.solve(curve, slope)
    return weights


def p_good(features: Array, weights: Array) -> Array:
    """The probability of each row."""
    p: Array = 1.0 / (1.0 + np.exp(-(weights[0] + features @ weights[1:])))
    return p


def crossed(table: Table) -> Array:
    """The probability of each row by a model that has not seen its context."""
    p = np.zeros(len(table.good))
    for fold in range(FOLDS):
        apart = table.folds == fold
        taught = table.open & ~apart
        p[apart] = p_good(table.features[apart], fit(table.features[taught], table.good[taught]))
    return p


def threshold_of(table: Table, p: Array) -> float:
    """The highest threshold that flags no more of the good rows than allowed."""
    allowed = [t for t in np.unique(p[table.open]) if table.flagged(p, t)[table.good].mean() <= MOST_FLAGGED]
    return float(max(allowed, default=0.5))


def train(paths: Sequence[Path]) -> Mapping[str, Any]:
    """The content of `checks.json`, with the figures of the crossed folds."""
    table = table_of([triple for path in paths for triple in read_triples(path)])
    weights = fit(table.features[table.open], table.good[table.open])
    p = crossed(table)
    good = threshold_of(table, p)
    flagged = table.flagged(p, good)
    unblemished = float(1.0 / (1.0 + np.exp(-weights[0])))
    thresholds = {"poor": good / 3, "good": good, "sure": (good + unblemished) / 2}
    return {
        "version": VERSION,
        "made": datetime.now(UTC).date().isoformat(),
        "data": hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
        "rows": len(table.good),
        "crossed": {
            "bad_caught": round(float(flagged[~table.good].mean()), 4),
            "good_escalated": round(float(flagged[table.good].mean()), 4),
        },
        "bias": round(float(weights[0]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(table.names, weights[1:], strict=True)},
        "given": dict(GIVEN),
        "thresholds": {name: round(value, 4) for name, value in thresholds.items()},
    }


def main() -> None:
    """Writes the weights and prints what the crossed folds gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=DATA / "checks.json")
    options = parser.parse_args()
    made = train(options.data)
    options.out.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{made['rows']} rows, crossed folds: {made['crossed']}, thresholds: {made['thresholds']}\n")


if __name__ == "__main__":
    main()
