"""One transaction of a kind at a time, over all processes: what was read stays true until it is committed.

SQLite has one writer anyway. On PostgreSQL an advisory lock does the same; so both databases decide alike, and the
order of a conversation and the limits hold without a retry. An inbox transaction takes one to three milliseconds, an
office asks a few questions a minute. The budget has a lock of its own, so that neither waits for the other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.database import Database

INBOX_LOCK = 0x696E626F78  # "inbox"
BUDGET_LOCK = 0x627564676574  # "budget"
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


@asynccontextmanager
async def exclusive(database: Database, lock: int = INBOX_LOCK) -> AsyncIterator[AsyncConnection]:
    """A writing transaction that no other with the same lock overlaps. Raises StoreError."""
    async with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(_LOCK, {"key": lock})
        yield connection
