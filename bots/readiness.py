"""Whether the service can answer: its parts, asked now."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.errors import StoreError
from core.faults import in_short
from core.store.figures import Figures

DATABASE_SECONDS = 3.0
"""Seconds in which the database must answer; a look takes some milliseconds."""


class Kind(StrEnum):
    """What a part is."""

    DATABASE = "database"
    INDEX = "index"
    SURFACE = "surface"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service: whether it works, and what there is to say about it."""

    kind: Kind
    name: str
    is_up: bool
    detail: str = ""


class Reachable(Protocol):
    """An adapter, as far as its health goes."""

    @property
    def is_healthy(self) -> bool: ...


def is_ready(parts: Sequence[Part]) -> bool:
    """Whether questions can come in and be looked up: database, index, and at least one surface.

    A model that is paused makes nobody unready: people are told so, and it is tried again by itself.
    """
    up = {part.kind for part in parts if part.is_up}
    return {Kind.DATABASE, Kind.INDEX, Kind.SURFACE} <= up


@dataclass(frozen=True, slots=True)
class Readiness:
    """Asks every part. `paused` tells of the search ("search") and of each model by name whether it is left alone."""

    figures: Figures
    surfaces: Mapping[str, Reachable]
    paused: Callable[[], Mapping[str, bool]]

    async def parts(self) -> list[Part]:
        """Every part, the database first."""
        database, documents = await self._database()
        paused = dict(self.paused())
        index = Part(Kind.INDEX, "search", not paused.pop("search", False), documents)
        surfaces = [Part(Kind.SURFACE, name, surface.is_healthy) for name, surface in self.surfaces.items()]
        models = [Part(Kind.MODEL, name, not is_paused) for name, is_paused in paused.items()]
        return [database, index, *surfaces, *models]

    async def _database(self) -> tuple[Part, str]:
        """The database, and how many documents it says are indexed."""
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                spaces = await self.figures.spaces()
        except StoreError as error:
            return Part(Kind.DATABASE, "database", is_up=False, detail=in_short(error)), ""
        except TimeoutError:
            return Part(Kind.DATABASE, "database", is_up=False, detail=f"no answer in {DATABASE_SECONDS:g} s"), ""
        documents = sum(space.documents for space in spaces)
        return Part(Kind.DATABASE, "database", is_up=True), f"{documents} documents"
