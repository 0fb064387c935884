"""Cells to rows: the runs of one contestant at one number of askers together, and set against the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.engine.contest import Cell
from benchmarks.engine.peer import Kind
from benchmarks.figures import percentile

MIDDLE, HIGH = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """Rates in answer tokens per second: of each run, and their median. Seconds over the answers of all runs.

    Shares are 0..1, None where nothing is known: `known` of the prompts' tokens that were not evaluated again,
    `python` of the wall time, `accepted` of the drafts' tokens.
    """

    name: str
    kind: Kind
    askers: int
    rates: tuple[float, ...]
    answers: int
    first_p50: float
    first_p95: float
    answer_p50: float
    answer_p95: float
    known: float | None
    python: float | None
    accepted: float | None

    @property
    def rate(self) -> float:
        return median(self.rates)


def row_of(cells: Sequence[Cell]) -> Row:
    """Of the runs of one contestant with the same number of askers."""
    records = [record for cell in cells for record in cell.load.records]
    firsts, whole = [record.first_seconds for record in records], [record.seconds for record in records]
    tallies = [cell.load.tally for cell in cells]
    python = [tally.python_seconds for tally in tallies if tally.python_seconds is not None]
    return Row(
        cells[0].name,
        cells[0].kind,
        cells[0].askers,
        tuple(cell.load.rate for cell in cells),
        len(records),
        percentile(firsts, MIDDLE),
        percentile(firsts, HIGH),
        percentile(whole, MIDDLE),
        percentile(whole, HIGH),
        share(sum(tally.known for tally in tallies), sum(tally.prompt for tally in tallies)),
        share(sum(python), sum(cell.load.seconds for cell in cells)) if python else None,
        share(sum(tally.accepted for tally in tallies), sum(tally.proposed for tally in tallies)),
    )


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def rows_of(cells: Sequence[Cell]) -> list[Row]:
    """By the number of askers, and in the order in which the contestants first came."""
    together: dict[tuple[int, str], list[Cell]] = {}
    names = list(dict.fromkeys(cell.name for cell in cells))
    for cell in cells:
        together.setdefault((cell.askers, cell.name), []).append(cell)
    return [row_of(together[key]) for key in sorted(together, key=lambda key: (key[0], names.index(key[1])))]


def baseline(rows: Sequence[Row], kind: Kind, askers: int) -> float | None:
    """The best rate of that kind at so many askers.

    `Llama` serves one at a time, so that where it was not asked by as many its rate with the fewest stands for it.
    """
    mine = [row for row in rows if row.kind is kind]
    here = [row.rate for row in mine if row.askers == askers]
    if not here and kind is Kind.LLAMA and mine:
        here = [min(mine, key=lambda row: row.askers).rate]
    return max(here, default=None)


def against(rows: Sequence[Row], row: Row, kind: Kind) -> float | None:
    """How many times as fast a row is as the best of that kind; None where nobody of it was measured."""
    base = baseline(rows, kind, row.askers)
    return None if base is None else share(row.rate, base)
