"""Who reads along: the members of a place and what Slack vouches for, remembered for a minute at most."""

import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bots.reading import mapping, word
from bots.slack.api import Refused, Reply, SlackApi
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, person_of, user_of
from bots.slack.threads import is_direct
from core.clock import Clock
from core.surfaces import SurfaceError

log = logging.getLogger(__name__)

FRESH_SECONDS = 60.0
"""How long an answer of Slack's about rights is believed."""
MOST_ENTRIES = 20_000
"""Users or channels that are kept in mind; of a user only a few words are."""
EVERYBODY = f"{SURFACE}:*"
"""Stands for any full member of the workspace: all of them may open a public channel."""
PAGE = 200
USERS_PAGE = 500
"""Users of one page: Slack advises 200 and takes 1,000. Twenty pages a minute must hold the whole workspace."""
MOST_SINGLY = 20
"""Users that are asked for one by one; where more are unknown, the whole list of them is read."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Remembered(Generic[_T]):
    """What was asked lately, `most` answers of it. An error is not remembered, and forgets what was known."""

    clock: Clock
    most: int = MOST_ENTRIES
    _entries: dict[str, tuple[float, _T]] = field(default_factory=dict)
    _forgotten: int = 0

    async def get(self, key: str, ask: Callable[[], Awaitable[_T]]) -> _T:
        """The answer, asked for where nothing fresh is known. What is forgotten meanwhile is not kept."""
        if not self.lacks(key):
            return self._entries[key][1]
        self._entries.pop(key, None)
        forgotten = self._forgotten
        asked_at, value = self.clock.monotonic(), await ask()
        if forgotten == self._forgotten:
            self.put(key, value, asked_at)
        return value

    def put(self, key: str, value: _T, asked_at: float) -> None:
        self._entries.pop(key, None)
        while len(self._entries) >= self.most:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = asked_at, value

    def lacks(self, key: str) -> bool:
        """Whether nothing fresh is known."""
        entry = self._entries.get(key)
        return entry is None or self.clock.monotonic() - entry[0] >= FRESH_SECONDS

    def forget(self, key: str) -> None:
        """The next question is asked anew; an answer that is under way may be old already."""
        self._forgotten += 1
        self._entries.pop(key, None)


@dataclass(slots=True)
class Audience:
    """Rights as Slack knows them. `members_group` is the group of every full member, None where there is none.

    Whatever Slack does not tell counts against the asker: a person without groups, a place with unknown readers.
    """

    api: SlackApi
    clock: Clock
    members_group: str | None
    identity: Identity
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
        is_one_of_us = user is not None and is_full_member(user, self.identity.team)
        return frozenset({self.members_group}) if is_one_of_us else frozenset()

    async def is_bot(self, user: str) -> bool:
        """Whether the user is a program; who is not known is none."""
        told = await self.user(user)
        return told is not None and bool(told.get("is_bot"))

    async def user(self, user: str) -> Reply | None:
        """What Slack knows of a user, as far as `known_of` keeps it; None where it does not tell."""
        try:
            return await self._users.get(user, functools.partial(self._ask_user, user))
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
        return known_of((await self.api.call("users.info", user=user))["user"])

    async def _ask_members(self, channel: str) -> frozenset[str]:
        """The people of a channel, bots left out."""
        pages = self.api.pages("conversations.members", "members", channel=channel, limit=PAGE)
        ids = {str(user) async for user in pages}
        if sum(map(self._users.lacks, ids)) > MOST_SINGLY:
            await self._list_users(ids)
        users = {user: await self._users.get(user, functools.partial(self._ask_user, user)) for user in ids}
        return frozenset(person_of(user) for user, told in users.items() if not told.get("is_bot"))

    async def _list_users(self, wanted: set[str]) -> None:
        """Reads the whole list of users, and keeps what it tells of those who are wanted."""
        asked_at = self.clock.monotonic()
        async for user in self.api.pages("users.list", "members", limit=USERS_PAGE):
            if user["id"] in wanted:
                self._users.put(str(user["id"]), known_of(user), asked_at)


OUTSIDE = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_app_user")
"""What Slack says of accounts that are no full members."""


def known_of(user: Reply) -> Reply:
    """Of what Slack tells of a user, all that counts here: the flags that are set, and the workspaces."""
    enterprise = mapping(user.get("enterprise_user"))
    teams = [user.get("team_id"), *(enterprise["teams"] if isinstance(enterprise.get("teams"), list) else [])]
    return {flag: True for flag in OUTSIDE if user.get(flag)} | {"teams": tuple(word(team) for team in teams)}


def is_full_member(user: Reply, team: str) -> bool:
    """Of what `known_of` keeps: a person of the workspace `team`, and no guest.

    People of other workspaces who share a channel with this one are no strangers to Slack: only their team tells.
    """
    return bool(team) and team in user["teams"] and not any(user.get(flag) for flag in OUTSIDE)
