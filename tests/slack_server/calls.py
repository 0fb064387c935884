"""One call of a Web API method, and what the methods ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.slack_server.messages import Message
from tests.slack_server.places import SCOPE_OF, Channel, User
from tests.slack_server.rates import Rates
from tests.slack_server.refusals import Json, Refused
from tests.slack_server.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """`given` holds the checked arguments of `method`."""

    method: str
    given: Json
    workspace: Workspace
    rates: Rates

    def need(self, *scopes: str) -> None:
        """One of the scopes, or `missing_scope`."""
        held = self.workspace.app.scopes
        if scopes and not held & set(scopes):
            raise Refused("missing_scope", needed=",".join(scopes), provided=",".join(sorted(held)))

    def channel(self, name: str = "channel", scope: str | None = None) -> Channel:
        """The conversation that an argument names; private ones are found by their members alone.

        `scope`, as `history` or `read`, is asked for with the kind of conversation before it.
        """
        channel = self.workspace.channels.get(self.given[name])
        if not channel or (channel.kind != "channel" and self.workspace.app.bot_user not in channel.members):
            raise Refused("channel_not_found")
        if scope:
            self.need(f"{SCOPE_OF[channel.kind]}:{scope}")
        return channel

    def place(self) -> Channel:
        """Where to post: a conversation that the app is in, or a user, which means the direct messages with them."""
        if self.given["channel"] in self.workspace.users:
            return self.workspace.im_with(self.given["channel"])
        channel = self.channel()
        if self.workspace.app.bot_user not in channel.members:
            raise Refused("not_in_channel")
        if channel.is_archived:
            raise Refused("is_archived")
        if channel.kind == "im" and not self.workspace.app.messages_tab:
            raise Refused("messages_tab_disabled")
        return channel

    def user(self, name: str = "user") -> User:
        user = self.workspace.users.get(self.given[name])
        if not user:
            raise Refused("user_not_found")
        return user

    def message(self, channel: Channel, name: str = "ts", error: str = "message_not_found") -> Message:
        message = channel.messages.get(self.given[name])
        if not message or message.is_tombstone:
            raise Refused(error)
        return message

    def thread(self, channel: Channel) -> str | None:
        """The thread that `thread_ts` names. A reply's ts names the thread of its parent, and is a violation."""
        ts = self.given.get("thread_ts")
        if ts is None:
            return None
        parent = channel.messages.get(ts)
        if not parent:
            raise Refused("thread_not_found")
        if parent.is_reply:
            self.workspace.violations.append(f"{self.method}: thread_ts {ts} is a reply's")
            return parent.thread_ts
        return str(ts)

    def page(self, items: Sequence[object], default: int = 100) -> tuple[slice, str]:
        """Which of the items this page holds, and the cursor of the next one; `""` for none."""
        limit = self.given.get("limit", default)
        if not 1 <= limit <= 1000:
            raise Refused("invalid_limit")
        start = self._start()
        stop = start + min(limit, self.workspace.settings.page_size)
        return slice(start, stop), f"{self.method}:{stop}=" if stop < len(items) else ""

    def _start(self) -> int:
        cursor = self.given.get("cursor", "")
        if not cursor:
            return 0
        method, _, rest = cursor.partition(":")
        if method != self.method or not rest[:-1].isdigit() or not rest.endswith("="):
            raise Refused("invalid_cursor")
        return int(rest[:-1])
