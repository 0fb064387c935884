"""The documents: their folders, what of them is in the database, and whether both search indexes hold the same."""

import functools
import importlib.util
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bots.bootstrap import vectors_of, words_of
from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.settings import Settings
from core.errors import StoreError
from core.store.database import file_of, open_as_it_is
from core.store.documents import DocumentRepository
from models.catalog import CATALOG
from retrieval.chroma import DATABASE

VECTORS = (
    "SELECT count(*) FROM embeddings JOIN segments ON segments.id = embeddings.segment_id "
    "WHERE segments.scope = 'METADATA'"
)
"""Chroma's own table of what a collection holds, read without its lock: a service goes on undisturbed."""
WORDS = "SELECT count(*) FROM chunk"
REBUILD = "sotay ingest --rebuild"


async def folders(office: Office) -> Sequence[Finding]:
    """Whether the folders of the spaces are there and can be read."""
    return await apart(functools.partial(_folders, office.settings))


def _folders(settings: Settings) -> Sequence[Finding]:
    found = []
    for name, space in settings.spaces.items():
        key = f"[spaces.{name}] sources"
        for source in (Path(source) for source in space.sources if "://" not in source):
            if not source.is_dir():
                found.append(fail("folders", "missing", key, space=name, path=source))
            elif not os.access(source, os.R_OK | os.X_OK):
                found.append(fail("folders", "closed", f"chmod -R a+rX {source}", space=name, path=source))
    return found or [ok("folders", count=sum(len(space.sources) for space in settings.spaces.values()))]


async def counts(office: Office) -> Sequence[Finding]:
    """Spaces without documents, and indexes that hold another number of chunks than the database."""
    settings = office.settings
    file = file_of(settings.data.database_url)
    if file is not None and not file.is_file():
        return []
    try:
        async with open_as_it_is(settings.data.database_url) as database:
            stored = await DocumentRepository(database).counts()
    except StoreError:
        return []  # the check of the database tells
    chunks = sum(count for _, count in stored.values())
    vectors = await apart(functools.partial(count_in, vectors_of(settings) / DATABASE, VECTORS))
    words = await apart(functools.partial(count_in, words_of(settings), WORDS))
    return [
        *_empty(settings, stored),
        _compared("vectors", vectors, chunks, vectors_of(settings)),
        _compared("words", words, chunks, words_of(settings)),
    ]


def _empty(settings: Settings, stored: Mapping[str, tuple[int, int]]) -> Sequence[Finding]:
    empty = [name for name in settings.spaces if not stored.get(name, (0, 0))[0]]
    if not empty:
        return [ok("documents", count=sum(count for count, _ in stored.values()))]
    return [warn("documents", "none", "sotay ingest", space=name) for name in empty]


def _compared(name: str, held: int | str, stored: int, path: Path) -> Finding:
    if isinstance(held, str):
        return fail(name, "damaged", REBUILD, path=path, detail=held)
    if held != stored:
        return fail(name, "differ", REBUILD, path=path, held=held, stored=stored)
    return ok(name, held=held)


def count_in(file: Path, statement: str) -> int | str:
    """The number that a SQLite file tells, or what keeps it from telling. No file is none at all: 0."""
    if not file.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1.0)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("PRAGMA query_only=ON")
            return int(connection.execute(statement).fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


async def embedder(office: Office) -> Sequence[Finding]:
    """Whether the models of the search are there."""
    chosen = office.settings.models
    files = {
        name: chosen.directory / CATALOG[name].file for name in (chosen.embedder, chosen.reranker) if name in CATALOG
    }
    found = [
        fail("embedder", "missing", f"sotay models fetch {name}", model=name, path=path)
        for name, path in files.items()
        if not path.is_file()
    ]
    if chosen.embedder not in CATALOG and importlib.util.find_spec(chosen.embedder) is None:
        found.append(fail("embedder", "not_installed", f"pip install {chosen.embedder}", model=chosen.embedder))
    return found or [ok("embedder", model=chosen.embedder)]


CHECKS = (Check("folders", folders), Check("documents", counts), Check("embedder", embedder))
