"""Nobody waits in vain because Slack could not reach us: after every connection we look at what was said meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bots.slack.api import Refused, SlackApi, surface_error
from bots.slack.events import Events
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot
from bots.slack.missed import Missed, Place
from bots.stopping import until_stopped
from core.clock import Clock, wait_at_most
from core.errors import StoreError
from core.surfaces import MessageGone, SurfaceError, Undeliverable

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=60)
"""What is looked at once more: clocks differ, and a dead connection is noticed only after a while."""
FURTHEST = timedelta(hours=24)
"""What was said longer ago is not answered any more."""
MARK_SECONDS = 15.0
"""Seconds between two moves of the mark while all is well."""
FIRST_PAUSE, LONGEST_PAUSE = 3.0, 60.0
"""Seconds between tries while something cannot be looked at; each pause is twice the one before."""


class Mark(Protocol):
    """Up to when everything has been looked at: `core.store.marks.Marks`."""

    async def seen(self, surface: str) -> datetime | None: ...

    async def see(self, surface: str, at: datetime) -> None: ...


@dataclass(slots=True)
class CatchUp:
    """`conversations` gives the conversations of questions asked since a moment, the newest first.

    The mark moves on while the connection `is_healthy`, and else only when all since the mark has been looked at.
    """

    api: SlackApi
    events: Events
    marks: Mark
    conversations: Callable[[datetime], Awaitable[list[str]]]
    identity: Identity
    clock: Clock
    is_healthy: Callable[[], bool]
    _connected: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def connected(self) -> None:
        """Slack reaches us (again)."""
        self._connected.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Looks back after every connection, until `stopping`. What is then not looked at yet waits for the mark."""
        await until_stopped(stopping, self._follow())

    async def _follow(self) -> None:
        while True:
            if await wait_at_most(self.clock, self._connected, MARK_SECONDS):
                self._connected.clear()
                await self._look_back()
            elif self.is_healthy():
                await self._move_on()

    async def _move_on(self) -> None:
        try:
            await self.marks.see(SURFACE, self.clock.now() - OVERLAP)
        except StoreError as error:
            log.warning("the mark of what has been looked at stays where it is: %s", error)

    async def _look_back(self) -> None:
        """Everything since the mark, tried until nothing is left; then the mark stands where this began."""
        began, pause = self.clock.now(), FIRST_PAUSE
        left: list[Place] | None = None
        while True:
            try:
                since = await self._since(began)
                if left is None:
                    left = await self._places(since) if since else []
                left = [place for place in left if since and not await self._is_done(place, since)]
                if not left:
                    await self.marks.see(SURFACE, began)
                    return
            except (StoreError, SurfaceError, Refused) as error:
                log.warning("what was said meanwhile cannot be looked at yet: %s", error)
            await self.clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _since(self, now: datetime) -> datetime | None:
        """From when on to look; None where there is no mark, and nobody can have missed us."""
        seen = await self.marks.seen(SURFACE)
        return max(seen - OVERLAP, now - FURTHEST) if seen else None

    async def _places(self, since: datetime) -> list[Place]:
        """Where to look, in this order: where questions were asked lately, other channels, other direct messages."""
        lately: dict[str, set[str]] = {}
        for spot in map(Spot.of, await self.conversations(since - FURTHEST)):
            lately.setdefault(spot.channel, set()).update([spot.ts] if spot.ts else [])
        return in_order(await self._missed.places(), lately)

    async def _is_done(self, place: Place, since: datetime) -> bool:
        """Whether nothing is left to look at there. Raises StoreError."""
        try:
            await self._missed.tell(place, since, self.identity.team)
        except Refused as refusal:
            log.warning("%s cannot be looked at: %s", place.channel, refusal)
            return isinstance(surface_error(refusal), Undeliverable | MessageGone)
        except SurfaceError as error:
            log.warning("%s cannot be looked at yet: %s", place.channel, error)
            return False
        return True

    @property
    def _missed(self) -> Missed:
        return Missed(self.api, self.events, self.clock)


def in_order(places: Iterable[Place], lately: dict[str, set[str]]) -> list[Place]:
    """The places as they are looked at; `lately` names channels where questions were asked, the newest first."""
    rank = {channel: number for number, channel in enumerate(lately)}
    known = [Place(place.channel, frozenset(lately.get(place.channel, ())), place.is_direct) for place in places]
    return sorted(known, key=lambda place: (rank.get(place.channel, len(rank)), place.is_direct))
