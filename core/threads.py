"""From what was said before to a query that stands alone.

Deterministic on purpose: a rewrite by a small model costs seconds on a CPU and invents; joining the question to the
one it follows finds the right passages, since both halves of the search read bags of words.
"""

import re
from collections.abc import Sequence

from core.conversation import Turn
from core.folding import fold

SHORT_WORDS = 12
"""A question of more words is taken to stand on its own, whatever it begins with."""

FRAGMENT_WORDS = 2

_OPENS = re.compile(
    r"(?:con|the|vay|vay thi|the thi|nhung|neu vay|va|roi|a the|u the|ok|what about|how about|and|but|then|so)\b"
)
_POINTS_BACK = re.compile(
    r"\b(?:no|cai do|viec do|dieu do|khoan do|luc do|o do|nguoi do|phong do|neu vay|nhu vay|tren do"
    r"|it|that|this|those|them|they|there)\b"
)


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: it is short, and it opens or points back as such questions do."""
    folded = fold(question).strip(" ?!.,\"'")
    length = len(folded.split())
    if length > SHORT_WORDS:
        return False
    return length <= FRAGMENT_WORDS or bool(_OPENS.match(folded) or _POINTS_BACK.search(folded))


def standalone_query(question: str, turns: Sequence[Turn]) -> str:
    """The question itself, or, where it follows one up, the last turn's query and the question."""
    if not turns or not is_follow_up(question):
        return question
    root = turns[-1].query.splitlines()[0]
    return f"{root}\n{question}"
