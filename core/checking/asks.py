"""What a question asks for, part by part, and whether an answer holds it: a time for "when", somebody for "who"."""

import re
from dataclasses import dataclass

from core.checking.amounts import Amount
from core.checking.evidence import Evidence
from core.checking.languages import speaks_english
from core.checking.phrases import Phrases
from core.checking.pieces import Piece
from core.checking.terms import LIGHT, Text
from core.checking.units import DURATION

_SPANS = DURATION | {"shift", "time"}
_KINDS: tuple[tuple[str, str], ...] = (
    (
        "money",
        (
            r"bao nhiêu tiền|hết bao nhiêu|giá bao nhiêu|mấy đồng|bao nhiêu đồng|mấy tiền\b"
            r"|tốn (?:khoảng )?bao nhiêu|how much (?:money|does|do|is|will)|what (?:price|fee|cost)"
        ),
    ),
    (
        "span",
        (
            r"bao lâu|mấy (?:ngày|tiếng|tháng|năm|tuần|phút|hôm|quý)\b|bao nhiêu (?:ngày|giờ|tháng|năm|tuần|phút)"
            r"|how long|how many (?:\w+ )?(?:days|hours|weeks|months|years|minutes)|how often|how soon"
        ),
    ),
    (
        "when",
        (
            r"khi nào|bao giờ|lúc nào|ngày nào|hôm nào|(?:tối|sáng|chiều|buổi|thứ|tuần) nào|năm nào|thứ mấy"
            r"|ngày mấy|hạn chót|hạn cuối|deadline|(?:^|and |or )\W*when\b|what date|which (?:day|date)"
        ),
    ),
    ("month", (r"tháng nào|which months?|what months?")),
    ("clock", (r"mấy giờ\b(?! (?:một|mỗi|trong))|giờ nào|what time|what hours")),
    (
        "number",
        (
            r"bao nhiêu|\bmấy\b(?! (?:i|we|be|not|only|have|a|an|the)\b)|nhiu|phần trăm|how many|how much"
            r"|how far|how fast|what percent\w*|số nào|mức nào"
        ),
    ),
    (
        "who",
        (
            r"\bai\b|người nào|phòng nào|bộ phận nào|đơn vị nào|(?:^|and |or |by |to )\W*(?:who|whom|whose)\b"
            r"|which (?:department|office|person|team)|cấp nào"
        ),
    ),
    ("where", (r"ở đâu|\bđâu\b(?! tiên)|chỗ nào|nơi nào|(?:^|and |or )\W*where\b")),
)
KINDS = tuple((kind, Phrases(asked)) for kind, asked in _KINDS)
_OTHER = Phrases(
    r"\bgì\b|\bnào\b|\bsao\b|\bnhững\b|(?:^|and |or )\W*(?:what|which|how|why)\b|\?",
    r"\b(?:không|ko|chưa|k)\W*$",
)
_PARTS = re.compile(r"[,;?]\s*|\s(?:và|va|and|đồng thời|với lại)\s")
WEEKDAY = Phrases(
    r"\b(?:thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|cuối (?:tháng|tuần|năm|quý)|đầu (?:tháng|tuần|năm|quý))\b"
)
_OFTEN = Phrases(
    r"\b(?:mỗi|hằng|hàng|ngay lập tức|suốt|every|each|daily|weekly|monthly|yearly|annual\w*|quarter\w*|immediately"
    r"|always)\b"
)
_WHEN = Phrases(
    r"\b(?:sáng|trưa|chiều|tối|đêm|thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|cuối|đầu|hằng|hàng|mỗi|khi|lúc|sau|trước"
    r"|ngay|every|each"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|daily|weekly|monthly|yearly|annual\w*|quarter\w*"
    r"|before|after|when"
    r"|as soon|immediately|until|during|morning|afternoon|evening|never|chưa)\b"
)
_NTH = Phrases(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|half|quarter|once|twice"
    r"|đầu tiên|cuối cùng)\b"
)
_MAY_ENGLISH = re.compile(r"\bmay\b", re.IGNORECASE)
_NEVER = Phrases(r"(?!)")
_FREE = Phrases(r"\b(?:không|miễn phí|no|none|free|not|chưa)\b")


