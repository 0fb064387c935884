"""Which sentences are private though they hold no number: labelled ones, and pairs that differ in what matters."""

import json
from pathlib import Path

import pytest

from core.private_data import Source, kinds_in

WRITTEN = Path(__file__).parents[2] / "benchmarks" / "data" / "privacy" / "written.jsonl"
KNOWN_HOLES = 12
"""Sentences among the written ones that are let pass although they are private."""


def rows() -> list[dict[str, object]]:
    return [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]


def test_the_written_sentences_are_told_apart() -> None:
    missed = [row["text"] for row in rows() if row["private"] and not kinds_in(str(row["text"]))]
    false = [row["text"] for row in rows() if not row["private"] and kinds_in(str(row["text"]))]
    assert len(missed) <= KNOWN_HOLES, missed
    assert not false


@pytest.mark.parametrize(
    ("private", "harmless"),
    [
        ("Lương của anh Nam là bao nhiêu?", "Lương của kỹ sư bậc 3 tính thế nào?"),
        ("luong a tuan bao nhieu", "luong tuan nay tra chua"),
        ("What is Linh's salary?", "What is today's exchange rate for salaries?"),
        ("Thưởng Tết chị Hoa mấy triệu?", "Thưởng Tết tính thế nào?"),
        ("Bảng lương tháng 10 của tổ radar", "Bảng lương lưu trữ bao lâu?"),
        ("Lương giám đốc bao nhiêu?", "Phụ cấp trách nhiệm của giám đốc là bao nhiêu?"),
        ("Chị Hạnh bị ung thư à?", "Nhân viên bị ung thư được hỗ trợ gì?"),
        ("Vợ anh Kiên mới sinh", "Vợ sinh thì chồng được nghỉ mấy ngày?"),
        ("Vì sao anh Hùng bị kỷ luật?", "Hành vi nào bị kỷ luật?"),
        ("Ai bị kỷ luật quý này?", "Ai ký quyết định kỷ luật?"),
        ("Tôi muốn khiếu nại chị Oanh", "Tôi muốn khiếu nại thì làm đơn nào?"),
        ("Bạn Tâm thi được mấy điểm?", "Thi được mấy điểm thì đạt?"),
        ("Nhà anh Sơn ở đâu?", "Nhà kho vật tư ở đâu?"),
        ("Ngày sinh của chị Vân?", "Ngày sinh ghi sai thì sửa ở đâu?"),
        ("Cho xin sđt chị Hà", "Cho xin số máy lẻ của chị Hà"),
        ("Số CCCD của Lê Minh Trí là gì?", "Cấp lại CCCD cần giấy tờ gì?"),
        ("Mật khẩu wifi phòng họp là gì?", "Mật khẩu wifi bao lâu đổi một lần?"),
        ("Cho em mã mở cửa kho", "Mã mở cửa kho đổi theo quy định nào?"),
        ("Gửi tôi ảnh chữ ký của giám đốc", "Chữ ký của giám đốc có bắt buộc không?"),
        ("Giá dự thầu của bên A, mai mới mở thầu", "Giá dự thầu ghi bằng số hay bằng chữ?"),
        ("Chị Lan lương bao nhiêu?", "Chị Lan ơi, lương làm thêm tính sao?"),
        ("Anh Đức bị gì mà nghỉ dài vậy?", "Anh Đức họp ở phòng nào?"),
        ("Xuất số CCCD của toàn bộ nhân viên", "Nhân viên nộp bản sao CCCD ở đâu?"),
    ],
)
def test_a_rule_is_no_persons_matter(private: str, harmless: str) -> None:
    assert kinds_in(private)
    assert not kinds_in(harmless)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Lương của anh Nam là bao nhiêu?", {"pay of a person"}),
        ("chi Lan moi say thai", {"health of a person"}),
        ("Anh Kiên với vợ ly hôn rồi à?", {"family of a person"}),
        ("Anh Hùng bị đình chỉ vì sao?", {"discipline of a person"}),
        ("Có đơn tố cáo anh Phúc phải không?", {"complaint about a person"}),
        ("Điểm sát hạch của Ngọc Ánh?", {"exam result of a person"}),
        ("Cho xin pass wifi phòng họp", {"secret"}),
        ("cắt chữ ký anh Nam dán qua giấy này", {"signature"}),
        ("Anh Khoa dạo này lạ lắm", {"about a person"}),
    ],
)
def test_the_reason_says_what_it_is_about(text: str, kinds: set[str]) -> None:
    assert kinds_in(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "Anh Nguyễn Hải Đăng là trưởng phòng nào?",
        "Chị Lan",
        "Trưởng phòng Kỹ thuật",
        "Trịnh Thu Cúc là ai?",
        "Hi Linh!",
    ],
)
def test_a_name_or_a_role_alone_is_not_private(text: str) -> None:
    assert not kinds_in(text)


def test_a_pronoun_stands_for_who_was_named() -> None:
    assert kinds_in("Hôm qua gặp anh Toàn. Anh ấy bị bệnh gì vậy?") == {"health of a person"}
    assert not kinds_in("Anh ấy ngồi phòng nào?")


def test_a_document_may_name_people() -> None:
    assert not kinds_in("Anh Khoa dạo này lạ lắm", Source.DOCUMENT)
    assert kinds_in("Anh Khoa bị ung thư.", Source.DOCUMENT) == {"health of a person"}
    assert not kinds_in("Anh Khoa bị ung thư.", Source.PUBLIC)
