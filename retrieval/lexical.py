"""The lexical half of the search: BM25 in SQLite's FTS5 over syllables with marks, without, and pairs without.

One file of its own, a cache that ingestion can rebuild from the database. FTS5 cannot take the mark off đ, so tokens
are folded here: "nghỉ phép" is indexed as `nghỉ phép`, `nghi_ phep_` and `nghi_phep`.
"""

import json
import math
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import IndexUnavailable
from core.ports import Typing
from retrieval import counting
from retrieval.counting import StoredCounts
from retrieval.damage import IndexDamaged
from retrieval.index_entry import IndexedChunk
from retrieval.restoring import restore
from retrieval.sealing import Seal, open_seal, seal
from retrieval.terms import asked, columns, content, folded

VERSION = 1
"""Of tables and tokens together: a file of another version must be rebuilt."""
BUSY_SECONDS = 5.0
DAMAGE = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ")
DAMAGE_TEXTS = ("no such table", "malformed", "vtable constructor failed", "Could not decode")
"""What SQLite says of a file that is to blame itself. Of a query nobody can make it say so."""
MAX_TOKENS = 64
"""Of a query: about 20 syllables in three forms. More cost time and rank no better."""
COLUMN_WEIGHTS = (1.0, 0.5, 2.0)
"""Of syllables as written, without marks, and of pairs. Against equal weights: nDCG@10 of 257 law titles .616 -> .621
(with marks) and .613 -> .622 (without), of 579 XQuAD questions the same."""

_SCHEMA = f"""
CREATE TABLE chunk (id INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL UNIQUE, space TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX chunk_space ON chunk (space);
CREATE VIRTUAL TABLE terms USING fts5(
    accented, folded, pairs, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(terms, row);
{counting.SCHEMA}
PRAGMA user_version = {VERSION};
"""


