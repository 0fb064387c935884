"""Who is there, and where: users and channels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.slack_server.messages import TEAM, Message
from tests.slack_server.refusals import Json

Kind = Literal["channel", "group", "im", "mpim"]
SCOPE_OF: dict[str, str] = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
TYPE_OF: dict[str, str] = {"channel": "public_channel", "group": "private_channel", "im": "im", "mpim": "mpim"}


@dataclass(eq=False)
class User:
    """One account. Guests are `is_restricted` (some channels) or `is_ultra_restricted` (one)."""

    id: str
    name: str
    email: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    tz: str = "Asia/Ho_Chi_Minh"
    locale: str = "vi-VN"
    team: str = TEAM

    def to_json(self, *, with_email: bool, with_locale: bool = False) -> Json:
        profile = {"real_name": self.name, "display_name": self.name, "team": self.team}
        return (
            {
                "id": self.id,
                "team_id": self.team,
                "name": self.name,
                "real_name": self.name,
                "deleted": self.deleted,
                "tz": self.tz,
                "profile": profile | ({"email": self.email} if with_email and self.email else {}),
                "is_admin": False,
                "is_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": self.is_ultra_restricted,
                "is_bot": self.is_bot,
                "is_app_user": False,
                "updated": 1,
            }
            | ({"is_stranger": True} if self.is_stranger else {})
            | ({"locale": self.locale} if with_locale else {})
        )


@dataclass(eq=False)
class Channel:
    """One conversation; `messages` by their ts, oldest first."""

    id: str
    name: str
    kind: Kind
    members: list[str]
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    _threads: dict[str, list[Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        self.messages[message.ts] = message
        if message.is_reply and message.thread_ts:
            self._threads.setdefault(message.thread_ts, []).append(message)

    def remove(self, message: Message) -> None:
        del self.messages[message.ts]
        if message.is_reply and message.thread_ts:
            self._threads[message.thread_ts].remove(message)

    @property
    def subscription(self) -> str:
        """The event that messages here are."""
        return f"message.{SCOPE_OF[self.kind]}"

    def replies(self, ts: str) -> list[Message]:
        """What stands under the message, oldest first."""
        return list(self._threads.get(ts, ()))

    def top_level(self) -> Iterator[Message]:
        """What `conversations.history` shows, newest first."""
        for message in reversed(self.messages.values()):
            if not message.is_reply or message.broadcast:
                yield message

    def json_of(self, message: Message, *, with_metadata: bool = False) -> Json:
        replies = () if message.is_reply else self.replies(message.ts)
        said = message.to_json(replies, with_metadata=with_metadata)
        parent = self.messages.get(message.thread_ts or "")
        return said | ({"parent_user_id": parent.user} if message.is_reply and parent else {})

    def to_json(self, viewer: str) -> Json:
        """As `conversations.info` describes it to the user `viewer`."""
        described: Json = {"id": self.id, "created": 1, "is_archived": self.is_archived, "is_im": self.kind == "im"}
        if self.kind == "im":
            return described | {
                "user": next((m for m in self.members if m != viewer), viewer),
                "is_user_deleted": False,
            }
        return described | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_member": viewer in self.members,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_general": False,
            "context_team_id": TEAM,
            "topic": {"value": ""},
            "purpose": {"value": ""},
        }
