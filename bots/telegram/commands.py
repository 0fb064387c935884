"""The commands, and what Telegram shows of them when somebody types a slash.

What a command changes is durable before its update counts as taken; what is said about it comes after.
"""

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bots.telegram.addressing import Message
from bots.telegram.admission import Door
from bots.telegram.choices import Choices
from bots.telegram.conversations import Conversations
from bots.telegram.events import Accepting, stop_newest
from bots.telegram.presses import After, under
from bots.telegram.showing import Sources
from bots.telegram.telling import Telling
from bots.telegram.typed import Command
from core.intake import Verdict
from core.texts import LANGUAGES, translate

log = logging.getLogger(__name__)

PRIVATE: Final = ("hoi", "ask", "nguon", "moi", "huy", "ngonngu", "quyen", "xoadulieu", "help", "start")
GROUP: Final = ("hoi", "ask", "nguon", "huy", "help")
COMMAND_TEXT = 256
"""Characters of a description, the most that Telegram takes."""

Take = Callable[[Command, Message], Awaitable[After | None]]


async def publish(bot: Bot, office_language: str) -> bool:
    """Tells Telegram the commands, for every kind of chat in every language; False where it did not take them.

    Who speaks another language sees them in the office's.
    """
    scopes: tuple[tuple[BotCommandScope, tuple[str, ...]], ...] = (
        (BotCommandScopeDefault(), GROUP),
        (BotCommandScopeAllPrivateChats(), PRIVATE),
        (BotCommandScopeAllGroupChats(), GROUP),
    )
    try:
        for scope, names in scopes:
            for code in ("", *LANGUAGES):
                commands = [BotCommand(name, described(code or office_language, name)) for name in names]
                await bot.set_my_commands(commands, scope=scope, language_code=code or None)
    except TelegramError as error:
        log.warning("the list of commands is not up to date: %s", error)
        return False
    return True


def described(language: str, name: str) -> str:
    """What the command does."""
    return translate(language, f"telegram.command_{name}")[:COMMAND_TEXT]


@dataclass(frozen=True, slots=True)
class Commands:
    """What is done for each command. Questions that come by `/hoi` or `/ask` are accepted as such before."""

    inbox: Accepting
    conversations: Conversations
    door: Door
    telling: Telling
    choices: Choices
    sources: Sources

    async def take(self, command: Command, message: Message) -> After | None:
        """Raises StoreError."""
        takes: Mapping[str, Take] = {
            "start": self._start,
            "help": self._help,
            "hoi": self._usage,
            "ask": self._usage,
            "nguon": self._sources,
            "moi": self._begin_anew,
            "huy": self._stop,
            "ngonngu": self._languages,
            "quyen": self._rights,
            "xoadulieu": self._forget,
        }
        return await takes.get(command.name, self._unknown)(command, message)

    async def _start(self, command: Command, message: Message) -> After | None:
        """With a code, whoever sends it; else a greeting for those who may ask, and the way in for others."""
        if command.arguments:
            return await self.door.redeem(message, command.arguments)
        return await self._greet("telegram.welcome", message)

    async def _help(self, command: Command, message: Message) -> After | None:
        del command
        return await self._greet("telegram.help", message)

    async def _greet(self, text_id: str, message: Message) -> After | None:
        if await self.door.admits(message.spot.chat, message.user or 0):
            return functools.partial(self._say, message, text_id)
        return self.door.turned_away(message)

    async def _usage(self, command: Command, message: Message) -> After | None:
        return functools.partial(self._say, message, "telegram.command_usage", command=f"/{command.name}")

    async def _sources(self, command: Command, message: Message) -> After | None:
        del command
        return await self.sources.wanted(message)

    async def _begin_anew(self, command: Command, message: Message) -> After | None:
        del command
        await self.conversations.begin_anew(message)
        text_id = "telegram.new_conversation" if message.is_private else "telegram.new_in_group"
        return functools.partial(self._say, message, text_id)

    async def _stop(self, command: Command, message: Message) -> After | None:
        del command
        person = await self.telling.person(message.user or 0)
        receipt = await stop_newest(self.inbox, self.conversations, message, person)
        if receipt is None:
            return None
        is_stopped = receipt.verdict is Verdict.CANCELLED
        return functools.partial(self._say, message, "telegram.stopped" if is_stopped else "telegram.nothing_to_stop")

    async def _languages(self, command: Command, message: Message) -> After | None:
        del command
        return functools.partial(self.choices.show_languages, message)

    async def _rights(self, command: Command, message: Message) -> After | None:
        del command
        return await self.choices.show_rights(message)

    async def _forget(self, command: Command, message: Message) -> After | None:
        del command
        return functools.partial(self.choices.ask_forgetting, message)

    async def _unknown(self, command: Command, message: Message) -> After | None:
        """In groups the command may be meant for somebody else."""
        del command
        return functools.partial(self._say, message, "telegram.unknown_command") if message.is_private else None

    async def _say(self, message: Message, text_id: str, **facts: object) -> None:
        language = await self.telling.language(message.user or 0, message.language_code)
        await self.telling.say(under(message), translate(language, text_id, **facts))
