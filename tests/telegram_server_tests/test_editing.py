"""Edits, deletions, drafts, the bot's reactions, and answers to pressed buttons."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from tests.manual_clock import ManualClock
from tests.telegram_server import Impossible, Rates, TelegramServer
from tests.telegram_server_tests.office import connected_bot, posted, refusal

VOTE = InlineKeyboardMarkup(
    [[InlineKeyboardButton("👍", callback_data="up"), InlineKeyboardButton("Xem", url="https://a.vn")]]
)
SAME = "Message is not modified: specified new message content and reply markup are exactly the same"


async def test_an_edit_takes_the_keyboard_away_unless_it_is_given(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, "Đang tìm…", reply_markup=VOTE)
    await bot.edit_message_text("Mười hai ngày.", lan, sent.message_id, reply_markup=VOTE)
    message = telegram.message(lan, sent.message_id)
    assert (message.text, len(message.buttons)) == ("Mười hai ngày.", 2)
    await bot.edit_message_text("12 ngày.", lan, sent.message_id)
    assert (message.shown, message.keyboard) == (["Đang tìm…", "Mười hai ngày.", "12 ngày."], None)
    assert message.edit_date


async def test_an_edit_must_change_something(bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, "<b>12</b> ngày", "HTML", reply_markup=VOTE)
    assert (
        await refusal(
            bot.edit_message_text(" <b>12</b> ngày ", lan, sent.message_id, parse_mode="HTML", reply_markup=VOTE)
        )
    ).startswith(SAME)
    await bot.edit_message_text("12 ngày", lan, sent.message_id, reply_markup=VOTE)
    await bot.edit_message_text("12 ngày", lan, sent.message_id)
    assert (await refusal(bot.edit_message_text("12 ngày", lan, sent.message_id))).startswith(SAME)
    await bot.edit_message_reply_markup(lan, sent.message_id, reply_markup=VOTE)
    assert (await refusal(bot.edit_message_reply_markup(lan, sent.message_id, reply_markup=VOTE))).startswith(SAME)


async def test_only_its_own_messages_can_be_edited(telegram: TelegramServer, bot: Bot, lan: int, group: int) -> None:
    asked = telegram.people.ask(lan, group, "a")
    assert await refusal(bot.edit_message_text("b", group, asked)) == "Message can't be edited"
    assert await refusal(bot.edit_message_text("b", group, 999)) == "Message to edit not found"
    photo = await bot.send_photo(lan, b"1", caption="a")
    assert await refusal(bot.edit_message_text("b", lan, photo.message_id)) == "There is no text in the message to edit"
    await bot.edit_message_caption(lan, photo.message_id, caption="b")
    assert telegram.message(lan, photo.message_id).text == "b"
    sent = await bot.send_message(lan, "a")
    assert await refusal(bot.edit_message_caption(lan, sent.message_id, caption="b")) == (
        "There is no caption in the message to edit"
    )
    assert await refusal(bot.edit_message_text("a" * 4097, lan, sent.message_id)) == "Message_too_long"


async def test_the_bot_deletes_its_own_and_in_private_anything(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    asked = telegram.people.ask(lan, group, "a")
    assert await refusal(bot.delete_message(group, asked)) == "Message can't be deleted"
    told, sent = telegram.people.tell(lan, "a"), await bot.send_message(lan, "b")
    await bot.delete_messages(lan, [told, sent.message_id, 999])
    assert not telegram.messages(lan)
    assert [message.text for message in telegram.deleted] == ["a", "b"]
    assert await refusal(bot.delete_message(lan, told)) == "Message to delete not found"
    assert await refusal(bot.delete_messages(lan, list(range(101)))) == "Too many message identifiers specified"
    telegram.moves.promote(telegram.bot.id, group, by=lan)
    await bot.delete_message(group, asked)
    assert not telegram.messages(group)


async def test_messages_can_be_deleted_for_two_days() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan", started=True)
        sent = await bot.send_message(lan, "a")
        clock.advance(172_801.0)
        assert await refusal(bot.delete_message(lan, sent.message_id)) == "Message can't be deleted for everyone"


async def test_a_draft_is_shown_for_half_a_minute_or_until_its_message() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock, rates=Rates(on=False)) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan", started=True)
        await bot.send_message_draft(lan, 1, "")
        assert telegram.draft(lan) == ""
        await bot.send_message_draft(lan, 1, "Mười <b>hai</b>", parse_mode="HTML")
        clock.advance(29.0)
        assert telegram.draft(lan) == "Mười hai"
        clock.advance(1.0)
        assert telegram.draft(lan) is None
        await bot.send_message_draft(lan, 2, "Mười")
        await bot.send_message_draft(lan, 3, "Mười hai")
        assert telegram.draft(lan) == "Mười hai"
        await bot.send_message(lan, "Mười hai ngày.")
        assert telegram.draft(lan) is None
        assert [draft.shown for draft in telegram.drafts(lan)] == [["", "Mười hai"], ["Mười"], ["Mười hai"]]
        assert [message.text for message in telegram.messages(lan)] == ["Mười hai ngày."]


async def test_drafts_are_for_private_chats(telegram: TelegramServer, bot: Bot, lan: int, group: int) -> None:
    assert await refusal(bot.send_message_draft(group, 1, "a")) == "Textdraft_peer_invalid"
    assert await refusal(bot.send_message_draft(lan, 0, "a")) == "Draft identifier must be non-zero"
    assert await refusal(bot.send_message_draft(lan, 1, "a" * 4097)) == "Message_too_long"
    telegram.settings.drafts_refused = "TEXTDRAFT_PEER_INVALID"
    assert await refusal(bot.send_message_draft(lan, 1, "a")) == "Textdraft_peer_invalid"
    assert not telegram.drafts(lan)


async def test_the_bot_reacts_with_one_emoji(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    told = telegram.people.tell(lan, "a")
    await bot.set_message_reaction(lan, told, "👀")
    assert telegram.message(lan, told).reactions == {telegram.bot.id: ["👀"]}
    await bot.set_message_reaction(lan, told)
    assert not telegram.message(lan, told).reactions
    assert await refusal(bot.set_message_reaction(lan, told, "🧾")) == "Reaction_invalid"
    assert await refusal(bot.set_message_reaction(lan, told, ["👀", "👍"])) == "Reactions_too_many"
    assert await refusal(bot.set_message_reaction(lan, 999, "👀")) == "Message to react not found"
    assert not [update for update in telegram.unconfirmed if update.kind == "message_reaction"]


async def test_an_answer_to_a_press_may_come_too_late() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan", started=True)
        sent = await bot.send_message(lan, "a", reply_markup=VOTE)
        press = telegram.people.press(lan, lan, sent.message_id, "up")
        assert await refusal(bot.answer_callback_query(press.id, "a" * 201)) == "Message_too_long"
        await bot.answer_callback_query(press.id, "Cảm ơn!")
        assert (press.text, press.is_alert, press.answered) == ("Cảm ơn!", False, 0.0)
        await bot.answer_callback_query(press.id)
        assert telegram.violations == [f"answerCallbackQuery: {press.id} was answered before"]
        late = telegram.people.press(lan, lan, sent.message_id, "up")
        clock.advance(901.0)
        too_old = "Query is too old and response timeout expired or query id is invalid"
        assert await refusal(bot.answer_callback_query(late.id)) == too_old
        assert await refusal(bot.answer_callback_query("query-0")) == too_old
        assert late.answered is None


async def test_only_buttons_that_are_there_can_be_pressed(
    telegram: TelegramServer, bot: Bot, lan: int, minh: int
) -> None:
    sent = await bot.send_message(lan, "a", reply_markup=VOTE)
    for user, data in ((lan, "down"), (minh, "up")):
        with pytest.raises(Impossible):
            telegram.people.press(user, lan, sent.message_id, data)


async def test_an_edit_takes_inline_keyboards_only(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    sent = await bot.send_message(lan, "a")
    given = {"chat_id": lan, "message_id": sent.message_id, "text": "b", "reply_markup": {"force_reply": True}}
    answer = await posted(telegram, "editMessageText", given)
    assert answer["description"] == "Bad Request: inline keyboard expected"
