"""Who is answered: what a message in Slack is to us, decided from the message and what is known of its thread."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bots.slack.typed import addressed_first, mentions, plain
from core.folding import fold

SPOKEN = {None, "file_share", "thread_broadcast"}
"""The subtypes of messages that people write; all others are the platform's own notes."""
_MUTE = re.compile(r"(?:im lang|im di|dung tra loi nua|mute|be quiet|quiet)[.!]*")
_UNMUTE = re.compile(r"(?:noi tiep|tra loi tiep|bo im lang|unmute|speak|speak again)[.!]*")
_STOP = re.compile(r"(?:dung|dung lai|huy|thoi|stop|cancel)[.!]*")


class Call(StrEnum):
    """What a message wants of us."""

    NOTHING = "nothing"
    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    """A question, if we have answered in its thread and nobody has muted us there."""
    MUTE = "mute"
    UNMUTE = "unmute"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as an event shows it. `is_direct`: in a direct message with the bot, where all is said to it."""

    channel: str
    ts: str
    text: str
    user: str | None
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    has_files: bool = False
    is_direct: bool = False

    @property
    def root(self) -> str:
        """The message that its thread begins with; itself outside one."""
        return self.thread_ts or self.ts


def call_of(message: Message, bot_user: str) -> Call:
    """What the message wants, as far as it tells by itself."""
    if not is_from_a_person(message, bot_user):
        return Call.NOTHING
    said = plain(message.text, bot_user)
    is_mentioned = bot_user in mentions(message.text)
    if is_mentioned or message.is_direct:
        return _order(said) or _question(message, said, bot_user, is_mentioned=is_mentioned)
    if message.thread_ts is None or message.thread_ts == message.ts:
        return Call.NOTHING
    addressed = addressed_first(message.text)
    if addressed is not None or not (said or message.has_files):
        return Call.NOTHING
    return Call.STOP if _STOP.fullmatch(fold(said)) else Call.FOLLOW_UP


def is_from_a_person(message: Message, bot_user: str) -> bool:
    """Not from the platform, another bot, or ourselves: two bots would talk for ever."""
    from_somebody = message.user is not None and message.user not in {bot_user, "USLACKBOT"}
    return message.subtype in SPOKEN and message.bot_id is None and from_somebody


def _order(said: str) -> Call | None:
    folded = fold(said)
    orders = ((_MUTE, Call.MUTE), (_UNMUTE, Call.UNMUTE), (_STOP, Call.STOP))
    return next((call for pattern, call in orders if pattern.fullmatch(folded)), None)


def _question(message: Message, said: str, bot_user: str, *, is_mentioned: bool) -> Call:
    """A mention in passing, in a message that opens by addressing somebody else, is none of ours."""
    if addressed_first(message.text) not in {None, bot_user}:
        return Call.NOTHING
    return Call.QUESTION if said or message.has_files or is_mentioned else Call.NOTHING
