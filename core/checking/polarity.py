"""Does the answer say yes where the passages say no, "before" where they say "after", "all" where they say "only"?"""

import re
from collections.abc import Mapping, Sequence

from core.checking.evidence import Evidence
from core.checking.phrases import Phrases
from core.checking.pieces import Piece, Span, around
from core.checking.stances import Stance
from core.checking.terms import LIGHT, Text

ABOUT = 0.6
"""A line of which so much stands in question and answer is about them."""
SMOOTH = 2
"""Keeps clauses of one term from being the closest to everything."""
_YES = Phrases(
    r"^\W*(?:có\b(?! (?:the |ba |hai |bốn |năm |sáu |\d|thể là))|đúng\b|được\b(?! (?:\d|cộng|hưởng))|vâng\b|yes\b"
    r"|correct\b|sure\b"
    r"|right\b|of course\b)|^\W*\w+ (?:vẫn |cũng )?(?:được phép|có thể)\b"
)
_NO = Phrases(r"^\W*(?:không\b|chưa\b|no\b|not\b|cấm\b|never\b)")
_DENIES = Phrases(r"\b(?:không|chưa|chẳng|no|not|never)\b")
_ASKS_WHETHER = Phrases(
    r"\b(?:không|ko|hông|chưa|chứ|nhỉ|à|k)\W*$|\b(?:có|được|đã|phải)\b.*\b(?:không|ko|chưa|k)\b(?:\W*$|,| và\b)",
    r"^\W*(?:so |and |hi,? |hello,? )?(?:is|are|can|could|may|do|does|did|must|should|will|has|have|am|was|were"
    r"|would)\b",
)
_OPPOSITES = r"""
    tối đa|không quá|nhiều nhất|at most|maximum|up to|no more than <> tối thiểu|ít nhất|không dưới|at least|minimum
    trước|before|prior to|in advance <> sau|after
    trên|vượt|hơn|above|over|more than|exceed\w* <> dưới|thấp hơn|below|under|less than
    bắt buộc|phải|must|mandatory|required|have to <> tự nguyện|không bắt buộc|tuỳ ý|optional|không cần|không phải|nên
    cấm|forbidden|prohibited <> được phép|cho phép|allowed|permitted|thoải mái
    tăng|increase\w*|raise\w* <> giảm|decrease\w*|reduce\w*
    mở|bật|open\w*|turn\w* on|switch\w* on <> đóng|tắt|close\w*|turn\w* off|switch\w* off|shut
    đầu|first|start\w*|bắt đầu <> cuối|last|end|ends|kết thúc
    miễn phí|free <> thu phí|mất phí|trả phí|tính phí|charged
    gồm|bao gồm|include\w*|gồm cả|kể cả <> không gồm|chưa gồm|không bao gồm|chưa bao gồm|exclud\w*|not includ\w*
    nguyên lương|hưởng lương|full pay <> không lương|không hưởng lương|unpaid|trừ lương
    nội bộ|bên trong|internal|inside <> bên ngoài|external|outside
    sáng|morning|am <> chiều|tối|afternoon|evening|pm
    tự động|automatic\w* <> bằng tay|thủ công|manual\w*|by hand
    định kỳ|periodic\w* <> đột xuất|bất thường
    trực tiếp|in person|tận nơi <> từ xa|trực tuyến|online|remote\w*
    lớn|major|high|cao <> nhỏ|minor|low|thấp
    cộng|thêm|plus <> trừ|bớt|minus|deduct\w*
    chậm nhất|latest|no later than <> sớm nhất|earliest
"""
"""One pair a line."""
_PAIRS = [line.strip().split(" <> ") for line in _OPPOSITES.strip().splitlines()]
OPPOSITES = tuple((Phrases(rf"\b(?:{one})\b"), Phrases(rf"\b(?:{other})\b")) for one, other in _PAIRS)
CASES = tuple(pair for pair, (one, _) in zip(OPPOSITES, _PAIRS, strict=True) if "above" not in one)
"""Those that also count where a case is held against a limit: it may lie on the other side."""
ONLY = re.compile(r"\b(?:chỉ|riêng|duy nhất|ngoại trừ|trừ|only|except|unless|solely)\b")


def contradictions(evidence: Evidence) -> int:
    """How many terms the answer says that the clause about them denies, or denies where none does.

    Of the clauses that hold a term the one counts that is closest to the sentence of the answer, and, for a term asked
    about, the one closest to the question. Of another language too little is known.
    """
    if evidence.is_abroad or says(evidence) < 0:
        return 0
    clauses = [clause for line in evidence.lines for clause in clauses_of(line.piece)]
    denied = {key for clause in clauses for key, stance in clause.items() if stance.is_denied}
    asked = evidence.question.keys
    turned: set[str] = set()
    for piece in evidence.claims:
        all_said = piece.stances
        agreed = {one.key for one in all_said if one.is_denied and one.key in denied}
        says_no = any(one.is_denied for one in all_said) or _DENIES.search(piece.text) is not None
        for one in all_said:
            if one.key not in agreed and one.key[0] != LIGHT:
                views = [piece.keys | asked] + ([asked] if one.key in asked and not one.is_denied else [])
                turned |= {
                    one.key
                    for view in views
                    if _turns(one, view, _closest_clause(one.key, view, clauses), says_no=says_no)
                }
    return len(turned)


