"""Which schema a database has, and the way to an older one."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import StoreError
from core.store.database import open_as_it_is
from core.store.schema import current_revision, known_revisions, move_to


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`current` is the last migration that was made, None before the first; `pending` are those to come, in order."""

    current: str | None
    newest: str
    pending: Sequence[str]

    @property
    def is_known(self) -> bool:
        """Whether this version knows it; else a newer one has made it."""
        return self.current is None or self.current in known_revisions()


async def schema_state(url: str) -> SchemaState:
    """Looks, and changes nothing. Raises StoreError, also where there is no database yet."""
    async with open_as_it_is(url) as database, database.reading() as connection:
        current = await connection.run_sync(current_revision)
    newest_first = known_revisions()
    made = newest_first.index(current) if current in newest_first else len(newest_first)
    return SchemaState(current, newest_first[0], newest_first[:made][::-1])


async def downgrade(url: str, revision: str) -> None:
    """Takes back every migration after `revision`, with what only they have room for: all of them or none.

    Raises StoreError, also for a revision that is not known or not behind the database's.
    """
    revisions = known_revisions()
    if revision not in revisions:
        raise StoreError("database.unknown_revision", revision=revision, known=", ".join(reversed(revisions)))
    async with open_as_it_is(url) as database, database.writing() as connection:
        current = await connection.run_sync(current_revision)
        if current not in revisions:
            raise StoreError("store.newer", place=database.place, revision=current)
        if revisions.index(revision) <= revisions.index(current):
            raise StoreError("database.not_behind", revision=revision, current=current)
        await connection.run_sync(move_to, revision)
