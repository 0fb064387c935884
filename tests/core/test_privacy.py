"""The gate: labels are the wall, patterns the net, a fault closes both."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from core.conversation import ATTACHED
from core.documents import Label, Space
from core.folding import fold
from core.privacy import LONGEST, PrivacyGate, Reach
from core.private_data import MOST_REMEMBERED, Source, kinds_in
from tests.core.makers import INTERNAL, PUBLIC, SECRET, SPACES, passage

GATE = PrivacyGate()
OPENED = {**SPACES, INTERNAL.name: replace(INTERNAL, may_leave=True)}


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
    assert held.reasons == (f"label {space.label.value} (a passage of space {space.name})",)


def test_an_administrator_can_let_an_internal_space_leave() -> None:
    assert GATE.clear(["?"], [passage("b", space=INTERNAL)], OPENED).reach is Reach.OUTSIDE


@pytest.mark.parametrize("space", [PUBLIC, INTERNAL])
def test_a_passage_that_may_leave_is_still_read_for_personal_data(space: Space) -> None:
    held = GATE.clear(["?"], [passage("Gọi anh Nam 0912 345 678", space=space)], OPENED)
    assert held.reasons == (f"phone (a passage of space {space.name})",)


def test_title_and_heading_of_a_passage_are_read_too() -> None:
    titled = replace(passage("Xem hồ sơ."), title="Căn cước 001 203 004 567")
    assert GATE.clear(["?"], [titled], SPACES).reasons == ("identity number (a passage of space chung)",)
    assert GATE.clear(["?"], [replace(titled, title="", heading=titled.title)], SPACES).reach is Reach.OFFICE


def test_what_a_document_says_of_a_person_holds_it_unless_the_whole_world_may_read_it() -> None:
    text = "Quyết định kỷ luật anh Trần Văn Hùng bằng hình thức khiển trách."
    held = GATE.clear(["?"], [passage(text, space=INTERNAL)], OPENED)
    assert f"discipline of a person (a passage of space {INTERNAL.name})" in held.reasons
    assert GATE.clear(["?"], [passage(text)], OPENED).reach is Reach.OUTSIDE
    assert GATE.clear(["?"], [passage("Ông Trần Văn Hùng ký ban hành.", space=INTERNAL)], OPENED).reach is Reach.OUTSIDE


def test_a_passage_of_an_unknown_space_stays() -> None:
    clearance = GATE.clear(["?"], [passage("a")], {})
    assert clearance.reach is Reach.OFFICE
    assert clearance.reasons == ("unknown space (a passage of space chung)",)


def test_a_file_that_came_with_a_question_stays() -> None:
    attached = replace(passage("a", space=SECRET), space=ATTACHED)
    assert GATE.clear(["?"], [attached], SPACES).reasons == ("label confidential (an attached file)",)


def test_a_passage_keeps_its_label_when_the_space_has_become_public() -> None:
    spaces = {INTERNAL.name: replace(INTERNAL, label=Label.PUBLIC)}
    assert GATE.clear(["?"], [passage("a", space=INTERNAL)], spaces).reach is Reach.OFFICE


def test_the_reasons_tell_the_question_from_what_was_said_before() -> None:
    clearance = GATE.clear(["Nghỉ mấy ngày?", "sđt em 0912345678", "Lương chị Hoa bao nhiêu?"], [], SPACES)
    assert clearance.reasons == ("pay of a person (the history)", "phone (the history)")
    assert GATE.clear(["sđt em 0912345678", "Nghỉ mấy ngày?"], [], SPACES).reasons == ("phone (the question)",)


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


@pytest.mark.parametrize("source", ["question", "passage"])
def test_a_detector_that_fails_keeps_the_question_in_the_office(source: str) -> None:
    def broken(text: str, _source: Source) -> Collection[str]:
        if text != "?":
            raise ZeroDivisionError
        return ()

    asked = "Giờ làm việc?" if source == "question" else "?"
    clearance = PrivacyGate(broken).clear([asked], [passage("a")] if source == "passage" else [], SPACES)
    assert clearance.reach is Reach.OFFICE
    where = "the question" if source == "question" else "a passage of space chung"
    assert clearance.reasons == (f"detector failed ({where})",)


def test_what_is_too_long_to_be_read_stays() -> None:
    clearance = GATE.clear(["a" * (LONGEST + 1)], [], SPACES)
    assert clearance.reasons == ("too long to be read (the question)",)
    assert GATE.clear(["a" * LONGEST], [], SPACES).reach is Reach.OUTSIDE


def test_reasons_never_hold_what_was_found() -> None:
    clearance = GATE.clear(["so cua toi 0912345678, luong anh Tuan 25 trieu"], [passage("x", space=SECRET)], SPACES)
    assert clearance.reasons == (
        "label confidential (a passage of space nhan-su)",
        "pay of a person (the question)",
        "phone (the question)",
    )
    assert not any(datum in reason for reason in clearance.reasons for datum in ("0912", "Tuan", "25"))


def test_what_was_found_in_a_document_is_remembered_and_its_text_is_not_asked_again() -> None:
    text = "Trực ban: 0912 345 678"
    assert kinds_in(text, Source.DOCUMENT) is kinds_in(text, Source.DOCUMENT)
    assert kinds_in(text, Source.PUBLIC) == {"phone"}
    first = kinds_in(text, Source.DOCUMENT)
    for number in range(MOST_REMEMBERED):
        kinds_in(f"{number}", Source.PUBLIC)
    assert kinds_in(text, Source.DOCUMENT) is not first


def test_folding_keeps_digits_and_drops_marks() -> None:
    assert fold("Đường Nguyễn Huệ, số 12Ă") == "duong nguyen hue, so 12a"
