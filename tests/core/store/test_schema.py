"""Migrations."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select, text

from core.errors import StoreError
from core.store import tables
from core.store.database import Database, open_database
from core.store.jobs import JobRuns
from core.store.schema import configuration
from tests.core.store.databases import bare_connection


def differences(connection: Connection, metadata: MetaData = tables.metadata) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


def table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def checks(connection: Connection) -> list[str | None]:
    return [
        check["name"] for name in table_names(connection) for check in inspect(connection).get_check_constraints(name)
    ]


def downgrade(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_an_empty_database_gets_every_table(url: str) -> None:
    async with open_database(url) as database, database.reading() as connection:
        assert await connection.run_sync(table_names) == {*tables.metadata.tables, "alembic_version"}


async def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(checks) == ["ck_feedback_vote"]


async def test_the_comparison_sees_a_column_that_no_migration_makes(database: Database) -> None:
    changed = MetaData()
    for table in tables.metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["space"].append_column(Column("colour", Integer))
    Table("extra", changed, Column("id", Integer, primary_key=True))
    async with database.reading() as connection:
        assert len(await connection.run_sync(differences, changed)) == 2


async def test_a_database_that_is_up_to_date_keeps_its_rows(url: str) -> None:
    async with open_database(url) as database:
        await JobRuns(database).claim("backup", "1")
    async with open_database(url) as database:
        assert not await JobRuns(database).claim("backup", "1")


async def test_two_programs_may_open_an_empty_database_at_once(url: str) -> None:
    async def open_and_claim() -> bool:
        async with open_database(url) as database:
            return await JobRuns(database).claim("backup", "1")

    assert sorted(await asyncio.gather(*(open_and_claim() for _ in range(4)))) == [False, False, False, True]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str) -> None:
    async with open_database(url) as database, database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for _ in range(2):
        with pytest.raises(StoreError) as raised:
            async with open_database(url):
                pass
        assert raised.value.message_id == "store.newer"
        assert "9999" in raised.value.text("vi")


async def test_a_migration_that_fails_leaves_no_table_behind(url: str) -> None:
    async with bare_connection(url) as connection:
        await connection.execute(text("CREATE TABLE job_run (id INTEGER)"))
    with pytest.raises(StoreError):
        async with open_database(url):
            pass
    async with bare_connection(url) as connection:
        assert await connection.run_sync(table_names) == {"job_run"}


async def test_the_way_back_leaves_an_empty_database(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(downgrade)
        assert await connection.run_sync(table_names) == {"alembic_version"}


@pytest.mark.parametrize("vote", [2, -2])
async def test_the_database_itself_refuses_a_vote_that_is_none(database: Database, vote: int) -> None:
    row = {"answer_id": "a", "person": "an", "vote": vote, "updated_at": text("CURRENT_TIMESTAMP")}
    with pytest.raises(StoreError) as raised:
        async with database.writing() as connection:
            await connection.execute(insert(tables.feedback).values(row))
    assert "vote" in str(raised.value)
    async with database.reading() as connection:
        assert (await connection.execute(select(tables.feedback))).all() == []
