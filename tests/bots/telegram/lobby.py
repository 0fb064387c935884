"""What stands behind the updates in tests: an inbox that keeps what it is given, and all that is asked, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bots.reading import Payload
from bots.telegram.addressing import Message
from bots.telegram.conversations import Conversations
from bots.telegram.events import Events
from bots.telegram.ids import Account
from bots.telegram.presses import After, Where
from bots.telegram.typed import Command
from core.errors import StoreError
from core.intake import Incoming, Receipt, Verdict

Json = dict[str, Any]
BOT, AN, GROUP = 900, 7001, -1001
NAME = "sotay_bot"
US = Account(BOT, NAME)
SENT = 1_800_000_000
FIRST_UPDATE = 500_001


async def nothing() -> None:
    """What is said is of no concern."""


@dataclass
class KeptInbox:
    """`bots.telegram.events.Accepting` in memory. `stoppable` are conversations with a question to be stopped."""

    accepted: list[Incoming] = field(default_factory=list)
    stopped: list[tuple[str, str]] = field(default_factory=list)
    stoppable: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    is_away: bool = False

    async def accept(self, message: Incoming) -> Receipt:
        self._check()
        self.accepted.append(message)
        return Receipt(Verdict.ACCEPTED, message.key)

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        self._check()
        if event in self.events:
            return None
        self.events.add(event)
        for conversation in conversations:
            self.stopped.append((conversation, person))
            if conversation in self.stoppable:
                return Receipt(Verdict.CANCELLED)
        return Receipt(Verdict.KNOWN)

    def _check(self) -> None:
        if self.is_away:
            raise StoreError("store.locked", place="test")


@dataclass
class KeptBook:
    """`bots.telegram.conversations.Book` over that inbox. Questions are accepted when they are sent."""

    inbox: KeptInbox
    ours: dict[str, str] = field(default_factory=dict)
    muted: set[str] = field(default_factory=set)

    async def conversation_of(self, surface: str, message_id: str) -> str | None:
        del surface
        return self.ours.get(message_id)

    async def conversation_with(self, key: str) -> str | None:
        return next((asked.conversation for asked in self.inbox.accepted if asked.key == key), None)

    async def recent_conversations(self, surface: str, since: datetime) -> list[tuple[str, str]]:
        newest = [a for a in reversed(self.inbox.accepted) if a.surface == surface and a.sent_at >= since]
        return list(dict.fromkeys((asked.conversation, asked.place) for asked in newest))

    async def mute(self, conversation: str, person: str, now: datetime) -> None:
        del person, now
        self.muted.add(conversation)

    async def is_muted(self, conversation: str) -> bool:
        return conversation in self.muted


@dataclass
class Lobby:
    """Events over all of it. `strangers` may not ask; `explanations` are messages that explain a vote."""

    inbox: KeptInbox = field(default_factory=KeptInbox)
    strangers: set[int] = field(default_factory=set)
    turned_away: list[Message] = field(default_factory=list)
    commands: list[tuple[Command, Message]] = field(default_factory=list)
    queries: list[tuple[Payload, int]] = field(default_factory=list)
    reactions: list[tuple[Payload, int]] = field(default_factory=list)
    explanations: set[int | None] = field(default_factory=set)
    moved: list[tuple[int, int]] = field(default_factory=list)
    said: list[tuple[Where, str]] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    seen: set[object] = field(default_factory=set)
    updates: int = FIRST_UPDATE - 1

    def __post_init__(self) -> None:
        self.book = KeptBook(self.inbox)
        self.conversations = Conversations(self.book)
        self.events = Events(
            account=US,
            inbox=self.inbox,
            conversations=self.conversations,
            door=Door(self),
            commands=Hall(self),
            pressed=Buttons(self),
            react=self._react,
            explained=self._explained,
            moved=self._moved,
            canonical=self._canonical,
            telling=Voice(self),
            is_first=self._is_first,
        )

    async def deliver(self, update_id: int | None = None, **body: object) -> After | None:
        """One update, as `message=...`; what is to be done after it."""
        self.updates += 1
        return await self.events.take({"update_id": update_id or self.updates} | body)

    async def tell(self, **body: object) -> list[str]:
        """The same, and what is said then."""
        before = len(self.said)
        after = await self.deliver(**body)  # type: ignore[arg-type]
        if after is not None:
            await after()
        return [text for _, text in self.said[before:]]

    async def _react(self, reaction: Payload, update_id: int) -> After | None:
        self.reactions.append((reaction, update_id))
        return None

    async def _explained(self, told: Payload, message: Message) -> After | None:
        assert told["message_id"] == message.spot.message
        return nothing if message.reply_to in self.explanations else None

    async def _moved(self, old: int, new: int) -> None:
        self.moved.append((old, new))

    async def _canonical(self, alias: str) -> str:
        return self.aliases.get(alias, alias)

    def _is_first(self, what: object) -> bool:
        is_new = what not in self.seen
        self.seen.add(what)
        return is_new


@dataclass
class Door:
    """`bots.telegram.events.Door`."""

    lobby: Lobby

    async def admits(self, chat: int, user: int) -> bool:
        return self.lobby.strangers.isdisjoint({chat, user})

    def turned_away(self, message: Message) -> After | None:
        self.lobby.turned_away.append(message)
        return nothing


@dataclass
class Hall:
    """`bots.telegram.events.Commands`."""

    lobby: Lobby

    async def take(self, command: Command, message: Message) -> After | None:
        self.lobby.commands.append((command, message))
        return None


@dataclass
class Buttons:
    """`bots.telegram.events.Pressed`."""

    lobby: Lobby

    async def take(self, query: Payload, update_id: int) -> After | None:
        self.lobby.queries.append((query, update_id))
        return nothing


@dataclass
class Voice:
    """`bots.telegram.events.Telling`."""

    lobby: Lobby

    async def language(self, user: int, language_code: str = "", fallback: str | None = None) -> str:
        del user, fallback
        return language_code or "vi"

    async def say(self, where: Where, text: str) -> object:
        self.lobby.said.append((where, text))
        return None


def private(text: str = "nghỉ phép mấy ngày?", message: int = 15, sent: int = SENT, **fields: object) -> Json:
    """A message to us in private."""
    told: Json = {
        "message_id": message,
        "date": sent,
        "chat": {"id": AN, "type": "private", "first_name": "An"},
        "from": {"id": AN, "is_bot": False, "first_name": "An", "language_code": "vi"},
    }
    return told | ({"text": text} if text else {}) | fields


def in_group(text: str = f"@{NAME} nghỉ phép mấy ngày?", message: int = 15, **fields: object) -> Json:
    """A message in a supergroup; a mention of us at its beginning is one."""
    told = private(text, message) | {"chat": {"id": GROUP, "type": "supergroup", "title": "Nhân sự"}}
    if text.startswith(f"@{NAME}"):
        told["entities"] = [{"type": "mention", "offset": 0, "length": len(NAME) + 1}]
    return told | fields


def command(text: str, told: Json | None = None, **fields: object) -> Json:
    """A message that opens with a command."""
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return (told or private()) | {"text": text, "entities": [entity]} | fields


def replying(message: int, author: int = BOT) -> Json:
    """The field of a message that replies to another one."""
    writer = {"id": author, "is_bot": author == BOT, "first_name": "?"}
    return {"reply_to_message": {"message_id": message, "date": SENT, "from": writer}}


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(SENT + seconds, UTC)
