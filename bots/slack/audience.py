"""Who reads along: the members of a place and what Slack vouches for, remembered for a minute at most."""

import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bots.slack.api import Refused, Reply, SlackApi
from bots.slack.ids import SURFACE, Spot, person_of, user_of
from bots.slack.threads import is_direct
from core.clock import Clock
from core.surfaces import SurfaceError

log = logging.getLogger(__name__)

FRESH_SECONDS = 60.0
"""How long an answer of Slack's about rights is believed."""
MOST_ENTRIES = 5_000
EVERYBODY = f"{SURFACE}:*"
"""Stands for any full member of the workspace: all of them may open a public channel."""
PAGE = 200
MOST_SINGLY = 20
"""Users that are asked for one by one; where more are unknown, the whole list of them is read."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Remembered(Generic[_T]):
    """What was asked lately. An error is not remembered, and forgets what was known."""

    clock: Clock
    _entries: dict[str, tuple[float, _T]] = field(default_factory=dict)

    async def get(self, key: str, ask: Callable[[], Awaitable[_T]]) -> _T:
        if not self.lacks(key):
            return self._entries[key][1]
        self._entries.pop(key, None)
        value = await ask()
        if len(self._entries) >= MOST_ENTRIES:
            self._entries.pop(next(iter(self._entries)))
        self.put(key, value)
        return value

    def put(self, key: str, value: _T) -> None:
        self._entries[key] = self.clock.monotonic(), value

    def lacks(self, key: str) -> bool:
        """Whether nothing fresh is known."""
        entry = self._entries.get(key)
        return entry is None or self.clock.monotonic() - entry[0] >= FRESH_SECONDS

    def forget(self, key: str) -> None:
        """The next question is asked anew."""
        self._entries.pop(key, None)


@dataclass(slots=True)
class Audience:
    """Rights as Slack knows them. `members_group` is the group of every full member, None where there is none.

    Whatever Slack does not tell counts against the asker: a person without groups, a place with unknown readers.
    """

    api: SlackApi
    clock: Clock
    members_group: str | None
    _channels: Remembered[Reply] = field(init=False)
    _members: Remembered[frozenset[str]] = field(init=False)
    _users: Remembered[Reply] = field(init=False)

    def __post_init__(self) -> None:
        self._channels, self._members = Remembered(self.clock), Remembered(self.clock)
        self._users = Remembered(self.clock)

    async def readers(self, place: str) -> frozenset[str] | None:
        """The people who read there: nobody else in a direct message; None where outsiders or strangers do."""
        channel = Spot.of(place).channel
        if is_direct(channel):
            return frozenset()
        try:
            told = await self._channels.get(channel, lambda: self._ask_channel(channel))
            if told.get("is_ext_shared") or told.get("is_pending_ext_shared") or told.get("is_org_shared"):
                return None
            members = await self._members.get(channel, lambda: self._ask_members(channel))
        except (Refused, SurfaceError) as error:
            log.warning("the readers of %s are not known: %s", place, error)
            return None
        return members if told.get("is_private") or told.get("is_mpim") else members | {EVERYBODY}

    async def groups(self, person: str) -> frozenset[str]:
        """The group of full members, for those who are; none for guests, outsiders, bots and who has left."""
        if self.members_group is None or not person.startswith(f"{SURFACE}:"):
            return frozenset()
        if person == EVERYBODY:
            return frozenset({self.members_group})
        user = await self.user(user_of(person))
        return frozenset({self.members_group}) if user is not None and is_full_member(user) else frozenset()

    async def is_bot(self, user: str) -> bool:
        """Whether the user is a program; who is not known is none."""
        told = await self.user(user)
        return told is not None and bool(told.get("is_bot"))

    async def user(self, user: str) -> Reply | None:
        """What Slack knows of a user; None where it does not tell."""
        try:
            return await self._users.get(user, lambda: self._ask_user(user))
        except (Refused, SurfaceError) as error:
            log.warning("user %s is not known: %s", user, error)
            return None

    def changed(self, channel: str) -> None:
        """People came or went, or the channel was shared: what was known of it is not believed any more."""
        self._channels.forget(channel)
        self._members.forget(channel)

    async def _ask_channel(self, channel: str) -> Reply:
        return dict((await self.api.call("conversations.info", channel=channel))["channel"])

    async def _ask_user(self, user: str) -> Reply:
        return dict((await self.api.call("users.info", user=user))["user"])

    async def _ask_members(self, channel: str) -> frozenset[str]:
        """The people of a channel, bots left out."""
        pages = self.api.pages("conversations.members", "members", channel=channel, limit=PAGE)
        ids = [str(user) async for user in pages]
        if sum(map(self._users.lacks, ids)) > MOST_SINGLY:
            async for user in self.api.pages("users.list", "members", limit=PAGE):
                self._users.put(str(user["id"]), user)
        users = {user: await self._users.get(user, functools.partial(self._ask_user, user)) for user in ids}
        return frozenset(person_of(user) for user, told in users.items() if not told.get("is_bot"))


def is_full_member(user: Reply) -> bool:
    """A person of this workspace, and no guest; what Slack leaves unsaid of a guest or stranger counts as no."""
    outside = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_app_user")
    return not any(user.get(flag) for flag in outside)
