"""Bytes of a text file to text. UTF-8 is expected; older encodings are recognised by whether they can be read."""

import codecs
import unicodedata

from charset_normalizer import from_bytes

from retrieval.legibility import Legibility, judge

CANDIDATES = ("utf_16_le", "utf_16_be", "cp1258", "cp1252")
"""What Vietnamese offices saved text as before UTF-8."""
SAMPLE = 65_536
"""Bytes that decide; an even number, so that UTF-16 is not cut inside a letter."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode(data: bytes) -> tuple[str | None, Legibility]:
    """NFC text and what it looks like; None for the text when no known encoding makes it readable.

    The second part then tells the old font encodings from plain noise.
    """
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    for encoding in (marked, "utf-8") if marked else ("utf-8",):
        try:
            text = unicodedata.normalize("NFC", data.decode(encoding))
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, judge(text)
    return _legacy(data)


def _legacy(data: bytes) -> tuple[str | None, Legibility]:
    sample = data[:SAMPLE]
    ranked = [match.encoding for match in from_bytes(sample, cp_isolation=list(CANDIDATES))]
    for encoding in dict.fromkeys([*ranked, *CANDIDATES]):
        text = _decoded(sample, encoding)
        if text is not None and judge(text) is Legibility.READABLE:
            return _decoded(data, encoding), Legibility.READABLE
    verdict = judge(sample.decode("latin-1"))
    return None, Legibility.GARBLED if verdict is Legibility.READABLE else verdict


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = unicodedata.normalize("NFC", data.decode(encoding))
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
