"""Everything the server knows: one workspace with one app in it."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.clock import Clock
from tests.slack_server.app import App
from tests.slack_server.messages import TEAM, File, Message
from tests.slack_server.pings import pings_in
from tests.slack_server.places import Channel, Kind, User
from tests.slack_server.refusals import Impossible, Json, Refused


@dataclass
class Settings:
    """How this Slack behaves; may be changed while it runs. Seconds are those of the server's clock."""

    page_size: int = 100
    """The most that one page of any list holds, whatever `limit` asks for."""
    stream_seconds: float = 300.0
    status_seconds: float = 120.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    ack_seconds: float = 3.0
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    """The waits before an event is sent again."""
    streams_refused: str | None = None
    """The error of every `chat.startStream`, as `feature_disabled` or `channel_type_not_supported`."""
    sessions_refused: str | None = None
    """The same for `agents.sessions.setStatus`."""
    echo: bool = True
    """Whether the app hears of its own messages, as it does in Slack."""
    max_sockets: int = 10


@dataclass(frozen=True, slots=True)
class Status:
    """What `assistant.threads.setStatus` set, and when it goes away by itself."""

    text: str
    loading_messages: tuple[str, ...]
    until: float


@dataclass(eq=False)
class View:
    """A modal or a home tab that a user has before them."""

    id: str
    user: str
    json: Json
    hash: str
    previous: "View | None" = None


@dataclass(eq=False)
class Reply:
    """A `response_url`: `uses` are left, until `until`; it speaks of `message` when it came from a button."""

    user: str
    channel: str
    until: float
    uses: int
    message: Message | None = None


@dataclass(eq=False)
class Trigger:
    user: str
    until: float
    used: bool = False


Announce = Callable[[Json, str, Channel | None], None]
"""Takes an event, the name it is subscribed to by, and the channel it is of."""


def nobody_listens(event: Json, subscription: str, channel: Channel | None) -> None:
    del event, subscription, channel


@dataclass(eq=False)
class Workspace:
    """The state. Everything that changes it calls `changed`, which wakes who waits in `until`."""

    app: App
    clock: Clock
    settings: Settings
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    statuses: dict[tuple[str, str], Status] = field(default_factory=dict)
    sessions: dict[tuple[str, str], str] = field(default_factory=dict)
    prompts: dict[str, Json] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    pings: list[tuple[str, str, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    origin: str = ""
    """Where the server listens, as `http://127.0.0.1:1234`."""
    announce: Announce = nobody_listens
    _ims: dict[str, Channel] = field(default_factory=dict)
    _last_ts: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiters: list[asyncio.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users[self.app.bot_user] = User(self.app.bot_user, self.app.name, is_bot=True)

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

    def new_ts(self) -> str:
        """A time in microseconds that nobody had before, as Slack writes it."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now().timestamp() * 1e6))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):04d}"

    def user(self, id_: str) -> User:
        if id_ not in self.users:
            raise Impossible(f"there is no user {id_}")
        return self.users[id_]

    def open_channel(self, kind: Kind, name: str, members: Iterable[str], *, is_ext_shared: bool = False) -> Channel:
        prefix = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}[kind]
        channel = Channel(self.new_id(prefix), name, kind, list(dict.fromkeys(members)), is_ext_shared)
        self.channels[channel.id] = channel
        self.changed()
        return channel

    def im_with(self, user: str) -> Channel:
        """The direct messages of the user and the app."""
        if user not in self._ims:
            self._ims[user] = self.open_channel("im", "", (user, self.app.bot_user))
        return self._ims[user]

    def put(self, message: Message) -> None:
        """The message stands in its channel from now on."""
        self.channels[message.channel].add(message)
        self.shown(message)

    def shown(self, message: Message) -> None:
        message.show()
        self.changed()

    def heed_pings(self, message: Message, text: str, blocks: Iterable[Json], *, links_names: bool = False) -> None:
        """Notes who would be rung by what the app has just written."""
        self.pings += [(message.channel, message.ts, ping) for ping in pings_in(text, blocks, links_names=links_names)]

    def new_trigger(self, user: str) -> str:
        name = self.new_id("trigger.")
        self.triggers[name] = Trigger(user, self.clock.monotonic() + self.settings.trigger_seconds)
        return name

    def use_trigger(self, name: str) -> str:
        """Whose trigger it was. Good once, for `trigger_seconds`."""
        trigger = self.triggers.get(name)
        if not trigger:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.clock.monotonic() > trigger.until:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def new_response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        name, settings = self.new_id("R"), self.settings
        until = self.clock.monotonic() + settings.response_url_seconds
        self.replies[name] = Reply(user, channel, until, settings.response_url_uses, message)
        return f"{self.origin}/actions/{TEAM}/{name}"
