"""Numbers of an answer: read in any spelling, held against the passages, reckoned after."""

import pytest

from core.checking.amounts import Amount, same
from core.checking.rates import rates_of
from core.checking.reading import amounts_of
from core.checking.terms import Text
from core.checks import Verdict, judge
from core.conversation import Language
from tests.core.makers import passage


def read(text: str) -> list[Amount]:
    return amounts_of(Text(text))


def only(text: str) -> Amount:
    found = read(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.000.000 đồng", "1 triệu đồng"),
        ("1,000,000 VND", "1 million dong"),
        ("1.500.000 đồng", "1tr5"),
        ("5.500.000", "5 triệu rưỡi"),
        ("50.000 đồng", "50k"),
        ("17h30", "17:30"),
        ("17.30", "17:30"),
        ("5:30 p.m.", "17h30"),
        ("8h tối", "20:00"),
        ("20 giờ", "20:00"),
        ("24 tháng", "2 years"),
        ("24 giờ", "1 ngày"),
        ("60 phút", "một tiếng"),
        ("hai mươi lăm ngày", "25 days"),
        ("ba năm", "3 năm"),
        ("twenty five days", "25 ngày"),
        ("ngày 1/10/2026", "01/10/2026"),
        ("tháng 6", "June"),
        ("14 May 2027", "ngày 14 tháng 5 năm 2027"),
        ("day 10", "ngày 10"),
        ("0,1 %", "0.1 percent"),
        ("mẫu TC-04", "TC04"),
        ("Điều 6", "Article 6"),
        ("1,2 kW", "1200 W"),
        ("3,5 giờ", "ba tiếng rưỡi"),
        ("20 working days", "20 ngày làm việc"),
        ("72-hour", "72 giờ"),
        ("mức 40 triệu", "40.000.000 đồng"),
        ("một đôi ủng/2 năm", "hai năm"),
        ("500 ms", "0,5 giây"),
        ("2 tấn", "2.000 kg"),
    ],
)
def test_two_spellings_are_one_amount(one: str, other: str) -> None:
    assert same(only(one), only(other))
    assert same(only(other), only(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 ngày", "10 tháng"),
        ("5 triệu đồng", "5 nghìn đồng"),
        ("01/10/2026", "10/01/2026"),
        ("8:00", "20:00"),
        ("1,2 kW", "1,2 W"),
        ("250 km", "250 hải lý"),
        ("TC-04", "TC-09"),
        ("3.000", "3"),
        ("5 giây", "5 mili giây"),
        ("15 kg", "15 tấn"),
    ],
)
def test_two_amounts_that_look_alike_are_two(one: str, other: str) -> None:
    assert not same(only(one), only(other))


@pytest.mark.parametrize("text", ["máy dự phòng", "cô giáo", "thứ ba", "trong năm", "Ba Vì", "may mắn", "đo vi ba"])
def test_words_that_look_like_numbers_are_none(text: str) -> None:
    assert read(text) == []


def test_both_ends_of_a_range_have_its_unit() -> None:
    assert [(one.value, one.unit) for one in read("20–24 °C")] == [(20, "celsius"), (24, "celsius")]
    first, second = read("từ 50 đến dưới 200 triệu")
    assert 50e6 in first.values
    assert second.value == 200e6


def test_what_is_counted_by_is_found() -> None:
    assert {rate.unit for rate in rates_of(Text("50.000 đồng/tháng, hai lần mỗi năm, weekly"))} == {
        "month",
        "year",
        "week",
    }


def verdict(answer: str, question: str, text: str) -> Verdict:
    return judge(answer, question, [passage(text)], Language.VIETNAMESE, None).verdict


@pytest.mark.parametrize(
    "answer",
    [
        "Bạn được nghỉ 20 ngày [1].",
        "Bạn được nghỉ 14 tuần.",
        "Theo mẫu NP-07 bạn được nghỉ 14 ngày.",
        "Từ ngày 3/4 bạn được nghỉ.",
    ],
)
def test_a_number_out_of_nowhere_is_poor(answer: str) -> None:
    assert verdict(answer, "Được nghỉ mấy ngày?", "Người lao động được nghỉ 14 ngày theo mẫu NP-04.") is Verdict.POOR


def test_the_reason_names_the_number() -> None:
    judgement = judge("Được 77 ngày.", "Mấy ngày?", [passage("Được 14 ngày.")], Language.VIETNAMESE, None)
    assert judgement.reason == "number 77 stands in no passage"


def test_a_number_from_the_question_is_no_invention() -> None:
    text = "Người lao động được nghỉ 14 ngày."
    assert verdict("Với 20 ngày thì vượt mức 14 ngày [1].", "Nghỉ 20 ngày được không?", text) is Verdict.GOOD


