"""The search benchmark measures what it says: against values worked out by hand, and on a corpus of four lines."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.retrieval import DEPTH, MEASURES, Rows, chunks_of, main, questions_of, read_lines, score

CORPUS = [
    {"id": "phep", "src": "noi-quy", "text": "Nghỉ phép năm: mỗi nhân viên có 12 ngày nghỉ phép hưởng nguyên lương."},
    {"id": "om", "src": "noi-quy", "text": "Nghỉ ốm từ hai ngày trở lên cần giấy xác nhận của bác sĩ."},
    {"id": "luong", "src": "luong", "text": "Lương được trả vào ngày 5 hằng tháng qua ngân hàng."},
    {"id": "wifi", "src": "mang", "text": "Mật khẩu Wi-Fi cho khách dán ở quầy lễ tân."},
]
QUERIES = [
    {"set": "nho", "vi": "nghỉ phép năm", "vi_unaccented": "nghi phep nam", "relevant": ["phep"]},
    {"set": "nho", "vi": "mật khẩu wifi", "en?": "wifi password for guests", "relevant": ["wifi"]},
]
NAMES = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True)


def one(found: str, relevant: str) -> dict[str, float]:
    return score(list(found), frozenset(relevant))


@pytest.mark.parametrize(
    ("found", "recall_1", "recall_5", "recall_10", "reciprocal"),
    [
        ("abcdefghij", 1, 1, 1, 1),
        ("bacdefghij", 0, 1, 1, 1 / 2),
        ("bcdeafghij", 0, 1, 1, 1 / 5),
        ("bcdefaghij", 0, 0, 1, 1 / 6),
        ("bcdefghija", 0, 0, 1, 1 / 10),
        ("bcdefghijka", 0, 0, 0, 0),
        ("", 0, 0, 0, 0),
    ],
)
def test_recall_and_reciprocal_rank_follow_the_place_of_the_first_right_chunk(
    found: str, recall_1: int, recall_5: int, recall_10: int, reciprocal: float
) -> None:
    scored = one(found, "a")
    assert [scored[name] for name in ("recall@1", "recall@5", "recall@10")] == [recall_1, recall_5, recall_10]
    assert scored["mrr@10"] == pytest.approx(reciprocal)


def test_recall_counts_any_right_chunk_and_not_each() -> None:
    assert one("xb", "abc")["recall@5"] == 1.0
    assert one("xb", "abc")["mrr@10"] == 0.5


@pytest.mark.parametrize(
    ("found", "relevant", "gain"),
    [
        ("a", "a", 1.0),
        ("xa", "a", 1 / math.log2(3)),
        ("xya", "a", 0.5),
        ("ab", "ab", 1.0),
        ("a", "ab", 1 / (1 + 1 / math.log2(3))),
        ("xab", "ab", (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))),
        ("xy", "ab", 0.0),
    ],
)
def test_discounted_gain_is_measured_against_the_best_order_possible(found: str, relevant: str, gain: float) -> None:
    assert one(found, relevant)["ndcg@10"] == pytest.approx(gain)


def test_more_right_chunks_than_places_can_still_reach_1() -> None:
    names = [f"c{n}" for n in range(3 * DEPTH)]
    assert score(names, frozenset(names))["ndcg@10"] == pytest.approx(1.0)


@given(found=NAMES, relevant=NAMES.filter(bool))
def test_every_measure_lies_between_0_and_1_and_recall_grows_with_depth(found: list[str], relevant: list[str]) -> None:
    scored = score(found, frozenset(relevant))
    assert tuple(scored) == MEASURES
    assert all(0.0 <= value <= 1.0 + 1e-9 for value in scored.values())
    assert scored["recall@1"] <= scored["recall@5"] <= scored["recall@10"]
    assert scored["mrr@10"] >= scored["recall@1"]


@given(found=NAMES.filter(lambda names: len(names) > 1), place=st.integers(min_value=1, max_value=15))
def test_moving_a_right_chunk_up_never_lowers_a_measure(found: list[str], place: int) -> None:
    place = min(place, len(found) - 1)
    relevant = frozenset(found[place])
    moved = [*found[: place - 1], found[place], found[place - 1], *found[place + 1 :]]
    before, after = score(found, relevant), score(moved, relevant)
    assert all(after[name] >= before[name] for name in MEASURES)


def test_a_question_is_asked_once_for_each_way_of_typing_it() -> None:
    asked = list(questions_of(QUERIES))
    assert [(one.typing, one.text) for one in asked] == [
        ("vi", "nghỉ phép năm"),
        ("vi_unaccented", "nghi phep nam"),
        ("vi", "mật khẩu wifi"),
        ("en", "wifi password for guests"),
    ]
    assert asked[1].relevant == frozenset({"phep"})


def test_a_row_whose_right_chunks_are_no_list_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="q7"):
        list(questions_of([{"id": "q7", "set": "nho", "vi": "nghỉ", "relevant": "phep"}]))


async def test_the_corpus_confirms_only_what_lies_in_the_spaces_asked_for() -> None:
    rows = Rows(chunks_of(CORPUS))
    confirmed = await rows(["phep", "luong"], frozenset({"luong"}))
    assert list(confirmed) == ["luong"]
    assert confirmed["luong"].text == CORPUS[2]["text"]


def test_empty_lines_of_a_file_are_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "a"}\n\n  \n{"id": "b"}\n', encoding="utf-8")
    assert read_lines(file) == [{"id": "a"}, {"id": "b"}]


def test_a_small_run_finds_everything_and_prints_nothing_but_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / name).write_text(lines, encoding="utf-8")
    main(["--corpus", str(tmp_path / "corpus"), "--queries", str(tmp_path / "queries"), "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert figures.keys() == {"nho", "ms_p50", "ms_p95"}
    assert figures["nho"].keys() == {"vi", "vi_unaccented", "en"}
    assert all(value == 1.0 for typing in figures["nho"].values() for value in typing.values())
    assert 0 < figures["ms_p50"] <= figures["ms_p95"]
