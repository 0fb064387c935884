"""Every released step of the schema, up and down again with rows in every table: what both sides know is not lost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
)

from core.errors import StoreError
from core.store.database import Database, open_as_it_is, open_database
from core.store.schema import VERSION_TABLE, current_revision, known_revisions, move_to
from core.store.versions import downgrade, schema_state

REVISIONS = known_revisions()[::-1]
STEPS = tuple(zip((None, *REVISIONS), REVISIONS, strict=False))
"""Each revision with the one before it."""
ROWS = 3
Rows = list[dict[str, Any]]


def reflected(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def value(column: Column[Any], number: int) -> object:
    """Something of the column's type; keys of other tables are those of the row of the same number."""
    if column.foreign_keys:
        return value(next(iter(column.foreign_keys)).column, number)
    if column.name == "vote":
        return 1
    values: dict[type[Any], object] = {
        JSON: {"đ": [number]},
        Boolean: bool(number % 2),
        DateTime: datetime(2026, 11, 23, 8, number, 0, 123456, tzinfo=UTC),
        Integer: number,
        Float: number + 0.5,
        Text: f"{column.table.name}.{column.name} {number} ế",
    }
    return next(found for kind, found in values.items() if isinstance(column.type, kind))


def fill(connection: Connection) -> None:
    """Rows in every table that has none yet."""
    for table in reflected(connection):
        if not connection.execute(select(table)).first():
            rows = [{column.name: value(column, number) for column in table.columns} for number in range(ROWS)]
            connection.execute(insert(table), rows)


def dump(connection: Connection) -> dict[str, Rows]:
    return {
        table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
        for table in reflected(connection)
    }


def common(one: Mapping[str, Rows], other: Mapping[str, Rows]) -> Mapping[str, Rows]:
    """Of `one` what `other` has room for."""
    return {
        name: [{key: row[key] for key in row if key in other[name][0]} for row in rows]
        for name, rows in one.items()
        if name in other
    }


@pytest.mark.parametrize(("before", "revision"), STEPS, ids=REVISIONS)
async def test_each_step_up_and_down_keeps_every_row(url: str, before: str | None, revision: str) -> None:
    async with open_database(url) as database, database.writing() as connection:
        await connection.run_sync(move_to, before)
        await connection.run_sync(fill)
        old = await connection.run_sync(dump)
        await connection.run_sync(move_to, revision)
        up = await connection.run_sync(dump)
        assert common(up, old) == old
        await connection.run_sync(fill)
        await connection.run_sync(move_to, before)
        assert await connection.run_sync(current_revision) == before
        assert await connection.run_sync(dump) == old


async def test_the_whole_way_down_and_up_again_keeps_what_the_first_tables_held(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
        first = await connection.run_sync(dump)
        await connection.run_sync(move_to, REVISIONS[0])
        oldest = await connection.run_sync(dump)
        assert common(first, oldest) == oldest
        await connection.run_sync(move_to, REVISIONS[-1])
        again = await connection.run_sync(dump)
        assert common(again, oldest) == oldest
        assert all(len(rows) == ROWS for rows in oldest.values())


async def test_a_way_back_that_fails_changes_nothing(url: str) -> None:
    """Something that the last of the steps wants to take away is not there."""
    async with open_database(url) as database, database.writing() as connection:
        await connection.run_sync(fill)
    async with open_as_it_is(url) as database:
        async with database.writing() as connection:
            before = await connection.run_sync(dump)
            await connection.exec_driver_sql("DROP INDEX ix_inbox_answer_id")
        with pytest.raises(StoreError):
            await downgrade(url, "0002")
        async with database.reading() as connection:
            assert await connection.run_sync(dump) == before
            assert await connection.run_sync(current_revision) == REVISIONS[-1]


async def test_the_state_says_what_is_to_come(url: str) -> None:
    async with open_database(url) as database, database.writing() as connection:
        await connection.run_sync(fill)
    assert (await schema_state(url)).pending == ()
    await downgrade(url, "0002")
    state = await schema_state(url)
    assert (state.current, state.newest, state.is_known) == ("0002", REVISIONS[-1], True)
    assert tuple(state.pending) == REVISIONS[2:]
    async with open_database(url):
        pass
    assert (await schema_state(url)).current == REVISIONS[-1]


@pytest.mark.parametrize(("revision", "message_id"), [
    ("0099", "database.unknown_revision"), (REVISIONS[-1], "database.not_behind"),
])  # fmt: skip
async def test_only_an_older_schema_can_be_gone_back_to(url: str, revision: str, message_id: str) -> None:
    async with open_database(url):
        pass
    with pytest.raises(StoreError) as raised:
        await downgrade(url, revision)
    assert raised.value.message_id == message_id


async def test_a_newer_schema_is_no_known_one(url: str) -> None:
    async with open_database(url) as database, database.writing() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert not (await schema_state(url)).is_known
    with pytest.raises(StoreError) as raised:
        await downgrade(url, "0001")
    assert raised.value.message_id == "store.newer"


async def test_the_indexes_go_with_their_step(database: Database) -> None:
    def indexes(connection: Connection) -> set[str]:
        found = inspect(connection)
        return {str(index["name"]) for name in found.get_table_names() for index in found.get_indexes(name)}

    async with database.writing() as connection:
        before = await connection.run_sync(indexes)
        await connection.run_sync(move_to, REVISIONS[0])
        assert await connection.run_sync(indexes) < before
        await connection.run_sync(move_to, REVISIONS[-1])
        assert await connection.run_sync(indexes) == before
