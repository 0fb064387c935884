"""Follow-ups become queries that stand alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import Remark, Turn
from core.threads import (
    LEANED_ON_CHARACTERS,
    REMARKS,
    REMARKS_CHARACTERS,
    Understood,
    cut,
    is_follow_up,
    says_nothing,
    shown_remarks,
    standalone_query,
    understand,
)

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


AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
ASKED = "Tiền khách sạn tối đa bao nhiêu một đêm?"
TOLD = "Máy in tầng 3 hết mực rồi"


def remark(text: str, minutes: int = 0) -> Remark:
    return Remark(text, AT + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "giúp với", "ai biết không?", "giup em voi a", "như trên thì sao?", "trả lời giúp nhé", "help",
     "what about this?", "can you help?", "cho em hỏi với ạ", "\U0001f64f"],
)  # fmt: skip
def test_a_call_for_help_says_nothing(text: str) -> None:
    assert says_nothing(text)
    assert standalone_query(text, (), [remark(ASKED)]) == ASKED


@pytest.mark.parametrize("text", ["Bàn?", "Bảo vệ", "Phép?", "ai duyệt?", "IT?", "tóm tắt giúp", "hạn nộp?", "Tổ nào?"])
def test_one_word_that_tells_is_enough(text: str) -> None:
    assert not says_nothing(text)


def test_a_follow_up_is_joined_to_what_somebody_asked_before() -> None:
    assert standalone_query("Còn ở nước ngoài?", (), [remark(ASKED)]) == f"{ASKED}\nCòn ở nước ngoài?"


def test_a_question_that_stands_alone_leaves_remarks_behind() -> None:
    asked = "Mật khẩu dài bao nhiêu ký tự?"
    assert standalone_query(asked, (), [remark(ASKED)]) == asked


def test_what_was_asked_is_leaned_on_rather_than_what_was_told_after_it() -> None:
    said = [remark(ASKED), remark("Chắc 900 nghìn", 1), remark("Giúp với mọi người ơi", 2), remark("Cảm ơn!", 3)]
    assert standalone_query("giúp với", (), said) == ASKED


def test_the_newest_question_of_several_is_leaned_on() -> None:
    assert standalone_query("giúp với", (), [remark("Ai giữ chìa khóa kho?"), remark(ASKED, 1)]) == ASKED


def test_where_nobody_asked_the_newest_remark_is_leaned_on() -> None:
    assert standalone_query("giúp với", (), [remark("Hôm nay họp lúc 9 giờ"), remark(TOLD, 1)]) == TOLD


def test_the_last_turn_is_leaned_on_where_the_remark_is_older() -> None:
    turn = replace(LEAVE, asked_at=AT)
    understood = understand("Còn vị trí độc hại?", [turn], [remark(ASKED, -1)])
    assert understood == Understood(f"{LEAVE.query}\nCòn vị trí độc hại?", (turn,))


def test_a_later_remark_is_leaned_on_and_the_turn_is_left_behind() -> None:
    turn = replace(LEAVE, asked_at=AT)
    assert understand("Còn ở nước ngoài?", [turn], [remark(ASKED, 1)]) == Understood(f"{ASKED}\nCòn ở nước ngoài?")
    assert understand("giúp với", [turn], [remark(TOLD, 1)]) == Understood(TOLD)


def test_a_follow_up_keeps_to_the_turn_where_a_later_remark_only_tells() -> None:
    turn = replace(LEAVE, asked_at=AT)
    assert understand("Còn vị trí độc hại?", [turn], [remark(TOLD, 1)]).turns == (turn,)


def test_a_turn_that_asked_nothing_is_passed_over() -> None:
    assert understand("Còn vị trí độc hại?", [LEAVE, Turn("", "", "Bạn muốn hỏi gì?")]).turns == (LEAVE,)
    assert standalone_query("Còn gì?", [Turn("", "", "Bạn muốn hỏi gì?")]) == "Còn gì?"


def test_a_long_remark_lends_its_beginning_on_one_line() -> None:
    query = standalone_query("giúp với", (), [remark("Chào mọi người,\nphép năm thế nào? " + "vân vân " * 100)])
    assert query.startswith("Chào mọi người, phép năm thế nào? vân")
    assert len(query) <= LEANED_ON_CHARACTERS


def test_remarks_are_shown_newest_first_until_there_is_no_room() -> None:
    said = [remark(f"câu {n} " + "x" * 140, n) for n in range(20)]
    shown = shown_remarks(said)
    assert list(shown) == said[-len(shown) :]
    assert sum(len(each.text) for each in shown) <= REMARKS_CHARACTERS
    assert len(shown) == 5


def test_many_short_remarks_are_bounded_by_their_number() -> None:
    assert len(shown_remarks([remark(f"câu {n}", n) for n in range(20)])) == REMARKS


def test_calls_and_greetings_take_no_room() -> None:
    assert shown_remarks([remark("Xin chào"), remark(TOLD, 1), remark("giúp với", 2), remark("", 3)]) == (
        remark(TOLD, 1),
    )


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=4), st.text(max_size=80))
def test_whatever_is_said_the_query_stays_short(question: str, said: list[str], query: str) -> None:
    remarks = [remark(text, n) for n, text in enumerate(said)]
    found = standalone_query(question, [Turn(query, query, "")], remarks)
    assert len(found) <= len(question) + max(len(query), LEANED_ON_CHARACTERS) + 1


def test_cut_text_ends_with_a_whole_word_where_it_can() -> None:
    assert cut("một hai\nba  bốn", 10) == "một hai ba"
    assert cut("một hai bốn", 10) == "một hai"
    assert cut("x" * 20, 10) == "x" * 10
