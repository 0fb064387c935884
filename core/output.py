"""What a model wrote is not trusted: this filter stands between every completion and every surface.

Dropped: control, zero-width and bidirectional characters, images, HTML tags, links that stand in no passage, and the
words by which a platform wakes people up. Surfaces escape for their own markup on top.
"""

import re
import unicodedata
from collections.abc import Sequence

from core.documents import Passage

LONGEST_HOLD = 300
"""Characters after which an open bracket is no longer waited for."""

_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|tg:)[^\s<>\"')\]]+", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^>\n]{0,200}>")
_SUMMONS = re.compile(r"<?[@!](?:channel|here|everyone|all)\b>?|<[@#!][^>\s]{1,40}>", re.IGNORECASE)


def clean(text: str, passages: Sequence[Passage]) -> str:
    """Text that is safe to show; links survive only where a passage holds them."""
    text = _SUMMONS.sub("", _IMAGE.sub(r"\1", visible(text)))
    text = _TAG.sub("", _LINK.sub(r"\1 \2", text))
    return _URL.sub(lambda url: url[0] if _is_known(url[0], passages) else "", text)


def visible(text: str) -> str:
    """Text without control, zero-width and bidirectional characters; line breaks and tabs stay.

    For whatever else reaches a surface: names of files, titles, what a server said of a failure.
    """
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)


def _is_known(url: str, passages: Sequence[Passage]) -> bool:
    bare = url.rstrip(".,;:!?")
    return any(bare in passage.text for passage in passages)


class StreamFilter:
    """The same filter for text that comes in pieces: a line or a word is let through once it is whole."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.held = ""

    def feed(self, delta: str) -> str:
        text = self.held + delta
        cut = self._safe_end(text)
        self.held = text[cut:]
        return clean(text[:cut], self.passages)

    def finish(self) -> str:
        held, self.held = self.held, ""
        return clean(held, self.passages)

    @staticmethod
    def _safe_end(text: str) -> int:
        """Where the last whole word ends, before any bracket or tag that is still open on its line."""
        end = max(text.rfind(" "), text.rfind("\n")) + 1
        line_start = text.rfind("\n", 0, end) + 1
        for opening, closing in ("[]", "<>", "()"):
            opened = text.rfind(opening, line_start, end)
            if opened >= 0 and text.find(closing, opened, end) < 0 and end - opened < LONGEST_HOLD:
                end = min(end, opened)
        return end
