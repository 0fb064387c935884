"""Updates on their way to the bot: kept until they are confirmed, for a day."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from tests.telegram_server.refusals import Json, Refused, conflict
from tests.telegram_server.world import World

KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "business_connection"),
        *("business_message", "edited_business_message", "deleted_business_messages", "message_reaction"),
        *("message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query"),
        *("pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member"),
        *("chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot"),
    }
)
DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
"""What a bot hears of that has never said what it wants."""
AT_MOST = 100
FIRST_ID = 500_001
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
Fate = Literal["waiting", "confirmed", "dropped", "expired"]


@dataclass(eq=False)
class Update:
    """One update. `sent` counts how often it was handed out; `made` is on the server's clock."""

    id: int
    kind: str
    body: Json
    made: float
    sent: int = 0
    fate: Fate = "waiting"

    def to_json(self) -> Json:
        return {"update_id": self.id, self.kind: self.body}


@dataclass(eq=False)
class Poll:
    """A `getUpdates` that waits. `over` says why it must answer before its time."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    over: Refused | None = None


@dataclass(eq=False)
class Updates:
    """`all` in the order of their making; `unheard` are the kinds that the bot has not asked for."""

    world: World
    all: list[Update] = field(default_factory=list)
    unheard: list[tuple[str, Json]] = field(default_factory=list)
    allowed: frozenset[str] = DEFAULT
    _line: deque[Update] = field(default_factory=deque)
    _poll: Poll | None = None

    def add(self, kind: str, body: Json) -> None:
        if kind not in self.allowed:
            self.unheard.append((kind, body))
            return
        update = Update(FIRST_ID + len(self.all), kind, body, self.world.clock.monotonic())
        self.all.append(update)
        self._line.append(update)
        if self._poll:
            self._poll.wake.set()
        self.world.changed()

    def allow(self, kinds: list[str] | None) -> None:
        """Which kinds are kept from now on: remembered until it is said anew; an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) & KINDS or DEFAULT

    def waiting(self) -> list[Update]:
        """What nobody has confirmed; what is older than a day is gone."""
        oldest = self.world.clock.monotonic() - self.world.settings.keep_seconds
        while self._line and self._line[0].made < oldest:
            self._line.popleft().fate = "expired"
        return list(self._line)

    def confirm(self, offset: int) -> None:
        """Everything below the offset is forgotten for ever; a negative one leaves that many of the last."""
        waiting = self.waiting()
        lost = waiting[:offset] if offset < 0 else []
        for update in waiting:
            if update.id < offset:
                self.settle(update)
        self._drop(lost)

    def settle(self, update: Update) -> None:
        """The bot has it."""
        self._line.remove(update)
        update.fate = "confirmed"
        self.world.changed()

    def drop_all(self) -> None:
        self._drop(self.waiting())

    def _drop(self, updates: list[Update]) -> None:
        for update in updates:
            self._line.remove(update)
            update.fate = "dropped"
        self.world.changed()

    def take(self, limit: int) -> list[Json]:
        taken = self.waiting()[:limit]
        for update in taken:
            update.sent += 1
        if taken:
            self.world.changed()
        return [update.to_json() for update in taken]

    @property
    def polling(self) -> bool:
        return self._poll is not None

    async def poll(self, limit: int, seconds: float) -> list[Json]:
        """Up to `limit` updates, once there are any or the time is over.

        One that must wait ends the one that waited before; one that need not leaves it in peace, as in Telegram.
        """
        if seconds <= 0 or self.waiting():
            return self.take(limit)
        self.end_poll(conflict(OTHER_POLLER))
        poll = self._poll = Poll()
        self.world.changed()
        try:
            await self._wait(poll, seconds)
        finally:
            self._poll = None if self._poll is poll else self._poll
        if poll.over:
            raise poll.over
        return self.take(limit)

    async def _wait(self, poll: Poll, seconds: float) -> None:
        async with asyncio.TaskGroup() as group:
            waits = [group.create_task(poll.wake.wait()), group.create_task(self.world.clock.sleep(seconds))]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    def end_poll(self, refusal: Refused) -> None:
        if self._poll:
            self._poll.over = refusal
            self._poll.wake.set()
            self._poll = None

    def close(self) -> None:
        """Whoever waits is told that the server goes away."""
        self.end_poll(Refused(HTTPStatus.BAD_GATEWAY, "Bad Gateway"))
