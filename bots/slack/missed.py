"""What was said in a conversation while nobody listened: read from its history, and told as if it came now."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bots.reading import Payload, mapping, word
from bots.slack.addressing import Call, call_of
from bots.slack.api import Refused, Reply, SlackApi, surface_error
from bots.slack.events import Events, message_of
from bots.slack.threads import is_direct
from core.clock import Clock
from core.surfaces import MessageGone, SurfaceBusy

PARENTS = timedelta(days=1)
"""How much older than what is looked for a thread may be, and still be looked into."""
KINDS = "public_channel,private_channel,mpim,im"
PLACES_PAGE, HISTORY_PAGE, THREAD_PAGE = 200, 200, 1_000
"""What is asked for at once: Slack's advice, and its limit, with which nearly every thread comes in one call."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or direct message, and the threads in it that are looked into however old they are."""

    channel: str
    threads: frozenset[str] = frozenset()
    is_direct: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """Calls raise `Refused`, SurfaceError other than `SurfaceBusy` (it waits), and StoreError."""

    api: SlackApi
    events: Events
    clock: Clock

    async def places(self) -> list[Place]:
        """Everywhere that we are."""
        listed = self._pages("users.conversations", "channels", types=KINDS, exclude_archived=True, limit=PLACES_PAGE)
        return [Place(channel["id"], is_direct=is_direct(channel["id"])) async for channel in listed]

    async def tell(self, place: Place, since: datetime, team: str) -> None:
        """What was said or edited there since then goes to the events, oldest first.

        What was told before is told once more, and must be known by its key.
        """
        start = since.timestamp()
        told: dict[str, Payload] = {}
        async for message in self._history(place.channel, since - PARENTS):
            told[word(message.get("ts"))] = message
        for thread in sorted(place.threads | _threads(told.values(), start)):
            try:
                async for message in self._replies(place.channel, thread):
                    told[word(message.get("ts"))] = message
            except Refused as refusal:
                if not isinstance(surface_error(refusal), MessageGone):
                    raise  # a thread whose first message was deleted is no reason to pass over the place
        said: list[Payload] = [
            {**told[ts], "channel": place.channel, "type": "message"} for ts in sorted(told, key=_seconds)
        ]
        for message in said:
            await self._tell_one(message, said, start, team)

    async def _tell_one(self, message: Payload, said: list[Payload], start: float, team: str) -> None:
        channel, ts = word(message.get("channel")), word(message.get("ts"))
        edited = word(mapping(message.get("edited")).get("ts"))
        delivery = f"catchup:{channel}:{ts}"
        if message.get("subtype") == "tombstone":
            await self._tell_change(message, team, f"{delivery}:deleted")
            return
        if _seconds(ts) > start and _was_for_us(message, said, self.events.identity.user):
            await self.events.take_message(message, team, delivery)
        if _seconds(edited) > start:
            await self._tell_change(message, team, f"{delivery}:{edited}")

    async def _tell_change(self, message: Payload, team: str, delivery: str) -> None:
        """Edited, or taken away where others had replied; how it read before, nobody knows any more."""
        change = {"type": "message", "subtype": "message_changed", "channel": message["channel"], "message": message}
        await self.events.take_message({**change, "previous_message": {"ts": message["ts"]}}, team, delivery)

    def _history(self, channel: str, oldest: datetime) -> AsyncIterator[Reply]:
        start = f"{oldest.timestamp():.6f}"
        return self._pages("conversations.history", "messages", channel=channel, oldest=start, limit=HISTORY_PAGE)

    def _replies(self, channel: str, thread: str) -> AsyncIterator[Reply]:
        """The whole thread: who spoke in it before us, and who after."""
        return self._pages("conversations.replies", "messages", channel=channel, ts=thread, limit=THREAD_PAGE)

    async def _pages(self, method: str, items: str, **arguments: object) -> AsyncIterator[Any]:
        """Every item of a listing; where too much is asked for it waits, and goes on at the same page."""
        cursor: str | None = None
        while True:
            page = await self._patiently(method, {**arguments, "cursor": cursor})
            for item in page.get(items, ()):
                yield item
            cursor = mapping(page.get("response_metadata")).get("next_cursor")
            if not cursor:
                return

    async def _patiently(self, method: str, arguments: Mapping[str, object]) -> Reply:
        while True:
            try:
                return await self.api.call_with(method, arguments)
            except SurfaceBusy as busy:
                await self.clock.sleep(busy.retry_after)


def _threads(messages: Iterable[Payload], start: float) -> set[str]:
    """The threads in which something was said since `start`, as far as their first message or a broadcast tells."""
    begun = {word(m.get("ts")) for m in messages if _seconds(word(m.get("latest_reply"))) > start}
    broadcast = {word(m.get("thread_ts")) for m in messages if _seconds(word(m.get("ts"))) > start}
    return {ts for ts in begun | broadcast if ts}


def _was_for_us(message: Payload, said: list[Payload], bot_user: str) -> bool:
    """Whether it may be told late.

    Not so what was said in a thread before we spoke there, which was between people; nor a "stop" after which its
    author went on, for it would stop what was asked since.
    """
    now = message_of(message, message)
    call = call_of(now, bot_user) if now else Call.NOTHING
    if now is None or call not in {Call.FOLLOW_UP, Call.STOP}:
        return True
    thread = [m for other in said if (m := message_of(other, other)) and m.root == now.root]
    if call is Call.STOP:
        return not any(_seconds(m.ts) > _seconds(now.ts) and m.user == now.user for m in thread)
    return any(_seconds(m.ts) < _seconds(now.ts) and m.user == bot_user for m in thread)


def _seconds(ts: str) -> float:
    return float(ts) if ts else 0.0
