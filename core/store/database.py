"""One database, SQLite or PostgreSQL, behind two doors: reading and writing.

SQLite: WAL, synchronous=FULL, one writer connection that alone checkpoints, readers that cannot write. Releases before
3.51.3 can damage a WAL file when two connections checkpoint at once; one writer is how that is kept from happening.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import StoreError
from core.store.faults import translated
from core.store.schema import migrate
from core.store.tables import to_json

LOCK_WAIT_MS = 5_000  # how long a statement waits for another process before the database counts as locked
WRITER_WAIT_S = 30.0  # how long a writer waits for the writers of this process before it
CONNECT_WAIT_S = 10.0
READERS = 8

WRITER_PRAGMAS = (
    f"busy_timeout={LOCK_WAIT_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
)
READER_PRAGMAS = (
    f"busy_timeout={LOCK_WAIT_MS}",
    "foreign_keys=ON",
    "wal_autocheckpoint=0",
    "query_only=ON",
)


@dataclass(frozen=True)
class Database:
    """An open database. `place` is its address without the password.

    Both doors give a connection inside one transaction, committed when the block ends and rolled back when it raises.
    Either raises StoreError when the database is locked, full, damaged or away.
    """

    place: str
    reader: AsyncEngine
    writer: AsyncEngine

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that cannot write. Never waits for a writer."""
        return self._transaction(self.reader)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write. On SQLite one at a time, in the order of asking."""
        return self._transaction(self.writer)

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
async def open_database(url: str) -> AsyncIterator[Database]:
    """The database at `url`, brought to the schema of this version; closed when the block ends.

    A SQLite file that is not there is made, with its folder. Raises StoreError.
    """
    database = _connect(url)
    try:
        async with database.writing() as connection:
            await connection.run_sync(migrate, database.place)
        yield database
    finally:
        await database.close()


def _connect(url: str) -> Database:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError("store.bad_url", place=url.partition(":")[0]) from error
    if address.drivername == "sqlite+aiosqlite" and address.database and address.database != ":memory:":
        return _sqlite(address, address.database)
    if address.drivername == "postgresql+asyncpg":
        return _postgresql(address)
    raise StoreError("store.bad_url", place=address.render_as_string())


def _sqlite(url: URL, file: str) -> Database:
    with translated(file, OSError):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"json_serializer": to_json, "pool_timeout": WRITER_WAIT_S}
    writer = create_async_engine(url, pool_size=1, max_overflow=0, **options)
    reader = create_async_engine(url, pool_size=READERS, max_overflow=0, **options)
    _prepare(writer.sync_engine, WRITER_PRAGMAS, "BEGIN IMMEDIATE")
    _prepare(reader.sync_engine, READER_PRAGMAS, "BEGIN")
    return Database(file, reader, writer)


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    """Set every new connection up, and begin transactions ourselves: sqlite3 would begin them at the first write."""

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> Database:
    place = url.render_as_string()
    try:
        writer = create_async_engine(
            url,
            json_serializer=to_json,
            pool_pre_ping=True,
            pool_timeout=WRITER_WAIT_S,
            connect_args={"timeout": CONNECT_WAIT_S, "server_settings": {"lock_timeout": str(LOCK_WAIT_MS)}},
        )
    except ModuleNotFoundError as error:
        raise StoreError("store.no_driver", place=place) from error
    return Database(place, writer.execution_options(postgresql_readonly=True), writer)
