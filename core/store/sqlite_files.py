"""A SQLite database as one file, as it is at one moment. Everything here blocks.

The source is only read: nothing is checkpointed while others have it open, and whoever writes goes on meanwhile. It is
opened as if for writing, since a reader that is alone would leave files of its own beside it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from core.backup import Progress, silence
from core.errors import StoreError
from core.store.faults import translated
from core.store.schema import VERSION_TABLE

PAGES: Final = 2_000
"""Copied between two steps of the progress bar: 8 MB."""
LOCK_WAIT: Final = 5.0
"""Seconds."""


def copy_database(source: Path, target: Path, progress: Progress = silence) -> None:
    """The database `source` becomes the new file `target`, without a WAL beside it. Raises StoreError."""

    def copied(_status: int, remaining: int, total: int) -> None:
        progress("backup.step_copy", total - remaining, total)

    with _reading(source) as connection, translated(str(target), sqlite3.Error), closing(_new(target)) as copy:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on what others write is unseen
        connection.backup(copy, pages=PAGES, progress=copied)
        connection.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")


def check(file: Path) -> None:
    """Looks at every page and every index of a database that nobody else has open. Raises StoreError."""
    with _reading(file) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or broken is not None:
        raise StoreError("store.damaged", place=str(file), detail=found if found != "ok" else broken)


def revision(file: Path) -> str | None:
    """The last migration; None for a file without our tables. Raises StoreError."""
    with _reading(file) as connection:
        if VERSION_TABLE not in _tables(connection):
            return None
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608
        return str(row[0]) if row else None


def rows(file: Path) -> Mapping[str, int]:
    """How many each of our tables has. Raises StoreError."""
    with _reading(file) as connection:
        names = (name for name in _tables(connection) if name != VERSION_TABLE)
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def chunk_ids(file: Path) -> list[str]:
    """The chunks that a search index must hold, in their order. Raises StoreError."""
    statement = (
        "SELECT chunk.id FROM chunk JOIN document ON document.id = chunk.document_id"
        " WHERE document.indexed_at IS NOT NULL ORDER BY chunk.id"
    )
    with _reading(file) as connection:
        return [row[0] for row in connection.execute(statement)]


def _tables(connection: sqlite3.Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [row[0] for row in connection.execute(named)]


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    if not file.is_file():
        raise StoreError("store.missing", place=str(file))
    address = f"{file.absolute().as_uri()}?mode=rw"
    with (
        translated(str(file), sqlite3.Error),
        closing(sqlite3.connect(address, uri=True, timeout=LOCK_WAIT, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA query_only=ON")
        yield connection


def _new(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    return sqlite3.connect(file, isolation_level=None)
