"""`getUpdates`: what a bot hears, keeps, loses, and fights over."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import Conflict
from telegram.ext import CallbackQueryHandler

from tests.manual_clock import ImpatientClock, ManualClock
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server_tests.office import Heard, connected_bot, everything, polling


async def test_the_real_application_hears_and_answers(telegram: TelegramServer, lan: int) -> None:
    heard = Heard()
    async with polling(telegram, [everything(heard)]):
        telegram.people.tell(lan, "Nghỉ phép mấy ngày?")
        await telegram.until(lambda _: heard)
        message = heard[0].message
        assert message
        assert message.from_user
        assert (message.text, message.chat.id, message.from_user.language_code) == ("Nghỉ phép mấy ngày?", lan, "vi")
        await message.reply_text("Mười hai ngày.", do_quote=True)
    answer = telegram.said(lan)[0]
    assert (answer.text, answer.reply_to) == ("Mười hai ngày.", message.message_id)
    assert not telegram.unconfirmed
    assert not telegram.violations


async def test_an_offset_confirms_for_ever(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    for text in ("một", "hai", "ba"):
        telegram.people.tell(lan, text)
    first = (await bot.get_updates(limit=2))[0].update_id
    assert [update.update_id for update in await bot.get_updates()] == [first, first + 1, first + 2]
    assert [update.update_id for update in await bot.get_updates(offset=first + 2)] == [first + 2]
    assert [update.update_id for update in await bot.get_updates(offset=first)] == [first + 2]
    assert [update.body["text"] for update in telegram.unconfirmed] == ["ba"]
    assert not telegram.lost


async def test_a_negative_offset_leaves_the_last_and_loses_the_rest(
    telegram: TelegramServer, bot: Bot, lan: int
) -> None:
    for text in ("một", "hai", "ba"):
        telegram.people.tell(lan, text)
    found = await bot.get_updates(offset=-1)
    assert [update.message.text for update in found if update.message] == ["ba"]
    assert [update.body["text"] for update in telegram.lost] == ["một", "hai"]


async def test_a_poll_waits_until_somebody_writes(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(bot.get_updates(timeout=5))
        await telegram.until(lambda t: t.updates.polling)
        telegram.people.tell(lan, "có ai không")
        found = await poll
    assert found[0].message
    assert found[0].message.text == "có ai không"


async def test_a_poll_ends_empty_when_its_time_is_over() -> None:
    clock = ImpatientClock()
    async with TelegramServer(clock=clock) as telegram, connected_bot(telegram) as bot:
        assert await bot.get_updates(timeout=5) == ()
        assert await bot.get_updates(timeout=600) == ()
        assert clock.slept == [5, 50]


async def test_the_newer_of_two_pollers_throws_the_older_out(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    async with asyncio.TaskGroup() as group:
        older = group.create_task(_conflict(bot))
        await telegram.until(lambda t: t.updates.polling)
        newer = group.create_task(bot.get_updates(timeout=5))
        assert "terminated by other getUpdates request" in await older
        await telegram.until(lambda t: t.updates.polling)
        telegram.people.tell(lan, "a")
        assert len(await newer) == 1


async def test_a_poll_that_need_not_wait_leaves_the_other_in_peace(
    telegram: TelegramServer, bot: Bot, lan: int
) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(bot.get_updates(timeout=5))
        await telegram.until(lambda t: t.updates.polling)
        assert await bot.get_updates(timeout=0) == ()
        telegram.people.tell(lan, "a")
        assert len(await waiting) == 1


async def test_what_comes_between_two_runs_is_heard_by_the_second(telegram: TelegramServer, lan: int) -> None:
    first, second = Heard(), Heard()
    async with polling(telegram, [everything(first)]):
        telegram.people.tell(lan, "một")
        await telegram.until(lambda _: first)
    telegram.people.tell(lan, "hai")
    async with polling(telegram, [everything(second)]):
        await telegram.until(lambda _: second)
    assert [update.effective_message.text for update in second if update.effective_message] == ["hai"]
    assert not telegram.lost


async def _conflict(bot: Bot) -> str:
    with pytest.raises(Conflict) as refused:
        await bot.get_updates(timeout=5)
    return refused.value.message


async def test_allowed_updates_are_remembered(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    message = telegram.people.tell(lan, "a")
    telegram.moves.react(lan, lan, message, "👍")
    assert [kind for kind, _ in telegram.unheard] == ["message_reaction"]
    await bot.get_updates(allowed_updates=["message", "message_reaction"])
    await bot.get_updates()
    telegram.moves.react(lan, lan, message, "👎")
    telegram.people.edit(lan, lan, message, "b")
    assert [update.kind for update in telegram.unconfirmed] == ["message", "message_reaction"]
    await bot.get_updates(allowed_updates=[])
    telegram.people.edit(lan, lan, message, "c")
    telegram.moves.unreact(lan, lan, message)
    assert [update.kind for update in telegram.unconfirmed] == ["message", "message_reaction", "edited_message"]


async def test_updates_are_kept_for_a_day() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock, rates=Rates(on=False)) as telegram:
        lan = telegram.people.add_user("Lan")
        telegram.people.tell(lan, "hôm qua")
        clock.advance(86_000.0)
        telegram.people.tell(lan, "hôm nay")
        clock.advance(401.0)
        assert [update.body["text"] for update in telegram.unconfirmed] == ["hôm nay"]
        assert [update.fate for update in telegram.lost] == ["expired"]


async def test_dropping_what_waits_is_a_violation(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.people.tell(lan, "còn đó không?")
    await bot.delete_webhook(drop_pending_updates=True)
    assert telegram.violations == ["deleteWebhook: drop_pending_updates threw away 1 updates"]
    assert [update.fate for update in telegram.lost] == ["dropped"]
    assert await bot.get_updates() == ()


async def test_a_lost_answer_brings_the_same_update_again(telegram: TelegramServer, lan: int) -> None:
    heard = Heard()
    telegram.people.tell(lan, "a")
    telegram.fail("getUpdates", "drop_after")
    async with polling(telegram, [everything(heard)]):
        await telegram.until(lambda _: heard)
    assert [update.sent for update in telegram.updates.all] == [2]
    assert len(heard) == 1


async def test_an_update_of_any_shape_is_delivered(telegram: TelegramServer, bot: Bot) -> None:
    telegram.moves.deliver({"poll_answer": {"poll_id": "1", "option_ids": [], "option_persistent_ids": []}})
    assert (await bot.get_updates())[0].poll_answer


async def test_a_pressed_button_reaches_its_handler(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    heard = Heard()
    telegram.people.start(lan)
    keyboard = {"inline_keyboard": [[{"text": "👍", "callback_data": "up:1"}]]}
    sent = await bot.send_message(lan, "Mười hai ngày.", api_kwargs={"reply_markup": keyboard})
    async with polling(telegram, [CallbackQueryHandler(heard.take)]):
        press = telegram.people.press(lan, lan, sent.message_id, "up:1")
        await telegram.until(lambda _: heard)
        query = heard[0].callback_query
        assert query
        assert query.message
        assert (query.data, query.message.message_id) == ("up:1", sent.message_id)
        await query.answer("Cảm ơn!", show_alert=True)
    assert (press.text, press.is_alert, press.answered is not None) == ("Cảm ơn!", True, True)
