"""Answers that say the documents do not say, told from answers that name a gap beside what they answer."""

import re

from core.checking.phrases import Phrases
from core.checking.terms import Text

MARK = re.compile(r"\s*\[\d{1,2}(?:\s*[,;]\s*\d{1,2})*\]")
"""A citation and the blanks before it."""

REFUSAL_CHARACTERS = 160
"""A longer text with such words in its middle is an answer with a caveat."""
LEAD_WORDS = 12
"""So many words, and no figure, may stand before them: "the regulation on ... does not say"."""
ANSWER_WORDS = 3
"""So many words in a sentence of their own answer something already."""
_SORRY = Phrases(r"rất tiếc|xin lỗi|sorry|unfortunately")
_PAPER = (
    r"(?:tài liệu|báo cáo|quy định|quy chế|thông báo|văn bản|sổ tay|đoạn|nội quy|biên bản|hướng dẫn|danh sách|danh bạ"
    r"|danh mục|bảng)"
)
_REFUSAL = Phrases(
    r"\b(?:tôi không (?:biết|rõ|tìm thấy|có thông tin)|không có thông tin|không tìm thấy|không thể trả lời"
    r"|(?:không|chưa|chẳng|ko) (?:thấy |được |hề |có )?(?:đề cập|nêu|nói|quy định|cho biết|cung cấp thông tin|nhắc)"
    r"|chưa có (?:quy định|thông tin)|không có (?:quy định|nội dung|dữ liệu) (?:nào|về)"
    rf"|{_PAPER}[^.]{{0,40}} (?:không|chưa|chẳng) (?:ghi|liệt kê|có (?:tên|mục|dòng|thông tin|phần|chỗ|quy định))"
    rf"|^\W*(?:trong|theo) (?:\w+ )?{_PAPER}[^.,;]{{0,24}} (?:không|chưa|chẳng) (?:hề )?có\b"
    r"|(?:tôi|mình|em) (?:chưa|không) (?:thể|đủ|dám|có (?:đủ )?(?:căn cứ|cơ sở|dữ liệu))"
    r"|(?:chưa|không) (?:thể|đủ căn cứ để|có cơ sở để) (?:xác định|kết luận|trả lời|khẳng định)"
    r"|i (?:do not|don't|cannot|can't|could not|couldn't|am (?:not able|unable) to) (?:know|find|answer|say|tell|give)"
    r"|(?:does|do|did) not (?:say|mention|specify|state|give|cover|contain|provide|name|list|tell"
    r"|indicate|identify)|(?:doesn't|don't) (?:say|mention"
    r"|specify|state|give)"
    r"|no information|there is no (?:mention|rule|entry|figure)|not (?:mentioned|specified|stated|covered)|gives? no"
    r"|says? nothing|silent (?:on|about))\b"
)


def is_refusal(text: str) -> bool:
    """Whether a completion says that the passages do not say; an answer with a caveat behind it is none."""
    read = Text(MARK.sub("", text).strip())
    found = _REFUSAL.search(read)
    if found is None or (len(text) > REFUSAL_CHARACTERS and found.start() > 0):
        return False
    lead = read.lower[: found.start()]
    before, _, _ = lead.rpartition(". ")
    answers = len(before.split()) >= ANSWER_WORDS and not _SORRY.search(Text(before))
    return not answers and len(lead.split()) <= LEAD_WORDS and not any(c.isdigit() for c in lead)


def refuses(text: Text) -> bool:
    """Whether a sentence of an answer says that something is not said."""
    return _REFUSAL.search(text) is not None


def refuses_at(text: Text, position: int) -> bool:
    """Whether a character belongs to the words of a refusal or to what stands before them."""
    found = _REFUSAL.search(text)
    return found is not None and position < found.end()
