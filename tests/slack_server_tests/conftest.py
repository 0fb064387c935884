"""One local Slack for each test, with Lan in the channel `general`."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import Rates, Settings, SlackServer
from tests.slack_server_tests.office import client_of, manifest


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """Everything on, no limits of calls, and repeats that come at once."""
    settings = Settings(retries=(0.0, 0.0, 0.0))
    async with SlackServer(manifest(), settings=settings, rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    return client_of(slack)


@pytest.fixture
def lan(slack: SlackServer) -> str:
    return slack.people.add_user("Lan")


@pytest.fixture
def general(slack: SlackServer, lan: str) -> str:
    return slack.people.add_channel("chung", [lan])
