"""Everything the server knows: one bot, the people and the chats around it."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.clock import Clock
from tests.telegram_server.messages import File, Message
from tests.telegram_server.places import Chat, Kind, Status, User
from tests.telegram_server.refusals import Impossible, Json


@dataclass
class Settings:
    """How this Telegram behaves; may be changed while it runs. Seconds are those of the server's clock."""

    privacy: bool = True
    """Privacy mode as BotFather sets it; it holds for the groups that the bot enters from now on."""
    callback_seconds: float = 900.0
    draft_seconds: float = 30.0
    action_seconds: float = 5.0
    file_seconds: float = 3600.0
    keep_seconds: float = 86400.0
    delete_seconds: float = 172800.0
    webhook_waits: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    """The waits before a webhook is tried again; the last one goes on."""
    drafts_refused: str | None = None
    """The error of every `sendMessageDraft`, as `TEXTDRAFT_PEER_INVALID`."""
    file_bytes: int = 20 * 2**20
    upload_bytes: int = 50 * 2**20


@dataclass(eq=False)
class Draft:
    """What `sendMessageDraft` shows to one person. `shown` is every text so far, `until` when it goes away."""

    id: int
    chat: int
    thread: int | None
    shown: list[str]
    until: float

    @property
    def text(self) -> str:
        return self.shown[-1]


@dataclass(eq=False)
class Press:
    """One press of a button, and what the bot answered; `answered` on the server's clock."""

    id: str
    user: int
    chat: int
    message: int
    data: str
    until: float
    answered: float | None = None
    text: str = ""
    is_alert: bool = False
    url: str = ""


Feed = Callable[[str, Json], None]
"""Takes the kind of an update, as `message`, and its body."""


def nobody_listens(kind: str, body: Json) -> None:
    del kind, body


@dataclass(eq=False)
class World:
    """The state. Everything that changes it calls `changed`, which wakes who waits in `until`."""

    bot: User
    clock: Clock
    settings: Settings
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    drafts: dict[tuple[int, int | None], list[Draft]] = field(default_factory=dict)
    """By chat and topic, the last one last."""
    actions: dict[tuple[int, int | None], tuple[str, float]] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    profile: dict[tuple[str, str], str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    deleted: list[Message] = field(default_factory=list)
    feed: Feed = nobody_listens
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiters: list[asyncio.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users[self.bot.id] = self.bot

    def changed(self) -> None:
        for waiter in self._waiters:
            waiter.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Returns once the condition holds; it is looked at again after every change."""
        if condition():
            return
        waiter = asyncio.Event()
        self._waiters.append(waiter)
        try:
            while not condition():
                await waiter.wait()
                waiter.clear()
        finally:
            self._waiters.remove(waiter)

    @property
    def date(self) -> int:
        """Now, in whole seconds, as messages are dated."""
        return int(self.clock.now().timestamp())

    def new_number(self) -> int:
        return next(self._numbers)

    def new_message_id(self, chat: Chat) -> int:
        """Never used before; the first one of a supergroup is taken by its creation."""
        if not chat.has_own_ids:
            return next(self._message_ids)
        chat.last_id += 1
        return chat.last_id

    def user(self, id_: int) -> User:
        if id_ not in self.users:
            raise Impossible(f"there is no user {id_}")
        return self.users[id_]

    def chat(self, id_: int) -> Chat:
        if id_ not in self.chats:
            raise Impossible(f"there is no chat {id_}")
        return self.chats[id_]

    def open_chat(self, id_: int, kind: Kind, title: str, members: dict[int, Status]) -> Chat:
        chat = Chat(id_, kind, title, members=members, reads_all=not self.settings.privacy)
        self.chats[id_] = chat
        self.changed()
        return chat

    def open_private(self, user: User) -> Chat:
        chat = Chat(user.id, "private", user=user, members={user.id: "member", self.bot.id: "member"})
        self.chats[user.id] = chat
        return chat

    def put(self, message: Message) -> None:
        """The message stands in its chat from now on."""
        self.chats[message.chat].messages[message.id] = message
        message.sent_at = self.clock.monotonic()
        self.shown(message)

    def shown(self, message: Message) -> None:
        message.show()
        self.changed()

    def json_of(self, message: Message) -> Json:
        chat = self.chats[message.chat]
        return message.to_json(chat.to_json(), chat.messages.get(message.reply_to or 0))

    def thread_of(self, chat: Chat, reply_to: int | None, topic: int | None) -> tuple[int | None, bool]:
        """The `message_thread_id` of a message, and whether it is of a topic.

        In a supergroup without topics, a reply carries the id of the message that its chain began with; in a forum
        it goes where the other message is.
        """
        replied = chat.messages.get(reply_to or 0)
        if chat.is_forum:
            topic = topic or (replied.thread if replied else None)
            return topic, topic is not None
        if chat.kind != "supergroup" or not replied:
            return topic, False
        return replied.thread or replied.id, False

    def end_draft(self, chat: int, thread: int | None) -> None:
        """What was shown there goes away."""
        for draft in self.drafts.get((chat, thread), ())[-1:]:
            draft.until = min(draft.until, self.clock.monotonic())

    def new_file(self, data: bytes, name: str, mime_type: str, size: int | None = None) -> File:
        """A file to be fetched. `size` may say more than there is, for files that are too big."""
        number = self.new_number()
        file = File(f"file-{number}", f"unique-{number}", data, name, mime_type, len(data) if size is None else size)
        self.files[file.id] = file
        return file

    def find_chat(self, username: str) -> Chat | None:
        """By its name without `@`; users are not found that way by bots."""
        wanted = username.lower()
        return next((chat for chat in self.chats.values() if (chat.username or "").lower() == wanted), None)

    def admins(self, chat: Chat) -> Iterable[User]:
        return (self.users[user] for user, status in chat.members.items() if status in {"creator", "administrator"})
