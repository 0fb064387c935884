"""The databases that every test of the store runs on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.database import Database
from tests.core.store.databases import KINDS, fresh_database, fresh_url


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database(kind: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with all tables: each test runs once on SQLite and once on PostgreSQL."""
    async with fresh_database(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
async def url(kind: str, tmp_path: Path) -> str:
    """The address of a database that nobody has opened yet."""
    return await fresh_url(kind, tmp_path)


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with all tables, for what only SQLite does."""
    async with fresh_database("sqlite", tmp_path) as opened:
        yield opened