BARE_WORDS = 5
"""An answer of so few words is the name that was asked for."""
YEARS = (1000, 2100)


@dataclass(frozen=True, slots=True)
class Ask:
    """One part of a question: the kinds of things that would answer it, and its text."""

    kinds: tuple[str, ...]
    piece: Piece


def asks_of(question: str) -> list[Ask]:
    """The parts of a question that ask for something each; words before the first ask belong to it."""
    parts = [part for part in _PARTS.split(question) if part and part.strip()]
    asks: list[Ask] = []
    held = ""
    for part in parts:
        text = Piece(part).text
        kinds = kinds_of(text)
        if kinds or _OTHER.search(text):
            asks.append(Ask(kinds, Piece(f"{held} {part}".strip())))
            held = ""
        elif asks:
            last = asks[-1]
            asks[-1] = Ask(last.kinds, Piece(f"{last.piece.text.written} {part}"))
        else:
            held = f"{held} {part}"
    return asks or [Ask((), Piece(question))]


def kinds_of(text: Text) -> tuple[str, ...]:
    """The kinds of things that a text asks for. In English "may" asks for no number, as "mấy" does without marks."""
    read = Text(_MAY_ENGLISH.sub(" ", text.written)) if not text.is_marked and speaks_english(text) else text
    return tuple(kind for kind, asked in KINDS if asked.search(read))


def missing(evidence: Evidence) -> int:
    """How many parts of the question the answer holds nothing for."""
    asks = asks_of(evidence.asked.text.written)
    if evidence.names_a_gap:
        return 0
    return sum(not all(holds(kind, evidence, alone=len(asks) == 1) for kind in ask.kinds) for ask in asks)


def holds(kind: str, evidence: Evidence, *, alone: bool = True) -> bool:
    """Whether the answer holds something of a kind. `alone`: nothing else is asked, so that a bare name answers it."""
    text, amounts = evidence.answer_text, evidence.said_amounts
    if kind in {"who", "where"}:
        return (alone and len(text.words) <= BARE_WORDS) or _says_more(evidence)
    if any(is_of_kind(kind, amount) for amount in amounts) or _FREE.search(text):
        return True
    if kind in {"when", "span", "number", "clock"} and _NTH.search(text):
        return True
    return {"when": _WHEN, "span": _OFTEN}.get(kind, _NEVER).search(_fresh(evidence)) is not None


def _fresh(evidence: Evidence) -> Text:
    """The answer without the words of the question."""
    asked = {word.folded for word in evidence.question.text.words}
    return Text(" ".join(word.raw for word in evidence.answer_text.words if word.folded not in asked))


def _says_more(evidence: Evidence) -> bool:
    """Whether the answer holds a word that is neither the question's nor part of an amount."""
    asked = {word.folded for word in evidence.question.text.words}
    fresh = (key for piece in evidence.said for key, _ in piece.placed if key[0] not in {"=", LIGHT})
    return any(key not in evidence.question.keys and key not in asked for key in fresh)


def is_of_kind(kind: str, amount: Amount) -> bool:
    """Whether an amount would answer a question for money, a span of time, a point in time or a number."""
    if kind == "money":
        is_great = amount.kind == "number" and not amount.unit and amount.value >= YEARS[0]
        return is_great or amount.unit in {"vnd", "usd", "eur", "percent"}
    if kind == "span":
        return amount.unit in _SPANS or amount.kind in {"date", "clock"}
    if kind == "month":
        return amount.kind == "date" and amount.parts[1] > 0
    if kind == "clock":
        is_pointed = amount.kind == "number" and not amount.unit and "." in amount.text
        return is_pointed or amount.kind == "clock" or amount.unit in {"hour", "minute"}
    if kind == "when":
        is_year = amount.kind == "number" and not amount.unit and YEARS[0] <= amount.value <= YEARS[1]
        return is_year or amount.kind in {"date", "clock"} or amount.unit in _SPANS
    return True
