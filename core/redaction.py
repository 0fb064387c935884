"""Placeholders for private data in what goes outside, and the data back in what comes: a second net behind the gate.

A cleared prompt should hold nothing private. Should it hold some, the model outside reads "⟦PHONE_1⟧" and the people
here read the number. One `Redaction` serves one request: it alone knows what its placeholders stand for.
"""

import re
from collections.abc import Iterable, Mapping

from core.private_data import find

_PLACEHOLDER = re.compile(r"⟦[A-Z]+_\d+⟧")
_UNFINISHED = re.compile(r"⟦(?:[A-Z]{1,20}(?:_\d{0,9})?)?\Z")
"""What may still become a placeholder once more text has come."""
SHORTEST_KNOWN = 6
"""Characters of a datum that is replaced wherever it stands."""
_QUOTED = "TEXT"
"""The kind of what looked like a placeholder before we made any."""


class Redaction:
    """The placeholders of one request. The same datum has the same placeholder in every text of it."""

    def __init__(self) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._data: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> Mapping[str, int]:
        """How many pieces of data were replaced, by kind."""
        return {kind: count for kind, count in self._counts.items() if kind != _QUOTED}

    def learn(self, text: str) -> None:
        """What is private in this text is replaced in every text from now on, whatever stands around it there."""
        for span in find(text):
            self._placeholder(span.type.value, text[span.start : span.end])

    @property
    def summary(self) -> str:
        """The counts in words, as in "1 EMAIL, 2 PHONE"; empty where nothing was replaced."""
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))

    def redact(self, text: str) -> str:
        """The text with a placeholder for each piece of private data; one that somebody typed is replaced as well."""
        pieces, end = [], 0
        for start, stop, kind in sorted(self._found(text)):
            pieces += [text[end:start], self._placeholder(kind, text[start:stop])]
            end = stop
        return "".join([*pieces, text[end:]])

    def restore(self, text: str) -> str:
        """The text with the data in the place of their placeholders; one that stands for nothing is dropped."""
        return _PLACEHOLDER.sub(lambda found: self._data.get(found[0], ""), text)

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        """What is to be replaced: look-alikes of placeholders, private data, and data that were found elsewhere."""
        found = [(*match.span(), _QUOTED) for match in _PLACEHOLDER.finditer(text)]
        _add(found, [(span.start, span.end, span.type.value) for span in find(text)])
        for start, stop, kind in found:
            self._placeholder(kind, text[start:stop])
        _add(found, self._known(text))
        return found

    def _known(self, text: str) -> list[tuple[int, int, str]]:
        """Where data stand that were found before, the longest first; short ones might be anything there."""
        data = {datum: kind for kind, datum in self._placeholders if len(datum) >= SHORTEST_KNOWN}
        if not data:
            return []
        pattern = re.compile("|".join(map(re.escape, sorted(data, key=len, reverse=True))))
        return [(*match.span(), data[match[0]]) for match in pattern.finditer(text)]

    def _placeholder(self, kind: str, datum: str) -> str:
        if (kind, datum) not in self._placeholders:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"⟦{kind}_{self._counts[kind]}⟧"
            self._placeholders[kind, datum] = placeholder
            self._data[placeholder] = datum
        return self._placeholders[kind, datum]


def _add(found: list[tuple[int, int, str]], more: Iterable[tuple[int, int, str]]) -> None:
    """Adds those that lie beside all that are there."""
    for start, stop, kind in more:
        if not any(start < other_stop and other_start < stop for other_start, other_stop, _ in found):
            found.append((start, stop, kind))


class StreamRestorer:
    """`Redaction.restore` for text that comes in pieces: what may be a placeholder is held until it is known."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._held = ""

    def feed(self, delta: str) -> str:
        text = self._held + delta
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return self._redaction.restore(text[:cut])

    def finish(self) -> str:
        """The rest, once no more text comes."""
        held, self._held = self._held, ""
        return self._redaction.restore(held)
