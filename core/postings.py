"""The messages of one answer: each is sent once, found again where an interrupted send left it, and changed for sure.

A send cannot be repeated safely, an edit can: so the id of a message is stored before anything else is done with it.
What was sent without a stored id, because the process died or no word came back, is looked for on the platform before
anything is sent again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from core.clock import Clock
from core.intake import Claim, Post
from core.pacing import Pacer
from core.surfaces import (
    Action,
    ChatSurface,
    Posting,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)
from core.unbroken import unbroken

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds between tries while a platform does not answer; each pause is twice the one before."""
PATIENCE = 24 * 3600.0
"""Seconds after which a message that cannot be sent is given up."""

_T = TypeVar("_T")


class Posts(Protocol):
    """Where the ids of messages are kept. Raises StoreError, and ClaimLost when the question is in other hands."""

    async def intend(self, claim: Claim, part: int) -> Post: ...

    async def posted(self, claim: Claim, part: int, message_id: str) -> bool:
        """False when the message belongs to another question or part, whose text is then written once more."""
        ...

    async def taken_away(self, claim: Claim, part: int) -> None: ...

    async def known(self, claim: Claim) -> frozenset[str]:
        """The ids of the messages in the claim's place that belong to other questions or parts, of those near it."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """A surface with what every delivery to it shares. `trace` is told what has just been done, for which question."""

    surface: ChatSurface
    pacer: Pacer
    posts: Posts
    clock: Clock
    trace: Callable[[str, str], None] = lambda _point, _question_id: None
    sending: MutableMapping[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def alone(self, place: str) -> asyncio.Lock:
        """Held from the sending of a message, or from looking for a lost one, until its id is stored.

        So nobody who looks for a lost message takes another one, just sent, for it.
        """
        lock = self.sending.get(place) or asyncio.Lock()
        return self.sending.setdefault(place, lock)


class Postings:
    """The messages of the answer to one claim. There is one writer to them at a time."""

    def __init__(self, claim: Claim, channel: Channel) -> None:
        self._claim = claim
        self._channel = channel
        self._surface = channel.surface
        self._ids = {post.part: post for post in claim.posts}
        self._others: set[str] = set()

    def id_of(self, number: int) -> str | None:
        """The id of message `number`, as far as it is known."""
        post = self._ids.get(number)
        return post.message_id if post else None

    async def message(self, number: int, send: Callable[[], Awaitable[str]]) -> str:
        """The id of message `number`: known, found on the platform, or sent now; stored before it is used."""
        post = self._ids.get(number) or await self._channel.posts.intend(self._claim, number)
        if post.message_id is not None:
            return post.message_id
        async with self._channel.alone(self._claim.place):
            message_id = await self._obtain(post, send)
        self._ids[number] = Post(number, message_id)
        self._channel.trace("post stored", self._claim.question_id)
        return message_id

    async def _obtain(self, post: Post, send: Callable[[], Awaitable[str]]) -> str:
        """Finds or sends the message, and stores its id. Another worker may have found what this one sent."""
        in_doubt = post.in_doubt
        while True:
            found = await self._find(post.part) if in_doubt else None
            message_id, is_ours = await (self._stored(post.part, found) if found else self._send(post.part, send))
            if is_ours:
                return message_id
            self._others.add(message_id)
            in_doubt = True

    async def _send(self, number: int, send: Callable[[], Awaitable[str]]) -> tuple[str, bool]:
        """Sends once. Where no word comes back, what may have been sent is looked for before it is sent again."""
        action, clock = Action.PART if number else Action.PLACEHOLDER, self._channel.clock
        pause, began = FIRST_PAUSE, clock.monotonic()
        while clock.monotonic() - began < PATIENCE:
            try:
                return await self._paced(action, lambda: unbroken(self._send_once(number, send)))
            except SurfaceSilent:
                if found := await self._find(number):
                    return await self._stored(number, found)
            await clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise Undeliverable(f"no word in {PATIENCE:.0f} s")

    async def _send_once(self, number: int, send: Callable[[], Awaitable[str]]) -> tuple[str, bool]:
        return await self._stored(number, await self.once(send))

    async def _stored(self, number: int, message_id: str) -> tuple[str, bool]:
        """The id, now stored, unless the message belongs to another answer."""
        self._channel.trace("posted", self._claim.question_id)
        return message_id, await self._channel.posts.posted(self._claim, number, message_id)

    async def _find(self, number: int) -> str | None:
        known = await self._channel.posts.known(self._claim) | self._others
        return await self.surely(Action.FIND, lambda: self._surface.find(self.posting(number), known))

    async def remove_from(self, first: int) -> None:
        """Takes away the messages from number `first` on, left over from a longer answer."""
        for number in sorted(self._ids):
            if number >= first:
                message_id = self._ids[number].message_id or await self._find_lost(number)
                if message_id is not None:
                    await self._remove(number, message_id)
                await self.forget(number)

    async def _remove(self, number: int, message_id: str) -> None:
        try:
            await self.surely(Action.REMOVE, lambda: self._surface.remove(self.posting(number), message_id))
        except Undeliverable as error:
            log.warning("message %s of %s stays where it is: %s", message_id, self._claim.question_id, error)

    async def _find_lost(self, number: int) -> str | None:
        """The message that an interrupted send left, once it is sure that it is no other's."""
        async with self._channel.alone(self._claim.place):
            while found := await self._find(number):
                if await self._channel.posts.posted(self._claim, number, found):
                    return found
                self._others.add(found)
        return None

    async def forget(self, number: int) -> None:
        await self._channel.posts.taken_away(self._claim, number)
        del self._ids[number]

    async def surely(self, action: Action, call: Callable[[], Awaitable[_T]]) -> _T:
        """What may be done twice, until it is done."""
        return await self._paced(action, lambda: self.once(call), again=(SurfaceUnavailable, SurfaceSilent))

    async def _paced(
        self,
        action: Action,
        attempt: Callable[[], Awaitable[_T]],
        again: tuple[type[SurfaceError], ...] = (SurfaceUnavailable,),
    ) -> _T:
        """What must be done, when the budget allows, and `again` after errors that say it was not."""
        place, cost, clock = self._claim.place, self._surface.cost(action, self._claim.place), self._channel.clock
        pause, began = FIRST_PAUSE, clock.monotonic()
        while clock.monotonic() - began < PATIENCE:
            wait = self._channel.pacer.must(place, cost)
            while wait > 0:
                await clock.sleep(wait)
                wait = self._channel.pacer.pause(place)  # others may have been asked to wait meanwhile
            try:
                return await attempt()
            except SurfaceBusy as busy:
                self._channel.pacer.back_off(place, busy.retry_after, everywhere=busy.everywhere)
            except again as error:
                log.info("%s of %s is tried again: %r", action, self._claim.question_id, error)
                await clock.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        raise Undeliverable(f"no success in {PATIENCE:.0f} s")

    async def once(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """One call to the platform; silence for too long is an error like others.

        Who is cancelled meanwhile waits for its end: an edit that is under way must not arrive after the next one.
        """
        return await unbroken(self._within_time(call))

    async def _within_time(self, call: Callable[[], Awaitable[_T]]) -> _T:
        try:
            async with asyncio.timeout(self._surface.rates.call_seconds):
                return await call()
        except TimeoutError as error:
            raise SurfaceSilent from error

    def posting(self, number: int) -> Posting:
        claim = self._claim
        return Posting(claim.question_id, number, claim.conversation, claim.place, claim.reply_to, claim.person)
