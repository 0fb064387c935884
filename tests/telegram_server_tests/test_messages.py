"""What the bot may send, and what becomes of it."""

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, Forbidden

from tests.telegram_server import Json, TelegramServer
from tests.telegram_server_tests.office import posted, refusal

YES = InlineKeyboardButton("Có ích", callback_data="up:1")


async def test_a_message_stands_with_its_entities(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    options = LinkPreviewOptions(is_disabled=True)
    sent = await bot.send_message(
        lan,
        " <b>12</b> ngày\n",
        ParseMode.HTML,
        link_preview_options=options,
        reply_markup=InlineKeyboardMarkup([[YES]]),
    )
    assert (sent.text, sent.chat_id, sent.from_user) == ("12 ngày", lan, bot.bot)
    assert sent.parse_entities() == {sent.entities[0]: "12"}
    message = telegram.message(lan, sent.message_id)
    assert (message.shown, message.parse_mode, message.link_preview) == (["12 ngày"], "HTML", {"is_disabled": True})
    assert [button["callback_data"] for button in message.buttons] == ["up:1"]


async def test_entities_may_be_given_instead_of_a_parse_mode(bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, "😀 đậm", entities=[MessageEntity("bold", 3, 3)])
    assert sent.parse_entities() == {sent.entities[0]: "đậm"}
    for entity in (MessageEntity("bold", 3, 9), MessageEntity("bold", 1, 2)):
        assert await refusal(bot.send_message(lan, "😀 đậm", entities=[entity])) == "Entity_bounds_invalid"
    odd = await refusal(bot.send_message(lan, "a", entities=[MessageEntity("italics", 0, 1)]))
    assert odd == "Can't parse entities: unsupported messageentity type specified"
    none = await refusal(bot.send_message(lan, "a", entities=[MessageEntity("bold", 0, 0)]))
    assert "invalid offset" in none


async def test_people_are_mentioned_by_their_accounts_when_known(bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, f'<a href="tg://user?id={lan}">Lan</a>', ParseMode.HTML)
    assert sent.entities[0].user
    assert sent.entities[0].user.id == lan
    assert not (await bot.send_message(lan, '<a href="tg://user?id=99">Ai</a>', ParseMode.HTML)).entities


@pytest.mark.parametrize(("text", "mode"), [("<b>a", "HTML"), ("a.", "MarkdownV2"), ("a_b", "Markdown")])
async def test_markup_that_is_wrong_is_refused(
    telegram: TelegramServer, bot: Bot, lan: int, text: str, mode: str
) -> None:
    assert (await refusal(bot.send_message(lan, text, mode))).startswith("Can't parse entities: ")
    assert not telegram.messages(lan)
    assert (telegram.calls[-1].error or "").startswith("Bad Request: can't parse entities: ")


async def test_texts_have_a_length_after_parsing(bot: Bot, lan: int) -> None:
    await bot.send_message(lan, f"<b>{'a' * 4096}</b>", ParseMode.HTML)
    assert await refusal(bot.send_message(lan, "a" * 4097)) == "Message is too long"
    assert await refusal(bot.send_message(lan, "😀" * 2049)) == "Message is too long"
    for empty in ("", " \n ", "<b></b>"):
        assert await refusal(bot.send_message(lan, empty, ParseMode.HTML)) == "Message text is empty"
    assert await refusal(bot.send_message(lan, "a", "XML")) == "Unsupported parse_mode"


async def test_the_bot_cannot_write_first(telegram: TelegramServer, bot: Bot, minh: int, group: int) -> None:
    assert minh in telegram.world.chat(group).members
    assert await refusal(bot.send_message(999, "a")) == "Chat not found"
    assert await refusal(bot.send_message("@nobody_here", "a")) == "Chat not found"
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(minh, "a")
    stranger = telegram.people.add_user("Khách")
    assert await refusal(bot.send_message(stranger, "a")) == "Chat not found"
    other = telegram.people.add_user("Máy", is_bot=True)
    with pytest.raises(Forbidden, match="bot can't send messages to bots"):
        await bot.send_message(other, "a")
    telegram.people.start(minh, "ma-123")
    assert [message.text for message in telegram.messages(minh)] == ["/start ma-123"]
    await bot.send_message(minh, "Chào anh Minh!")


async def test_public_chats_have_names(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    group = telegram.people.add_group("Chung", [lan], supergroup=True, username="phong_chung")
    assert (await bot.send_message("@Phong_Chung", "a")).chat_id == group


async def test_a_reply_needs_its_message_unless_told_otherwise(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    asked = telegram.people.tell(lan, "Nghỉ phép mấy ngày?")
    sent = await bot.send_message(lan, "12", reply_parameters=ReplyParameters(asked, quote="mấy ngày"))
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "Nghỉ phép mấy ngày?"
    assert (
        await refusal(bot.send_message(lan, "12", reply_parameters=ReplyParameters(asked, quote="mấy tháng")))
        == "Quote_text_invalid"
    )
    telegram.people.delete(lan, lan, asked)
    gone = ReplyParameters(asked)
    assert await refusal(bot.send_message(lan, "12", reply_parameters=gone)) == "Message to be replied not found"
    kept = ReplyParameters(asked, allow_sending_without_reply=True)
    assert not (await bot.send_message(lan, "12", reply_parameters=kept)).reply_to_message


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([[InlineKeyboardButton("a", callback_data="ủ" * 22)]], "Button_data_invalid"),
        ([[InlineKeyboardButton("a", callback_data="")]], "Button_data_invalid"),
        ([[YES] * 9], "Reply markup is too long"),
        ([[YES]] * 101, "Reply markup is too long"),
        ([[InlineKeyboardButton("", callback_data="a")]], "Inline keyboard button text is empty"),
        (
            [[InlineKeyboardButton("a")]],
            "Can't parse inline keyboard button: text buttons are unallowed in the inline keyboard",
        ),
        (
            [[InlineKeyboardButton("a", url="javascript:a")]],
            "Inline keyboard button url 'javascript:a' is invalid: unsupported url protocol",
        ),
    ],
)
async def test_keyboards_have_limits(bot: Bot, lan: int, rows: list[list[InlineKeyboardButton]], error: str) -> None:
    said = await refusal(bot.send_message(lan, "a", reply_markup=InlineKeyboardMarkup(rows)))
    assert said.lower() == error.lower()


async def test_keyboards_have_a_shape(telegram: TelegramServer, lan: int) -> None:
    for keyboard, error in (
        ([{"text": "a"}], 'can\'t parse inline keyboard: Field "inline_keyboard" must be an Array of Arrays'),
        ([[{"callback_data": "a"}]], "can't parse inline keyboard button: Can't find field \"text\""),
    ):
        given = {"chat_id": lan, "text": "a", "reply_markup": {"inline_keyboard": keyboard}}
        assert (await posted(telegram, "sendMessage", given))["description"] == f"Bad Request: {error}"
    assert not telegram.messages(lan)


async def test_keyboards_of_other_kinds_are_noted(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, "Bạn hỏi gì?", reply_markup=ForceReply(selective=True))
    message = telegram.message(lan, sent.message_id)
    assert (message.keyboard, message.markup) == (None, {"force_reply": True, "selective": True})
    odd = bot.send_message(lan, "a", api_kwargs={"reply_markup": {"buttons": []}})
    assert await refusal(odd) == "Object expected as reply markup"


async def test_an_upgraded_group_says_where_it_went(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    group = telegram.people.add_group("Nhóm", [lan])
    await bot.send_message(group, "a")
    new = telegram.moves.migrate(group, by=lan)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group, "b")
    assert moved.value.new_chat_id == new
    await bot.send_message(new, "b")
    bodies = [update.body for update in telegram.unconfirmed]
    assert [body.get("migrate_to_chat_id", body.get("migrate_from_chat_id")) for body in bodies] == [new, group]


async def test_who_was_thrown_out_or_blocked_cannot_write(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    small = telegram.people.add_group("Nhóm", [lan])
    telegram.moves.leave(telegram.bot.id, small, by=lan)
    assert await refusal(bot.send_message(small, "a")) == "Forbidden: bot was kicked from the group chat"
    telegram.moves.leave(telegram.bot.id, group)
    assert await refusal(bot.send_message(group, "a")) == "Forbidden: bot is not a member of the supergroup chat"
    telegram.moves.block(lan)
    assert await refusal(bot.send_message(lan, "a")) == "Forbidden: bot was blocked by the user"
    telegram.moves.unblock(lan)
    await bot.send_message(lan, "a")


async def test_messages_are_forwarded_and_copied(telegram: TelegramServer, bot: Bot, lan: int, group: int) -> None:
    asked = telegram.people.tell(lan, "Nghỉ phép?")
    forwarded = await bot.forward_message(group, lan, asked)
    assert forwarded.forward_origin
    copied = await bot.copy_message(group, lan, asked)
    assert [message.text for message in telegram.messages(group)] == ["Nghỉ phép?"] * 2
    assert telegram.message(group, copied.message_id).sender_id == bot.id
    assert await refusal(bot.forward_message(group, lan, 999)) == "Message to forward not found"
    assert await refusal(bot.copy_message(group, lan, 999)) == "Message to copy not found"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": "a"}, "chat_id is empty"),
        ({"chat_id": 7001}, "message text is empty"),
        ({"chat_id": 7001, "text": ["a"]}, "message text is empty"),
        ({"chat_id": 7001, "text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"chat_id": 7001, "text": "a", "reply_parameters": []}, "can't parse reply parameters JSON object"),
        ({"chat_id": "a b", "text": "a"}, "chat not found"),
        ({"chat_id": 7001, "text": "a", "message_thread_id": 5}, "message thread not found"),
        ({"chat_id": 7001, "text": "a", "message_thread_id": "x"}, "can't parse message_thread_id"),
    ],
)
async def test_what_is_missing_or_odd_is_named(telegram: TelegramServer, lan: int, given: Json, error: str) -> None:
    assert lan == 7001
    assert (await posted(telegram, "sendMessage", given))["description"] == f"Bad Request: {error}"


async def test_doing_is_shown_for_five_seconds(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    await bot.send_chat_action(lan, "typing")
    assert telegram.action(lan) == "typing"
    await bot.send_message(lan, "a")
    assert telegram.action(lan) is None
    assert await refusal(bot.send_chat_action(lan, "thinking")) == "Wrong parameter action in request"
