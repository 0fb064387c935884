"""A PostgreSQL database as files, one a table, in the binary form of its COPY; and back.

The tools of PostgreSQL are not needed for it, and need not be of the server's version.
"""

import mmap
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.backup import Manifest, Progress, silence
from core.errors import BackupError
from core.store.faults import translated
from core.store.schema import VERSION_TABLE, move_to
from core.store.tables import metadata

Columns = Mapping[str, tuple[str, ...]]

ENDING: Final = ".copy"
SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
"""Begins what COPY writes in its binary form; four bytes of flags and the length of an extension follow."""
OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
)


async def is_in_use(connection: AsyncConnection) -> bool:
    """Whether somebody else is connected to the database."""
    return bool(await connection.scalar(OTHERS))


async def has_rows(connection: AsyncConnection) -> bool:
    """Whether one of our tables is there and holds anything."""
    tables = await connection.run_sync(_columns)
    some = [await connection.scalar(text(f'SELECT EXISTS (SELECT FROM "{name}")')) for name in tables]  # noqa: S608
    return any(some)


async def export_tables(
    connection: AsyncConnection, place: str, folder: Path, progress: Progress = silence
) -> tuple[Mapping[str, int], Columns]:
    """Every table as a file of the folder; the rows and the columns of each. Raises StoreError.

    `connection` is in a transaction that sees one moment.
    """
    columns = await connection.run_sync(_columns)
    rows: dict[str, int] = {}
    for done, (table, names) in enumerate(columns.items(), start=1):
        target = folder / f"{table}{ENDING}"
        with _copying(connection, place):
            driver = await _driver(connection)
            said = await driver.copy_from_table(table, output=target, columns=names, format="binary")
        rows[table] = _copied(said)
        progress("backup.step_copy", done, len(columns))
    return rows, columns


async def import_tables(
    connection: AsyncConnection, place: str, manifest: Manifest, folder: Path, progress: Progress = silence
) -> None:
    """Puts what was exported in the place of all our tables, in the caller's transaction, under its own schema.

    Raises StoreError, and BackupError where a table has not become what the manifest says.
    """
    await connection.run_sync(_begin_anew, manifest.revision)
    tables = await connection.run_sync(_in_order)
    if {*tables} != manifest.rows.keys() or manifest.rows.keys() != manifest.columns.keys():
        raise BackupError("backup.rows_differ", table=", ".join({*tables} ^ manifest.rows.keys()), found=0, wanted=0)
    for done, table in enumerate(tables, start=1):
        source = folder / f"{table}{ENDING}"
        with _copying(connection, place):
            driver = await _driver(connection)
            columns = manifest.columns[table]
            said = await driver.copy_to_table(table, source=source, columns=columns, format="binary")
        if _copied(said) != manifest.rows[table]:
            raise BackupError("backup.rows_differ", table=table, found=_copied(said), wanted=manifest.rows[table])
        progress("backup.step_copy", done, len(tables))


def count_rows(file: Path) -> int:
    """How many rows an exported table has. Raises ValueError for a file that COPY has not written."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[: len(SIGNATURE)] != SIGNATURE:
            raise ValueError("no COPY in its binary form")
        try:
            return _count(content)
        except struct.error as error:
            raise ValueError("cut off") from error


def _count(content: mmap.mmap) -> int:
    """A row is the number of its fields, and each of them its length (-1 for NULL) and so many bytes; -1 ends all."""
    short, long = struct.Struct(">h"), struct.Struct(">i")
    place, rows = len(SIGNATURE) + 8 + long.unpack_from(content, len(SIGNATURE) + 4)[0], 0
    while (fields := short.unpack_from(content, place)[0]) != -1:
        place += short.size
        for _ in range(fields):
            place += long.size + max(0, long.unpack_from(content, place)[0])
        rows += 1
    return rows


def _columns(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Of our tables, as far as they are there."""
    found = inspect(connection)
    names = sorted({*found.get_table_names()} & {*metadata.tables})
    return {name: tuple(str(column["name"]) for column in found.get_columns(name)) for name in names}


def _in_order(connection: Connection) -> list[str]:
    """Our tables, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table.name for table in found.sorted_tables if table.name in metadata.tables]


def _begin_anew(connection: Connection, revision: str) -> None:
    """Our tables, empty, in the schema of that revision. Tables of others stay where they are."""
    ours = {*metadata.tables, VERSION_TABLE}
    for name in ours & {*inspect(connection).get_table_names()}:
        connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
    move_to(connection, revision)


async def _driver(connection: AsyncConnection) -> Any:  # noqa: ANN401
    """The driver's own connection, in the same transaction once that has begun."""
    return (await connection.get_raw_connection()).driver_connection


@contextmanager
def _copying(connection: AsyncConnection, place: str) -> Iterator[None]:
    """What asyncpg itself raises is no error of SQLAlchemy's."""
    with translated(place, connection.dialect.loaded_dbapi.asyncpg.PostgresError):
        yield


def _copied(said: str) -> int:
    """The number in the server's word on a COPY."""
    return int(said.rpartition(" ")[2])
