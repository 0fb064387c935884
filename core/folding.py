"""Text without tone marks: what people type on phones, and what patterns are matched against."""

import re
import unicodedata

_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower-case text without tone marks and with d for đ, e.g. "Nghỉ phép Đợt" -> "nghi phep dot"."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def words(text: str) -> list[str]:
    """The folded words of a text, in order; punctuation is dropped."""
    return _WORD.findall(fold(text))
