"""What one process asks of the one that is at work: "read the folders again". Asked often, it is done once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

PREFIX = "wish:"
"""How the rows are called among the marks."""

mark = tables.surface_mark


@dataclass(frozen=True)
class Wishes:
    """The open wishes of a database. Its methods raise StoreError."""

    database: Database

    async def ask(self, what: str, at: datetime) -> None:
        """Leaves the wish for whoever takes it up; one that is open already stays as it is."""
        async with self.database.writing() as connection:
            await upsert(connection, mark, {"surface": PREFIX + what, "seen_at": at})

    async def open(self) -> frozenset[str]:
        """What nobody has taken up yet; cheaper than trying to take."""
        statement = select(mark.c.surface).where(mark.c.surface.startswith(PREFIX, autoescape=True))
        async with self.database.reading() as connection:
            return frozenset(name.removeprefix(PREFIX) for name in await connection.scalars(statement))

    async def take(self, what: str) -> bool:
        """True for exactly one caller for each open wish, over all processes."""
        async with self.database.writing() as connection:
            done = await connection.execute(delete(mark).where(mark.c.surface == PREFIX + what))
            return done.rowcount > 0
