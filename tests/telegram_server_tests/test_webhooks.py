"""Updates that are brought to an address."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from telegram import Bot, Update

from tests.manual_clock import ManualClock
from tests.telegram_server import Rates, Settings, TelegramServer
from tests.telegram_server_tests.office import connected_bot, refusal


@dataclass
class Door:
    """A web server of the bot's; it answers with the statuses in turn, and then with 200."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[dict[str, object]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.bodies.append(await request.json())
        return web.Response(status=status)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door, application = Door(), web.Application()
    application.router.add_post("/telegram", door.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield door
    await runner.cleanup()


async def test_updates_are_brought_with_the_secret(telegram: TelegramServer, bot: Bot, lan: int, door: Door) -> None:
    telegram.people.tell(lan, "một")
    await bot.set_webhook(door.url, secret_token="bi-mat_1", max_connections=10)
    telegram.people.tell(lan, "hai")
    await telegram.until(lambda t: not t.unconfirmed)
    updates = [Update.de_json(body, bot) for body in door.bodies]
    assert [update.message.text for update in updates if update.message] == ["một", "hai"]
    assert door.secrets == ["bi-mat_1"] * 2


async def test_what_is_not_taken_is_brought_again(telegram: TelegramServer, bot: Bot, lan: int, door: Door) -> None:
    door.statuses = [503, 403]
    await bot.set_webhook(door.url)
    telegram.people.tell(lan, "a")
    await telegram.until(lambda t: not t.unconfirmed)
    assert [attempt.status for attempt in telegram.webhook.attempts] == [503, 403, 200]
    assert (len(door.bodies), door.secrets) == (1, [None] * 3)


async def test_the_waits_between_attempts_grow() -> None:
    clock = ManualClock()
    settings = Settings(webhook_waits=(1.0, 5.0))
    async with TelegramServer(clock=clock, settings=settings, rates=Rates(on=False)) as telegram:
        lan = telegram.people.add_user("Lan")
        telegram.webhook.set("http://127.0.0.1:1/", None, 40)
        telegram.people.tell(lan, "a")
        for count, seconds in enumerate((1.0, 5.0, 5.0), 1):
            await _attempted(telegram, count)
            clock.advance(seconds)
        async with connected_bot(telegram) as bot:
            info = await bot.get_webhook_info()
        assert (info.pending_update_count, info.last_error_message) == (1, "Connection failed")


async def _attempted(telegram: TelegramServer, count: int) -> None:
    await telegram.until(lambda t: len(t.webhook.attempts) == count)


async def test_a_webhook_and_polling_exclude_each_other(telegram: TelegramServer, bot: Bot, door: Door) -> None:
    await bot.set_webhook(door.url, allowed_updates=["message"])
    assert (await refusal(bot.get_updates())).startswith("Conflict: can't use getUpdates method")
    info = await bot.get_webhook_info()
    assert (info.url, info.allowed_updates, info.last_error_date) == (door.url, ("message",), None)
    await bot.delete_webhook()
    assert not await bot.get_updates()
    assert (await bot.get_webhook_info()).url == ""
    assert not telegram.webhook.attempts


async def test_setting_a_webhook_ends_a_poll(telegram: TelegramServer, bot: Bot, door: Door) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(refusal(bot.get_updates(timeout=5)))
        await telegram.until(lambda t: t.updates.polling)
        await bot.set_webhook(door.url)
        assert await poll == "Conflict: terminated by setWebhook request"


async def test_addresses_and_secrets_are_checked(bot: Bot) -> None:
    assert await refusal(bot.set_webhook("http://bot.example.vn/")) == (
        "Bad webhook: an https url must be provided for webhook"
    )
    assert await refusal(bot.set_webhook("https://bot.example.vn/", secret_token="bí mật")) == (
        "Secret token contains unallowed characters"
    )
