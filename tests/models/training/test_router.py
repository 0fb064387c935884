"""From labelled questions to a model file: the same rows give the same file, and the file says what was fitted."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.complexity_model import read_model
from core.errors import SotayError
from core.folding import fold
from core.routing import LearnedPolicy
from models.training.router import FOLDS, Trained, folds_of, thresholds_of, train, verdicts
from models.training.rows import Row, digest, read_rows, rows_of, shipped_rows, without_repeats
from models.training.votes import VOTE_WEIGHT, rows_of_votes

MADE = date(2026, 11, 23)
THINGS = (
    "máy in", "máy nổ", "thẻ từ", "xe công", "bộ đàm", "màn hình", "tai nghe", "hộp thư", "kho lạnh", "phòng họp",
    "đèn bàn", "cửa sổ", "bàn phím", "tủ điện", "ổ khóa", "áo mưa", "cầu thang", "nhà xe", "sân sau", "bể nước",
)  # fmt: skip
ROWS = [
    row
    for place, thing in enumerate(THINGS)
    for row in (
        Row(f"{thing} ở đâu?", "simple", "rag", "vi", f"g{place}"),
        Row(f"Thủ tục mượn {thing} gồm những bước nào?", "medium", "rag", "vi", f"g{place}"),
        Row(f"Vì sao {thing} hay hỏng, đề xuất phương án thay?", "complex", "rag", "vi", f"g{place}"),
        Row(f"Chào {thing} nhé", "simple", "chitchat", "vi", f"g{place}"),
    )
]


def embed(text: str) -> Sequence[float]:
    """Two numbers that tell a little, the same for all ways of typing."""
    folded = fold(text)
    return [1.0 * ("vi sao" in folded), 1.0 * ("buoc" in folded) + 0.01 * len(folded)]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(ROWS, embed, "counting-1", MADE)


def test_what_was_learnt_is_in_the_file(trained: Trained) -> None:
    policy = LearnedPolicy(read_model(trained.text, "router.json"), "counting-1")
    for text, expected in (
        ("Cái chổi ở đâu?", "simple"),
        ("Thủ tục mượn cái chổi gồm những bước nào?", "medium"),
        ("Vì sao cái chổi hay hỏng, đề xuất phương án thay?", "complex"),
    ):
        for typed in (text, fold(text), f"Dạ em chào anh chị, cho em hỏi {text}"):
            assert policy.assess(typed, embed(typed)).complexity == expected
            assert policy.assess(typed).complexity == expected
    assert max(policy.assess("Chào cái chổi nhé").kinds.items(), key=lambda item: item[1])[0] == "chitchat"


def test_figures_are_those_of_rows_held_out(trained: Trained) -> None:
    assert trained.figures.accuracy > 0.95
    assert trained.flips == 0.0
    about = json.loads(trained.text)["about"]
    assert about["cross_validation"]["accuracy"] == round(trained.figures.accuracy, 4)
    assert about["complexity"] == {"complex": 20, "medium": 20, "simple": 40}
    assert about["sha256"] == digest(ROWS)


def test_the_same_rows_give_the_same_file_and_others_another(trained: Trained) -> None:
    assert train(ROWS, embed, "counting-1", MADE).text == trained.text
    assert train(ROWS[:-4], embed, "counting-1", MADE).text != trained.text


def test_no_sentence_of_the_rows_is_in_the_file(trained: Trained) -> None:
    assert not any(fold(thing) in fold(trained.text) for thing in THINGS)


def test_labels_that_say_nothing_teach_nothing() -> None:
    """The figures are honest: with labels dealt at random nothing can be known of rows held out."""
    labels = np.random.default_rng(5).permutation([row.complexity for row in ROWS])
    shuffled = [Row(row.text, label, row.kind, "vi", row.group) for row, label in zip(ROWS, labels, strict=True)]
    assert train(shuffled, embed, "counting-1", MADE).figures.accuracy < 0.65


def test_rows_that_belong_together_are_never_on_both_sides() -> None:
    groups = [row.group for row in ROWS]
    seen = []
    for fitted, left in folds_of(groups):
        assert not {groups[row] for row in fitted} & {groups[row] for row in left}
        seen += list(left)
    assert sorted(seen) == list(range(len(ROWS)))
    assert len(list(folds_of(groups))) == FOLDS


def test_thresholds_are_where_mistakes_cost_least() -> None:
    chances = np.array([[0.8, 0.1, 0.1], [0.5, 0.3, 0.2], [0.55, 0.1, 0.35], [0.1, 0.2, 0.7]])
    hard, easy = thresholds_of(chances, np.array([0, 1, 2, 2]), np.ones(4))
    assert verdicts(chances, hard, easy).tolist() == [0, 1, 2, 2]


def test_rows_are_read_with_their_neighbours(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"câu {n}", "complexity": "simple", "lang": "vi"}) for n in range(10)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join([*lines, "", '{"text": "x", "complexity": "complex", "kind": "attack", "group": "g"}']))
    rows = read_rows(path)
    assert [row.group for row in rows] == [*["rows.jsonl:0"] * 9, "rows.jsonl:1", "g"]
    assert (rows[0].kind, rows[0].language, rows[-1].kind) == ("rag", "vi", "attack")


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"text": "x"}', '{"text": " ", "complexity": "simple"}', '{"text": "x", "complexity": "hard"}']
)
def test_a_bad_row_is_named_by_its_line(line: str) -> None:
    with pytest.raises(SotayError, match=r"Line 2 of rows\.jsonl"):
        rows_of(['{"text": "x", "complexity": "simple"}', line], "rows.jsonl")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SotayError, match="Cannot read"):
        read_rows(tmp_path / "none.jsonl")


def test_rows_that_differ_by_their_marks_alone_count_once() -> None:
    rows = [Row("Mấy giờ?", "simple"), Row("may gio?", "medium"), Row("Ai?", "simple")]
    assert without_repeats(rows) == [rows[0], rows[2]]


def test_the_shipped_rows_are_whole_and_none_is_measured_by() -> None:
    rows = shipped_rows()
    assert len(without_repeats(rows)) > 1_500
    kept_apart = read_rows(Path(__file__).parents[3] / "benchmarks/data/routing/heldout.jsonl")
    assert not {fold(row.text) for row in rows} & {fold(row.text) for row in kept_apart}


def test_votes_move_a_question_only_as_far_as_they_tell(trained: Trained) -> None:
    model = read_model(trained.text, "router.json")
    votes = [
        {"question": "Vì sao máy in hay hỏng, đề xuất phương án thay?", "route": "local", "label": True},
        {"question": "máy in ở đâu?", "route": "local", "label": False},
        {"question": "máy in ở đâu?", "route": "local", "label": True},
        {"question": "máy nổ ở đâu?", "route": "api", "label": False},
    ]
    rows = rows_of_votes([json.dumps(vote) for vote in votes], model)
    assert rows[0].complexity in {"simple", "medium"}
    assert [row.complexity for row in rows[1:]] == ["medium", "simple"]
    assert {row.weight for row in rows} == {VOTE_WEIGHT}
    with pytest.raises(SotayError):
        rows_of_votes(["{}"], model)
