"""What only looks: the bot, chats, members, files; and leaving."""

from pathlib import PurePosixPath

from tests.telegram_server import events
from tests.telegram_server.calls import Call
from tests.telegram_server.places import RULING, User
from tests.telegram_server.refusals import Json, bad
from tests.telegram_server.world import World

FOLDERS = {"image": "photos", "audio": "voice", "video": "videos"}


def me(world: World) -> Json:
    return world.bot.to_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.settings.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def get_me(call: Call) -> Json:
    return me(call.world)


def get_chat(call: Call) -> Json:
    return call.chat(reads=True).in_full()


def get_chat_member(call: Call) -> Json:
    """Other people's standing is only told to bots that rule the chat, or that share a small group with them."""
    chat = call.chat(reads=True)
    user = call.user(chat)
    is_hidden = chat.kind in {"supergroup", "channel"} and chat.status(call.world.bot.id) not in RULING
    if is_hidden and user.id not in chat.members:
        raise bad("member list is inaccessible")
    return chat.member_json(user)


def get_chat_administrators(call: Call) -> list[Json]:
    chat = call.chat(reads=True)
    if not chat.is_group and chat.kind != "channel":
        raise bad("there are no administrators in the private chat")
    people: list[User] = [user for user in call.world.admins(chat) if not user.is_bot or user is call.world.bot]
    return [chat.member_json(user) for user in people]


def get_chat_member_count(call: Call) -> int:
    return len(list(call.chat(reads=True).present()))


def get_file(call: Call) -> Json:
    """A path that is good for an hour."""
    file, settings = call.world.files.get(call.given["file_id"]), call.world.settings
    if not file:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if file.size > settings.file_bytes:
        raise bad("file is too big")
    folder = FOLDERS.get(file.mime_type.partition("/")[0], "documents")
    number = file.id.removeprefix("file-")
    file.path = f"{folder}/file_{number}{PurePosixPath(file.name).suffix}"
    file.until = call.world.clock.monotonic() + settings.file_seconds
    return file.to_json() | {"file_path": file.path}


def leave_chat(call: Call) -> bool:
    chat, bot = call.chat(), call.world.bot
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    events.move(call.world, chat, bot, "left", by=bot)
    return True


def accept(call: Call) -> bool:
    """`logOut` and `close`, of which this server makes nothing."""
    del call
    return True
