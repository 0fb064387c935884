"""A small write that shows that the database takes writes."""

from dataclasses import dataclass
from datetime import datetime

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

PULSE = "pulse"
"""The row among the marks that nothing but this writes; all processes of a database share it."""


@dataclass(frozen=True)
class Pulse:
    """The pulse of a database."""

    database: Database

    async def beat(self, at: datetime) -> None:
        """Writes `at` durably, also where a later time stands there. Raises StoreError."""
        row = {"surface": PULSE, "seen_at": at}
        async with self.database.writing() as connection:
            await upsert(connection, tables.surface_mark, row, changing=("seen_at",))
