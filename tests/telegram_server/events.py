"""What the bot hears of, and of what it is told nothing."""

from tests.telegram_server.entities import cut_out
from tests.telegram_server.messages import Message
from tests.telegram_server.places import PRESENT, RULING, Chat, Status, User
from tests.telegram_server.refusals import Json
from tests.telegram_server.world import World

SERVICE = {"new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id", "new_chat_title"}
SERVICE |= {"forum_topic_created", "group_chat_created", "supergroup_chat_created", "pinned_message"}


def said(world: World, message: Message, kind: str = "message") -> None:
    """A message of somebody's; `kind` is `message` or `edited_message`, for channels `channel_post` and so on."""
    chat = world.chats[message.chat]
    if hears(world, chat, message):
        named = kind.replace("message", "channel_post") if chat.kind == "channel" else kind
        world.feed(named, world.json_of(message))


def hears(world: World, chat: Chat, message: Message) -> bool:
    """Never its own messages nor other bots'; in groups with privacy mode on, only what is meant for it."""
    bot = world.bot
    is_bots = (message.sender or {}).get("is_bot") and "sender_chat" not in message.beside
    if bot.id not in chat.present() or is_bots:
        return False
    if not chat.is_group or chat.reads_all or chat.status(bot.id) in RULING:
        return True
    return bool(SERVICE & message.beside.keys()) or is_meant(world, chat, message)


def is_meant(world: World, chat: Chat, message: Message) -> bool:
    """A command that is not another bot's, a mention of the bot, or a reply to it."""
    replied = chat.messages.get(message.reply_to or 0)
    if replied and replied.sender_id == world.bot.id:
        return True
    name = f"@{world.bot.username}".lower()
    for entity in message.entities:
        part = cut_out(message.text, entity).lower()
        if entity["type"] == "mention" and part == name:
            return True
        if entity["type"] == "bot_command" and ("@" not in part or part.endswith(name)):
            return True
        if entity["type"] == "text_mention" and entity["user"]["id"] == world.bot.id:
            return True
    return False


def move(world: World, chat: Chat, user: User, status: Status, *, by: User) -> None:
    """The user's standing in the chat changes: `my_chat_member` for the bot, `chat_member` for others it rules over."""
    old = chat.member_json(user)
    chat.members[user.id] = status
    world.changed()
    is_bot = user is world.bot
    if not is_bot and chat.status(world.bot.id) not in RULING:
        return
    world.feed(
        "my_chat_member" if is_bot else "chat_member",
        {
            "chat": chat.to_json(),
            "from": by.to_json(),
            "date": world.date,
            "old_chat_member": old,
            "new_chat_member": chat.member_json(user),
        },
    )


def block(world: World, chat: Chat, *, blocked: bool) -> None:
    """A person blocks the bot in private, or takes it back."""
    user = chat.user
    assert user
    bot = world.bot
    chat.members[bot.id] = "member"
    before = chat.member_json(bot)
    chat.members[bot.id] = "kicked"
    after = chat.member_json(bot)
    chat.members[bot.id] = "kicked" if blocked else "member"
    old, new = (before, after) if blocked else (after, before)
    user.blocked = blocked
    world.changed()
    about: Json = {"chat": chat.to_json(), "from": user.to_json(), "date": world.date}
    world.feed("my_chat_member", about | {"old_chat_member": old, "new_chat_member": new})


def reacted(world: World, message: Message, user: User, old: list[str]) -> None:
    """In private always, in groups to a bot that is administrator; never of the bot's own."""
    chat = world.chats[message.chat]
    if user.is_bot or (chat.kind != "private" and chat.status(world.bot.id) not in RULING):
        return
    world.feed(
        "message_reaction",
        {
            "chat": chat.to_json(),
            "message_id": message.id,
            "user": user.to_json(),
            "date": world.date,
            "old_reaction": _reactions(old),
            "new_reaction": _reactions(message.reactions.get(user.id, [])),
        },
    )


def counted(world: World, message: Message) -> None:
    """Anonymous reactions come as counts, without anybody's name."""
    chat = world.chats[message.chat]
    if chat.status(world.bot.id) not in RULING:
        return
    counts = [
        {"type": {"type": "emoji", "emoji": emoji}, "total_count": count} for emoji, count in message.anonymous.items()
    ]
    about: Json = {"chat": chat.to_json(), "message_id": message.id, "date": world.date}
    world.feed("message_reaction_count", about | {"reactions": counts})


def _reactions(emoji: list[str]) -> list[Json]:
    return [{"type": "emoji", "emoji": each} for each in emoji]


def is_present(chat: Chat, user: int) -> bool:
    return chat.status(user) in PRESENT
