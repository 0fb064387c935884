"""The gate: labels are the wall, patterns the net, a fault closes both."""

from dataclasses import replace

import pytest

from core.documents import Label, Space
from core.folding import fold
from core.privacy import PrivacyGate, Reach
from core.private_data import DETECTORS
from tests.core.makers import INTERNAL, SECRET, SPACES, passage

GATE = PrivacyGate()


def reach_of(question: str) -> Reach:
    return GATE.clear([question], [passage("Nội quy chung.")], SPACES).reach


def test_a_plain_question_over_public_passages_may_leave() -> None:
    clearance = GATE.clear(["Giờ làm việc thế nào?"], [passage("Từ 8 giờ.")], SPACES)
    assert clearance.reach is Reach.OUTSIDE
    assert clearance.reasons == ()


@pytest.mark.parametrize("space", [INTERNAL, SECRET])
def test_one_passage_of_a_space_that_stays_holds_the_prompt(space: Space) -> None:
    held = GATE.clear(["?"], [passage("a"), passage("b", number=2, space=space)], SPACES)
    assert held.reach is Reach.OFFICE
    assert held.reasons == (f"label {space.label.value}",)


def test_an_administrator_can_let_an_internal_space_leave() -> None:
    spaces = {**SPACES, INTERNAL.name: replace(INTERNAL, may_leave=True)}
    assert GATE.clear(["?"], [passage("b", space=INTERNAL)], spaces).reach is Reach.OUTSIDE


def test_a_space_that_may_leave_is_still_read_for_personal_data() -> None:
    spaces = {**SPACES, INTERNAL.name: replace(INTERNAL, may_leave=True)}
    held = GATE.clear(["?"], [passage("Gọi anh Nam 0912 345 678", space=INTERNAL)], spaces)
    assert held.reasons == ("phone",)


def test_a_passage_of_an_unknown_space_stays() -> None:
    assert GATE.clear(["?"], [passage("a")], {}).reach is Reach.OFFICE


def test_a_passage_keeps_its_label_when_the_space_has_become_public() -> None:
    spaces = {INTERNAL.name: replace(INTERNAL, label=Label.PUBLIC)}
    assert GATE.clear(["?"], [passage("a", space=INTERNAL)], spaces).reach is Reach.OFFICE


@pytest.mark.parametrize(
    "text",
    [
        "Số của chị Hạnh là 0912 345 678 đúng không?",
        "goi +84 912.345.678 giup toi",
        "CCCD 001203004567 của tôi hết hạn",
        "stk cua em la 19034567890123",
        "Mã số thuế của tôi: 8123456789",
        "gui ve lan.nguyen@vidu.vn nhe",
        "mat khau la Abc@12345 khong vao duoc",
        "dùng sk-or-v1-abcdef0123456789 được không",
        "Lương của chị Hoa là bao nhiêu?",
        "luong toi thang nay 25 trieu, dong thue the nao",
        "Anh Tuấn bị ung thư thì nghỉ thế nào?",
        "Vì sao kỷ luật anh Hùng?",
    ],
)
def test_what_people_type_about_people_stays(text: str) -> None:
    assert reach_of(text) is Reach.OFFICE


@pytest.mark.parametrize(
    "text",
    [
        "Tôi có bao nhiêu ngày nghỉ phép năm?",
        "Công ty trả lương ngày nào?",
        "Quy trình xử lý kỷ luật gồm mấy bước?",
        "Mật khẩu phải dài bao nhiêu ký tự?",
        "mat khau la gi, doi o dau?",
        "Chu kỳ bảo trì DVOR 113.7 MHz là mấy tháng?",
        "How do I reset my password?",
        "Hạn mức tạm ứng 50.000.000 đồng ai duyệt?",
    ],
)
def test_questions_about_rules_may_leave(text: str) -> None:
    assert reach_of(text) is Reach.OUTSIDE


def test_a_detector_that_fails_keeps_the_question_in_the_office() -> None:
    def broken(_text: str) -> bool:
        raise ZeroDivisionError

    clearance = PrivacyGate({"broken": broken}).clear(["Giờ làm việc?"], [], SPACES)
    assert clearance.reach is Reach.OFFICE
    assert clearance.reasons == ("detector failed",)


def test_reasons_never_hold_what_was_found() -> None:
    clearance = GATE.clear(["so cua toi 0912345678"], [passage("x", space=SECRET)], SPACES)
    assert set(clearance.reasons) <= {*DETECTORS, "label confidential"}


def test_folding_keeps_digits_and_drops_marks() -> None:
    assert fold("Đường Nguyễn Huệ, số 12Ă") == "duong nguyen hue, so 12a"
