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
_ONLY_SAYS = Phrases(
    r"\bchỉ (?:nói|nêu|ghi|quy định|cho biết|nhắc)\b|\bonly (?:says?|states?|mentions?|gives?|covers?)\b"
)
_SORRY = Phrases(r"rất tiếc|xin lỗi|sorry|unfortunately")
_PAPER = (
    r"(?:tài liệu|báo cáo|quy định|quy chế|thông báo|văn bản|sổ tay|đoạn|nội quy|biên bản|hướng dẫn|danh sách|bảng)"
)
_REFUSAL = Phrases(
    r"\b(?:tôi không (?:biết|rõ|tìm thấy|có thông tin)|không có thông tin|không tìm thấy|không thể trả lời"
    r"|(?:không|chưa|chẳng|ko) (?:thấy |được |hề |có )?(?:đề cập|nêu|nói|quy định|cho biết|cung cấp thông tin|nhắc)"
    r"|chưa có (?:quy định|thông tin)|không có (?:quy định|nội dung|dữ liệu) (?:nào|về)"
    rf"|{_PAPER}[^.]{{0,40}} không ghi"
    r"|i (?:do not|don't|cannot|can't|could not|couldn't) (?:know|find|answer|say)"
    r"|(?:does|do|did) not (?:say|mention|specify|state|give|cover|contain|provide|name|list|tell"
    r"|indicate|identify)|(?:doesn't|don't) (?:say|mention"
    r"|specify|state|give)"
    r"|no information|not (?:mentioned|specified|stated|covered)|gives? no|says? nothing|silent (?:on|about))\b"
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


def says_else(text: Text) -> bool:
    """Whether a refusal tells what is said instead: "the passage only says ..."."""
    return _ONLY_SAYS.search(text) is not None


def refuses(text: Text) -> bool:
    """Whether a sentence of an answer says that something is not said."""
    return _REFUSAL.search(text) is not None
