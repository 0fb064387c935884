"""Fresh, migrated databases for tests, on every kind that we run on."""

import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.store.database import Database, open_database
from tests import postgres

KINDS = ("sqlite", "postgresql")

numbers = itertools.count()
templates: dict[str, str] = {}  # by kind, the migrated database that others are copied from


@asynccontextmanager
async def fresh_database(kind: str, folder: Path) -> AsyncIterator[Database]:
    """An empty database of this kind, with all tables. Skips the test when there is no PostgreSQL to be had."""
    url = await (migrated_file(folder) if kind == "sqlite" else migrated_copy())
    async with open_database(url) as database:
        yield database


async def fresh_url(kind: str, folder: Path) -> str:
    """The address of a database of this kind that has no tables yet."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{folder}/store-{next(numbers)}.db"
    return await created(running_server(), "template0")


async def migrated_file(folder: Path) -> str:
    if "sqlite" not in templates:
        async with open_database(await fresh_url("sqlite", folder)) as database:
            templates["sqlite"] = database.place
    file = folder / f"store-{next(numbers)}.db"
    shutil.copyfile(templates["sqlite"], file)
    return f"sqlite+aiosqlite:///{file}"


async def migrated_copy() -> str:
    server = running_server()
    if "postgresql" not in templates:
        await administer(server, "CREATE DATABASE migrated")
        async with open_database(server.url("migrated")):
            templates["postgresql"] = "migrated"
    return await created(server, templates["postgresql"])


async def created(server: postgres.Server, template: str) -> str:
    name = f"test_{next(numbers)}"
    await administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.url(name)


def running_server() -> postgres.Server:
    try:
        return postgres.server()
    except postgres.NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")


@asynccontextmanager
async def bare_connection(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that none of our code has touched."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def administer(server: postgres.Server, statement: str) -> None:
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()
