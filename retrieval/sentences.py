"""Where Vietnamese and English sentences end, and long text cut at the best place there is. Pure, spans only."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

CONTEXT = 60
"""Characters around a full stop that are looked at."""

_STOP = re.compile(r"[.!?…]+[\"”’»)\]]*\s+")
_NEXT = re.compile(r"[\"“‘«(\[]*[\w•-]")
_BREAKS = (re.compile(r"[;:]\s+"), re.compile(r",\s+"), re.compile(r"\s+"))
# Words before a full stop that does not end a sentence.
_SHORT = frozenset(
    re.split(
        r"\s+",
        "tp tx tt đc ths ts pgs gs bs ks cn cv mr mrs ms dr prof st no nr art sec fig vs etc inc ltd co "
        "vd tr stt nđ ttg qđ ubnd",
    )
)
_LAST_WORD = re.compile(r"(\S+)$")
_NUMBER_LEAD = re.compile(
    r"(?:^|\n)\W*(?:(?:điều|khoản|mục|chương|phần|article|section)\s+)?[\divxlc]{1,4}$", re.IGNORECASE
)


def sentences(text: str) -> list[Span]:
    """The sentences of `text` as spans without the white space around them; a line break ends a sentence too.

    "TP. Hồ Chí Minh", "Điều 5. Nghỉ phép", "1. Mục đích", "N. V. An" and "3.500 đồng" are not cut.
    """
    return [span for line in spans_of_lines(text) for span in _sentences_of(text, line)]


def _sentences_of(text: str, line: Span) -> Iterator[Span]:
    start, end = line
    for stop in _STOP.finditer(text, start, end):
        before = text[max(start, stop.start() - CONTEXT) : stop.start()]
        if _ends_sentence(before, text[stop.end() : stop.end() + CONTEXT], stop[0]):
            yield start, stop.start() + len(stop[0].rstrip())
            start = stop.end()
    if start < end:
        yield start, end


def _ends_sentence(before: str, after: str, stop: str) -> bool:
    following = _NEXT.match(after)
    if following is None or following[0][-1].islower():
        return False
    if stop[0] != ".":
        return True
    last = _LAST_WORD.search(before)
    word = last[1].lstrip('("“') if last else ""
    is_initial = len(word) == 1 and word.isupper()
    return not (is_initial or word.lower() in _SHORT or _NUMBER_LEAD.search(before))


def spans_of_lines(text: str) -> list[Span]:
    """The lines of `text` that are not blank, without the white space around them."""
    return [_stripped(text, match.start(), match.end()) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]


def split_long(text: str, most: int) -> list[Span]:
    """Spans of at most `most` characters that cover all of `text` but white space: whole sentences, or clauses of a
    sentence that is longer, or words of a clause that is longer, or as many characters as fit.
    """
    return [span for sentence in sentences(text) for span in _cut(text, sentence, most)]


def _cut(text: str, span: Span, most: int) -> Iterator[Span]:
    start, end = span
    while end - start > most:
        cut = _last_break(text, start, start + most)
        yield _stripped(text, start, cut)
        start = _stripped(text, cut, end)[0]
    if start < end:
        yield start, end


def _last_break(text: str, start: int, end: int) -> int:
    """The end of the last clause that fits, if it leaves a piece of some size; else of the last word; else `end`."""
    for pattern in _BREAKS:
        places = [match.end() for match in pattern.finditer(text, start, end)]
        if places and places[-1] - start >= (end - start) // 2:
            return places[-1]
    return end


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
