"""From what was said before to a query that stands alone.

Deterministic on purpose: a rewrite by a small model costs seconds on a CPU and invents; joining the question to the
one it follows finds the right passages, since both halves of the search read bags of words.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.conversation import Remark, Turn
from core.folding import fold
from core.smalltalk import small_talk

SHORT_WORDS = 12
"""A question of more words is taken to stand on its own, whatever it begins with."""

FRAGMENT_WORDS = 2

LEANED_ON_CHARACTERS = 300
"""So much of a remark becomes part of a query: a sentence or two."""
REMARKS, REMARKS_CHARACTERS, REMARK_CHARACTERS = 8, 800, 200
"""Remarks that a prompt shows, the newest ones: how many, their characters together, and the characters of one."""


def _listed(table: str) -> list[str]:
    return table.split()


_OPENS = re.compile(
    r"(?:con|the|vay|vay thi|the thi|nhung|neu vay|va|roi|a the|u the|ok|what about|how about|and|but|then|so)\b"
)
_POINTS_BACK = re.compile(
    r"\b(?:no|cai do|viec do|dieu do|khoan do|luc do|o do|nguoi do|phong do|neu vay|nhu vay|tren do"
    r"|it|that|this|those|them|they|there)\b"
)
_ASKS = re.compile(
    r"\?|\b(?:bao (?:nhieu|lau|gio)|may (?:ngay|gio|tieng|thang|nam|lan|bo)|(?:the|nhu|khi|luc|noi|cai|ngay) nao|o dau"
    r"|gi|ai|sao|how|what|when|where|who|which|why)\b|\b(?:khong|ko|k|chua|nhi)$"
)
_CALLS = frozenset(
    _listed("""
    a à ạ ai alo anh ấy bạn biết bot các cái câu cho chị chút chưa có đã đang đây đấy đi đó đúng dùm được em gấp gì giùm
    giúp hả hãy hỏi hộ hơi ơi không k ko là lại luôn mình này nào nên nha nhé nhỉ như nhờ ở phải rồi sao ta thấy thế
    thì tôi trên vậy với vụ xem xin ý kiến
    about any anybody anyone answer can could does have help how idea ideas is know me my our please pls plz somebody
    someone tell that the there this to we what with would you
    """)
)
_CALL_PHRASES = re.compile(r"\b(?:trả lời|tra loi|làm ơn|lam on)\b")
_CALLS_UNMARKED = frozenset(map(fold, _CALLS))
"""Words that no passage can be found by: "giúp với", "ai biết không", "như trên thì sao", "please help"."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question made to stand alone: the query, and the turns that it leans on, oldest first."""

    query: str
    turns: tuple[Turn, ...] = ()


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: it is short, and it opens or points back as such questions do."""
    folded = fold(question).strip(" ?!.,\"'")
    length = len(folded.split())
    if length > SHORT_WORDS:
        return False
    return length <= FRAGMENT_WORDS or bool(_OPENS.match(folded) or _POINTS_BACK.search(folded))


def says_nothing(text: str) -> bool:
    """Whether a text is empty or a mere call for help, which nothing can be searched by."""
    bare = _CALL_PHRASES.sub(" ", unicodedata.normalize("NFC", text.lower()))
    return all(_is_of_a_call(word) for word in re.findall(r"\w+", bare))


def standalone_query(question: str, turns: Sequence[Turn], remarks: Sequence[Remark] = ()) -> str:
    """The question itself, or, where it leans on what was said before, that and the question.

    A call for help on a remark leaves no words of its own in the query.
    """
    return understand(question, turns, remarks).query


def understand(
    question: str, turns: Sequence[Turn], remarks: Sequence[Remark] = (), *, is_files_alone: bool = False
) -> Understood:
    """What is asked: a question that leans back is joined to the last turn's query or to a later remark.

    Of the remarks that follow the last turn the newest one that asks something is leaned on. One that only tells is
    leaned on by a call for help alone, and by any question where there is no turn. Files that came without a word lean
    on a remark, and never ask the last question once more.
    """
    is_call = says_nothing(question)
    if not (is_call or is_follow_up(question)):
        return Understood(question)
    asked = [turn for turn in turns if not says_nothing(turn.query)]
    last = asked[-1] if asked else None
    remark = _leaned_on([each for each in remarks if last is None or each.said_at > last.asked_at])
    if remark and (is_call or last is None or asks(remark)):
        return Understood(remark if is_call else f"{remark}\n{question}")
    if last is None or is_files_alone:
        return Understood(question)
    return Understood(f"{last.query.strip().splitlines()[0]}\n{question}".rstrip("\n"), tuple(asked))


def asks(text: str) -> bool:
    """Whether a text has the look of a question."""
    return bool(_ASKS.search(fold(text).strip(" .!,")))


def shown_remarks(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """The newest remarks, as far as a prompt has room for them, oldest first; each is whole here, `cut` shortens it."""
    chosen: list[Remark] = []
    room = REMARKS_CHARACTERS
    for remark in reversed([each for each in remarks if _tells(each)]):
        room -= len(cut(remark.text, REMARK_CHARACTERS))
        if room < 0 or len(chosen) == REMARKS:
            break
        chosen.append(remark)
    return tuple(reversed(chosen))


def cut(text: str, most: int) -> str:
    """The text on one line, cut at a blank where it is longer than `most` characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, blank, _ = line[: most + 1].rpartition(" ")
    return head if blank else line[:most]


def _tells(remark: Remark) -> bool:
    """Whether a remark is more than a greeting or a call for help."""
    return not (says_nothing(remark.text) or small_talk(remark.text))


def _leaned_on(remarks: Sequence[Remark]) -> str:
    """The newest remark that asks, else the newest that says anything; empty where none does."""
    telling = [cut(each.text, LEANED_ON_CHARACTERS) for each in remarks if _tells(each)]
    return next((text for text in reversed(telling) if asks(text)), telling[-1] if telling else "")


def _is_of_a_call(word: str) -> bool:
    """A word with marks must be one of them as it stands: "bạn" is, "bàn" is not."""
    return word in _CALLS or (word == fold(word) and word in _CALLS_UNMARKED)
