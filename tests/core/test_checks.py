"""The rules of the answer check."""

import pytest

from core.checks import Verdict, has_loop, is_refusal, judge
from core.conversation import Language
from tests.core.makers import passage

PASSAGES = [passage("Người lao động được nghỉ 14 ngày. Tạm ứng tối đa 5.000.000 đồng trước 17:30.")]


def verdict(text: str, logprob: float | None = -0.1, question: str = "Được nghỉ mấy ngày?") -> Verdict:
    return judge(text, question, PASSAGES, Language.VIETNAMESE, logprob).verdict


@pytest.mark.parametrize(
    "text", ["Bạn được nghỉ 14 ngày [1].", "Tối đa 5,000,000 đồng [1].", "Trước 17.30 [1].", "Không được nghỉ"]
)
def test_grounded_answers_pass(text: str) -> None:
    assert verdict(text) is Verdict.GOOD


@pytest.mark.parametrize(
    "text",
    ["Tôi không biết.", "Tài liệu không đề cập đến việc này.", "I don't know.", "Không có thông tin về thưởng."],
)
def test_refusals_are_told_from_answers(text: str) -> None:
    assert verdict(text) is Verdict.REFUSAL


def test_a_long_answer_with_a_caveat_is_no_refusal() -> None:
    assert not is_refusal("Bạn được nghỉ phép năm theo quy định của công ty. " * 5 + "Tài liệu không nói về nghỉ bù.")


@pytest.mark.parametrize(
    "text",
    ["", " . ", "Bạn được nghỉ 20 ngày [1].", "员工有14天年假", "Được nghỉ mấy ngày?", "nghỉ phép nghỉ phép nghỉ phép",
     "Employees are entitled to fourteen days of leave each year."],
)  # fmt: skip
def test_what_must_not_be_shown_is_poor(text: str) -> None:
    assert verdict(text) is Verdict.POOR


@pytest.mark.parametrize("text", ["Nghỉ phép do trưởng phòng duyệt [1].", "Phép được chia nhiều kỳ [1]."])
def test_an_answer_to_how_many_without_a_figure_is_poor(text: str) -> None:
    assert verdict(text, question="Được nghỉ bao nhiêu ngày?") is Verdict.POOR
    assert verdict(text, question="Ai duyệt nghỉ phép?") is Verdict.GOOD


def test_an_answer_to_how_much_names_an_amount_of_money() -> None:
    assert verdict("Được nghỉ 14 ngày [1].", question="Tạm ứng bao nhiêu tiền?") is Verdict.POOR
    assert verdict("Tối đa 5.000.000 đồng [1].", question="Tạm ứng bao nhiêu tiền?") is Verdict.GOOD
    assert verdict("Không mất phí [1].", question="Hết bao nhiêu tiền?") is Verdict.GOOD


def test_a_number_from_the_question_is_no_invention() -> None:
    assert verdict("Với 20 ngày thì vượt mức 14 ngày [1].", question="Nghỉ 20 ngày được không?") is Verdict.GOOD


def test_a_guessing_model_is_shown_with_a_warning() -> None:
    assert verdict("Bạn được nghỉ 14 ngày [1].", logprob=-2.0) is Verdict.UNSURE


def test_a_model_without_confidence_is_judged_by_its_words() -> None:
    assert verdict("Bạn được nghỉ 14 ngày [1].", logprob=None) is Verdict.GOOD


def test_lists_are_no_loops() -> None:
    assert not has_loop("Bước 1: nộp đơn. Bước 2: ký đơn. Bước 3: gửi đơn.")
    assert has_loop("và gửi đơn và gửi đơn và gửi đơn")
