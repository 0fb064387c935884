"""The privacy benchmark counts what it says it counts."""

import json
from pathlib import Path

import pytest

from benchmarks.figures import Share
from benchmarks.privacy import is_covered, main, read_rows, times
from core.private.spans import Kind, Span

SENTENCES: list[dict[str, object]] = [
    {"text": "Lương của chị Hoa là bao nhiêu?", "private": True, "type": "salary"},
    {"text": "chi Hoa hay im lặng", "private": False, "type": None},
    {"text": "Công ty trả lương ngày nào?", "private": False},
    {"text": "Trời đẹp quá", "private": True},
]
PHONE = "Gọi 0912 345 678 gặp Hạnh"
SPANS: list[dict[str, object]] = [
    {"text": PHONE, "spans": [{"start": 4, "end": 16, "type": "PHONE"}]},
    {"text": "Căn cước 001203004567", "spans": [{"start": 9, "end": 21, "type": "TAX"}]},
    {"text": "Tần số 118.1 MHz", "spans": []},
    {"text": "Số 0912345678", "spans": []},
]


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


def printed(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    main(["--data", str(path), *options])
    return capsys.readouterr().out


def test_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, SENTENCES)
    assert json.loads(printed(path, capsys, "--json")) == {"recall": 0.5, "false_alarm": 0.5}
    table = printed(path, capsys, "--every")
    assert "recall             0.500      0.095 to 0.905      1 of 2" in table
    assert "missed: Trời đẹp quá" in table
    assert "false alarm: chi Hoa hay im lặng" in table
    assert "gate over question, 3 turns and 5 passages: p50 " in table


def test_spans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, SPANS)
    assert json.loads(printed(path, capsys, "--json")) == {
        "span_recall": 0.5, "by_type": {"PHONE": 1.0, "TAX": 0.0}, "clean_touched": 0.5,
    }  # fmt: skip
    table = printed(path, capsys, "--every")
    assert "missed TAX '001203004567': Căn cước 001203004567" in table
    assert "touched '0912345678' as PHONE: Số 0912345678" in table


@pytest.mark.parametrize(
    ("spans", "covered"),
    [
        ([Span(4, 16, Kind.PHONE)], True),
        ([Span(0, 20, Kind.PHONE)], True),
        ([Span(4, 10, Kind.PHONE), Span(10, 16, Kind.PHONE)], True),
        ([Span(4, 15, Kind.PHONE)], False),
        ([Span(4, 16, Kind.BANK)], False),
        ([], False),
    ],
)
def test_a_span_is_found_when_every_character_of_it_is(spans: list[Span], *, covered: bool) -> None:
    assert is_covered((4, 16, "PHONE"), spans) is covered


def test_a_file_of_both_shapes_or_of_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="with and without spans"):
        read_rows(written(tmp_path, [SENTENCES[0], SPANS[0]]))
    with pytest.raises(ValueError, match="neither private nor spans"):
        read_rows(written(tmp_path, [{"text": "?"}]))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (57, 60, 0.863, 0.983)]
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval() == pytest.approx((low, high), abs=1e-3)


def test_the_gate_is_timed_for_every_round(tmp_path: Path) -> None:
    taken = times(read_rows(written(tmp_path, SENTENCES)), rounds=3)
    assert len(taken) == 3
    assert all(milliseconds > 0 for milliseconds in taken)
