"""Each part of the service is asked whether it works."""

from dataclasses import dataclass
from pathlib import Path

from bots.readiness import Kind, Readiness, is_ready
from core.store.figures import Figures
from tests.bots.web.reading import lose
from tests.core.store.databases import fresh_database
from tests.core.store.samples import a_document, stored, with_spaces


@dataclass
class Surface:
    is_healthy: bool


async def test_every_part_says_how_it_is(tmp_path: Path) -> None:
    surfaces = {"Slack": Surface(is_healthy=True), "Telegram": Surface(is_healthy=False)}
    async with fresh_database("sqlite", tmp_path) as database:
        await with_spaces(database)
        await stored(database, a_document())
        readiness = Readiness(Figures(database), surfaces, lambda: {"search": False, "local": True})
        parts = await readiness.parts()
    assert [(part.kind, part.name, part.is_up, part.detail) for part in parts] == [
        (Kind.DATABASE, "database", True, ""),
        (Kind.INDEX, "search", True, "1 documents"),
        (Kind.SURFACE, "Slack", True, ""),
        (Kind.SURFACE, "Telegram", False, ""),
        (Kind.MODEL, "local", False, ""),
    ]
    assert is_ready(parts)


async def test_a_search_that_is_left_alone_is_not_ready(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        readiness = Readiness(Figures(database), {"Slack": Surface(is_healthy=True)}, lambda: {"search": True})
        parts = await readiness.parts()
    assert [part.name for part in parts if not part.is_up] == ["search"]
    assert not is_ready(parts)


async def test_a_database_that_cannot_be_read_is_said_without_an_end(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        pass
    lose(database)
    parts = await Readiness(Figures(database), {}, lambda: {"search": False}).parts()
    assert (parts[0].kind, parts[0].is_up) == (Kind.DATABASE, False)
    assert parts[0].detail
    assert not is_ready(parts)
