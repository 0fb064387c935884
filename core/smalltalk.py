"""Greetings and thanks: answered by one sentence, without a search and without a model."""

import re

from core.folding import fold

_NAME = r"(?: (?:ban|em|anh|chi|bot|sotay|so tay|there|all))*"
_KINDS = (
    ("answer.greeting", re.compile(rf"(?:(?:xin )?chao|hello|hi|hey|alo|good (?:morning|afternoon)){_NAME}")),
    (
        "answer.thanks",
        re.compile(rf"(?:(?:xin )?cam on|thanks?|thank you|many thanks){_NAME}(?: nhieu| nhe| nha| very much)*"),
    ),
    ("answer.who", re.compile(r"(?:ban la ai|ban lam duoc gi|ban giup duoc gi|who are you|what can you do)")),
)


def small_talk(text: str) -> str | None:
    """The id of the reply to a message that is nothing but a greeting, a thank-you or "who are you"; else None."""
    bare = re.sub(r"[^\w ]+", " ", fold(text))
    bare = " ".join(bare.split())
    return next((message_id for message_id, pattern in _KINDS if pattern.fullmatch(bare)), None)