def clauses_of(piece: Piece) -> list[Mapping[str, Stance]]:
    """The terms of each clause with their stances."""
    every = list(zip(piece.text.terms, piece.stances, strict=True))
    return [{stance.key: stance for term, stance in every if start <= term.start < end} for start, end in piece.clauses]


def _closest_clause(key: str, view: frozenset[str], clauses: Sequence[Mapping[str, Stance]]) -> Mapping[str, Stance]:
    holding = [clause for clause in clauses if key in clause]
    return max(holding, key=lambda clause: len(view & clause.keys()) / (len(clause) + SMOOTH), default={})


def _turns(said: Stance, view: frozenset[str], clause: Mapping[str, Stance], *, says_no: bool) -> bool:
    """Whether one of both denies at once what the other says; an answer's own denial must share more than that."""
    held = clause.get(said.key)
    if says_no == any(one.is_denied for one in clause.values()):
        return False
    heads = {one.key for one in clause.values() if one.is_head and one.key[0] != LIGHT}
    return held is not None and held.is_denied and held.is_head and not said.is_denied and heads <= view


def closest(piece: Piece, evidence: Evidence) -> Piece | None:
    """The line that holds most of what a sentence of the answer says, if it holds anything."""
    scored = [(_closeness(piece, line.piece, evidence), at) for at, line in enumerate(evidence.lines)]
    best, at = max(scored, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
    return evidence.lines[at].piece if best > 0 else None


def _closeness(piece: Piece, line: Piece, evidence: Evidence) -> float:
    """Shared terms and numbers; a little for what only the question says, so that short answers find their line."""
    asked = len((evidence.question.keys - piece.keys) & line.keys)
    return len(piece.keys & line.keys) + len(piece.digits & line.digits) + 0.4 * asked - 0.01 * len(line.keys)


def opposites(evidence: Evidence) -> int:
    """How many pairs of opposite words the answer turns round against the clause that is closest to its own."""
    turned = 0
    for piece in evidence.claims:
        line = closest(piece, evidence)
        if line is not None and not _allows_for(line, evidence):
            pairs = CASES if evidence.question.cases else OPPOSITES
            turned += sum(_is_turned(pair, piece, line, evidence.question.text) for pair in pairs)
    return turned


def _is_turned(pair: tuple[Phrases, Phrases], said: Piece, held: Piece, asked: Text) -> bool:
    for one, other in (pair, pair[::-1]):
        found = one.search(said.text)
        if one.search(held.text):
            continue
        if found and not other.search(said.text) and other.search(held.text) and not one.search(asked):
            own = _clause(said, around(said.clauses, found.start()))
            clauses = [_clause(held, span) for span in held.clauses]
            best = max(clauses, key=lambda clause: (_in_common(own, clause), -len(clause.keys)))
            return other.search(best.text) is not None and not one.search(best.text)
    return False


def _clause(piece: Piece, span: Span) -> Piece:
    return Piece(piece.text.written[span[0] : span[1]])


def _in_common(one: Piece, other: Piece) -> int:
    return len(one.keys & other.keys) + len(one.digits & other.digits)


def asks_whether(evidence: Evidence) -> bool:
    """Whether the question wants a yes or a no."""
    return _ASKS_WHETHER.search(evidence.asked.text) is not None


def says(evidence: Evidence) -> int:
    """1 for an answer that begins with a yes, -1 with a no, 0 with neither."""
    text = evidence.answer_text
    if _NO.match(text):
        return -1
    return int(_YES.match(text) is not None)


def _allows_for(line: Piece, evidence: Evidence) -> bool:
    """Whether a line has an exception to what it denies that question or answer names."""
    found = ONLY.search(line.text.lower)
    behind = {term.key for term in line.text.terms if found and term.start >= found.end() and term.key[0] != LIGHT}
    return found is not None and (not behind or bool(behind & (evidence.question.keys | evidence.said_keys)))


def says_yes_wrongly(evidence: Evidence) -> bool:
    """Whether the answer says yes where a line about the question denies what it asks.

    The other way round nothing follows: a no is often what a limit comes to.
    """
    if not (asks_whether(evidence) and says(evidence) > 0):
        return False
    asked = {stance.key for stance in evidence.question.stances if not stance.is_denied}
    nearest = closest(evidence.question, evidence)
    return any(
        line.piece is nearest or len(line.piece.keys & asked) >= ABOUT * min(len(asked), len(line.piece.keys))
        for line in evidence.lines
        if not _allows_for(line.piece, evidence)
        if any(one.is_head and one.is_denied and one.key in asked for one in line.piece.stances)
    )
