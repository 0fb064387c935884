"""Which inline buttons people pressed, read from updates without trust, and where they are answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bots.reading import Payload, mapping, number, word
from bots.telegram.addressing import LATEST, Message
from bots.telegram.typed import whole

After = Callable[[], Awaitable[None]]
"""What is to be said once an update is durable; losing it loses nothing that counts."""
_FRACTIONS = 1_000_000


@dataclass(frozen=True, slots=True)
class Where:
    """A place for a message of ours: the chat, a topic of its forum, and the message that it replies to, if any."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A press of an inline button. `message` is ours, under which the button is; `at` orders it among other updates."""

    id: str
    chat: int
    message: int
    user: int
    data: str
    at: datetime
    thread: int | None = None
    language_code: str = ""
    is_private: bool = False

    @property
    def where(self) -> Where:
        """Under the message with the button."""
        return Where(self.chat, self.thread, self.message)


def under(message: Message) -> Where:
    """Under what somebody wrote."""
    return Where(message.spot.chat, message.topic, message.spot.message)


def press_of(query: Payload, update_id: int, now: datetime) -> Press | None:
    """The press of a button under a message of ours (`callback_query`); None for anything else."""
    message, presser = mapping(query.get("message")), mapping(query.get("from"))
    chat, user = mapping(message.get("chat")), whole(presser.get("id"))
    chat_id, message_id = whole(chat.get("id")), whole(message.get("message_id"))
    if not (word(query.get("id")) and user and chat_id and message_id):
        return None
    return Press(
        word(query.get("id")),
        chat_id,
        message_id,
        user=user,
        data=word(query.get("data")),
        at=moment(int(now.timestamp()), update_id),
        thread=topic_of(message),
        language_code=word(presser.get("language_code"))[:16],
        is_private=chat.get("type") == "private",
    )


def moment(seconds: int, update_id: int) -> datetime:
    """A time of Telegram's, which is in whole seconds; within one of them the order of the updates decides."""
    return datetime.fromtimestamp(min(seconds, LATEST), UTC) + timedelta(microseconds=update_id % _FRACTIONS)


def written_at(message: Message) -> datetime:
    """When somebody wrote or edited the message, in one order with presses and reactions."""
    seconds = message.version if message.is_edit else message.sent_at.timestamp()
    return moment(int(seconds), message.update)


def topic_of(message: Payload) -> int | None:
    """The topic of a forum; replies in other groups have such a number too, which is none."""
    return number(message.get("message_thread_id")) or None if message.get("is_topic_message") is True else None
