"""Words that sound like an answer and say nothing: "cần được kiểm tra cẩn thận và sử dụng đúng quy định"."""

from core.checking.evidence import Evidence
from core.checking.phrases import Phrases

_PLATITUDES = tuple(
    Phrases(rf"\b(?:{words})\b")
    for words in (
        r"cẩn thận|carefully|with care",
        r"phù hợp|hợp lý|appropriate\w*|suitab\w*",
        r"đúng quy định|đúng cách|theo quy định|in accordance with|properly|as required",
        r"hiệu quả|efficient\w*|effective\w*",
        r"ổn định|thông suốt|smoothly",
        r"quan trọng|important\w*|essential",
        r"bảo đảm|đảm bảo|ensur\w+",
        r"tuân thủ|chấp hành|comply|complied|follow the rules",
        r"kịp thời|nghiêm túc|chặt chẽ|thường xuyên|in a timely",
        r"đầy đủ các|mọi quy định|các quy định|relevant (?:rules|regulations)",
    )
)


def platitudes(evidence: Evidence) -> int:
    """How many of them the answer has that no passage and no question has; none where it names an amount."""
    given = [*(line.piece.text for line in evidence.lines), evidence.question.text]
    said = [words for words in _PLATITUDES if any(words.search(piece.text) for piece in evidence.claims)]
    count = sum(not any(words.search(text) for text in given) for words in said)
    return 0 if evidence.said_amounts else count
