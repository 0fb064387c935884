"""The right to be forgotten, over everything that is kept of a person: tables, files, and backups of before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import forgotten, leftovers
from core.errors import StoreError
from core.store.database import Database
from core.store.exclusive import exclusive
from core.store.forgetting import Forgotten, ids_of, remove_person
from core.store.scrubbing import scrub


@dataclass(frozen=True, slots=True)
class Places:
    """Where something of people lies beside the database: the ledgers of the forgotten, and what was exported."""

    ledgers: tuple[Path, ...] = ()
    exports: Path | None = None


NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Takes people out of a database and of what lies beside it. Raises StoreError, for the ledger too."""

    database: Database
    places: Places = NOWHERE

    async def forget(self, person: str) -> Forgotten:
        """The rows are gone when this returns, all of them or none; `clean_up` is to follow.

        It is written down before that somebody is forgotten, and after it once more: of a backup that was begun
        meanwhile nobody knows on which side it stands.
        """
        async with self.database.reading() as connection:
            ids = await ids_of(connection, person)
        await self._note(ids)
        async with exclusive(self.database) as connection:
            found = await remove_person(connection, person)
        await self._note(found.traces.ids)
        return found

    async def clean_up(self, found: Forgotten) -> None:
        """What `forget` has removed leaves the files as well: those of the database, and what was exported of it."""
        if self.places.exports is not None:
            try:
                await asyncio.to_thread(leftovers.clean, self.places.exports, found.traces)
            except OSError as error:
                raise StoreError("forget.export_stays", path=error.filename, reason=error.strerror) from error
        await scrub(self.database)

    async def _note(self, ids: Sequence[str]) -> None:
        await asyncio.to_thread(forgotten.note, self.places.ledgers, ids, datetime.now(UTC))
