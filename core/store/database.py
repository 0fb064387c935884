"""One database, SQLite or PostgreSQL, behind two doors: reading and writing.

SQLite: WAL, synchronous=FULL, one writer connection that alone checkpoints, readers that cannot write. Releases before
3.51.3 can damage a WAL file when two connections checkpoint at once; within one process one writer rules that out.
"""

import asyncio
import functools
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import StoreError
from core.store import sqlite_driver
from core.store.faults import translated
from core.store.schema import migrate
from core.store.tables import to_json

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
LOCK_WAIT = 5.0  # seconds that a statement waits for another process before the database counts as locked
TURN_WAIT = 30.0  # seconds that a writer waits for the writers of this process that came first
CONNECT_WAIT = 10.0  # seconds
READERS = 8
WAL_RETRY = 0.02  # seconds

WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""What is deleted is overwritten: not every build of SQLite does so by itself."""
READER_PRAGMAS = ("wal_autocheckpoint=0", "query_only=ON")


@dataclass(frozen=True)
class Database:
    """An open database. `place` is its address without the password.

    Both doors give a connection inside one transaction, committed when the block ends and rolled back when it raises.
    Either raises StoreError when the database is locked, full, damaged or away.
    """

    place: str
    reader: AsyncEngine
    writer: AsyncEngine

    @property
    def serves_one_process(self) -> bool:
        """Whether no other process can be at work on it beside this one."""
        return self.writer.dialect.name == "sqlite"

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that cannot write. Never waits for a writer."""
        return self._transaction(self.reader)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write. On SQLite one at a time, in the order of asking."""
        return self._transaction(self.writer)

    def at_one_moment(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """The same, and all that it reads is as it was when it read first, however long it takes."""
        if self.serves_one_process:
            return self.reading()
        return self._transaction(self.reader.execution_options(isolation_level="REPEATABLE READ"))

    async def close(self) -> None:
        """Readers first: the last connection to a SQLite file folds the WAL into it."""
        await self.reader.dispose()
        await self.writer.dispose()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        with translated(self.place):
            async with AsyncExitStack() as stack:
                with translated(self.place, OSError):
                    connection = await stack.enter_async_context(engine.begin())
                yield connection


@asynccontextmanager
async def open_database(url: str, *, lock_wait: float = LOCK_WAIT) -> AsyncIterator[Database]:
    """The database at `url`, brought to the schema of this version; closed when the block ends.

    A SQLite file that is not there is made, with its folder. `lock_wait` are the seconds that a statement waits for
    another process. Raises StoreError.
    """
    address = address_of(url)
    if address.drivername == SQLITE:
        await asyncio.to_thread(_make_file, str(address.database), lock_wait)
    async with open_as_it_is(url, lock_wait=lock_wait) as database:
        async with database.writing() as connection:
            await connection.run_sync(migrate, database.place)
        yield database


@asynccontextmanager
async def open_as_it_is(url: str, *, lock_wait: float = LOCK_WAIT) -> AsyncIterator[Database]:
    """The same with whatever schema it has. Raises StoreError, also for a SQLite file that is not there."""
    address = address_of(url)
    if address.drivername == SQLITE:
        _find_file(str(address.database))
    database = _connect(address, round(lock_wait * 1000))
    try:
        yield database
    finally:
        await database.close()


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for another one. Raises StoreError for an address that is none."""
    address = address_of(url)
    return Path(str(address.database)) if address.drivername == SQLITE else None


def url_of(file: Path) -> str:
    """The address of the SQLite database in a file."""
    return f"{SQLITE}:///{file}"


def address_of(url: str) -> URL:
    """Raises StoreError for an address of no database that we run on."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError("store.bad_url", place=url.partition(":")[0]) from error
    names_a_file = address.database not in {None, "", ":memory:"}
    if address.drivername == POSTGRESQL or (address.drivername == SQLITE and names_a_file):
        return address
    raise StoreError("store.bad_url", place=address.render_as_string())


def _find_file(file: str) -> None:
    if not Path(file).is_file():
        raise StoreError("store.missing", place=file)


def _make_file(file: str, lock_wait: float) -> None:
    """A file that cannot be opened is found out here: aiosqlite would leave a thread behind.

    The file is put into WAL mode, which stays. Of several processes that do so at once SQLite refuses all but one
    without waiting, whatever the busy timeout, so the wait is made here.
    """
    with translated(file, OSError), translated(file, sqlite3.Error):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            end = time.monotonic() + lock_wait
            while not _in_wal_mode(connection, is_last_try=time.monotonic() >= end):
                time.sleep(WAL_RETRY)


def _in_wal_mode(connection: sqlite3.Connection, *, is_last_try: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if is_last_try or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _connect(address: URL, lock_wait_ms: int) -> Database:
    if address.drivername == SQLITE:
        return _sqlite(address, str(address.database), lock_wait_ms)
    return _postgresql(address, lock_wait_ms)


def _sqlite(url: URL, file: str, lock_wait_ms: int) -> Database:
    options: dict[str, Any] = {
        "hide_parameters": True,  # they are what people wrote, and errors are logged
        "json_serializer": to_json,
        "pool_timeout": TURN_WAIT,
        "async_creator": functools.partial(sqlite_driver.connect, Path(file)),
    }
    writer = create_async_engine(url, pool_size=1, max_overflow=0, **options)
    reader = create_async_engine(url, pool_size=READERS, max_overflow=0, **options)
    wait = f"busy_timeout={lock_wait_ms}"
    _prepare(writer.sync_engine, (wait, *WRITER_PRAGMAS), "BEGIN IMMEDIATE")
    _prepare(reader.sync_engine, (wait, *READER_PRAGMAS), "BEGIN")
    return Database(file, reader, writer)


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    """Set every new connection up, and begin transactions ourselves: sqlite3 would begin them at the first write."""

    @event.listens_for(engine, "connect")
    def set_up(connection: AsyncAdapt_aiosqlite_connection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL, lock_wait_ms: int) -> Database:
    place = url.render_as_string()
    try:
        writer = create_async_engine(
            url,
            hide_parameters=True,
            json_serializer=to_json,
            pool_pre_ping=True,
            pool_timeout=TURN_WAIT,
            connect_args={"timeout": CONNECT_WAIT, "server_settings": {"lock_timeout": str(lock_wait_ms)}},
        )
    except ModuleNotFoundError as error:
        raise StoreError("store.no_driver", place=place) from error
    return Database(place, writer.execution_options(postgresql_readonly=True), writer)
