"""A completion on its way to the reader: marks renumbered, output filtered, a refusal held back until it is known.

What `feed` and `finish` return, joined, is the text of the answer.
"""

from collections.abc import Sequence

from core.checks import is_refusal
from core.citations import MarkRewriter
from core.documents import Passage
from core.hidden import Sight
from core.output import StreamFilter

OPENING_CHARACTERS = 40
"""So much of a completion is held back: a refusal is replaced by a sentence that names the nearest document."""


class Draft:
    """One completion while it streams. `sources` are the passage indices behind the numbers of the prompt.

    What cannot be seen is gone before marks are looked for, so that no mark can hide; what is left of the text when the
    marks are rewritten meets the filter.
    """

    def __init__(self, passages: Sequence[Passage], sources: Sequence[int]) -> None:
        self.sight = Sight()
        self.marks = MarkRewriter(sources)
        self.filter = StreamFilter(passages)
        self.text = ""
        self._shown = 0

    def feed(self, delta: str) -> str:
        """The text that may be shown now, often empty."""
        self.text += self.filter.feed(self.marks.feed(self.sight.feed(delta)))
        if self._shown == 0 and (len(self.text) < OPENING_CHARACTERS or is_refusal(self.text)):
            return ""
        return self._unshown(len(self.text.rstrip()))

    def finish(self) -> str:
        """The rest of the text; nothing when it all is a refusal."""
        self.text += self.filter.feed(self.marks.finish()) + self.filter.finish()
        self.text = self.text.rstrip()
        return "" if is_refusal(self.text) else self._unshown(len(self.text))

    def _unshown(self, end: int) -> str:
        start, self._shown = self._shown, max(self._shown, end)
        return self.text[start:end]
