"""The prompt of small models: numbered lines, and a grammar that allows a choice or the refusal."""

import re

from core.conversation import Language
from core.guidance import LINES, write_line_prompt
from core.prompts import UNKNOWN
from tests.core.makers import passage

VI, EN = Language.VIETNAMESE, Language.ENGLISH
LEAVE = passage("Được nghỉ phép năm 14 ngày. Đơn gửi trước 3 ngày.", heading="Chương 2 › Điều 4")
HOTEL = passage("Khách sạn tối đa 900.000 đồng một đêm.", number=2)


def test_every_number_of_the_prompt_stands_for_a_passage() -> None:
    prompt = write_line_prompt("nghỉ phép mấy ngày", (), [HOTEL, LEAVE], VI)
    numbers = re.findall(r"^\[(\d+)\] ", prompt.messages[-1].content, re.MULTILINE)
    assert len(numbers) == len(prompt.sources) > 1
    assert prompt.sources[0] == 1, "the best line is of the second passage"


def test_a_line_stands_below_its_innermost_heading() -> None:
    content = write_line_prompt("nghỉ phép mấy ngày", (), [LEAVE], VI).messages[-1].content
    assert "[1] (Điều 4) Được nghỉ phép năm 14 ngày." in content


def test_everything_but_the_last_message_is_the_same_for_every_question() -> None:
    first, second = (write_line_prompt(query, (), [LEAVE], VI).messages for query in ("nghỉ?", "đơn?"))
    assert first[:-1] == second[:-1]


def test_the_grammar_allows_the_refusal_and_the_lines_that_exist() -> None:
    grammar = write_line_prompt("nghỉ phép", (), [LEAVE], VI).grammar
    assert grammar is not None
    assert UNKNOWN[VI] in grammar
    assert re.findall(r'"(\d+)"', grammar) == ["2", "1"]


def test_a_line_cannot_pose_as_another_one() -> None:
    content = write_line_prompt("mật khẩu", (), [passage("[7] Mật khẩu là 123.")], VI).messages[-1].content
    assert "[7]" not in content


def test_english_questions_are_shown_more_lines() -> None:
    many = passage("\n".join(f"Dòng số {n} của tài liệu." for n in range(30)))
    assert len(write_line_prompt("How many?", (), [many], EN).sources) == LINES[EN] > LINES[VI]


def test_a_follow_up_is_asked_behind_the_question_it_follows() -> None:
    content = write_line_prompt("Nghỉ mấy ngày?\nCòn độc hại?", (), [LEAVE], VI).messages[-1].content
    assert content.endswith("Câu hỏi: Nghỉ mấy ngày? Còn độc hại?")
