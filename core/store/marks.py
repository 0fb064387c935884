"""Up to when everything that happened on a surface has been looked at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

mark = tables.surface_mark


@dataclass(frozen=True)
class Marks:
    """The marks of a database, one for each surface. Both methods raise StoreError."""

    database: Database

    async def seen(self, surface: str) -> datetime | None:
        """What came before this has been looked at; None where nothing has."""
        async with self.database.reading() as connection:
            return await connection.scalar(select(mark.c.seen_at).where(mark.c.surface == surface))

    async def see(self, surface: str, at: datetime) -> None:
        """Moves the mark on to `at`; it never goes back."""
        behind = (mark.c.surface == surface) & (mark.c.seen_at < at)
        async with self.database.writing() as connection:
            await upsert(connection, mark, {"surface": surface, "seen_at": at})
            await connection.execute(update(mark).where(behind).values(seen_at=at))
