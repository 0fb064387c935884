"""What a bot hears in groups, forums and channels, and what it does not."""

import pytest
from telegram import Bot

from tests.telegram_server import LOCATION, STICKER, Impossible, TelegramServer
from tests.telegram_server_tests.office import refusal


def heard(telegram: TelegramServer) -> list[str]:
    """The texts of the messages that the bot was told of."""
    return [update.body.get("text", "") for update in telegram.unconfirmed if update.kind == "message"]


def kinds(telegram: TelegramServer) -> list[str]:
    return [update.kind for update in telegram.unconfirmed]


async def test_privacy_mode_lets_through_what_is_meant_for_the_bot(
    telegram: TelegramServer, bot: Bot, lan: int, minh: int, group: int
) -> None:
    sent = await bot.send_message(group, "Tôi đây.")
    other = telegram.people.say(minh, group, "ai cũng nói")
    telegram.people.say(lan, group, "nói với nhau", reply_to=other)
    telegram.people.say(lan, group, "/help@other_bot")
    telegram.people.say(lan, group, "@sotay_bot_khac a")
    assert heard(telegram) == []
    meant = ["@sotay_bot 1", "2 @Sotay_Bot nhé", "/hoi 3", "/hoi@sotay_bot 4"]
    for text in meant:
        telegram.people.say(lan, group, text)
    telegram.people.say(lan, group, "5", reply_to=sent.message_id)
    telegram.people.point_at(lan, group, "6")
    assert heard(telegram) == [*meant, "5", "Sổ Tay 6"]


async def test_administrators_and_bots_without_privacy_hear_everything(telegram: TelegramServer, lan: int) -> None:
    as_admin = telegram.people.add_group("Một", [lan], admin=True)
    without = telegram.people.add_group("Hai", [lan], reads_all=True)
    for group in (as_admin, without):
        telegram.people.say(lan, group, "a")
    assert heard(telegram) == ["a", "a"]


