"""Answers made of the passages' own words that still say something else."""

import pytest

from core.checks import Verdict, judge
from core.conversation import Language
from tests.core.makers import passage

TRAVEL = (
    "| Chức danh | Phụ cấp | Tiền phòng tối đa |\n|---|---|---|\n"
    "| Trưởng phòng | 300.000 đồng/ngày | 1.200.000 đồng/đêm |\n"
    "| Chuyên viên | 250.000 đồng/ngày | 900.000 đồng/đêm |"
)
PURCHASE = (
    "Gói dưới 50 triệu đồng do trưởng phòng duyệt. Từ 50 triệu đến dưới 200 triệu do phó giám đốc duyệt."
    " Từ 200 triệu trở lên do giám đốc duyệt."
)
SHIFTS = "Ca sáng do Lê Quốc Bảo làm trưởng kíp. Ca đêm do Đỗ Minh Khôi làm trưởng kíp."
ROOM = "Nhân viên không được mang đồ ăn vào phòng máy. Khách phải đăng ký trước 2 ngày. Nhiên liệu tối thiểu 70 % bình."


def is_good(answer: str, question: str, text: str, language: Language = Language.VIETNAMESE) -> bool:
    return judge(answer, question, [passage(text)], language, None).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("question", "text", "right", "wrong"),
    [
        (
            "Chuyên viên được tiền phòng tối đa bao nhiêu?",
            TRAVEL,
            "Chuyên viên được tối đa 900.000 đồng/đêm.",
            "Chuyên viên được tối đa 1.200.000 đồng/đêm.",
        ),
        ("Mua máy 120 triệu thì ai duyệt?", PURCHASE, "Phó giám đốc duyệt.", "Giám đốc duyệt."),
        ("Trưởng kíp ca đêm là ai?", SHIFTS, "Đỗ Minh Khôi.", "Lê Quốc Bảo."),
        ("Trưởng kíp ca đêm là ai?", SHIFTS, "Đỗ Minh Khôi.", "Nguyễn Hoàng Long."),
        (
            "Mang đồ ăn vào phòng máy được không?",
            ROOM,
            "Không, nhân viên không được mang đồ ăn vào phòng máy.",
            "Được, nhân viên được mang đồ ăn vào phòng máy.",
        ),
        ("Nhiên liệu phải bao nhiêu?", ROOM, "Ít nhất 70 % bình.", "Tối đa 70 % bình."),
        ("Khách phải đăng ký khi nào?", ROOM, "Khách phải đăng ký trước 2 ngày.", "Khách phải đăng ký sau 2 ngày."),
        (
            "Ai duyệt gói dưới 50 triệu?",
            PURCHASE,
            "Trưởng phòng duyệt.",
            "Kế toán trưởng duyệt.",
        ),
        (
            "Ai được làm từ xa?",
            "Chỉ nhân viên chính thức được làm từ xa.",
            "Nhân viên chính thức được làm từ xa.",
            "Tất cả nhân viên đều được làm từ xa.",
        ),
        (
            "Vì sao đài mất điện?",
            "Đài mất điện do sét đánh vào cột.",
            "Do sét đánh vào cột.",
            "Do chuột cắn đứt dây tín hiệu trong hầm cáp cũ.",
        ),
        (
            "Thời hạn làm thêm tối đa?",
            "Làm thêm không quá 12 giờ mỗi tuần.",
            "Không quá 12 giờ mỗi tuần.",
            "Không quá 12 giờ mỗi tháng.",
        ),
        (
            "When will the modules arrive?",
            "We expect arrival on 29 August instead of 21 August.",
            "They are expected on 29 August.",
            "They are expected on 21 August.",
        ),
    ],
)  # fmt: skip
def test_the_right_answer_passes_and_the_wrong_one_does_not(question: str, text: str, right: str, wrong: str) -> None:
    language = Language.ENGLISH if question.isascii() else Language.VIETNAMESE
    assert is_good(right, question, text, language)
    assert not is_good(wrong, question, text, language)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Ai duyệt?", "Gói này do phó giám đốc duyệt, vì nằm trong khoảng từ 50 triệu đến dưới 200 triệu."),
        ("goi 250 trieu ai duyet", "Gói từ 200 triệu trở lên do giám đốc duyệt."),
    ],
)
def test_a_rewording_passes(question: str, answer: str) -> None:
    assert is_good(answer, question, PURCHASE)


def test_an_english_answer_from_a_vietnamese_passage_passes() -> None:
    text = "Người lao động được nghỉ phép năm 14 ngày, trưởng phòng duyệt."
    assert is_good("Employees get 14 days of annual leave.", "How many days off do I get?", text, Language.ENGLISH)


def test_a_question_that_follows_another_is_judged_by_its_own_line() -> None:
    text = "Lao động thường có 14 ngày phép.\nNgười làm việc độc hại có 16 ngày phép."
    assert is_good("Người làm việc độc hại có 16 ngày phép.", "Có mấy ngày phép?\nCòn làm độc hại?", text)


@pytest.mark.parametrize("number", ["07/2019", "QD-07", "07/QĐ-HC"])
def test_what_another_document_replaces_no_longer_holds(number: str) -> None:
    old = passage(f"Quyết định {number}: tiền giặt 20.000 đồng mỗi bộ.", number=1)
    new = passage(f"Quyết định 31/2023 thay thế Quyết định {number}: tiền giặt 28.000 đồng mỗi bộ.", number=2)
    question = "Tiền giặt mỗi bộ bây giờ là bao nhiêu?"

    def holds(answer: str, asked: str = question) -> bool:
        return judge(answer, asked, [old, new], Language.VIETNAMESE, None).verdict is Verdict.GOOD

    assert holds("Tiền giặt là 28.000 đồng mỗi bộ.")
    assert not holds("Tiền giặt là 20.000 đồng mỗi bộ.")
    assert holds("Tiền giặt là 20.000 đồng mỗi bộ.", f"Theo Quyết định {number} tiền giặt mỗi bộ là bao nhiêu?")


def test_without_passages_nothing_is_supported() -> None:
    assert judge("Được nghỉ 14 ngày.", "Mấy ngày?", [], Language.VIETNAMESE, None).verdict is Verdict.POOR
