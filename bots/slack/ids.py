"""The words by which the core and Slack name the same things.

place         slack:T1:C1                      a channel or a direct message
conversation  slack:T1:C1:1700.1               a thread, by its first message
key           slack:T1:C1:1700.2               a message
              slack:T1:C1:1700.2:ask:U1        a message that U1 asks about (shortcut)
              slack:T1:C1:command:TRIGGER      a slash command: it has no message, and its conversation is the same
message id    C1/1700.3                        a message of ours
person        slack:U1
"""

from dataclasses import dataclass
from typing import Self

SURFACE = "slack"
COMMAND = "command"
ASK = "ask"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a workspace: a channel, and there a message, if any."""

    team: str
    channel: str
    ts: str | None = None

    @classmethod
    def of(cls, name: str) -> Self:
        """The spot that a place, a conversation or a key names."""
        _, team, channel, *rest = name.split(":")
        return cls(team, channel, rest[0] if rest and rest[0] != COMMAND else None)

    @property
    def place(self) -> str:
        return f"{SURFACE}:{self.team}:{self.channel}"

    @property
    def name(self) -> str:
        """The key of the message, or as a conversation the thread that it begins."""
        return f"{self.place}:{self.ts}"


def asker_of(key: str) -> str | None:
    """The user who asks about somebody's message by the shortcut; None for the key of a message."""
    _, _, _, *rest = key.split(":")
    return rest[2] if rest[1:2] == [ASK] else None


def person_of(user: str) -> str:
    return f"{SURFACE}:{user}"


def user_of(person: str) -> str:
    """The Slack id of a person of this surface."""
    return person.partition(":")[2]


def message_id(channel: str, ts: str) -> str:
    return f"{channel}/{ts}"


def channel_and_ts(message: str) -> tuple[str, str]:
    """The channel and the time stamp that a message id is made of."""
    channel, _, ts = message.partition("/")
    return channel, ts
