"""Long polling against the local Telegram: nothing is confirmed before it is kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError

from bots.telegram.ids import Account
from bots.telegram.line import Flooded
from bots.telegram.polling import LONGEST_PAUSE, Polling, seconds_asked
from bots.telegram.updates import KINDS, UpdateQueue
from core.clock import SteadyClock
from core.errors import SotayError, StoreError
from tests.bots.telegram.pollers import Desk, Heard, Keeper, a_desk, a_stranger
from tests.manual_clock import ImpatientClock, ManualClock
from tests.telegram_server import Rates, TelegramServer

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with a_desk() as desk:
        yield desk


async def test_updates_are_kept_and_then_confirmed(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    desk.telegram.people.tell(an, "một")
    async with desk.at_work():
        desk.telegram.people.tell(an, "hai")
        await desk.until(lambda: not desk.telegram.unconfirmed)
        assert desk.polling.is_healthy
    assert desk.keeper.kept == ["một", "hai"]
    assert all(desk.keeper.unconfirmed)
    assert (desk.account.id, desk.account.username) == (desk.telegram.bot.id, "sotay_bot")
    assert not desk.polling.is_healthy
    assert desk.alarm.alarms == []


async def test_the_kinds_are_asked_for_and_nothing_that_waits_is_thrown_away(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    desk.telegram.people.tell(an, "khi bot nghỉ")
    async with desk.at_work():
        await desk.until(lambda: desk.keeper.kept)
    assert desk.telegram.updates.allowed == frozenset(KINDS)
    assert (desk.telegram.lost, desk.telegram.violations) == ([], [])


async def test_what_was_kept_last_is_confirmed_at_the_end(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    desk.telegram.people.tell(an, "một")
    async with desk.at_work():
        await desk.until(lambda: desk.keeper.kept)
    assert desk.telegram.unconfirmed == []


async def test_what_cannot_be_kept_is_asked_for_again_and_what_came_before_it_is_not() -> None:
    async with a_desk(ImpatientClock()) as desk:
        an = desk.telegram.people.add_user("An")
        for text in ("một", "hai"):
            desk.telegram.people.tell(an, text)
        desk.keeper.is_away = True
        async with desk.at_work():
            await desk.until(lambda: desk.keeper.tries >= 3)
            assert len(desk.telegram.unconfirmed) == 2
            assert not desk.polling.is_healthy
            desk.keeper.is_away = False
            await desk.until(lambda: not desk.telegram.unconfirmed)
        assert desk.keeper.kept == ["một", "hai"]


async def test_a_crash_between_poll_and_confirmation_loses_nothing(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    desk.telegram.people.tell(an, "một")
    desk.keeper.is_away = True
    async with desk.at_work():
        await desk.until(lambda: desk.keeper.tries)
    assert len(desk.telegram.unconfirmed) == 1


async def test_an_update_of_a_shape_that_the_library_cannot_parse_stops_nothing(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    desk.telegram.moves.deliver({"message": {"message_id": "x", "chat": 5, "date": {}}})
    desk.telegram.people.tell(an, "một")
    async with desk.at_work():
        await desk.until(lambda: not desk.telegram.unconfirmed)
    assert desk.keeper.kept[-1] == "một"


async def test_another_poller_is_told_of_once_and_tried_slowly(caplog: pytest.LogCaptureFixture) -> None:
    clock = ImpatientClock()
    async with a_desk(clock) as desk:
        an = desk.telegram.people.add_user("An")
        desk.telegram.fail("getUpdates", "Conflict: terminated by other getUpdates request", times=3)
        async with desk.at_work():
            await desk.until(lambda: desk.telegram.updates.polling)
            assert desk.polling.is_healthy, "the first poll that succeeds is not kept waiting for an update"
            desk.telegram.people.tell(an, "một")
            await desk.until(lambda: not desk.telegram.unconfirmed)
    assert clock.slept == [LONGEST_PAUSE] * 3
    assert desk.alarm.alarms == [("alarm.telegram_conflict", "", "Conflict")]
    assert "Telegram is back" in caplog.text


async def test_faults_are_told_of_once_and_survived() -> None:
    clock = ImpatientClock()
    async with a_desk(clock) as desk:
        an = desk.telegram.people.add_user("An")
        for fault in (502, "drop_before", "Unauthorized", "flood", "Forbidden: x", 500):
            desk.telegram.fail("getUpdates", fault)
        desk.telegram.fail("deleteWebhook", 502)
        async with desk.at_work():
            desk.telegram.people.tell(an, "một")
            await desk.until(lambda: not desk.telegram.unconfirmed)
        assert desk.keeper.kept == ["một"]
        assert [kind for kind, _, _ in desk.alarm.alarms] == ["alarm.telegram_down"]
        assert max(clock.slept) <= LONGEST_PAUSE


async def test_a_webhook_that_still_stands_is_taken_away(desk: Desk) -> None:
    an = desk.telegram.people.add_user("An")
    await desk.bot.set_webhook("https://old.example/x")
    async with desk.at_work():
        desk.telegram.people.tell(an, "một")
        await desk.until(lambda: desk.keeper.kept)
    assert desk.telegram.webhook.url == ""


async def test_numbers_that_begin_anew_after_a_quiet_week_are_not_skipped(desk: Desk) -> None:
    """Once a poll has confirmed everything, the next ones name no number."""
    an = desk.telegram.people.add_user("An")
    desk.polling.poll_seconds = 1
    async with desk.at_work():
        desk.telegram.people.tell(an, "một")
        await desk.until(lambda: not desk.telegram.unconfirmed)
        polls = len(desk.telegram.called("getUpdates"))
        await desk.until(lambda: len(desk.telegram.called("getUpdates")) > polls + 1)
    assert desk.telegram.called("getUpdates")[-1].given["offset"] == "0"


async def test_a_token_that_is_not_taken_ends_it_without_the_token_in_the_error() -> None:
    token = "1:wrong"
    async with TelegramServer(rates=Rates(on=False)) as telegram:
        bot = Bot(token, telegram.base_url, telegram.base_file_url)
        polling = Polling(bot, Account(1), UpdateQueue(Keeper(telegram)), Heard(), SteadyClock())
        with pytest.raises(SotayError) as refused:
            await polling.run(asyncio.Event())
        await bot.shutdown()
    assert refused.value.message_id == "telegram.bad_token"
    assert refused.value.__suppress_context__
    assert token not in str(refused.value)


async def test_telegram_may_be_away_at_the_start() -> None:
    clock = ImpatientClock()
    async with TelegramServer(rates=Rates(on=False)) as telegram:
        bot = Bot(telegram.token, telegram.base_url, telegram.base_file_url)
        telegram.fail("getMe", 502)
        polling = Polling(bot, Account(1), UpdateQueue(Keeper(telegram)), Heard(), clock)
        stopping = asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(polling.run(stopping))
            await telegram.until(lambda t: t.updates.polling)
            stopping.set()
            await asyncio.wait([task])
        await bot.shutdown()
    assert polling.account.username == "sotay_bot"
    assert clock.slept == [3.0]


async def test_who_is_stopped_before_telegram_is_reached_just_ends() -> None:
    async with TelegramServer(rates=Rates(on=False)) as telegram:
        bot = Bot(telegram.token, telegram.base_url, telegram.base_file_url)
        telegram.fail("getMe", 502, times=100)
        polling = Polling(bot, Account(1), UpdateQueue(Keeper(telegram)), Heard(), ManualClock())
        stopping = asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(polling.run(stopping))
            await telegram.until(lambda t: t.called("getMe"))
            stopping.set()
        await bot.shutdown()
        assert telegram.called("getUpdates") == []


async def test_answers_that_are_none_of_telegrams_are_borne() -> None:
    """As a proxy may give them; the odd updates among the last are passed over."""
    odd: list[object] = [[], {"ok": True}, {"ok": True, "result": 5}, "x", None]
    updates = {"ok": True, "result": [5, None, {"update_id": "x"}, {"update_id": 7}]}
    us = {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "x", "username": "sotay_bot"}}
    first: list[object] = [{"ok": True}, {"ok": True, "result": []}, us]

    async def answer(request: web.Request) -> web.Response:
        if request.path.lower().endswith("/getupdates"):
            return web.json_response(odd.pop() if odd else updates)
        return web.json_response(first.pop(0) if len(first) > 1 else us)

    clock = ImpatientClock()
    async with a_stranger(answer) as url, TelegramServer(rates=Rates(on=False)) as telegram:
        bot, keeper = Bot("1:abc", url), Keeper(telegram)
        polling = Polling(bot, Account(1), UpdateQueue(keeper), Heard(), clock)
        stopping = asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(polling.run(stopping))
            await telegram.until(lambda _: keeper.tries >= 2)
            stopping.set()
        await bot.shutdown()
    assert (polling._offset, polling.account.username) == (8, "sotay_bot")


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Flooded(7.0), 7.0),
        (Flooded(9_999.0), LONGEST_PAUSE),
        (Conflict("x"), LONGEST_PAUSE),
        (InvalidToken(), LONGEST_PAUSE),
        (NetworkError("x"), 0.0),
        (StoreError("store.locked", place="test"), 0.0),
    ],
)
def test_pauses_that_are_asked_for_have_a_bound(fault: Exception, seconds: float) -> None:
    assert seconds_asked(fault) == seconds
