"""Who comes, goes, rules and reacts, and what the bot is told of it."""

import pytest
from telegram import Bot, Update
from telegram.constants import ChatMemberStatus

from tests.telegram_server import Impossible, TelegramServer
from tests.telegram_server_tests.office import refusal

EVERYTHING = Update.ALL_TYPES


def kinds(telegram: TelegramServer) -> list[str]:
    return [update.kind for update in telegram.unconfirmed]


async def test_reactions_are_heard_in_private_and_by_administrators(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    await bot.get_updates(allowed_updates=EVERYTHING)
    sent, there = await bot.send_message(lan, "a"), await bot.send_message(group, "a")
    telegram.moves.react(lan, group, there.message_id, "👍")
    assert kinds(telegram) == []
    telegram.moves.promote(telegram.bot.id, group, by=lan)
    telegram.moves.react(lan, group, there.message_id, "👎")
    telegram.moves.react(lan, lan, sent.message_id, "👍")
    telegram.moves.unreact(lan, lan, sent.message_id)
    telegram.moves.react_anonymously(group, there.message_id, "👍")
    updates = (await bot.get_updates())[1:]
    reactions = [update.message_reaction for update in updates if update.message_reaction]
    assert [len(reaction.new_reaction) for reaction in reactions] == [1, 1, 0]
    assert [len(reaction.old_reaction) for reaction in reactions] == [1, 0, 1]
    assert reactions[2].user
    assert reactions[2].user.id == lan
    count = updates[-1].message_reaction_count
    assert count
    assert count.reactions[0].total_count == 1
    with pytest.raises(Impossible):
        telegram.moves.react(lan, lan, sent.message_id, "🧾")


async def test_the_bots_own_comings_and_goings_are_told(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    telegram.moves.block(lan)
    telegram.moves.unblock(lan)
    telegram.moves.leave(telegram.bot.id, group, by=lan)
    changes = [update.my_chat_member for update in await bot.get_updates() if update.my_chat_member]
    assert [(change.chat.id, change.old_chat_member.status, change.new_chat_member.status) for change in changes] == [
        (lan, "member", "kicked"),
        (lan, "kicked", "member"),
        (group, "member", "kicked"),
    ]
    with pytest.raises(Impossible):
        telegram.moves.leave(telegram.bot.id, group)


async def test_comings_and_goings_of_others_are_service_messages(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    await bot.get_updates(allowed_updates=EVERYTHING)
    hoa = telegram.people.add_user("Hoa")
    telegram.moves.join(hoa, group, by=lan)
    telegram.moves.leave(hoa, group)
    assert kinds(telegram) == ["message", "message"]
    telegram.moves.promote(telegram.bot.id, group, by=lan)
    telegram.moves.join(hoa, group)
    updates = await bot.get_updates()
    assert [update.chat_member is not None for update in updates] == [False, False, False, True, False]
    assert updates[-1].message
    assert [user.first_name for user in updates[-1].message.new_chat_members] == ["Hoa"]
    with pytest.raises(Impossible):
        telegram.moves.join(hoa, group)


async def test_who_is_in_a_chat_can_be_asked(
    telegram: TelegramServer, bot: Bot, lan: int, minh: int, group: int
) -> None:
    assert (await bot.get_chat(group)).title == "Phòng Nhân sự"
    assert (await bot.get_chat(lan)).username == "lan_nguyen"
    assert (await bot.get_chat_member(group, lan)).status == ChatMemberStatus.OWNER
    assert (await bot.get_chat_member(group, minh)).status == ChatMemberStatus.MEMBER
    assert await bot.get_chat_member_count(group) == 3
    outside = telegram.people.add_user("Hoa")
    assert await refusal(bot.get_chat_member(group, outside)) == "Participant_id_invalid"
    telegram.people.add_group("Nhóm", [outside])
    assert await refusal(bot.get_chat_member(group, outside)) == "Member list is inaccessible"
    telegram.moves.promote(telegram.bot.id, group, by=lan)
    assert (await bot.get_chat_member(group, outside)).status == ChatMemberStatus.LEFT
    assert {member.user.id for member in await bot.get_chat_administrators(group)} == {lan, telegram.bot.id}
    assert await refusal(bot.get_chat_administrators(lan)) == "There are no administrators in the private chat"


async def test_what_cannot_be_written_to_can_still_be_looked_at(
    telegram: TelegramServer, bot: Bot, lan: int, group: int
) -> None:
    small = telegram.people.add_group("Nhóm", [lan])
    telegram.moves.migrate(small, by=lan)
    telegram.moves.block(lan)
    telegram.moves.leave(telegram.bot.id, group)
    assert (await bot.get_chat(small)).title == "Nhóm"
    assert (await bot.get_chat(lan)).first_name == "Lan"
    assert await refusal(bot.get_chat(group)) == "Forbidden: bot is not a member of the supergroup chat"


async def test_the_bot_leaves(telegram: TelegramServer, bot: Bot, lan: int, group: int) -> None:
    await bot.leave_chat(group)
    assert kinds(telegram) == ["my_chat_member"]
    assert await refusal(bot.send_message(group, "a")) == "Forbidden: bot is not a member of the supergroup chat"
    assert await refusal(bot.leave_chat(lan)) == "Chat member status can't be changed in private chats"
