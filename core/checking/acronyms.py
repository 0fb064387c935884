"""Acronyms and what they stand for: "BHXH" in a passage is "bảo hiểm xã hội" in an answer, and the other way round."""

from collections.abc import Iterable, Sequence

from core.checking.terms import Text, Word

SHORTEST, LONGEST = 3, 7
"""Letters of an acronym; of two letters too many runs of words have the first letters."""


def acronyms_of(text: Text) -> frozenset[str]:
    """The words in capital letters, folded."""
    return frozenset(word.folded for word in text.words if _is_acronym(text, word))


def spelt_out(text: Text, acronyms: Iterable[str]) -> list[tuple[int, int]]:
    """Where words stand in a row whose first letters are one of the acronyms."""
    initials = "".join(word.folded[0] for word in text.words)
    words: Sequence[Word] = text.words
    found = []
    for short in acronyms:
        at = initials.find(short)
        while at >= 0:
            last = words[at + len(short) - 1]
            found.append((words[at].start, last.start + len(last.raw)))
            at = initials.find(short, at + 1)
    return found


def _is_acronym(text: Text, word: Word) -> bool:
    written = text.written[word.start : word.start + len(word.raw)]
    return SHORTEST <= len(written) <= LONGEST and written.isupper() and written.isalpha()
