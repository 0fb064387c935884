"""A Slack and a database for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.database import Database, open_database
from tests.bots.slack.office import MANIFEST, Office, open_office
from tests.slack_server import SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(dict(MANIFEST)) as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/office.sqlite") as opened:
        yield opened


@pytest.fixture
async def office(database: Database, slack: SlackServer) -> AsyncIterator[Office]:
    async with open_office(database, slack) as opened:
        yield opened
