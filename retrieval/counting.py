"""Counts of written syllables and of their pairs, kept in SQLite beside the lexical index."""

import json
import lzma
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources

from retrieval.restoring import START, sentences
from retrieval.vietnamese import MARKED_SHARE, fold, is_marked

SCHEMA = """
CREATE TABLE syllable (form TEXT PRIMARY KEY, folded TEXT NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX syllable_folded ON syllable (folded, form, n);
CREATE TABLE pair (first TEXT NOT NULL, second TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (first, second))
WITHOUT ROWID;
"""
LAW = "labour-law.txt.xz"
DAILY = ("everyday.txt", "office.txt")
EVERYDAY_TIMES = 20
"""How often a sentence of daily office life is counted beside the law's. Syllables right where marks are put back, in
206 questions to a personnel office, 257 titles of the law and 579 general questions, nothing else counted: five times
93 %, 99.9 % and 83 %; so 96 %, 99.8 % and 83 %."""


class StoredCounts:
    """`restoring.SyllableCounts` on an open connection. Writing joins the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, texts: Iterable[str]) -> None:
        self._change(texts, 1)

    def subtract(self, texts: Iterable[str]) -> None:
        """Takes back what `add` counted for the same texts."""
        forms, pairs = self._change(texts, -1)
        self._connection.executemany("DELETE FROM syllable WHERE form = ? AND n <= 0", [(form,) for form in forms])
        self._connection.executemany("DELETE FROM pair WHERE first = ? AND second = ? AND n <= 0", list(pairs))

    def _change(self, texts: Iterable[str], sign: int) -> tuple[Counter[str], Counter[tuple[str, str]]]:
        forms, pairs = count(texts)
        self._connection.executemany(
            "INSERT INTO syllable VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(form, fold(form), sign * n) for form, n in forms.items()],
        )
        self._connection.executemany(
            "INSERT INTO pair VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(first, second, sign * n) for (first, second), n in pairs.items()],
        )
        return forms, pairs

    def forms(self, folded: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        rows = self._connection.execute(
            "SELECT folded, form, n FROM syllable WHERE folded IN (SELECT value FROM json_each(?))",
            [json.dumps(folded)],
        )
        for plain, form, n in rows:
            found.setdefault(plain, {})[form] = n
        return found

    def pairs(self, first: Sequence[str], second: Sequence[str]) -> Mapping[tuple[str, str], int]:
        rows = self._connection.execute(
            "SELECT first, second, n FROM pair WHERE first IN (SELECT value FROM json_each(?))"
            " AND second IN (SELECT value FROM json_each(?))",
            [json.dumps(first), json.dumps(second)],
        )
        return {(one, other): n for one, other, n in rows}

    def total(self) -> int:
        (total,) = self._connection.execute("SELECT coalesce(sum(n), 0) FROM syllable").fetchone()
        return int(total)


def count(texts: Iterable[str]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Syllables and pairs of `texts`; a text typed without marks teaches nothing and is passed over."""
    forms: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        found = list(sentences(text))
        if not _is_marked_enough(found):
            continue
        for sentence in found:
            forms.update((START, *sentence))
            pairs.update(zip((START, *sentence), sentence, strict=False))
    return forms, pairs


def _is_marked_enough(found: Sequence[Sequence[str]]) -> bool:
    total = sum(map(len, found))
    return sum(is_marked(word) for sentence in found for word in sentence) >= MARKED_SHARE * total > 0


def base_texts() -> list[str]:
    """The shipped texts, a paragraph each: the first counts of a new index."""
    folder = resources.files("retrieval").joinpath("data")
    law = lzma.decompress(folder.joinpath(LAW).read_bytes()).decode().splitlines()
    daily = [line for name in DAILY for line in folder.joinpath(name).read_text(encoding="utf-8").splitlines()]
    return law + EVERYDAY_TIMES * daily
