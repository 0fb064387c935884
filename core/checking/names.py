"""Who and what a text names: people, offices, departments, places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.checking.terms import WHO, Text, Word, listed

_LAST = re.compile(r"(\w+) $")
_TITLES = listed("anh chi ong ba em co chu bac mr mrs ms dr ky su ks ts thay")


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or an office, as a run of folded words or one key; `is_person` when it answers "who"."""

    words: tuple[str, ...]
    start: int
    end: int
    is_person: bool


def names_of(text: Text) -> list[Name]:
    """The runs of words with capital letters, but for a single one that begins the text, and the offices."""
    offices = [Name((term.key,), term.start, term.end, is_person=True) for term in text.terms if term.key[0] == WHO]
    return [*_runs(text), *offices]


def _runs(text: Text) -> Iterator[Name]:
    """The names made of words with capital letters that stand side by side."""
    run: list[Word] = []
    before = ""
    for word in text.words:
        joined = bool(run) and not text.lower[_end(run[-1]) : word.start].strip()
        if run and not (joined and _is_capital(text, word)):
            yield from _named(text, run, before)
            run = []
        if _is_capital(text, word):
            before = before if run else _before(text, word)
            run.append(word)
    if run:
        yield from _named(text, run, before)


def _before(text: Text, word: Word) -> str:
    """The word right before one, folded, empty where a sign stands between."""
    found = _LAST.search(text.folded, 0, word.start)
    return found[1] if found else ""


def _named(text: Text, run: list[Word], before: str) -> Iterator[Name]:
    """A run as a name: the word that begins the sentence has a capital letter anyway; a title is no part of it."""
    starts = run[0].start == 0 or text.written[: run[0].start].rstrip()[-1:] in {".", ":", "“", '"', "?", "!", ";"}
    names = run[1:] if starts and not _is_shouted(text, run[0]) else run
    is_titled = before in _TITLES or (starts and run[0].folded in _TITLES)
    if names:
        is_person = is_titled or (len(names) > 1 and not any(_is_shouted(text, word) for word in names))
        yield Name(tuple(word.folded for word in names), names[0].start, _end(names[-1]), is_person)


def _is_capital(text: Text, word: Word) -> bool:
    return text.written[word.start].isupper()


def _is_shouted(text: Text, word: Word) -> bool:
    written = text.written[word.start : _end(word)]
    return len(written) > 1 and written.isupper()


def _end(word: Word) -> int:
    return word.start + len(word.raw)