class LexicalIndex:
    """The index in one file, created when missing. Blocking, safe from several threads; one writer at a time.

    Every method raises `IndexUnavailable` when the file is locked for longer than `BUSY_SECONDS` or the disk is full,
    its kind `IndexDamaged` when the file is damaged or of another version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._in_order = True
        self._closed = False
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            state = self._inspect()
            self._writer = _connect(path)
            try:
                if state is Seal.NONE:
                    self._check()
                self._prepare()
                self._reader = _connect(path)
            except BaseException:
                self._writer.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._translated(), self._writing, self._reading:
            if self._closed:
                return
            self._reader.close()
            self._writer.close()
            self._closed = True
            if self._in_order:
                seal(self._path)

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        """All of `chunks` or, on an error, none. A chunk id that is there already is replaced."""
        with self._transaction() as connection:
            self._forget([chunk.chunk_id for chunk in chunks])
            for chunk in chunks:
                row = connection.execute(
                    "INSERT INTO chunk (chunk_id, space, text) VALUES (?, ?, ?)",
                    (chunk.chunk_id, chunk.space, chunk.text),
                )
                connection.execute(
                    "INSERT INTO terms (rowid, accented, folded, pairs) VALUES (?, ?, ?, ?)",
                    (row.lastrowid, *columns(chunk.text)),
                )
            StoredCounts(connection).add(chunk.text for chunk in chunks)

    def remove(self, chunk_ids: Sequence[str]) -> None:
        """Forgets the chunks; unknown ids are no error."""
        with self._transaction():
            self._forget(chunk_ids)

    def count(self) -> int:
        """How many chunks are held; cheaper than their ids."""
        with self._read():
            (chunks,) = self._reader.execute("SELECT count(*) FROM chunk").fetchone()
            return int(chunks)

    def ids(self) -> set[str]:
        with self._read():
            return {row[0] for row in self._reader.execute("SELECT chunk_id FROM chunk")}

    def search(
        self, query: str, spaces: frozenset[str], limit: int, typing: Typing = Typing.ACCENTED
    ) -> list[tuple[str, float]]:
        """At most `limit` chunk ids out of `spaces` with their BM25 scores (above 0), best first."""
        with self._read():
            tokens = self._telling(asked(query, typing))
            if not tokens:
                return []
            rows = self._reader.execute(
                "SELECT chunk.chunk_id, -bm25(terms, ?, ?, ?) AS score FROM terms JOIN chunk ON chunk.id = terms.rowid"
                " WHERE terms MATCH ? AND chunk.space IN (SELECT value FROM json_each(?)) ORDER BY score DESC LIMIT ?",
                (*COLUMN_WEIGHTS, " OR ".join(f'"{token}"' for token in tokens), json.dumps(sorted(spaces)), limit),
            )
            return [(chunk_id, float(score)) for chunk_id, score in rows]

    def coverage(self, query: str, chunk_id: str, typing: Typing = Typing.ACCENTED) -> float:
        """The share (0..1) of the query's weight that stands in the chunk, marks aside.

        A syllable weighs its inverse document frequency, so question words weigh next to nothing; one that stands in
        no chunk weighs most.
        """
        wanted = set(folded(" ".join(content(query, typing))))
        with self._read():
            row = self._reader.execute("SELECT text FROM chunk WHERE chunk_id = ?", [chunk_id]).fetchone()
            weights = self._weights(wanted, unseen=True)
        held = set(folded(row[0])) if row else set()
        total = sum(weights.values())
        return sum(weight for token, weight in weights.items() if token in held) / total if total else 0.0

    def _telling(self, tokens: Sequence[str]) -> list[str]:
        """Those of `tokens` that stand in some chunk but not in most, the `MAX_TOKENS` rarest.

        BM25 gives the others nothing, yet they cost most of the time. When all stand in most chunks, all stay.
        """
        weights = self._weights(tokens, unseen=False)
        heaviest = sorted((token for token in weights if weights[token] > 0), key=weights.__getitem__, reverse=True)
        return heaviest[:MAX_TOKENS] or list(weights)[:MAX_TOKENS]

    def _weights(self, tokens: Iterable[str], *, unseen: bool) -> dict[str, float]:
        """BM25's inverse document frequency of each token, not below zero; of `unseen` ones only when wanted."""
        listed = list(tokens)
        (chunks,) = self._reader.execute("SELECT count(*) FROM chunk").fetchone()
        rows = self._reader.execute(
            "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", [json.dumps(listed)]
        )
        seen = dict.fromkeys(listed, 0) if unseen else {}
        seen |= dict(rows)
        return {token: max(0.0, math.log((chunks - n + 0.5) / (n + 0.5))) for token, n in seen.items()}

    def restored(self, query: str) -> str:
        """`query` with its likeliest tone marks, by the counts of the indexed and of the shipped texts."""
        with self._read():
            return restore(query, StoredCounts(self._reader))

    def _forget(self, chunk_ids: Sequence[str]) -> None:
        rows = self._writer.execute(
            "SELECT id, text FROM chunk WHERE chunk_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(chunk_ids))],
        ).fetchall()
        if not rows:
            return
        self._writer.executemany(
            "INSERT INTO terms (terms, rowid, accented, folded, pairs) VALUES ('delete', ?, ?, ?, ?)",
            [(row, *columns(text)) for row, text in rows],
        )
        self._writer.executemany("DELETE FROM chunk WHERE id = ?", [(row,) for row, _ in rows])
        StoredCounts(self._writer).subtract(text for _, text in rows)

    def _prepare(self) -> None:
        """Tables and base counts in a new file; a look at the version in an old one."""
        with self._transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version == VERSION:
                return
            if tables:
                self._in_order = False
                raise IndexDamaged("index.lexical_outdated", path=self._path)
            for statement in _SCHEMA.strip().split(";\n"):
                connection.execute(statement)
            StoredCounts(connection).add(counting.base_texts())

    def _inspect(self) -> Seal:
        """What the seal says of the file. Raises `IndexDamaged` when something has changed it."""
        state = open_seal(self._path) if self._path.is_file() else Seal.FITS
        if state is Seal.BROKEN:
            raise self._damaged("the file has changed since it was closed")
        return state

    def _check(self) -> None:
        """A look at every page of a file that nobody closed."""
        (found,) = self._writer.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise self._damaged(found)

    def _damaged(self, reason: object) -> IndexDamaged:
        self._in_order = False
        return IndexDamaged("index.lexical_damaged", path=self._path, reason=reason)

    @contextmanager
    def _read(self) -> Iterator[None]:
        """For one reader at a time, who takes rows that make no sense for damage; a query can make none."""
        with self._translated(), self._reading:
            try:
                yield
            except UnicodeError:
                raise
            except (TypeError, ValueError) as error:
                raise self._damaged(error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated(), self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            with self._writer:
                yield self._writer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if _is_damage(error):
                raise self._damaged(error) from error
            raise IndexUnavailable("index.lexical_failed", path=self._path, reason=error) from error


def _is_damage(error: Exception) -> bool:
    """Whether the file itself is to blame, and not a lock, a full disk or the caller."""
    known = getattr(error, "sqlite_errorname", "").startswith(DAMAGE)
    return known or (isinstance(error, sqlite3.Error) and any(text in str(error) for text in DAMAGE_TEXTS))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
