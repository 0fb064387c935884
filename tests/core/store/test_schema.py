"""Migrations."""

import asyncio
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DefaultClause,
    Integer,
    MetaData,
    Table,
    false,
    insert,
    inspect,
    select,
    text,
)

from core.errors import StoreError
from core.store import tables
from core.store.database import Database, open_database
from core.store.jobs import JobRuns
from core.store.schema import configuration, migrate
from tests.core.store.databases import bare_connection


def differences(connection: Connection, metadata: MetaData = tables.metadata) -> list[object]:
    opts = {"compare_type": True, "compare_server_default": is_another_default}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


def is_another_default(
    _context: MigrationContext, _inspected: object, column: Column[Any], found: str | None, _: object, ours: str | None
) -> bool | None:
    """JSON by its text: PostgreSQL knows no `=` for it. None leaves the rest to Alembic."""
    if not isinstance(column.type, JSON):
        return None
    return (found or "").removesuffix("::json").strip("'") != (ours or "").strip("'")


def table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def checks(connection: Connection) -> list[str | None]:
    return [
        check["name"] for name in table_names(connection) for check in inspect(connection).get_check_constraints(name)
    ]


def downgrade(connection: Connection, revision: str = "base") -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


OLD_ROWS = """
INSERT INTO inbox VALUES
    ('q1', 1, 's', 'c', 'p', 'an', 'new', NULL, NULL, '{}', NULL, 0, 0, NULL, :then, :then, :then, NULL);
INSERT INTO inbox_message VALUES ('k1', 'q1', 0, 0, 'hỏi', :then);
INSERT INTO question VALUES ('q1', 's', 'c', 'an', 'p', 'hỏi', 'hỏi', :then);
INSERT INTO answer VALUES
    ('a1', 'q1', 'đáp', 'answered', 'vi', 'hỏi', 'none', '', NULL, NULL, '[]', '[]', '{}', :then);
INSERT INTO feedback VALUES ('a1', 'an', -1, NULL, NULL, :then)
""".replace(":then", "'2026-11-23 08:00:00.000000+00:00'")
"""As the version before could leave them."""


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


async def test_the_comparison_sees_another_default(database: Database) -> None:
    changed = MetaData()
    for table in tables.metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["inbox_message"].c["files"].server_default = DefaultClause("{}")
    changed.tables["person_preference"].c["training"].server_default = DefaultClause(false())
    async with database.reading() as connection:
        assert len(await connection.run_sync(differences, changed)) == 2


async def test_rows_of_the_version_before_the_people_keep_all_they_hold(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(downgrade, "0002")
        for statement in OLD_ROWS.split(";"):
            await connection.execute(text(statement))
        await connection.run_sync(migrate, database.place)
    async with database.reading() as connection:
        message = (await connection.execute(select(tables.inbox_message))).one()
        vote = (await connection.execute(select(tables.feedback))).one()
    assert (message.key, message.text, message.files) == ("k1", "hỏi", [])
    assert (vote.answer_id, vote.vote, vote.voted_at) == ("a1", -1, None)


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
