"""What is not to be seen in a text: control and zero-width characters, and everything else that hides or smuggles.

Tags, variation selectors, fillers and piles of accents carry whole messages that nobody sees; wide and narrow blanks
tell more than one blank. What stays is what a reader can see.
"""

import functools
import re
import unicodedata

_ORDINARY = re.compile("[\n\t -~\u00c0-\u00ff\u0100-\u024f\u1e00-\u1eff–—‘’“”•…]*")
"""What most texts are made of: all of it is seen."""
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\U0001d159")
"""Letters, signs and accents that show nothing."""
_SELECTORS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
_LOOKS = frozenset("\ufe0e\ufe0f")
"""Behind a picture they say whether it has colours; anywhere else, as all other selectors, they hide something."""
ACCENTS = 4
"""Accents that one letter may bear: Vietnamese has two at most."""


class Sight:
    """Lets through what can be seen of a text that comes in pieces; their cut makes no difference."""

    def __init__(self) -> None:
        self._last = ""
        self._accents = 0

    def feed(self, text: str) -> str:
        """What can be seen of the next piece."""
        if _ORDINARY.fullmatch(text):
            self._last, self._accents = text[-1:] or self._last, 0 if text else self._accents
            return text
        return "".join(map(self._seen, text))

    def _seen(self, sign: str) -> str:
        shown, kind = _shown(sign)
        if kind == "M":
            self._accents += 1
            return shown if self._accents <= ACCENTS else ""
        if sign in _LOOKS:
            is_picture = self._last != "" and unicodedata.category(self._last) == "So"
            self._last = ""
            return sign if is_picture else ""
        if shown:
            self._last, self._accents = shown, 0
        return shown


def visible(text: str) -> str:
    """Text without what is not to be seen; line breaks and tabs stay, blanks of every width become one blank.

    For whatever reaches a surface: names of files, titles, what a server said of a failure.
    """
    return Sight().feed(text)


@functools.lru_cache(maxsize=4_096)
def _shown(sign: str) -> tuple[str, str]:
    """What is seen of the character, and the first letter of its kind."""
    kind = unicodedata.category(sign)
    if sign in "\n\t":
        return sign, "Z"
    if kind in _HIDDEN or sign in _BLANKS or sign in _SELECTORS:
        return "", "C"
    if kind in {"Zl", "Zp"}:
        return "\n", "Z"
    return (" ", "Z") if kind == "Zs" else (sign, kind[0])
