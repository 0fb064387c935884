"""The gate's layer is made of the rows that come with it, always the same."""

import json
from datetime import date
from importlib import resources

import numpy as np

from core.private.judging import FILE, read_judge
from core.private.reading import Reading
from core.private.sentences import told_in
from models.training.gate import Row, calibrated, digest, rows_of, shipped_rows, threshold_of, train

MATTERS = ("bị ung thư gan", "lương bao nhiêu", "bị kỷ luật vì sao", "ly hôn chưa", "thi rớt môn nào")
WORK = ("họp ở phòng nào", "trực ca nào", "giữ chìa khóa kho", "ký biên bản chưa", "lắp anten hôm nào")
PEOPLE = ("anh Nam", "chị Hoa", "anh Dũng", "cô Hạnh", "ông Tư", "em Trang")


def a_few_rows() -> list[Row]:
    return [
        Row(f"{who} {what}", is_private, f"{who}", is_fresh=True, weight=1.0)
        for who in PEOPLE
        for said, is_private in ((MATTERS, True), (WORK, False))
        for what in said
    ]


def test_the_shipped_layer_is_of_the_shipped_rows() -> None:
    text = resources.files("core").joinpath("data").joinpath(FILE).read_text(encoding="utf-8")
    about = read_judge(text).about
    rows = shipped_rows()
    assert about["sha256"] == digest(rows)
    assert about["rows"] == len(rows)
    assert len(text) < 400_000


def test_the_same_rows_give_the_same_layer_and_it_tells_them_apart() -> None:
    rows = a_few_rows()
    text = train(rows, date(2026, 11, 27))
    assert text == train(rows, date(2026, 11, 27))
    judge = read_judge(text)
    assert json.loads(text)["about"]["rows"] == len(rows)
    private, work = (Reading(text) for text in ("chị Mai ly hôn chưa", "chị Mai trực ca nào"))
    assert judge.chance(private, told_in(private)) > judge.chance(work, told_in(work))


def test_neighbours_are_one_group_and_rows_without_a_label_are_left_out() -> None:
    lines = [json.dumps({"text": f"câu {number}", "private": number % 2 == 0}) for number in range(5)]
    rows = rows_of([*lines, json.dumps({"text": "x", "private": None}), ""], "own.jsonl")
    assert [row.group for row in rows] == ["own.jsonl:0"] * 4 + ["own.jsonl:1"]
    assert all(row.is_fresh for row in rows)
    assert not rows_of(lines, "early.jsonl")[0].is_fresh
    assert not rows_of(lines, "router_x.jsonl", is_router=True)[0].is_fresh


def test_the_threshold_keeps_false_alarms_low() -> None:
    chances = np.array([*np.linspace(0.0, 0.5, 100), *np.linspace(0.4, 1.0, 100)])
    private = np.array([0] * 100 + [1] * 100)
    at = threshold_of(chances, private, np.zeros(200))
    assert (chances[:100] >= at).mean() <= 0.1
    assert (chances[:100] >= at - 0.02).mean() > 0.09


def test_calibration_grows_with_the_score() -> None:
    scale, _ = calibrated(np.array([-2.0, -1.0, 1.0, 2.0] * 10), np.array([0, 0, 1, 1] * 10))
    assert scale > 0
