"""The trained layer of the finder: what it adds to the rules, what it leaves alone, and what holds without it."""

import json
from importlib import resources

import pytest

from core.private.candidates import candidates
from core.private.contexts import features
from core.private.likely import FILE, Readers, likely, read_readers, shipped_readers
from core.private.reading import Reading
from core.private.spans import Kind
from core.private_data import LONGEST_TYPED, Source, find, found_by_rules, kinds_in

NO_RULE = [
    ("con camera kho đang dùng minhtam88 để đăng nhập, đổi ở đâu", Kind.SECRET, "minhtam88"),
    ("wifi phòng chờ dùng hoasen2020 mà không vào được", Kind.SECRET, "hoasen2020"),
    ("Bên mình trả chị Ngân 27 triệu mà chị ấy vẫn xin nghỉ, thủ tục sao", Kind.SALARY, "27 triệu"),
    ("Consultant Peter's day rate is 640 EUR, who countersigns his timesheet?", Kind.SALARY, "640 EUR"),
    ("tôi mới được 11 củ tháng đầu, vậy có đúng mức thử việc không", Kind.SALARY, "11 củ"),
]


@pytest.fixture
def readers() -> Readers:
    found = shipped_readers()
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "kind", "datum"), NO_RULE)
def test_data_that_no_rule_tells_are_found_where_they_stand(text: str, kind: Kind, datum: str) -> None:
    assert not [*found_by_rules(Reading(text))]
    assert [(span.type, text[span.start : span.end]) for span in find(text)] == [(kind, datum)]


@pytest.mark.parametrize(
    "text",
    [
        "Đơn giá 640 EUR một bộ, ai ký hợp đồng?",
        "Giá chào 27 triệu đã gồm thuế, thủ tục thanh toán sao",
        "Máy phát báo lỗi 4471, xử lý sao",
        "Nhập mã vật tư 551903 vào phần mềm kho ở mục nào",
        "Anh Lâm nhận 26.100.000đ tạm ứng mua vật tư",
        "Cập nhật firmware lên bản v4.12rc3 cho tủ VCCS",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert find(text) == ()


def test_what_it_finds_holds_the_question_back() -> None:
    assert kinds_in(NO_RULE[0][0]) == {"secret"}
    assert "pay of a person" in kinds_in(NO_RULE[2][0])


def test_documents_are_read_by_the_rules_alone() -> None:
    text = NO_RULE[0][0]
    assert kinds_in(text, Source.PUBLIC) == frozenset()
    long = text + " Chi tiết xem quy trình." * (LONGEST_TYPED // 20)
    assert len(long) > LONGEST_TYPED
    assert find(long) == ()


def test_without_the_layer_the_rules_find_alone() -> None:
    assert [*likely(Reading(NO_RULE[0][0]), None)] == []


def test_numbers_and_the_data_themselves_weigh_only_by_their_form() -> None:
    said = [
        {*features(Reading(text), span, None)}
        for text, span in (("pass cũ Abcd1234 nhé", (8, 16)), ("pass cũ Wxyz9876 nhé", (8, 16)))
    ]
    words = [{name for name in names if not name.startswith("A ")} for names in said]
    assert words[0] == words[1]
    assert not any("1234" in name for name in words[0])


def test_candidates_stand_behind_signs_and_in_quotes_and_no_thing_is_one() -> None:
    text = 'tk kho/Abc123 hoặc key=Xy99z, câu "con meo an bap cai", mã lỗi 4471'
    (secrets,) = (one for one in candidates(Reading(text)) if one.kind is Kind.SECRET)
    found = {text[start:end] for start, end in secrets.spans}
    assert {"Abc123", "Xy99z", "con meo an bap cai"} <= found
    assert "4471" not in found


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", 99), ("kinds", {}), ("kinds", {"SECRET": {"numbers": "?"}}), ("kinds", None)],
)
def test_a_broken_file_is_no_layer(key: str, value: object) -> None:
    text = resources.files("core").joinpath("data").joinpath(FILE).read_text(encoding="utf-8")
    assert read_readers(text).by_kind.keys() == {Kind.SECRET, Kind.SALARY}
    with pytest.raises(ValueError, match=r".+"):
        read_readers(json.dumps({**json.loads(text), key: value}))


def test_a_higher_threshold_finds_less(readers: Readers) -> None:
    reading = Reading(NO_RULE[0][0])
    assert [span.type for span in likely(reading, readers)] == [Kind.SECRET]
    reader = readers.by_kind[Kind.SECRET]
    strict = type(reader)(reader.weights, reader.bias, 1e6)
    assert [*likely(reading, Readers({**readers.by_kind, Kind.SECRET: strict}, {}))] == []
