"""The answer check's benchmark, its rows, and the training of its model."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.checks import Result, check, figures, report, verified
from core.checking.scoring import scorer
from core.checks import Judgement, Verdict
from models.training.checks import Triple, fit, p_good, passages_of, read_triples, table_of, threshold_of, train
from tests.fakes import ScriptedModel

ROOT = Path(__file__).parents[2]
DATA = ROOT / "benchmarks/data/checks"
CONTEXT = "Người lao động được nghỉ 14 ngày."
GOOD = Triple("Được nghỉ mấy ngày?", CONTEXT, "Bạn được nghỉ 14 ngày.", good=True)
BAD = Triple("Được nghỉ mấy ngày?", CONTEXT, "Bạn được nghỉ 20 ngày.", good=False)
HONEST = Triple("Phòng họp có máy chiếu không?", CONTEXT, "Tôi không biết.", good=True)
LAZY = Triple("Được nghỉ mấy ngày?", CONTEXT, "Tôi không biết.", good=False)


def write(path: Path, triples: list[Triple]) -> Path:
    fields = [
        {"question": one.question, "context": one.context, "answer": one.answer, "good": one.good} for one in triples
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in fields), encoding="utf-8")
    return path


def test_what_is_flagged() -> None:
    assert [check(one).is_flagged for one in (GOOD, BAD, HONEST, LAZY)] == [False, True, False, True]


def test_the_figures_are_shares() -> None:
    results = [check(one) for one in (GOOD, BAD, HONEST, LAZY)]
    assert figures(results) == {"bad_caught": 1.0, "good_escalated": 0.0}
    assert figures([Result(GOOD, Judgement(Verdict.UNSURE, "x"))]) == {"bad_caught": 0.0, "good_escalated": 1.0}


async def test_only_grey_answers_are_verified() -> None:
    model = ScriptedModel(["yes"])
    sure = check(GOOD)
    assert await verified(sure, model) is sure
    assert model.requests == []
    limits = scorer().thresholds
    grey = Result(GOOD, Judgement(Verdict.UNSURE, "x", (limits.poor + limits.good) / 2, is_grey=True))
    assert not (await verified(grey, model)).is_flagged
    assert len(model.requests) == 1


def test_the_table_names_reasons_and_rows(capsys: pytest.CaptureFixture[str]) -> None:
    report([check(GOOD), check(BAD), Result(GOOD, Judgement(Verdict.POOR, "loop"))], every=True)
    out = capsys.readouterr().out
    assert "1.00 (0.21-1.00)" in out
    assert "a number stands in no passage" in out
    assert "FALSE ALARM" in out
    assert "MISSED" not in out


def test_the_command_prints_json(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", [GOOD, BAD])
    command = [sys.executable, "-m", "benchmarks.checks", "--data", str(file), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert json.loads(done.stdout) == {"bad_caught": 1.0, "good_escalated": 0.0}


@pytest.mark.parametrize(
    ("context", "texts"),
    [
        ("Một đoạn.", ["Một đoạn."]),
        ("Đoạn một.\nDòng hai.\n\nĐoạn hai.", ["Đoạn một.\nDòng hai.", "Đoạn hai."]),
        ("[1] Đoạn một.\n[2] Đoạn hai.", ["Đoạn một.", "Đoạn hai."]),
        ("[Thư nội bộ] Đoạn một.", ["[Thư nội bộ] Đoạn một."]),
        (
            "[1] Kho mở lúc 7 giờ. [2] Kho khoá lúc 18 giờ. [3] Thủ kho: anh Sơn.",
            ["Kho mở lúc 7 giờ.", "Kho khoá lúc 18 giờ.", "Thủ kho: anh Sơn."],
        ),
        ("[1] Xem mục [4] của sổ [1].", ["Xem mục [4] của sổ [1]."]),
        ("Theo mục [1] và [2] của sổ.", ["Theo mục [1] và [2] của sổ."]),
        ("", []),
    ],
)
def test_paragraphs_and_marks_begin_passages(context: str, texts: list[str]) -> None:
    assert [passage.text for passage in passages_of(context)] == texts


class TestTraining:
    """The model learns what speaks against an answer, and nothing that speaks for one."""

    def test_no_weight_is_positive(self) -> None:
        features = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
        weights = fit(features, np.array([False, False, True, True, True]))
        assert weights[1] < 0 == weights[2]
        p = p_good(features, weights)
        assert p[0] < p[2] == p[4]

    def test_rules_decide_before_the_model(self) -> None:
        table = table_of([GOOD, BAD])
        assert list(table.open) == [True, False]
        assert list(table.flagged(np.array([1.0, 1.0]), 0.5)) == [False, True]

    def test_the_threshold_flags_no_more_good_rows_than_allowed(self) -> None:
        table = table_of([GOOD] * 50)
        p = np.array([0.1, *[0.9] * 49])
        assert threshold_of(table, p) == 0.9

    def test_the_same_rows_give_the_same_model(self, tmp_path: Path) -> None:
        rows = [triple for triple in read_triples(DATA / "tune.jsonl") if len(triple.context) < 250]
        file = write(tmp_path / "rows.jsonl", rows)
        assert train([file]) == train([file])


class TestTheModelThatShips:
    """`core/data/checks.json` is what the committed rows give."""

    def test_it_was_made_from_the_committed_rows(self) -> None:
        made, shipped = train([DATA / "tune.jsonl"]), json.loads((ROOT / "core/data/checks.json").read_text("utf-8"))
        assert {**made, "made": ""} == {**shipped, "made": ""}
        assert shipped["crossed"]["good_escalated"] <= 0.055

    def test_the_rows_kept_apart_share_no_context_with_the_others(self) -> None:
        tune, exam = (read_triples(DATA / name) for name in ("tune.jsonl", "exam.jsonl"))
        assert not {one.context for one in tune} & {one.context for one in exam}
        assert len(tune) > 900
        assert len(exam) == 90
