"""Only what is nothing but small talk is answered as such."""

import pytest

from core.smalltalk import small_talk


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Xin chào!", "answer.greeting"),
        ("chao ban", "answer.greeting"),
        ("Hello 👋", "answer.greeting"),
        ("Cảm ơn bạn nhiều nhé.", "answer.thanks"),
        ("thanks", "answer.thanks"),
        ("Bạn là ai?", "answer.who"),
        ("What can you do?", "answer.who"),
        ("bot ơi mệt quá", "answer.chat"),
        ("Giỏi quá ạ!", "answer.chat"),
        ("Tạm biệt nhé, mai gặp lại", "answer.bye"),
        ("OK, cảm ơn, have a nice day", "answer.thanks"),
    ],
)
def test_small_talk_is_known(text: str, kind: str) -> None:
    assert small_talk(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Xin chào, tôi có mấy ngày phép?",
        "chào hàng cho khách thế nào",
        "Ai là trưởng phòng?",
        "cảm ơn ai duyệt đơn",
        "",
        "hi vọng",
        "Chào cờ đầu tuần lúc mấy giờ?",
        "bạn lan nghỉ phép chưa",
        "giỏi quá thì có được nâng bậc không",
        "test máy phát mấy tháng một lần",
        "ok rồi máy in ở đâu",
        "nhé " * 40,
    ],
)
def test_questions_are_not_small_talk(text: str) -> None:
    assert small_talk(text) is None
