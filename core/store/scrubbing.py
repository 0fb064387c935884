"""Deleted rows leave the files as well: free pages, what is left over within pages, and the write-ahead log."""

import asyncio
import sqlite3
from typing import Any, Final

from sqlalchemy import text

from core.errors import StoreError
from core.store.database import Database
from core.store.faults import translated
from core.store.tables import metadata

TRIES: Final = 100
PAUSE: Final = 0.1
"""Seconds between two tries to empty the log, which waits for whoever still reads an older state."""


async def scrub(database: Database) -> None:
    """Nothing that was deleted until now is in the database's files any more; who writes meanwhile waits.

    About ten seconds for a gigabyte. What PostgreSQL has written into its own log, and copies that its administrator
    has made of it, are out of reach. Raises StoreError.
    """
    if database.serves_one_process:
        await _scrub_sqlite(database)
    else:
        await _scrub_postgresql(database)


async def _scrub_sqlite(database: Database) -> None:
    """The file is written anew from its rows, through the log; then the log goes into it and is cut to nothing."""
    with translated(database.place):
        async with database.writer.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            with translated(database.place, sqlite3.Error):
                await driver.in_thread(_vacuum)
                for _ in range(TRIES):
                    if await _is_emptied(driver):
                        return
                    await asyncio.sleep(PAUSE)
    raise StoreError("store.locked", place=database.place, detail="wal_checkpoint")


def _vacuum(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")


async def _is_emptied(driver: Any) -> bool:  # noqa: ANN401
    """Whether nothing is in the log any more; where somebody still needs it, it is left as it is."""
    found: list[bool] = []

    def empty(connection: sqlite3.Connection) -> None:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        found.append(busy == 0)

    await driver.in_thread(empty)
    return found[0]


async def _scrub_postgresql(database: Database) -> None:
    """Each table is written anew; who wants to read or write it meanwhile waits."""
    with translated(database.place):
        engine = database.writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for name in metadata.tables:
                await connection.execute(text(f'VACUUM (FULL) "{name}"'))
