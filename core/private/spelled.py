"""Numbers that are read out: "không chín một hai ba" and "zero nine one two three"."""

import re
from collections.abc import Iterator

from core.private.numbers import Number, clues_of, kind_of
from core.private.reading import Reading, Token
from core.private.spans import Kind, Span

_DIGITS = {
    word: digit
    for digit, words in {
        "0": "không khong hông zero oh o", "1": "một mot mốt one", "2": "hai two", "3": "ba three",
        "4": "bốn bon tư tu four", "5": "năm nam lăm lam five", "6": "sáu sau six", "7": "bảy bẩy bay seven",
        "8": "tám tam eight", "9": "chín chin nine",
    }.items()
    for word in words.split()
}  # fmt: skip
_JOINED = re.compile(r"[\s,.;·_-]{1,3}")
_ODD = re.compile(r"(?<![\w,.])(?:o[35789](?:[ .-]?\d){8}|0[35789]\d{1,2},\d{3},\d{3,4})(?!,?\d)")
"""A mobile number with the letter in the place of the zero, or with commas."""
_ROW = re.compile("[dn]*d[dn]*d[dn]*d[dn]*d")
_FEWEST, _FEWEST_CODE, _FEWEST_WORDS = 8, 4, 2


def spelled(reading: Reading) -> Iterator[Span]:
    """The same kinds as `numbers` finds, in words or in words and figures mixed; codes of four words or more."""
    if reading.has_digits:
        yield from (Span(*match.span(), Kind.PHONE) for match in _ODD.finditer(reading.plain))
    if len(reading.words & _DIGITS.keys()) < _FEWEST_WORDS or not _ROW.search(_mask(reading)):
        return
    run: list[Token] = []
    for token in (*reading.tokens, None):
        if token and _digits(token) and (not run or _JOINED.fullmatch(reading.seen[run[-1].end : token.start])):
            run.append(token)
            continue
        if span := _told(reading, run):
            yield span
        run = [token] if token and _digits(token) else []


def _mask(reading: Reading) -> str:
    """One character for each word: "d" for a digit in words, "n" for figures, a space for anything else."""
    return "".join(["d" if word in _DIGITS else "n" if word[0].isdecimal() else " " for word in reading.word_list])


def _digits(token: Token) -> str:
    return token.plain if token.plain.isdecimal() and len(token.plain) <= 4 else _DIGITS.get(token.marked, "")  # noqa: PLR2004


def _told(reading: Reading, run: list[Token]) -> Span | None:
    """What a run of such words says; runs of figures alone are no matter of ours."""
    if sum(not token.plain.isdecimal() for token in run) < min(_FEWEST_CODE, len(run) or 1):
        return None
    start, end = run[0].start, run[-1].end
    digits = "".join(map(_digits, run))
    number = Number(start, end, digits, (1,) * len(digits))
    clues = clues_of(reading, number)
    if len(digits) >= _FEWEST:
        kind = kind_of(reading, number, clues, is_followed=False)
        return Span(start, end, kind) if kind else None
    if len(digits) >= _FEWEST_CODE and any(clue.kind == "code" for clue in clues[:1]):
        return Span(start, end, Kind.SECRET)
    return None
