"""What a bot says of itself: commands by scope and language, name, descriptions, menu button."""

import re
from collections.abc import Callable, Mapping

from tests.telegram_server.calls import Call
from tests.telegram_server.refusals import Json, bad

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION_AT_MOST, COMMANDS_AT_MOST = 256, 100
SCOPES: Mapping[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
"""The kinds of scope, and what each names besides."""
LENGTHS: Mapping[str, int] = {"name": 64, "description": 512, "short_description": 120}


def scope_key(scope: Json | None) -> str:
    """A scope as one word: `default`, `all_group_chats`, `chat:-100`, `chat_member:-100:7`."""
    scope = scope or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad("unsupported BotCommandScope type specified")
    beside = SCOPES[scope["type"]]
    if not all(name in scope for name in beside):
        raise bad("chat_id is empty")
    return ":".join([scope["type"], *(str(scope[name]) for name in beside)])


def language_of(call: Call) -> str:
    code = str(call.given.get("language_code", ""))
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def _key(call: Call) -> tuple[str, str]:
    scope = scope_key(call.given.get("scope"))
    chat = scope.split(":")[1:2]
    if chat and chat[0].lstrip("-").isdigit() and int(chat[0]) not in call.world.chats:
        raise bad("chat not found")
    return scope, language_of(call)


def set_my_commands(call: Call) -> bool:
    key, commands = _key(call), call.given["commands"]
    if len(commands) > COMMANDS_AT_MOST:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= DESCRIPTION_AT_MOST:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    call.world.commands[key] = commands
    call.world.changed()
    return True


def get_my_commands(call: Call) -> list[Json]:
    return call.world.commands.get(_key(call), [])


def delete_my_commands(call: Call) -> bool:
    call.world.commands.pop(_key(call), None)
    call.world.changed()
    return True


def setter(field: str) -> Callable[[Call], bool]:
    """The method that keeps `field` in a language; an empty text takes it back."""

    def set_it(call: Call) -> bool:
        text = call.given.get(field, "")
        if len(text) > LENGTHS[field]:
            raise bad(f"{field.replace('_', ' ')} is too long")
        call.world.profile[field, language_of(call)] = text
        call.world.changed()
        return True

    return set_it


def getter(field: str) -> Callable[[Call], Json]:
    def get_it(call: Call) -> Json:
        profile = call.world.profile
        return {field: profile.get((field, language_of(call))) or profile.get((field, ""), "")}

    return get_it


def set_chat_menu_button(call: Call) -> bool:
    call.world.profile["menu_button", ""] = str(call.given.get("menu_button", {}).get("type", "default"))
    return True


def get_chat_menu_button(call: Call) -> Json:
    return {"type": call.world.profile.get(("menu_button", ""), "default")}
