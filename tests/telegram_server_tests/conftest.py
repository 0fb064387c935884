"""One local Telegram for each test, with Lan, who has started the bot, and the real client."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.telegram_server import Rates, Settings, TelegramServer
from tests.telegram_server_tests.office import connected_bot


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """No limits of calls, and webhooks that are tried again at once."""
    async with TelegramServer(settings=Settings(webhook_waits=(0.0,)), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    async with connected_bot(telegram) as bot:
        yield bot


@pytest.fixture
def lan(telegram: TelegramServer) -> int:
    return telegram.people.add_user("Lan", username="lan_nguyen", started=True)


@pytest.fixture
def minh(telegram: TelegramServer) -> int:
    return telegram.people.add_user("Minh")


@pytest.fixture
def group(telegram: TelegramServer, lan: int, minh: int) -> int:
    """A supergroup of two and the bot, which is no administrator."""
    return telegram.people.add_group("Phòng Nhân sự", [lan, minh], supergroup=True)
