"""Text as it reads once its disguises are taken off: letters of other alphabets, digits for letters, letters apart."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

from core.folding import fold
from core.hidden import visible

_ALIKE = str.maketrans("абвгеёзикмнорстухѕіјԁѡαεικνορτυχ", "abbreezukmhopctyxsijdwaeiknoptux")
"""Letters that look like Latin ones."""
_DIGITS = str.maketrans("013457@$!|", "oieastasii")
_MIXED = re.compile(r"(?<![\w@])(?=\w*[a-z])(?=[\w@$!|]*[0-9@$!|])[\w@$!|]{4,}")
_APART = re.compile(r"(?<!\w)\w(?:[ .\-_*+/]\w){3,}(?!\w)")
_CODED = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{16,}={0,2}(?![\w+/])")
_JOINED = (
    "bo qua", "quen het", "tat ca", "toan bo", "chi dan", "quy tac", "huong dan", "he thong", "mat khau", "ignore",
    "disregard", "forget", "all", "previous", "prior", "instructions", "rules", "system", "prompt", "reveal",
)  # fmt: skip
"""Words by which letters that stood apart are put together again."""


def undisguised(text: str) -> Iterator[str]:
    """The text, folded, and then what it would be without each disguise that it may wear."""
    plain = fold(unicodedata.normalize("NFKC", visible(text)))
    yield plain
    seen = {plain}
    for form in (
        plain.translate(_ALIKE),
        _MIXED.sub(_as_letters, plain),
        _APART.sub(_together, plain),
        *_decoded(text),
    ):
        if form not in seen:
            seen.add(form)
            yield form


def _as_letters(word: re.Match[str]) -> str:
    return word[0].translate(_DIGITS)


def _together(letters: re.Match[str]) -> str:
    word = re.sub(r"[ .\-_*+/]", "", letters[0])
    for joined in _JOINED:
        word = word.replace(joined.replace(" ", ""), f" {joined} ")
    return " ".join(word.split())


def _decoded(text: str) -> Iterator[str]:
    """What stands in the text in base64, if it is text again."""
    for coded in _CODED.finditer(text):
        try:
            yield fold(base64.b64decode(coded[0], validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            continue
