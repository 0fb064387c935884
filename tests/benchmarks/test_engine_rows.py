"""What the engine's benchmark makes of its answers: rates, percentiles, ratios, tables."""

import json
import math
from collections.abc import Sequence

import pytest

from benchmarks.engine.askers import Load, Record
from benchmarks.engine.card import parse_card
from benchmarks.engine.contest import Cell
from benchmarks.engine.peer import Kind, Tally
from benchmarks.engine.rows import Row, against, rows_of
from benchmarks.engine.table import as_json, table


def cell(name: str, kind: Kind, askers: int, seconds: float, firsts: Sequence[float] = (0.1,), *, run: int = 0) -> Cell:
    records = [Record(first, first + 1, 100, 50) for first in firsts]
    return Cell(name, kind, askers, run, Load(records, seconds, Tally(400, 100, python_seconds=seconds / 10)))


def measured_rows() -> list[Row]:
    return rows_of(
        [
            cell("ours", Kind.OURS, 1, 2.0),
            cell("ours", Kind.OURS, 8, 0.5, [0.1 * n for n in range(1, 21)]),
            cell("ours", Kind.OURS, 8, 0.25, [2.5], run=1),
            cell("np=1", Kind.SERVER, 8, 1.0),
            cell("np=8", Kind.SERVER, 8, 0.5),
            cell("Llama", Kind.LLAMA, 1, 1.0),
        ]
    )


def test_rows_hold_the_median_rate_and_percentiles_over_all_runs() -> None:
    one, eight, *_ = (row for row in measured_rows() if row.name == "ours")
    assert (one.rate, one.answers, one.known) == (25.0, 1, 0.25)
    assert one.python == pytest.approx(0.1)
    assert (eight.rates, eight.rate) == ((2000.0, 200.0), 1100.0)
    assert [eight.first_p50, eight.first_p95] == pytest.approx([1.1, 2.0])
    assert [eight.answer_p50, eight.answer_p95] == pytest.approx([2.1, 3.0])
    assert eight.accepted is None


def test_ratios_are_against_the_best_server_and_llama_with_one_asker() -> None:
    rows = measured_rows()
    assert [(row.askers, row.name) for row in rows] == [
        (1, "ours"),
        (1, "Llama"),
        (8, "ours"),
        (8, "np=1"),
        (8, "np=8"),
    ]
    one, _, eight, _, _ = rows
    assert against(rows, one, Kind.SERVER) is None
    assert against(rows, eight, Kind.SERVER) == pytest.approx(11.0)
    assert against(rows, one, Kind.LLAMA) == pytest.approx(0.5)
    assert against(rows, eight, Kind.LLAMA) == pytest.approx(22.0)


def test_the_table_has_a_column_for_each_kind_that_was_there() -> None:
    heads, *lines = [line.split("  ") for line in table(measured_rows()).splitlines()]
    assert [head.strip() for head in heads if head.strip()][-5:] == [
        "x server",
        "x Llama",
        "known",
        "python",
        "drafts",
    ]
    assert len(lines) == 5
    assert "11.00x" in " ".join(lines[2])
    assert {len(line) for line in table(measured_rows()).splitlines()} == {len("  ".join(heads))}


def test_what_a_program_reads_holds_every_answer() -> None:
    found = json.loads(json.dumps(as_json([cell("ours", Kind.OURS, 1, 2.0)], {"part": "office"})))
    assert found["part"] == "office"
    assert found["rows"][0]["rate"] == found["cells"][0]["rate"] == 25.0
    assert found["cells"][0]["load"]["records"][0]["first_seconds"] == 0.1


def test_a_card_is_read_with_what_it_does_not_tell() -> None:
    card = parse_card("NVIDIA H100 80GB HBM3, 580.159.04, 81559, 5321, 1980, 2619, 41, [N/A]")
    assert (card.name, card.core_mhz, card.used_mib) == ("NVIDIA H100 80GB HBM3", 1980.0, 5321.0)
    assert math.isnan(card.watts)
    assert "1980/2619 MHz" in str(card)
