"""Free rewordings pass; what contradicts a passage in a new way does not. All contexts are made up."""

import pytest

from core.checking.equations import false_sums
from core.checking.terms import Text
from core.checks import Verdict, judge
from core.conversation import Language
from core.documents import Passage
from tests.core.makers import passage

ROOMS = passage(
    "Phòng A chứa 12 người; phòng B chứa 6 người; phòng C phải đặt trước ít nhất 3 ngày làm việc. "
    "Mỗi lượt không quá 2 giờ. Lễ tân phát thẻ màu vàng vào thứ Hai. Chìa khoá phòng C do văn thư giữ."
)
LEAVE = passage("Lao động nam nghỉ 5 ngày làm việc, vợ sinh mổ thì 7 ngày làm việc. BHXH chi trả lương những ngày này.")
FIRE = passage("Vào hầm cáp phải báo trước 1 ngày, trừ trường hợp cháy thì gọi ngay kíp trưởng.")
CARS = passage("Xe 7 chỗ đi chuyến núi. Xe hỏng dọc đường được đổi khi có giấy của đội xe. Tôi và tài xế ký giấy xe.")
COLD = passage("Kho lạnh mở lúc 6 giờ. Không được vào kho lạnh, trừ thợ điện có thẻ. Chỉ thợ điện giữ thẻ kho.")
CLEAN = passage("Vệ sinh máy: mở van nước, tháo lọc, lau khô mặt trong, lắp lại.")
GATHER = passage("Hàng dễ cháy cách tường ít nhất 0,5 m. Anh Phan Văn Toại phụ trách kho. Kiểm kê mỗi quý một lần.")


def is_good(text: str, question: str, *passages: Passage, language: Language = Language.VIETNAMESE) -> bool:
    return judge(text, question, passages, language, None).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("text", "question", "held"),
    [
        ("Do bảo hiểm xã hội chi trả.", "Ai trả lương những ngày này?", LEAVE),
        ("Tối thiểu 50 cm.", "Hàng dễ cháy cách tường bao nhiêu?", GATHER),
        ("Bạn đến gặp văn thư lấy chìa.", "Mượn chìa khoá phòng C ở ai?", ROOMS),
        ("Mười hai.", "Phòng A chứa mấy người?", ROOMS),
        ("Mỗi năm bốn lần.", "Một năm kiểm kê mấy lần?", passage("Kiểm kê bốn lần một năm.")),
        ("Khoảng bốn tuần.", "Giữ mấy tuần?", passage("Bản ghi giữ 30 ngày.")),
        ("Ba giờ chiều.", "Nộp lúc mấy giờ?", passage("Báo cáo nộp lúc 15 giờ.")),
        ("Phòng có hai mươi chỗ.", "Phòng có mấy chỗ?", passage("Phòng có 20 chỗ.")),
        ("Không cần báo trước, cháy thì gọi ngay.", "Có cháy thì có cần báo trước không?", FIRE),
        (
            "Được, xe hỏng dọc đường thì đổi nếu có giấy của đội xe.",
            "Xe tôi hỏng giữa chuyến núi, đổi xe được không?",
            CARS,
        ),
        ("Ban Kho vận (Supply Desk) cấp giày.", "Ai cấp giày?", passage("Boots are issued by the Supply Desk.")),
        ("Cứ thêm một dòng đính chính.", "Ghi nhầm thì sửa sao?", passage("Ghi sai thì thêm dòng đính chính.")),
    ],
)
def test_rewordings_pass(text: str, question: str, held: Passage) -> None:
    assert is_good(text, question, held)


@pytest.mark.parametrize(
    ("text", "question", "held"),
    [
        ("Tối đa 0,5 m.", "Hàng dễ cháy cách tường bao nhiêu?", GATHER),
        ("Tối thiểu 0,5 cm.", "Hàng dễ cháy cách tường bao nhiêu?", GATHER),
        ("Không, tuyệt đối không được vào kho lạnh.", "Thợ điện có được vào kho lạnh không?", COLD),
        (
            "Kho lạnh mở lúc 6 giờ, và khách phải nộp ảnh chân dung cùng giấy khám phổi.",
            "Kho lạnh mở lúc mấy giờ?",
            COLD,
        ),
        ("Kho lạnh mở lúc 6 giờ và chỉ thợ", "Ai được vào kho lạnh và mở lúc nào?", COLD),
        ("Cần làm:\n1. Mở van nước\n2. Tháo lọc\n3. Lau", "Vệ sinh máy gồm những gì?", CLEAN),
        ("Màu cam.", "Lễ tân phát thẻ màu gì?", ROOMS),
        ("Lễ tân phát vào thứ Tư.", "Lễ tân phát thẻ vào thứ mấy?", ROOMS),
        ("Chị Nguyễn Thu Hà.", "Ai phụ trách kho?", GATHER),
        ("Lao động nam nghỉ 5 ngày làm việc.", "Vợ sinh mổ thì nghỉ mấy ngày?", LEAVE),
        ("Cần dùng cẩn thận, đúng quy định và hiệu quả.", "Phòng C đặt trước mấy ngày?", ROOMS),
        ("Trước ít nhất 3 ngày làm việc.", "Phòng C đặt trước bao lâu và ai giữ chìa khoá?", ROOMS),
        ("Văn thư giữ chìa khoá phòng C.", "Phòng A chứa được bao nhiêu người?", ROOMS),
    ],
)
def test_what_turns_a_passage_round_does_not(text: str, question: str, held: Passage) -> None:
    assert not is_good(text, question, held)


@pytest.mark.parametrize(
    ("text", "is_false"),
    [
        ("2 + 10 + 12 = 22 tuần", True),
        ("3 ngày × 8 giờ = 25 giờ", True),
        ("14 + 1 = 15 ngày", False),
        ("24 × 180.000 = 4.320.000 đồng", False),
        ("40 triệu đồng: 0,1% × 20 ngày = 2%", False),
        ("10 ngày x 0,1 % x 6,5 tỷ = 65 triệu", False),
    ],
)
def test_sums_that_are_written_out_are_checked(text: str, is_false: bool) -> None:
    assert bool(false_sums(Text(text))) is is_false


def test_an_unmarked_question_may_be_answered_in_vietnamese_whatever_it_was_taken_for() -> None:
    held = passage("Phòng máy trên 27 độ C thì báo động.")
    assert is_good("Chưa, 27 độ mới báo động.", "phong 26 do bao gi", held, language=Language.ENGLISH)


def test_a_line_about_something_else_in_another_passage_does_not_count() -> None:
    other = passage("Quỹ công đoàn mừng cưới 1 triệu đồng, ốm thăm 2 triệu đồng.")
    assert is_good("Phòng A chứa 12 người.", "Phòng A chứa mấy người?", ROOMS, other)
