"""Everybody who stands anywhere is known, and a person is handed all that is theirs."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Text

from core.store import tables
from core.store.database import Database
from core.store.holdings import PEOPLE, everybody, held
from tests.core.store.crowd import Member, members, move_in
from tests.core.store.test_retention import dump

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CROWD = 20
NAMES = {"person", "subject", "alias", "by", "admitted_by", "decided_by", "issued_by", "used_by"}


def test_every_column_for_people_is_on_the_list() -> None:
    columns = {
        (table.name, column.name)
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if column.name in NAMES and isinstance(column.type, Text)
    }
    assert {(column.table.name, column.name) for column in PEOPLE} == columns


async def test_everybody_is_found_once(database: Database) -> None:
    await move_in(database, CROWD)
    async with database.reading() as connection:
        found = await everybody(connection)
    assert found == {known for member in members(CROWD) for known in (member.slack, member.telegram)}


async def test_a_person_gets_what_is_theirs_and_nothing_of_others(database: Database) -> None:
    await move_in(database, CROWD)
    member = Member(7)
    found = await held(database, member.telegram, NOW)
    assert found == await held(database, member.slack, NOW)
    assert (found["person"], found["ids"], found["exported_at"]) == (
        member.slack, [member.slack, member.telegram], "2026-11-23T00:00:00+00:00",
    )  # fmt: skip
    rows = await dump(database)
    mine = [row for row in rows["answer"] if member.mark in row["text"]]
    assert [answer["id"] for answer in found["answers"]] == sorted(row["id"] for row in mine)
    assert all(answer["citations"] and answer["passages"] for answer in found["answers"])
    assert "'prompt'" not in repr(found)
    assert [each.number for each in members(CROWD) if each != member and each.mark in repr(found)] == []


@pytest.mark.parametrize("person", ["slack:U0NOBODY", ""])
async def test_of_nobody_nothing_is_held(database: Database, person: str) -> None:
    await move_in(database, 3)
    found = await held(database, person, NOW)
    assert not any(rows for name, rows in found.items() if name not in {"person", "ids", "exported_at"})
