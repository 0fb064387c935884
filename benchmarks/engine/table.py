"""Rows for people, and all that was measured for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.engine.contest import Cell
from benchmarks.engine.peer import Kind
from benchmarks.engine.rows import Row, against, rows_of

ABSENT = "-"
OTHERS = (Kind.SERVER, Kind.LLAMA, Kind.UNDRAFTED)
HEADS = ("askers", "peer", "runs", "answers", "tok/s", "least", "most")
TIMES = ("first p50", "first p95", "answer p50", "answer p95")
SHARES = ("known", "python", "drafts")


def cell_line(cell: Cell) -> str:
    """What is printed as soon as it is measured."""
    clock = "" if cell.card is None else f", {cell.card.core_mhz:.0f} MHz"
    count, load = len(cell.load.records), cell.load
    return f"run {cell.run + 1}: {cell.name}, askers {cell.askers}: {load.rate:.1f} tok/s, {count} answers{clock}"


def percent(share: float | None) -> str:
    return ABSENT if share is None else f"{share:.1%}"


def times(ratio: float | None) -> str:
    return ABSENT if ratio is None else f"{ratio:.2f}x"


def fields(row: Row, rows: Sequence[Row], kinds: Sequence[Kind]) -> list[str]:
    rates = [row.rate, min(row.rates), max(row.rates)]
    seconds = [row.first_p50, row.first_p95, row.answer_p50, row.answer_p95]
    return [
        str(row.askers),
        row.name,
        str(len(row.rates)),
        str(row.answers),
        *(f"{rate:.1f}" for rate in rates),
        *(f"{value:.3f}" for value in seconds),
        *(times(against(rows, row, kind)) for kind in kinds),
        *map(percent, (row.known, row.python, row.accepted)),
    ]


def kinds_in(rows: Sequence[Row]) -> list[Kind]:
    """Those that the rows are set against."""
    return [kind for kind in OTHERS if any(row.kind is kind for row in rows)]


def table(rows: Sequence[Row]) -> str:
    """One line a row; seconds, `x`: how many times as fast as the best of that kind at the same number of askers."""
    kinds = kinds_in(rows)
    lines = [[*HEADS, *TIMES, *(f"x {kind}" for kind in kinds), *SHARES]]
    lines += [fields(row, rows, kinds) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(aligned(line, widths)) for line in lines)


def aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Names to the left, numbers to the right."""
    name = HEADS.index("peer")
    return [
        field.ljust(width) if column == name else field.rjust(width)
        for column, (field, width) in enumerate(zip(line, widths, strict=True))
    ]


def as_json(cells: Sequence[Cell], facts: dict[str, Any]) -> dict[str, Any]:
    """Everything, down to the single answer."""
    rows = rows_of(cells)
    kinds = kinds_in(rows)
    ratios = [{f"x {kind}": against(rows, row, kind) for kind in kinds} for row in rows]
    told = [asdict(row) | {"rate": row.rate} | more for row, more in zip(rows, ratios, strict=True)]
    return facts | {"rows": told, "cells": [asdict(cell) | {"rate": cell.load.rate} for cell in cells]}


def write_json(path: Path, cells: Sequence[Cell], facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(as_json(cells, facts), indent=1), encoding="utf-8")
