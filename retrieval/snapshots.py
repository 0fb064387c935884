"""Copies of both halves of the index, made while a service may have them open and be at work on them.

The service owns the folder of the vectors, and a second SQLite beside Chroma's own in one process would take its locks
away. So the work is done in a process of its own, which only reads files: they are copied again until none of them has
changed meanwhile, as they rarely do. The copy is then tried out, and what the database does not hold is taken out of
it; so an index that lacks nothing holds as many chunks as the database, which is what `healing` goes by.
"""

import functools
import shutil
import sqlite3
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from typing import Final

from core.errors import IndexUnavailable
from retrieval.chroma import BATCH, client_of, owned, try_out
from retrieval.lexical import LexicalIndex
from retrieval.probing import survives
from retrieval.sealing import SEAL, seal

TRIES: Final = 5
LONGEST: Final = 1800.0
"""Seconds that copying and trying out may take."""
VECTORS: Final = "chroma"
WORDS: Final = "lexical.sqlite"
PASSING: Final = "-shm"
"""Ends the name of a file that SQLite makes anew."""


class IndexMovesError(Exception):
    """The files were written to whenever they were copied."""


def copy_index(vectors: Path, words: Path, chunks: Path, target: Path) -> bool:
    """Whether both halves, closed in order, are now in the new folder `target` as `VECTORS` and `WORDS`.

    `chunks` is a file with the ids that the database holds, one a line. False, and nothing in `target`, where there is
    no index, it is damaged, or it was written to all the time. Blocking.
    """
    if not (vectors.is_dir() and words.is_file()):
        return False
    work = functools.partial(_copy, vectors=vectors, words=words, chunks=chunks)
    is_whole = survives(work, target, LONGEST) and (target / VECTORS / SEAL).is_file()
    if not is_whole:
        shutil.rmtree(target, ignore_errors=True)
    return is_whole


def _copy(target: Path, *, vectors: Path, words: Path, chunks: Path) -> None:
    wanted = set(chunks.read_text(encoding="utf-8").split("\n"))
    target.mkdir(mode=0o700)
    copy_words(words, target / WORDS, wanted)
    copy_vectors(vectors, target / VECTORS, wanted)


def copy_words(source: Path, target: Path, wanted: AbstractSet[str]) -> None:
    """The half that looks for words. Raises IndexUnavailable and sqlite3.Error."""
    with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(target)) as copy:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA query_only=ON")
        connection.backup(copy)
    with LexicalIndex(target) as index:
        index.remove(sorted(index.ids() - wanted))


def copy_vectors(source: Path, target: Path, wanted: AbstractSet[str]) -> None:
    """The dense half. Raises OSError, IndexMovesError, and whatever Chroma does over a damaged one."""
    try:
        with owned(source):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(SEAL))
    except IndexUnavailable:
        _copy_moving(source, target)
    try_out(target)
    with client_of(target) as client:
        for collection in client.list_collections():
            strangers = sorted({*collection.get(include=[])["ids"]} - wanted)
            for first in range(0, len(strangers), BATCH):
                collection.delete(ids=strangers[first : first + BATCH])
    seal(target)


def _copy_moving(source: Path, target: Path) -> None:
    """The files of an index that somebody has open, all as they were at one moment."""
    for _ in range(TRIES):
        shutil.rmtree(target, ignore_errors=True)
        before = _state(source)
        try:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(SEAL, f"*{PASSING}"))
        except (FileNotFoundError, shutil.Error):
            continue  # one of them was there, and is gone
        if _state(source) == before:
            return
    raise IndexMovesError(source)


def _state(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Number, size and time of change of every file."""
    state = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.endswith((SEAL, PASSING)):
            found = path.stat()
            state[str(path)] = (found.st_ino, found.st_size, found.st_mtime_ns)
    return state
