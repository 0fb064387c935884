"""The words by which the core and Telegram name the same things. 900 is the bot, as its token begins.

place         telegram:900:-1001               a chat
conversation  telegram:900:7001:15             in private and in groups, by its first message
              telegram:900:-1001:topic:4       a topic of a forum
key           telegram:900:-1001:17            a message
event         telegram:900:update:500001       an update
message id    -1001/18                         a message of ours
person        telegram:7001                    a user; or telegram:-1001, who writes in the name of a chat
"""

from dataclasses import dataclass, field
from typing import Self

SURFACE = "telegram"
TOPIC = "topic"


@dataclass(slots=True)
class Account:
    """Who we are. The name, without `@`, is empty until Telegram has been reached for the first time."""

    id: int
    username: str = ""

    @classmethod
    def of(cls, token: str) -> Self:
        """The account that a token is of; 0 where the token is none."""
        number = token.partition(":")[0]
        return cls(int(number) if number.isascii() and number.isdigit() else 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where for a bot: a chat, and there a message or a topic, if any."""

    bot: int
    chat: int
    message: int | None = None
    topic: int | None = field(default=None, kw_only=True)

    @classmethod
    def of(cls, name: str) -> Self:
        """The spot that a place, a conversation or a key names. Raises ValueError for what is none of these."""
        _, bot, chat, *rest = name.split(":")
        if rest[:1] == [TOPIC]:
            return cls(int(bot), int(chat), topic=int(rest[1]))
        return cls(int(bot), int(chat), int(rest[0]) if rest else None)

    @property
    def place(self) -> str:
        return f"{SURFACE}:{self.bot}:{self.chat}"

    @property
    def name(self) -> str:
        """The key of the message, and as a conversation what it begins; the conversation of the topic."""
        return f"{self.place}:{self.message}" if self.topic is None else f"{self.place}:{TOPIC}:{self.topic}"


def person_of(user: int) -> str:
    return f"{SURFACE}:{user}"


def user_of(person: str) -> int | None:
    """Telegram's id of the person; None for somebody of another surface."""
    surface, _, number = person.partition(":")
    is_ours = surface == SURFACE and number.removeprefix("-").isdecimal()
    return int(number) if is_ours else None


def message_id(chat: int, message: int) -> str:
    return f"{chat}/{message}"


def chat_and_message(name: str) -> tuple[int, int]:
    """The chat and the number that a message id is made of."""
    chat, _, message = name.partition("/")
    return int(chat), int(message)
