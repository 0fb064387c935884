"""A completion on its way to the reader: marks renumbered, output filtered, a refusal held back until it is known.

What `feed` and `finish` return, joined, is the text of the answer.
"""

from collections.abc import Sequence

from core.checks import is_refusal
from core.citations import MarkRewriter
from core.documents import Passage
from core.output import StreamFilter

OPENING_CHARACTERS = 40
"""So much of a completion is held back: a refusal is replaced by a sentence that names the nearest document."""


class Draft:
    """One completion while it streams. `sources` are the passage indices behind the numbers of the prompt."""

    def __init__(self, passages: Sequence[Passage], sources: Sequence[int]) -> None:
        self.marks = MarkRewriter(sources)
        self.filter = StreamFilter(passages)
        self.text = ""
        self._shown = 0

    def feed(self, delta: str) -> str:
        """The text that may be shown now, often empty."""
        self.text += self.filter.feed(self.marks.feed(delta))
        if self._shown == 0 and (len(self.text) < OPENING_CHARACTERS or is_refusal(self.text)):
            return ""
        return self._unshown()

    def finish(self) -> str:
        """The rest of the text; nothing when it all is a refusal."""
        self.text += self.filter.feed(self.marks.finish()) + self.filter.finish()
        self.text = self.text.rstrip()
        return "" if is_refusal(self.text) else self._unshown()

    def _unshown(self) -> str:
        shown, self._shown = self._shown, len(self.text)
        return self.text[shown:]
