"""Insert, or change what is there: both databases spell it alike, SQLAlchemy in two places."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: Table, row: Mapping[str, object], *, changing: Iterable[str] = ()
) -> bool:
    """Insert `row`; where its primary key is taken, set the columns `changing` of the row there, or nothing.

    True when a row was inserted or changed.
    """
    key = [column.name for column in table.primary_key]
    changes = {name: row[name] for name in changing}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(row)
    if changes:
        statement = statement.on_conflict_do_update(index_elements=key, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    result = await connection.execute(statement.returning(*table.primary_key))
    return result.first() is not None
