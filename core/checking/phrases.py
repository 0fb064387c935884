"""Patterns written with Vietnamese marks that also find text typed without them."""

import re

from core.checking.terms import Text, without_marks


class Phrases:
    """One pattern, as written for marked text and without its marks for the rest, English included."""

    def __init__(self, *sources: str) -> None:
        source = "|".join(sources)
        self._marked = re.compile(source)
        self._plain = re.compile(without_marks(source))

    def search(self, text: Text) -> re.Match[str] | None:
        """The first place; it counts in both spellings of the text alike."""
        return self._marked.search(text.lower) if text.is_marked else self._plain.search(text.folded)

    def count(self, text: Text) -> int:
        """At how many places it stands."""
        found = self._marked.finditer(text.lower) if text.is_marked else self._plain.finditer(text.folded)
        return sum(1 for _ in found)

    def match(self, text: Text) -> re.Match[str] | None:
        """As `search`, at the beginning only."""
        return self._marked.match(text.lower) if text.is_marked else self._plain.match(text.folded)
