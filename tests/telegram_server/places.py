"""Who is there, and where: users and chats."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.telegram_server.messages import Message
from tests.telegram_server.refusals import Json

Kind = Literal["private", "group", "supergroup", "channel"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]
PRESENT: frozenset[Status] = frozenset({"creator", "administrator", "member"})
RULING: frozenset[Status] = frozenset({"creator", "administrator"})
ADMIN_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories"),
)


@dataclass(eq=False)
class User:
    """One account. `started` while the bot may write to it, `blocked` once it has blocked the bot."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    last_name: str | None = None
    started: bool = False
    blocked: bool = False

    def to_json(self) -> Json:
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        given = {name: value for name, value in optional.items() if value}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | given


@dataclass(eq=False)
class Chat:
    """One chat; `messages` by their ids, oldest first, `topics` of a forum by theirs.

    `reads_all` when the bot came in with privacy mode off. `migrated_to` once it has become a supergroup.
    """

    id: int
    kind: Kind
    title: str = ""
    user: User | None = None
    username: str | None = None
    members: dict[int, Status] = field(default_factory=dict)
    is_forum: bool = False
    reads_all: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    migrated_to: int | None = None
    last_id: int = 1

    @property
    def is_group(self) -> bool:
        return self.kind in {"group", "supergroup"}

    @property
    def has_own_ids(self) -> bool:
        """Supergroups and channels count their messages each for itself, all other chats together."""
        return self.kind in {"supergroup", "channel"}

    def status(self, user: int) -> Status:
        return self.members.get(user, "left")

    def present(self) -> Iterator[int]:
        yield from (user for user, status in self.members.items() if status in PRESENT)

    def to_json(self) -> Json:
        if self.user:
            about = self.user.to_json()
            named = {name: about[name] for name in ("first_name", "last_name", "username") if name in about}
            return {"id": self.id, "type": "private"} | named
        optional: Json = {"username": self.username, "is_forum": self.is_forum or None}
        given = {name: value for name, value in optional.items() if value}
        return {"id": self.id, "type": self.kind, "title": self.title} | given

    def in_full(self) -> Json:
        """As `getChat` describes it."""
        accepted = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        return self.to_json() | {
            "accent_color_id": self.id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(accepted, False),
        }

    def member_json(self, user: User) -> Json:
        """The user as a member of this chat."""
        status = self.status(user.id)
        rights: Json = {}
        if status == "administrator":
            rights = dict.fromkeys(ADMIN_RIGHTS, True) | {"is_anonymous": False, "can_be_edited": False}
        elif status == "creator":
            rights = {"is_anonymous": False}
        elif status == "kicked":
            rights = {"until_date": 0}
        return {"user": user.to_json(), "status": status} | rights
