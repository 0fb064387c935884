"""The lines that a small model is shown."""

from hypothesis import given
from hypothesis import strategies as st

from core.lines import best_lines, lines_of
from tests.core.makers import passage

LEAVE = passage(
    "Đơn nghỉ phép gửi trên Cổng nhân sự.\nNgười lao động được nghỉ phép năm 14 ngày làm việc. Phép chia được.",
    heading="Điều 4. Nghỉ phép năm",
)
OVERTIME = passage(
    "| Thời điểm | Mức trả |\n|---|---|\n| Ngày thường | 150% |\n| Ngày nghỉ hằng tuần | 200% |", number=2
)


def texts(query: str, *passages: object, limit: int = 3) -> list[str]:
    return [
        line.text for line in best_lines(query, [p for p in (LEAVE, OVERTIME) if not passages or p in passages], limit)
    ]


def test_a_table_row_is_understood_alone() -> None:
    assert lines_of(OVERTIME.text) == [
        "Thời điểm: Ngày thường; Mức trả: 150%",
        "Thời điểm: Ngày nghỉ hằng tuần; Mức trả: 200%",
    ]


def test_a_row_of_another_width_keeps_its_cells() -> None:
    assert lines_of("| A | B |\n| x |") == ["x"]


def test_a_torn_off_fragment_goes_back_to_its_line() -> None:
    assert lines_of("Diễn tập vào các tầng 1\nvà 2.\nĐội có 15 người.") == [
        "Diễn tập vào các tầng 1 và 2.",
        "Đội có 15 người.",
    ]


def test_a_second_table_has_its_own_header() -> None:
    assert lines_of("| A |\n| x |\n\nChữ.\n| B |\n| y |") == ["A: x", "Chữ.", "B: y"]


def test_the_line_that_holds_what_is_asked_for_comes_first() -> None:
    assert texts("Tôi có mấy ngày nghỉ phép năm?")[0] == "Người lao động được nghỉ phép năm 14 ngày làm việc."
    assert texts("nghi phep nam may ngay")[0] == "Người lao động được nghỉ phép năm 14 ngày làm việc."


def test_a_follow_up_counts_more_than_the_question_before_it() -> None:
    first = texts("Làm thêm ngày thường được trả bao nhiêu phần trăm?")[0]
    second = texts("Làm thêm ngày thường được trả bao nhiêu phần trăm?\nThế còn ngày nghỉ hằng tuần?")[0]
    assert (first[-4:], second[-4:]) == ("150%", "200%")


def test_a_follow_up_is_not_answered_by_what_was_said_already() -> None:
    said = "Làm thêm ngày thường: mức trả 150% thời điểm. [1]"
    lines = best_lines("Làm thêm ngày thường được trả bao nhiêu phần trăm?\nCòn cuối tuần?", [OVERTIME], 3, said=said)
    assert [line.text[-4:] for line in lines] == ["200%"]


def test_lines_know_their_passage() -> None:
    for line in best_lines("nghỉ phép", [LEAVE, OVERTIME], 10):
        assert line.text in lines_of((LEAVE, OVERTIME)[line.passage].text)


def test_a_line_that_only_repeats_the_heading_is_left_out() -> None:
    titled = passage("Điều 4. Nghỉ phép năm\nĐược nghỉ 14 ngày.", heading="Điều 4. Nghỉ phép năm")
    assert [line.text for line in best_lines("nghỉ phép năm", [titled], 5)] == ["Được nghỉ 14 ngày."]


@given(st.text(max_size=60), st.text(alphabet=st.characters() | st.sampled_from("|-\n. "), max_size=300))
def test_whatever_stands_in_query_and_passage(query: str, text: str) -> None:
    lines = best_lines(query, [passage(text)], 4)
    assert len(lines) <= 4
    assert all(line.passage == 0 for line in lines)
