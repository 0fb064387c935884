"""The whole adapter over real sockets: what it says to Telegram at the start, and what it does when that fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bots.telegram.adapter import TelegramConfig, WebhookConfig
from bots.telegram.commands import GROUP, PRIVATE
from bots.telegram.line import open_bot
from core.errors import SotayError
from core.store.database import Database
from core.store.spaces import SpaceRepository
from tests.bots.slack.script_lines import ANSWERED, ASKED
from tests.bots.telegram.crew import Crew
from tests.bots.telegram.office import Plan, a_place, office_over, open_office
from tests.bots.telegram.scene import Office
from tests.bots.telegram.test_conversation_goes_on import OPENS, WHEN
from tests.bots.telegram.test_webhook import free_port
from tests.telegram_server import TelegramServer

SECRET = "bi-mat_1"
PATIENCE = 15


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[Database, TelegramServer]]:
    async with a_place(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def closed_office(database: Database, telegram: TelegramServer) -> AsyncIterator[Office]:
    """An office in which nothing runs yet."""
    plan, crew = Plan(), Crew(telegram)
    await SpaceRepository(database).sync([(space, ()) for space in plan.spaces])
    config: TelegramConfig = crew.config({})
    async with open_bot(config.token, config.api_url, config.file_url) as bot:
        yield office_over(database, crew, config, bot, plan)


async def test_telegram_is_told_the_commands_of_every_kind_of_chat(place: tuple[Database, TelegramServer]) -> None:
    async with open_office(*place) as office:
        telegram = office.telegram
        scopes = {"default": GROUP, "all_private_chats": PRIVATE, "all_group_chats": GROUP}
        await office.until(lambda: all(telegram.commands(scope, "en") for scope in scopes))
        for scope, names in scopes.items():
            for code in ("", "vi", "en"):
                assert tuple(told["command"] for told in telegram.commands(scope, code)) == names


async def test_commands_that_telegram_does_not_take_are_told_again(place: tuple[Database, TelegramServer]) -> None:
    place[1].fail("setMyCommands", 502, times=1)
    async with open_office(*place) as office:
        refused, *_ = office.telegram.called("setMyCommands")
        assert not refused.ok


async def test_who_is_to_stop_stops_also_while_telegram_is_away(place: tuple[Database, TelegramServer]) -> None:
    telegram, stopping = place[1], asyncio.Event()
    telegram.fail("getMe", 502, times=1_000)
    telegram.fail("setMyCommands", 502, times=1_000)
    async with closed_office(*place) as office, asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(office.adapter.run(stopping))
        await telegram.until(lambda telegram: len(telegram.called("getMe")) > 1)
        stopping.set()
    assert telegram.called("getUpdates") == []


async def test_a_token_that_is_not_taken_ends_it_with_a_sentence(place: tuple[Database, TelegramServer]) -> None:
    telegram = place[1]
    telegram.fail("getMe", 401, times=1_000)
    telegram.fail("setMyCommands", 401, times=1_000)
    async with closed_office(*place) as office, asyncio.timeout(PATIENCE):
        with pytest.raises(ExceptionGroup) as ended:
            await office.adapter.run(asyncio.Event())
    (error,) = ended.value.exceptions
    assert isinstance(error, SotayError)
    assert error.message_id == "telegram.bad_token"
    assert telegram.token not in repr(error)


async def test_what_was_asked_while_it_was_away_is_answered(place: tuple[Database, TelegramServer]) -> None:
    telegram = place[1]
    mai = telegram.people.add_user("Mai", started=True)
    asked = telegram.people.tell(mai, WHEN)
    async with open_office(*place, Plan(config={"allowed": (mai,)})) as office:
        await office.answer(mai, asked, OPENS)


async def test_over_a_webhook_a_question_is_answered_and_a_stranger_turned_away(
    place: tuple[Database, TelegramServer],
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    plan = Plan(config={"webhook": WebhookConfig(url, SECRET, port=port)})
    async with open_office(*place, plan) as office:
        telegram, an = office.telegram, office.crew.an
        await office.until(lambda: telegram.webhook.url == url)
        await office.answer(an, telegram.people.tell(an, ASKED))
        async with aiohttp.ClientSession() as session, session.post(url, json={"update_id": 1}) as reply:
            assert reply.status in {401, 403}
        assert telegram.called("getUpdates") == []


async def test_an_outage_is_told_to_the_administrators_and_nothing_is_lost(
    place: tuple[Database, TelegramServer],
) -> None:
    async with open_office(*place) as office:
        telegram, an = office.telegram, office.crew.an
        telegram.fail("getUpdates", 502, times=3)
        asked = telegram.people.tell(an, ASKED)
        await office.answer(an, asked, ANSWERED)
        await office.said(office.crew.office, "Mất kết nối với Telegram: 1 lần")


async def test_the_administrators_chat_may_become_a_supergroup(place: tuple[Database, TelegramServer]) -> None:
    database, telegram = place
    boss = telegram.people.add_user("Sếp", started=True)
    chat = telegram.people.add_group("Quản trị cũ", [boss])
    async with open_office(database, telegram, Plan(config={"admin_chat": chat})) as office:
        bigger = telegram.moves.migrate(chat, by=boss)
        office.memory.alarm("alarm.failed", "q1", "")
        told = await office.said(bigger, "Có câu hỏi không trả lời được: 1 lần")
        assert "q1" in told.text
