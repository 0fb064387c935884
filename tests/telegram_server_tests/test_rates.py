"""How the server limits what the bot writes, and what it makes of who goes on."""

import pytest
from telegram import Bot
from telegram.error import RetryAfter

from tests.manual_clock import ManualClock
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server.refusals import Refused
from tests.telegram_server_tests.office import connected_bot

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
"""The client warns, of its future, whenever it makes a `RetryAfter`."""


def wait(rates: Rates, chat: int, now: float, *, is_group: bool = False) -> int:
    """How long the call must wait; 0 when it is granted."""
    try:
        rates.take("sendMessage", chat, now, is_group=is_group)
    except Refused as refused:
        return refused.parameters["retry_after"]
    return 0


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    rates = Rates(burst=2)
    assert [wait(rates, 1, 0.0) for _ in range(3)] == [0, 0, 1]
    assert wait(rates, 2, 0.0) == 0
    assert [wait(rates, 1, now) for now in (1.0, 2.0)] == [0, 0]
    assert wait(rates, 1, 2.5) == 1
    assert rates.limited == {"sendMessage": 2}


def test_a_group_takes_twenty_a_minute() -> None:
    rates = Rates()
    assert [wait(rates, -1, float(second), is_group=True) for second in range(20)] == [0] * 20
    assert wait(rates, -1, 20.0, is_group=True) == 40
    assert [wait(rates, 1, float(second)) for second in range(20, 41)] == [0] * 21
    assert wait(rates, -1, 60.0, is_group=True) == 0


def test_all_chats_together_take_thirty_a_second() -> None:
    rates = Rates()
    assert [wait(rates, chat, 0.0) for chat in range(1, 32)] == [0] * 30 + [1]
    assert wait(rates, 99, 1.0) == 0


def test_who_goes_on_waits_twice_as_long_each_time() -> None:
    rates = Rates(burst=1)
    assert [wait(rates, 1, 0.0), wait(rates, 1, 0.0)] == [0, 1]
    assert [wait(rates, 1, 0.5), wait(rates, 1, 1.5), wait(rates, 1, 5.4)] == [2, 4, 8]
    assert rates.too_early == [("sendMessage", 1)] * 3
    assert rates.banned(1, 6.4) == pytest.approx(7.0)
    assert rates.banned(2, 6.4) == 0.0
    assert wait(rates, 1, 13.5) == 0
    assert wait(rates, 1, 14.0) == 1


def test_limits_scale_or_are_off() -> None:
    double = Rates(scale=2.0, burst=1, group_per_minute=1)
    assert [wait(double, -1, 0.0, is_group=True) for _ in range(3)] == [0, 0, 60]
    off = Rates(on=False, burst=0, group_per_minute=0, overall_per_second=0)
    assert wait(off, -1, 0.0, is_group=True) == 0


async def test_messages_edits_and_drafts_count_and_typing_does_not() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock, rates=Rates(burst=3)) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan", started=True)
        sent = await bot.send_message(lan, "a")
        await bot.edit_message_text("b", lan, sent.message_id)
        await bot.send_message_draft(lan, 1, "c")
        await bot.send_chat_action(lan, "typing")
        for call in (
            bot.send_message(lan, "d"),
            bot.edit_message_text("e", lan, sent.message_id),
            bot.send_message_draft(lan, 1, "f"),
        ):
            with pytest.raises(RetryAfter):
                await call
        assert telegram.limited == {"sendMessage": 1, "editMessageText": 1, "sendMessageDraft": 1}
        assert telegram.violations == [
            f"editMessageText: called during a wait, chat {lan}",
            f"sendMessageDraft: called during a wait, chat {lan}",
        ]
        clock.advance(4.0)
        await bot.send_message(lan, "d")
        assert [message.text for message in telegram.messages(lan)] == ["b", "d"]


async def test_a_flood_can_be_ordered(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    """It closes the chat even where no limits are on."""
    telegram.fail("sendMessage", "flood", retry_after=7)
    for seconds in (7, 14):
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(lan, "a")
        assert refused.value._retry_after.total_seconds() == seconds
    assert len(telegram.violations) == 1
    minh = telegram.people.add_user("Minh", started=True)
    await bot.send_message(minh, "a")
