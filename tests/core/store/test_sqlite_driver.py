"""Statements in one crossing each, and SQLAlchemy must not notice."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from core.errors import StoreError
from core.store import sqlite_driver, tables
from core.store.database import Database
from core.store.sqlite_driver import WholeConnection
from tests.core.store.samples import NOON

ROWS = [{"name": "backup", "slot": str(slot), "started_at": NOON} for slot in range(1000)]


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[WholeConnection]:
    opened = await sqlite_driver.connect(tmp_path / "bare.db")
    try:
        await opened.cursor().execute("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
        yield opened
    finally:
        await opened.close()


async def test_a_cursor_has_all_rows_once_and_says_what_they_are(connection: WholeConnection) -> None:
    cursor = await connection.cursor().execute("SELECT 1 AS one, 'hai' AS two UNION SELECT 2, 'ba'")
    assert [column[0] for column in cursor.description] == ["one", "two"]
    assert await cursor.fetchall() == [(1, "hai"), (2, "ba")]
    assert await cursor.fetchall() == []


async def test_a_closed_cursor_has_no_rows(connection: WholeConnection) -> None:
    cursor = await connection.cursor().execute("SELECT 1")
    await cursor.close()
    assert await cursor.fetchall() == []


async def test_a_write_says_how_many_rows_and_which(connection: WholeConnection) -> None:
    cursor = await connection.cursor().execute("INSERT INTO word (text) VALUES (?)", ("một",))
    assert (cursor.rowcount, cursor.lastrowid, cursor.description) == (1, 1, None)
    cursor = await connection.cursor().executemany("INSERT INTO word (text) VALUES (?)", [("hai",), ("ba",)])
    assert cursor.rowcount == 2
    cursor = await connection.cursor().execute("DELETE FROM word RETURNING text")
    assert sorted(await cursor.fetchall()) == [("ba",), ("hai",), ("một",)]


async def test_a_new_cursor_knows_nothing(connection: WholeConnection) -> None:
    cursor = connection.cursor()
    assert (cursor.rowcount, cursor.lastrowid, cursor.description, await cursor.fetchall()) == (-1, None, None, [])


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT nothing", sqlite3.OperationalError),
        ("INSERT INTO word (id) VALUES ('một')", sqlite3.IntegrityError),
        ("SELECT ?", sqlite3.ProgrammingError),
    ],
)
async def test_what_sqlite_refuses_is_raised_as_it_is_and_the_connection_lives_on(
    connection: WholeConnection, statement: str, kind: type[sqlite3.Error]
) -> None:
    with pytest.raises(kind):
        await connection.cursor().execute(statement)
    assert await (await connection.cursor().execute("SELECT 1")).fetchall() == [(1,)]


async def test_one_wrong_row_of_many_is_raised(connection: WholeConnection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await connection.cursor().executemany("INSERT INTO word (text) VALUES (?)", [("một",), ("một",)])


async def test_the_thread_of_a_connection_keeps_no_process_alive_and_ends_with_it(connection: WholeConnection) -> None:
    thread = connection._thread
    assert thread.daemon
    assert thread is not threading.current_thread()
    await connection.close()
    await asyncio.to_thread(thread.join, 5.0)
    assert not thread.is_alive()


async def test_a_file_that_cannot_be_opened_is_raised(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await sqlite_driver.connect(tmp_path / "missing" / "bare.db")


async def test_many_rows_go_in_and_come_out_in_order_through_sqlalchemy(sqlite: Database) -> None:
    async with sqlite.writing() as connection:
        await connection.execute(insert(tables.job_run), ROWS)
    async with sqlite.reading() as connection:
        slots = await connection.scalars(
            select(tables.job_run.c.slot).order_by(func.length(tables.job_run.c.slot), "slot")
        )
        assert list(slots) == [row["slot"] for row in ROWS]


async def test_a_statement_that_is_cancelled_leaves_the_connection_usable(sqlite: Database) -> None:
    endless = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"
    )
    for turns in range(8):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(scalar(sqlite, endless))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
    assert await scalar(sqlite, text("SELECT 1")) == 1


async def scalar(database: Database, statement: object) -> object:
    async with database.writing() as connection:
        return await connection.scalar(statement)  # type: ignore[call-overload]


async def test_a_statement_that_fails_takes_back_those_before_it(sqlite: Database) -> None:
    async def write_twice() -> None:
        async with sqlite.writing() as connection:
            await connection.execute(insert(tables.job_run), ROWS[:1])
            await connection.execute(insert(tables.job_run), ROWS[:1])

    with pytest.raises(StoreError):
        await write_twice()
    assert await scalar(sqlite, select(func.count()).select_from(tables.job_run)) == 0
