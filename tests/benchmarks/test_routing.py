"""What the benchmark of the router counts, by hand."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.figures import Share
from benchmarks.routing import changed, is_kept_local, kept_on_ordinary_days, kind_of, measured, of_words
from benchmarks.routing_report import record, table
from core.routing import Assessment, Complexity, PatternPolicy
from models.training.rows import Row

ROOT = Path(__file__).parents[2]
ROWS = [
    Row("Phòng họp ở đâu?", "simple", "rag", "vi"),
    Row("phong hop o dau vay", "simple", "rag", "vi_nodia"),
    Row("Vì sao hai máy khác nhau?", "complex", "rag", "vi"),
    Row("Tôi đổi ca với một anh ở tổ khác sang tuần sau thì làm", "medium", "rag", "vi"),
    Row("Chào bot!", "simple", "chitchat", "vi"),
]


def no_embedding(_text: str) -> Sequence[float]:
    return ()


def test_shares_come_with_wilsons_interval() -> None:
    low, high = Share(8, 10).interval()
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert Share(0, 0).interval() == (0.0, 1.0)
    assert str(Share(8, 10)) == "0.800  (0.490 to 0.943; 8 of 10)"


def test_verdicts_that_change_are_counted() -> None:
    simple, hard = Assessment(Complexity.SIMPLE, ""), Assessment(Complexity.COMPLEX, "")
    assert changed([simple, hard, hard], [simple, simple, hard]) == Share(1, 3)


def test_rules_know_a_kind_before_the_model() -> None:
    model = Assessment(Complexity.SIMPLE, "", {}, {"rag": 0.6, "attack": 0.4})
    assert kind_of("Chào bot!", model) == "chitchat"
    assert kind_of("Phòng họp ở đâu?", model) == "rag"


def test_what_stays_local_on_ordinary_days_is_weighed() -> None:
    rows = [Row("a", "simple"), Row("b", "complex"), Row("c", "complex")]
    assert kept_on_ordinary_days(rows, [True, True, False]) == pytest.approx((0.60 + 0.12 / 2) / 0.72)


def test_private_questions_count_as_kept_local() -> None:
    private = Row("Vì sao anh Hùng số 0912345678 chưa nhận lương?", "complex")
    assert is_kept_local(PatternPolicy(), private, no_embedding)
    assert not is_kept_local(PatternPolicy(), ROWS[2], no_embedding)


def test_the_report_counts_each_language_and_its_own_figures() -> None:
    report = measured(ROWS, PatternPolicy(), no_embedding, ())
    assert report.right == Share(5, 5)
    assert report.by_lang == {"vi": Share(4, 4), "vi_nodia": Share(1, 1)}
    assert (report.flips, report.missed) == (Share(0, 5), Share(0, 1))
    assert report.kept_local == Share(3, 4)
    assert report.polite_flips.hits > 0
    said = record(report)
    assert {"accuracy", "macro_f1", "auroc_complex", "complex_as_simple", "by_lang", "flip_unaccented"} <= said.keys()
    assert "accuracy, vi_nodia" in table(report)


def test_words_alone_are_learnt_from_other_rows() -> None:
    fitted = [Row(f"{row.text} {n}", row.complexity) for row in ROWS for n in range(3)]
    assert of_words(ROWS, fitted).accuracy == 1.0


def test_rows_of_nothing_but_text_and_complexity_are_enough(tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    rows = [{"text": row.text, "complexity": row.complexity} for row in ROWS]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.routing", "--data", str(data), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    said = json.loads(done.stdout)
    assert said["by_lang"] == {}
    assert 0 <= said["accuracy"] <= 1
    assert said["rows"] == 5
