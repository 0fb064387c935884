"""The real clients, connected to the local Telegram."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, BaseHandler, MessageHandler, filters
from telegram.request import HTTPXRequest

from tests.telegram_server import Json, TelegramServer

App = Application[Any, Any, Any, Any, Any, Any]
READ_SECONDS = 2.0


@asynccontextmanager
async def connected_bot(telegram: TelegramServer, token: str | None = None) -> AsyncIterator[Bot]:
    """The real `Bot`; it has asked who it is."""
    requests = [HTTPXRequest(read_timeout=READ_SECONDS) for _ in range(2)]
    bot = Bot(token or telegram.token, telegram.base_url, telegram.base_file_url, requests[0], requests[1])
    async with bot:
        yield bot


class Heard(list[Update]):
    """What an application's handlers were given, in order."""

    async def take(self, update: Update, context: object) -> None:
        del context
        self.append(update)


def app_of(telegram: TelegramServer) -> App:
    builder = ApplicationBuilder().token(telegram.token)
    return builder.base_url(telegram.base_url).base_file_url(telegram.base_file_url).build()


@asynccontextmanager
async def polling(
    telegram: TelegramServer, handlers: Sequence[BaseHandler[Any, Any, Any]], kinds: Sequence[str] | None = None
) -> AsyncIterator[App]:
    """The real application, polling until the end."""
    app = app_of(telegram)
    app.add_handlers(handlers)
    async with app:
        assert app.updater
        await app.updater.start_polling(allowed_updates=kinds, timeout=5)
        await app.start()
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()


def everything(heard: Heard) -> MessageHandler[Any, Any]:
    return MessageHandler(filters.ALL, heard.take)


async def posted(telegram: TelegramServer, method: str, given: Json, token: str | None = None) -> Json:
    """What the server answers to a call in JSON, without any client in between."""
    url = f"{telegram.base_url}{token or telegram.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=given) as answer:
        found: Json = await answer.json()
    assert found["ok"] or found["error_code"] == answer.status
    return found


async def refusal(call: Awaitable[object]) -> str:
    """What Telegram said to a call that must be refused, as the client words it."""
    with pytest.raises(TelegramError) as refused:
        await call
    return refused.value.message
