"""Follow-ups become queries that stand alone."""

import pytest

from core.conversation import Turn
from core.threads import is_follow_up, standalone_query

LEAVE = Turn("Tôi có bao nhiêu ngày nghỉ phép năm?", "Tôi có bao nhiêu ngày nghỉ phép năm?", "14 ngày [1].")


@pytest.mark.parametrize(
    "text",
    ["Còn làm ở vị trí độc hại thì sao?", "the con cuoi tuan?", "Vậy ai duyệt?", "What about Sundays?", "Ai duyệt?",
     "Nếu vậy phải báo trước mấy ngày?", "who approves it?"],
)  # fmt: skip
def test_short_questions_that_lean_back_are_follow_ups(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    ["Tôi có bao nhiêu ngày nghỉ phép năm?", "Mua máy in thì ai duyệt?", "How many days of leave do I get?",
     "Còn nếu tôi vừa chuyển từ hợp đồng thời vụ sang chính thức hôm qua thì hồ sơ gồm những gì?"],
)  # fmt: skip
def test_questions_that_stand_alone_are_not(text: str) -> None:
    assert not is_follow_up(text)


def test_a_follow_up_is_joined_to_the_question_before() -> None:
    assert standalone_query("Còn vị trí độc hại?", [LEAVE]) == f"{LEAVE.query}\nCòn vị trí độc hại?"


def test_a_chain_of_follow_ups_keeps_its_first_question() -> None:
    second = Turn("Còn vị trí độc hại?", f"{LEAVE.query}\nCòn vị trí độc hại?", "16 ngày [1].")
    assert standalone_query("Vậy ai duyệt?", [LEAVE, second]) == f"{LEAVE.query}\nVậy ai duyệt?"


def test_the_first_question_of_a_thread_stands_as_it_is() -> None:
    assert standalone_query("Còn gì?", []) == "Còn gì?"


def test_a_new_subject_leaves_the_thread_behind() -> None:
    assert standalone_query("Mật khẩu dài bao nhiêu ký tự?", [LEAVE]) == "Mật khẩu dài bao nhiêu ký tự?"
