"""What a backup takes from a database, how that is checked, and how it becomes a database again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.backup import Manifest, Progress, silence
from core.errors import BackupError
from core.forgotten import Entry, recognised
from core.store import postgres_files, sqlite_files
from core.store.database import Database, file_of, open_as_it_is, open_database, url_of
from core.store.documents import indexed_chunks
from core.store.forgetting import remove_person
from core.store.holdings import everybody
from core.store.schema import current_revision, known_revisions, migrate
from core.store.scrubbing import scrub

FOLDER: Final = "database"
FILE: Final = f"{FOLDER}/sotay.sqlite"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was taken; `chunks` are the ids that a search index over it must hold, in their order."""

    manifest: Manifest
    chunks: list[str]


async def take(url: str, folder: Path, version: str, now: datetime, progress: Progress = silence) -> Snapshot:
    """The database, as it is at one moment, as files in `folder / FOLDER`; its schema stays what it is.

    Nobody who works on it meanwhile waits for that. Raises StoreError, also for a database that is damaged.
    """
    (folder / FOLDER).mkdir(mode=0o700)
    source = file_of(url)
    if source is None:
        async with open_as_it_is(url) as database:
            return await _of_postgresql(database, folder, version, now, progress)
    return await asyncio.to_thread(_of_sqlite, source, folder, version, now, progress)


def _of_sqlite(source: Path, folder: Path, version: str, now: datetime, progress: Progress) -> Snapshot:
    copy = folder / FILE
    sqlite_files.copy_database(source, copy, progress)
    sqlite_files.check(copy)
    revision = _ours(sqlite_files.revision(copy), str(source))
    manifest = Manifest(version, now, SQLITE, revision, sqlite_files.rows(copy))
    return Snapshot(manifest, sqlite_files.chunk_ids(copy))


async def _of_postgresql(database: Database, folder: Path, version: str, now: datetime, progress: Progress) -> Snapshot:
    async with database.at_one_moment() as connection:
        revision = _ours(await connection.run_sync(current_revision), database.place)
        rows, columns = await postgres_files.export_tables(connection, database.place, folder / FOLDER, progress)
        chunks = list(await connection.scalars(indexed_chunks()))
    return Snapshot(Manifest(version, now, POSTGRESQL, revision, rows, columns=columns), chunks)


def _ours(revision: str | None, place: str) -> str:
    if revision is None:
        raise BackupError("backup.nothing", place=place)
    return revision


def check_schema(manifest: Manifest) -> None:
    """Raises BackupError for the backup of a version that knows more than this one."""
    if manifest.revision not in known_revisions():
        raise BackupError("backup.newer", revision=manifest.revision, version=manifest.version)


def check(manifest: Manifest, folder: Path) -> None:
    """Whether what was unpacked there is whole: every page of the file, and every row there. Blocking.

    Raises StoreError, and BackupError for another number of rows, or a schema that is not known.
    """
    check_schema(manifest)
    if manifest.database == SQLITE:
        sqlite_files.check(folder / FILE)
        found = sqlite_files.rows(folder / FILE)
        is_as_said = sqlite_files.revision(folder / FILE) == manifest.revision
    else:
        found = {table: _rows_in(folder, table) for table in manifest.rows}
        is_as_said = True
    for table in sorted({*found, *manifest.rows}):
        if found.get(table) != manifest.rows.get(table) or not is_as_said:
            wanted = manifest.rows.get(table)
            raise BackupError("backup.rows_differ", table=table, found=found.get(table), wanted=wanted)


def _rows_in(folder: Path, table: str) -> int:
    try:
        return postgres_files.count_rows(folder / FOLDER / f"{table}{postgres_files.ENDING}")
    except (OSError, ValueError) as error:
        raise BackupError("backup.damaged", path=folder, reason=f"{table}: {error}") from error


@dataclass(frozen=True, slots=True)
class Recall:
    """Who has been forgotten, as far as it is known, for a database as it was at `since`."""

    entries: Sequence[Entry]
    since: datetime

    async def __call__(self, connection: AsyncConnection) -> int:
        """Takes out whoever was forgotten after that, in the caller's transaction; how many ids that were."""
        ids = await everybody(connection)
        gone = await asyncio.to_thread(recognised, self.entries, ids, self.since)
        for person in sorted(gone):
            await remove_person(connection, person)
        return len(gone)


async def prepare_sqlite(folder: Path, recall: Recall) -> int:
    """Brings the file that was unpacked there to the schema of this version; how many ids were taken out of it.

    Nobody may have it open. Raises StoreError.
    """
    async with open_database(url_of(folder / FILE)) as database:
        async with database.writing() as connection:
            count = await recall(connection)
        if count:
            await scrub(database)
    return count


async def into_postgresql(
    url: str, manifest: Manifest, folder: Path, recall: Recall, *, may_replace: bool, progress: Progress = silence
) -> int:
    """Puts an export in the place of what the database at `url` holds: all of it or, on an error, nothing.

    It is brought to the schema of this version in the same transaction; how many ids were taken out of it. Raises
    StoreError, and BackupError where somebody else is connected or, without `may_replace`, rows of ours are there.
    """
    async with open_as_it_is(url) as database:
        async with database.writing() as connection:
            if await postgres_files.is_in_use(connection):
                raise BackupError("backup.in_use", place=database.place)
            if not may_replace and await postgres_files.has_rows(connection):
                raise BackupError("backup.not_empty", place=database.place)
            await postgres_files.import_tables(connection, database.place, manifest, folder / FOLDER, progress)
            await connection.run_sync(migrate, database.place)
            count = await recall(connection)
        if count:
            await scrub(database)
    return count


def url_in(folder: Path) -> str:
    """The address of the SQLite database of an office whose data lie in the folder."""
    return url_of(folder / Path(FILE).name)