async def test_privacy_counts_from_when_the_bot_comes_in(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    telegram.settings.privacy = False
    assert (await bot.get_me()).can_read_all_group_messages
    telegram.people.say(lan, group, "vẫn không nghe")
    telegram.moves.leave(telegram.bot.id, group, by=lan)
    telegram.people.say(lan, group, "@sotay_bot đi rồi")
    telegram.moves.join(telegram.bot.id, group, by=lan)
    telegram.people.say(lan, group, "giờ thì nghe")
    assert heard(telegram)[-1] == "giờ thì nghe"
    assert "vẫn không nghe" not in heard(telegram)
    assert "@sotay_bot đi rồi" not in heard(telegram)


async def test_other_bots_are_never_heard(telegram: TelegramServer, lan: int) -> None:
    other = telegram.people.add_user("Máy", username="may_bot", is_bot=True)
    group = telegram.people.add_group("Nhóm", [lan, other], admin=True)
    telegram.people.ask(other, group, "a")
    assert heard(telegram) == []


async def test_anonymous_administrators_speak_as_the_group(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    sent = await bot.send_message(group, "a")
    telegram.moves.speak_as_group(group, "nói với nhau")
    telegram.moves.speak_as_group(group, "cảm ơn", reply_to=sent.message_id)
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.from_user
    assert update.message.sender_chat
    assert (update.message.from_user.is_bot, update.message.sender_chat.id) == (True, group)
    assert lan in telegram.world.chat(group).members


async def test_edits_are_told_and_deletions_are_not(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    message = telegram.people.tell(lan, "a")
    telegram.people.edit(lan, lan, message, "b")
    telegram.people.delete(lan, lan, message)
    first, second = await bot.get_updates()
    assert (first.message, second.message) == (first.effective_message, None)
    assert second.edited_message
    assert (second.edited_message.text, second.edited_message.edit_date is None) == ("b", False)
    assert kinds(telegram) == ["message", "edited_message"]
    with pytest.raises(Impossible):
        telegram.people.edit(lan, lan, message, "c")


async def test_replies_in_supergroups_carry_the_chain(telegram: TelegramServer, bot: Bot, lan: int, group: int) -> None:
    first = telegram.people.ask(lan, group, "một")
    sent = await bot.send_message(group, "hai", reply_to_message_id=first)
    telegram.people.say(lan, group, "ba", reply_to=sent.message_id)
    message = (await bot.get_updates())[-1].message
    assert message
    assert (message.message_thread_id, message.is_topic_message) == (first, None)
    assert message.reply_to_message
    assert message.reply_to_message.from_user == bot.bot


async def test_forums_have_topics(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    forum = telegram.people.add_group("Diễn đàn", [lan], forum=True)
    topic = telegram.people.add_topic(lan, forum, "Nghỉ phép")
    telegram.people.ask(lan, forum, "một", topic=topic)
    message = (await bot.get_updates())[-1].message
    assert message
    assert message.reply_to_message
    assert (message.message_thread_id, message.is_topic_message, message.chat.is_forum) == (topic, True, True)
    assert message.reply_to_message.forum_topic_created
    sent = await bot.send_message(forum, "hai", message_thread_id=topic)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic, True)
    replied = await bot.send_message(forum, "ba", reply_to_message_id=message.message_id)
    assert replied.message_thread_id == topic
    assert not (await bot.send_message(forum, "bốn")).is_topic_message
    for wrong in (1, 999):
        assert await refusal(bot.send_message(forum, "a", message_thread_id=wrong)) == "Message thread not found"
    with pytest.raises(Impossible):
        telegram.people.add_topic(lan, telegram.people.add_group("Nhóm", [lan]), "a")


async def test_supergroups_count_their_messages_each_for_itself(telegram: TelegramServer, lan: int) -> None:
    one, two = (telegram.people.add_group(name, [lan], supergroup=True) for name in ("một", "hai"))
    assert [telegram.people.say(lan, chat, "a") for chat in (one, two, one)] == [2, 2, 3]
    telegram.people.delete(lan, one, 3)
    assert telegram.people.say(lan, one, "a") == 4
    assert telegram.people.tell(lan, "a") != telegram.people.say(lan, telegram.people.add_group("ba", [lan]), "a")


async def test_channel_posts_are_no_messages(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    channel = telegram.people.add_channel("Tin công ty", lan)
    telegram.people.post(channel, "Nghỉ Tết")
    (update,) = await bot.get_updates()
    assert (update.message, update.effective_user) == (None, None)
    assert update.channel_post
    assert update.channel_post.text == "Nghỉ Tết"
    await bot.send_message(channel, "a")
    telegram.moves.demote(telegram.bot.id, channel, by=lan)
    assert await refusal(bot.send_message(channel, "a")) == "Need administrator rights in the channel chat"
    unheard = telegram.people.add_channel("Kín", lan, with_bot=False)
    telegram.people.post(unheard, "a")
    assert kinds(telegram) == ["channel_post", "my_chat_member"]


async def test_messages_may_have_no_text(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    for fields in (STICKER, LOCATION):
        telegram.people.send_odd(lan, lan, fields)
    telegram.people.send_file(lan, lan, "a.ogg", b"1", kind="voice", mime_type="audio/ogg")
    sticker, location, voice = (update.message for update in await bot.get_updates())
    assert sticker
    assert location
    assert voice
    assert (bool(sticker.sticker), bool(location.location), bool(voice.voice)) == (True, True, True)
    with pytest.raises(Impossible):
        telegram.people.tell(lan, "  ")


async def test_nobody_writes_where_they_are_not(telegram: TelegramServer, lan: int, group: int) -> None:
    outside = telegram.people.add_user("Hoa")
    old = telegram.people.add_group("Nhóm", [lan])
    telegram.moves.migrate(old, by=lan)
    telegram.moves.block(lan)
    for user, chat in ((outside, group), (lan, old), (lan, lan)):
        with pytest.raises(Impossible):
            telegram.people.say(user, chat, "a")
    with pytest.raises(Impossible):
        telegram.moves.migrate(old, by=lan)
    with pytest.raises(Impossible):
        telegram.people.say(lan, group, "a", reply_to=99)
