"""Rules for some only: does the answer speak of all, or allow for no exception?"""

import re

from core.checking import polarity
from core.checking.evidence import Evidence
from core.checking.phrases import Phrases

_ALL = re.compile(
    r"\b(?:mọi|tất cả|bất kỳ|bất cứ|nào cũng|ai cũng|toàn thể|bao nhiêu cũng|lúc nào cũng|luôn|đều được|đều phải"
    r"|all|everyone|anyone|always|anybody|every (?!\d|day|week|month|year|quarter|six|two|three|monday|tuesday"
    r"|friday))\b"
)
_EACH = re.compile(rf"{_ALL.pattern}|\b(?:mỗi người|từng|bất kể|bất cứ|everybody|anything|regardless|whatever)\b")
_EXCEPT = Phrases(r"\b(?:trừ|ngoại trừ|except\w*|unless|riêng)\b")
_NEVER = Phrases(
    r"\b(?:tuyệt đối|trong mọi trường hợp|(?:bất kỳ|bất cứ) trường hợp nào|kể cả khi|không ngoại lệ|không ai"
    r"|in (?:all|any) cases?|under (?:any|no) circumstances|(?:without|no) exceptions?|nobody|no one)\b"
)


def widens(evidence: Evidence) -> bool:
    """Whether the answer says "all" of what the passages say of some, without their saying so."""
    if evidence.is_abroad or any(_EACH.search(line.piece.text.lower) for line in evidence.lines):
        return False
    said = [piece.text.lower for piece in evidence.claims]
    return any(_ALL.search(text) and not polarity.ONLY.search(text) for text in said)


def excludes_all(evidence: Evidence) -> bool:
    """Whether the answer knows no exception where the line that it is closest to makes one."""
    for piece in evidence.claims:
        line = polarity.closest(piece, evidence) if _NEVER.search(piece.text) else None
        if line is not None and _EXCEPT.search(line.text) and not _NEVER.search(line.text):
            return True
    return False