LESSONS = "Lý thuyết 50 giờ, thực hành 30 giờ, có 70 giờ dự trữ."
HOTEL = "Tiền phòng tối đa 900.000 đồng một đêm. Phụ cấp 250.000 đồng một ngày."
SUMS = [
    ("Ở 3 đêm hết tối đa bao nhiêu?", "3 đêm tối đa 2.700.000 đồng.", HOTEL),
    ("Ở 3 đêm hết tối đa bao nhiêu?", "Tối đa 2,7 triệu đồng.", HOTEL),
    (
        "Khoá 40 giờ được vắng mấy giờ?",
        "Tối đa 8 giờ, tức 20 % của 40 giờ.",
        "Học viên được vắng không quá 20 % số giờ.",
    ),
    (
        "Tôi làm 11 năm thì có mấy ngày phép?",
        "Bạn có 16 ngày: 14 ngày cộng 2 ngày thâm niên.",
        "Người lao động có 14 ngày phép, cứ đủ 5 năm cộng thêm 1 ngày.",
    ),
    ("Cắt điện kéo dài mấy tiếng?", "Ba tiếng rưỡi.", "Cắt điện từ 08:00 đến 11:30."),
    ("Bảo hành đến khi nào?", "Đến 15/06/2027.", "Bảo hành 24 tháng kể từ 15/06/2025."),
    ("Giao chậm bao nhiêu ngày?", "Chậm 23 ngày.", "Ngày giao lùi từ 10/8 sang 02/9."),
    ("Quỹ còn bao nhiêu?", "Còn 24 triệu đồng.", "Quỹ 45 triệu đồng, đã chi 12,6 triệu và 8,4 triệu."),
    ("Hội đồng họp mấy lần một năm?", "Hai lần, vào 12/3 và 17/9.", "Hội đồng họp ngày 12/3 và 17/9."),
    ("Cả năm phụ cấp được bao nhiêu?", "Cả 12 tháng là 2.400.000 đồng.", "Phụ cấp độc hại 200.000 đồng/tháng."),
    ("Tôi đã nhận 8 triệu thì trả lại mấy?", "Trả lại một nửa, tức 4 triệu đồng.", "Nghỉ sớm thì trả lại một nửa."),
    ("Tôi góp 6 triệu thì lấy lại mấy?", "Lấy lại 2 triệu đồng.", "Rút sớm chỉ lấy lại một phần ba."),
    ("Đặt cọc 10 triệu, huỷ muộn mất mấy?", "Mất 7.500.000 đồng.", "Huỷ muộn mất ba phần tư tiền cọc."),
    ("Bao nhiêu lần sai thì khoá?", "Sai quá 4 lần, tức từ 5 lần trở lên.", "Sai quá 4 lần thì khoá thẻ."),
    ("Lệch được bao nhiêu?", "Khoảng từ 43,2 V đến 52,8 V.", "Điện áp 48 V, lệch ±10 %."),
]


@pytest.mark.parametrize(("question", "answer", "text"), SUMS)
def test_simple_arithmetic_is_allowed(question: str, answer: str, text: str) -> None:
    assert verdict(answer, question, text) is Verdict.GOOD


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        ("Ở 3 đêm hết tối đa bao nhiêu?", "3 đêm x 900.000 đồng = 2.800.000 đồng.", HOTEL),
        ("Ở 3 đêm hết tối đa bao nhiêu?", "Mỗi đêm 900.000 đồng, 3 đêm là 850.000 đồng.", HOTEL),
        ("Cắt điện kéo dài mấy tiếng?", "Bốn tiếng rưỡi.", "Cắt điện từ 08:00 đến 11:30."),
        ("Bảo hành đến khi nào?", "Đến 15/06/2026.", "Bảo hành 24 tháng kể từ 15/06/2025."),
        ("Học hết mấy giờ?", "Tổng cộng 70 giờ, gồm 50 giờ lý thuyết và 30 giờ thực hành.", LESSONS),
        (
            "Bể lệch bao nhiêu?",
            "Mực nước tăng 9 cm, từ 12 cm lên 26 cm.",
            "Mực nước 12 cm, hôm sau 26 cm, báo động 9 cm.",
        ),
        (
            "Phà chạy bao lâu?",
            "Chuyến kéo dài 3 giờ, từ 9:00 đến 11:00.",
            "Phà chạy 9:00 đến 11:00, mỗi 3 giờ một chuyến.",
        ),
    ],
)
def test_wrong_arithmetic_is_not(question: str, answer: str, text: str) -> None:
    assert verdict(answer, question, text) is not Verdict.GOOD
