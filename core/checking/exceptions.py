"""Rules for some only: does the answer say yes to somebody for whom the rule is not, or speak of all?"""

import re

from core.checking import polarity
from core.checking.evidence import Evidence, Line
from core.checking.phrases import Phrases
from core.checking.pieces import around
from core.checking.terms import LIGHT

NAMED = 0.5
"""Of the words of an office so many are to be named, for it to be that one."""
_EXCEPT = Phrases(
    r"(?<=[,(] )trừ\b|\b(?:không áp dụng|ngoại trừ|trừ (?:khi|trường hợp|người|ngày|phòng|những|các)"
    r"|không bao gồm|không kể"
    r"|except|unless|does not apply|do not apply|not apply|excluding|other than)\b"
)
_ONLY_MAY = Phrases(
    r"\b(?:chỉ|only|solely) (?:có |riêng |những |the )?(.{2,60}?) (?:mới |cùng )?"
    r"(?:được|có quyền|có thể|mới|may|can|is|are)\b"
)


_ALL = re.compile(
    r"\b(?:mọi|tất cả|bất kỳ|bất cứ|nào cũng|ai cũng|toàn thể|bao nhiêu cũng|lúc nào cũng|luôn|đều được|đều phải"
    r"|all|everyone|anyone|always|anybody|every (?!\d|day|week|month|year|quarter|six|two|three|monday|tuesday"
    r"|friday))\b"
)
_EACH = re.compile(rf"{_ALL.pattern}|\b(?:mỗi người|từng|bất kể|bất cứ|everybody|anything|regardless|whatever)\b")


def passes_over(evidence: Evidence) -> bool:
    """Whether the answer says yes, and a line excepts what the question names and the answer does not.

    Or a line that shares something else with the question is for somebody only, and the question is about another.
    """
    if evidence.is_abroad or not polarity.asks_whether(evidence) or polarity.says(evidence) <= 0:
        return False
    return any(_is_excepted(line, evidence) or _is_reserved(line, evidence) for line in evidence.lines)


def _is_excepted(line: Line, evidence: Evidence) -> bool:
    found = _EXCEPT.search(line.piece.text)
    if found is None:
        return False
    _, end = around(line.piece.clauses, found.end())
    behind = {term.key for term in line.piece.text.terms if found.end() <= term.start < end and term.key[0] != LIGHT}
    before = {term.key for term in line.piece.text.terms if term.start < found.start()}
    named = (behind - before) & evidence.question.keys
    return bool(named) and not named & evidence.said_keys


def _is_reserved(line: Line, evidence: Evidence) -> bool:
    """Of "only X may Y": whether the question is about Y and neither it nor the answer names X."""
    found = _ONLY_MAY.search(line.piece.text)
    if found is None:
        return False
    _, end = around(line.piece.clauses, found.end())
    whom = {term.key for term in line.piece.text.terms if found.start(1) <= term.start < found.end(1)}
    what = {term.key for term in line.piece.text.terms if found.end() <= term.start < end and term.key[0] != LIGHT}
    named = evidence.question.keys | evidence.said_keys
    return bool(whom and what & evidence.question.keys) and len(whom & named) < NAMED * len(whom)


def widens(evidence: Evidence) -> bool:
    """Whether the answer says "all" of what the passages say of some, without their saying so."""
    if evidence.is_abroad or any(_EACH.search(line.piece.text.lower) for line in evidence.lines):
        return False
    said = [piece.text.lower for piece in evidence.claims]
    return any(_ALL.search(text) and not polarity.ONLY.search(text) for text in said)
