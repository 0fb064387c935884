"""Spaces: the settings say what they are, the rows here are what searches are checked against."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update

from core.documents import Label, Space
from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

SETTINGS, COMMAND = "settings", "command"
RIGHTS = ("label", "audience", "may_leave")
CLOSED = {"label": Label.CONFIDENTIAL, "audience": [], "may_leave": False, "sources": []}


@dataclass(frozen=True)
class SpaceRepository:
    """The spaces of a database."""

    database: Database

    async def sync(self, spaces: Sequence[tuple[Space, Sequence[str]]]) -> None:
        """Make the rows equal to the settings' spaces and their sources.

        A space that the settings named before and no longer name is closed: confidential, without audience or
        sources, so that nobody reads what is left of it. Spaces made by a command stay as they are.
        """
        names = [space.name for space, _ in spaces]
        gone = (tables.space.c.origin == SETTINGS) & tables.space.c.name.not_in(names)
        async with self.database.writing() as connection:
            await connection.execute(update(tables.space).where(gone).values(CLOSED))
            for space, sources in spaces:
                row = to_row(space, SETTINGS, sources)
                await upsert(connection, tables.space, row, changing=(*RIGHTS, "origin", "sources"))

    async def add_from_command(self, space: Space, source: str) -> None:
        """Add `source` to the space, and make the space where there is none.

        A space of the settings keeps the label and audience written there; one made by a command takes those of
        `space`.
        """
        rows = tables.space
        async with self.database.writing() as connection:
            found = await connection.execute(select(rows).where(rows.c.name == space.name))
            row = found.mappings().first()
            sources = list(dict.fromkeys((*(row["sources"] if row else ()), source)))
            changing = ("sources",) if row and row["origin"] == SETTINGS else ("sources", *RIGHTS)
            await upsert(connection, rows, to_row(space, COMMAND, sources), changing=changing)

    async def all(self) -> dict[str, Space]:
        """Every space by name, closed ones too."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.space).order_by(tables.space.c.name))
            return {row["name"]: to_space(row) for row in rows.mappings()}

    async def sources(self, name: str) -> tuple[str, ...]:
        """Where the files of the space come from; empty for a space that is not there."""
        async with self.database.reading() as connection:
            found = await connection.scalar(select(tables.space.c.sources).where(tables.space.c.name == name))
            return tuple(found or ())


def to_row(space: Space, origin: str, sources: Sequence[str]) -> dict[str, object]:
    return {
        "name": space.name,
        "label": space.label,
        "audience": sorted(space.audience),
        "may_leave": space.may_leave,
        "origin": origin,
        "sources": list(sources),
    }


def to_space(row: RowMapping) -> Space:
    return Space(row["name"], Label(row["label"]), frozenset(row["audience"]), row["may_leave"])
