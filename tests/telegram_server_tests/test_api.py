"""Who may call what, how calls are read, and how they go wrong on demand."""

import aiohttp
import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat
from telegram.error import Forbidden, InvalidToken, NetworkError, TimedOut

from tests.manual_clock import ImpatientClock
from tests.telegram_server import TelegramServer
from tests.telegram_server_tests.office import connected_bot, posted, refusal


async def test_the_bot_is_told_who_it_is(telegram: TelegramServer, bot: Bot) -> None:
    assert (bot.id, bot.username, bot.first_name) == (telegram.bot.id, "sotay_bot", "Sổ Tay")


@pytest.mark.parametrize(
    ("token", "code", "description"),
    [("900001:other-token", 401, "Unauthorized"), ("no-token", 404, "Not Found")],
)
async def test_other_tokens_are_refused(telegram: TelegramServer, token: str, code: int, description: str) -> None:
    answer = await posted(telegram, "getMe", {}, token)
    assert answer == {"ok": False, "error_code": code, "description": description}
    with pytest.raises(InvalidToken):
        async with connected_bot(telegram, token):
            pass


async def test_methods_are_found_whatever_their_capitals(telegram: TelegramServer) -> None:
    assert (await posted(telegram, "GETME", {}))["result"]["is_bot"]
    assert (await posted(telegram, "sendShout", {}))["description"] == "Not Found: method not found"
    assert [called.method for called in telegram.calls] == ["getMe", "sendShout"]


async def test_arguments_come_as_json_forms_or_in_the_address(telegram: TelegramServer, lan: int) -> None:
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    given = {"chat_id": str(lan), "text": "a"}
    form = aiohttp.FormData(given, default_to_multipart=True)
    async with aiohttp.ClientSession() as session:
        for options in ({"json": given}, {"data": given}, {"data": form}, {"params": given}):
            async with session.post(url, **options) as answer:
                assert (await answer.json())["result"]["text"] == "a"
        for body in ("{", "[]"):
            async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                assert answer.status == 400
    assert len(telegram.messages(lan)) == 4


async def test_arguments_that_nobody_takes_are_violations(telegram: TelegramServer, lan: int) -> None:
    await posted(telegram, "sendMessage", {"chat_id": lan, "text": "a", "colour": "red"})
    assert telegram.violations == ["sendMessage: takes no colour"]


async def test_faults_come_once_each_and_in_order(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.fail("sendMessage", "Bad Request: not enough rights to send text messages to the chat")
    telegram.fail("sendMessage", "Forbidden: user is deactivated")
    telegram.fail("sendMessage", 502)
    assert await refusal(bot.send_message(lan, "a")) == "Not enough rights to send text messages to the chat"
    with pytest.raises(Forbidden):
        await bot.send_message(lan, "a")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(lan, "a")
    await bot.send_message(lan, "a")
    assert [called.ok for called in telegram.called("sendMessage")] == [False, False, False, True]
    telegram.fail("getMe", 500, times=3)
    telegram.api.faults.clear()
    await bot.get_me()


async def test_a_lost_answer_leaves_its_message(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.fail("sendMessage", "drop_after")
    with pytest.raises(NetworkError):
        await bot.send_message(lan, "Mười hai ngày.")
    telegram.fail("sendMessage", "drop_before")
    with pytest.raises(NetworkError):
        await bot.send_message(lan, "Mười hai ngày.")
    assert len(telegram.messages(lan)) == 1


async def test_a_hanging_call_hangs_until_the_client_gives_up(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.fail("sendMessage", "hang")
    with pytest.raises(TimedOut):
        await bot.send_message(lan, "a", read_timeout=0.05)
    assert not telegram.messages(lan)


async def test_a_slow_call_is_done_in_the_end() -> None:
    clock = ImpatientClock()
    async with TelegramServer(clock=clock) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan", started=True)
        telegram.fail("sendMessage", None, delay=3.0)
        await bot.send_message(lan, "a")
        assert (clock.slept, telegram.called("sendMessage")[0].at) == ([3.0], 3.0)


async def test_commands_stand_by_scope_and_language(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    help_ = [BotCommand("help", "Trợ giúp")]
    await bot.set_my_commands(help_)
    await bot.set_my_commands([BotCommand("help", "Help")], language_code="en")
    await bot.set_my_commands([], BotCommandScopeAllGroupChats())
    await bot.set_my_commands(help_, BotCommandScopeChat(lan))
    assert telegram.commands() == [{"command": "help", "description": "Trợ giúp"}]
    assert telegram.commands(language_code="en") == [{"command": "help", "description": "Help"}]
    assert telegram.commands(f"chat:{lan}")
    assert await bot.get_my_commands() == tuple(help_)
    await bot.delete_my_commands(language_code="en")
    assert not telegram.commands(language_code="en")
    assert await refusal(bot.set_my_commands([BotCommand("Trợ giúp", "a")])) == "Bot_command_invalid"
    assert await refusal(bot.set_my_commands([BotCommand("a", "")])) == "Bot_command_description_invalid"
    assert await refusal(bot.set_my_commands(help_, language_code="vie")) == "Invalid language code specified"
    assert await refusal(bot.set_my_commands(help_, BotCommandScopeChat(1))) == "Chat not found"
    assert await refusal(bot.set_my_commands(help_ * 101)) == "Bot_commands_too_much"


async def test_the_profile_is_kept_by_language(bot: Bot) -> None:
    await bot.set_my_description("Sổ tay nhân viên")
    await bot.set_my_short_description("Sổ tay", language_code="vi")
    await bot.set_my_name("Sổ Tay")
    assert (await bot.get_my_description(language_code="en")).description == "Sổ tay nhân viên"
    assert (await bot.get_my_short_description()).short_description == ""
    assert (await bot.get_my_short_description(language_code="vi")).short_description == "Sổ tay"
    assert (await bot.get_my_name()).name == "Sổ Tay"
    assert await refusal(bot.set_my_description("a" * 513)) == "Description is too long"
    await bot.set_chat_menu_button()
    assert (await bot.get_chat_menu_button()).type == "default"
    await bot.log_out()
    await bot.close()


async def test_waiting_in_vain_tells_what_was_called(telegram: TelegramServer, bot: Bot) -> None:
    await bot.get_me()
    with pytest.raises(TimeoutError, match="getMe"):
        await telegram.until(lambda t: t.limited, seconds=0.01)
