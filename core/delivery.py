"""One answer on its way to the people: placeholder, previews, the final text in as many parts as it takes.

There is one `Delivery` for an answer, and it alone writes to the answer's messages. A send cannot be repeated safely,
an edit can: so every message starts empty, its id is stored, and only then does it get its text. What was sent without
a stored id, because the process died or no word came back, is looked for on the platform before anything is sent again.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from core.clock import Clock, wait_at_most
from core.conversation import Answer
from core.intake import Claim, Notice, Post
from core.pacing import Pacer
from core.surfaces import (
    Action,
    ChatSurface,
    MarkupRefused,
    MessageGone,
    Part,
    Posting,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)
from core.texts import translate
from core.unbroken import unbroken

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds between tries while a platform does not answer; each pause is twice the one before."""
PATIENCE = 24 * 3600.0
"""Seconds after which a message that cannot be sent is given up."""
ANNOUNCE_AGAIN = 60.0
"""Seconds after which what was announced is said again: Slack's status line fades after two minutes."""
REPOSTS = 5
"""Times that a message is sent, when somebody takes it away before it has its text, until it is given up."""

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


class Delivery:
    """The messages of one answer. `language` is that of the question, for the sentences between."""

    def __init__(self, claim: Claim, channel: Channel, language: str) -> None:
        self._claim = claim
        self._channel = channel
        self._surface = channel.surface
        self._language = language
        self._ids = {post.part: post for post in claim.posts}
        self._others: set[str] = set()
        self._text = ""
        self._status = self._say("inbox.searching")
        self._announced = ""
        self._content: Answer | Notice | None = None
        self._news = asyncio.Event()
        self._settled = asyncio.Event()

    def show(self, text: str) -> None:
        """The text so far. Of several that come faster than the platform bears, the last one is shown."""
        self._text = text
        self._news.set()

    def tell_status(self, text: str) -> None:
        """What is being done, until there is text to show."""
        self._status = text
        self._news.set()

    def settle(self, content: Answer | Notice | None) -> None:
        """What is to stand there in the end; None takes away what was posted."""
        self._content = content
        self._settled.set()
        self._news.set()

    async def run(self) -> None:
        """Writes until what was settled stands there whole. Raises `Undeliverable`, StoreError and ClaimLost."""
        try:
            if not self._settled.is_set():
                await self._begin()
                await self._preview()
            await self._conclude()
        finally:
            await self._take_back()

    async def _conclude(self) -> None:
        match self._content:
            case Answer() as answer:
                await self._answer(answer)
            case Notice(message_id, facts):
                await self._fail(self._say(message_id, **facts))
            case _:
                await self._remove_from(0)

    async def tell(self, text: str) -> None:
        """Says that the question waits: in a new placeholder, or in the one there is if the platform bears it now."""
        post = self._ids.get(0)
        if post is None or post.message_id is None:
            await self._open(text)
        elif not self._channel.pacer.preview(self._claim.place, self._surface.cost(Action.EDIT)):
            await self._try_edit(post.message_id, text)

    async def _begin(self) -> None:
        """Shows that the question is worked on: by a status line where there is one, else by a placeholder."""
        if self._message_id is not None or not await self._announce(self._status):
            await self._open(self._status)

    async def _announce(self, text: str) -> bool:
        """One try; whether it was heard."""
        self._announced = text
        try:
            is_heard = await self._call(lambda: self._surface.announce(self._posting(0), text))
        except SurfaceError as error:
            log.debug("the status of %s was not shown: %r", self._claim.question_id, error)
            is_heard = False
        self._announced = text if is_heard else ""
        return is_heard

    async def _take_back(self) -> None:
        """Nothing is announced any more that nobody works on."""
        if self._announced and self._message_id is None:
            await self._announce("")

    @property
    def _message_id(self) -> str | None:
        post = self._ids.get(0)
        return post.message_id if post else None

    async def _open(self, text: str) -> str:
        """The id of the placeholder, sent now with `text` where there is none."""
        posting = self._posting(0)
        return await self._message(0, lambda: self._surface.post_placeholder(posting, text))

    async def _preview(self) -> None:
        """Shows the text so far until it is settled."""
        cost = self._surface.cost(Action.EDIT)
        while not self._settled.is_set():
            if wait := self._channel.pacer.preview(self._claim.place, cost) if self._text else 0.0:
                await wait_at_most(self._channel.clock, self._settled, wait)
                continue
            self._news.clear()
            await self._show()
            if self._message_id is not None:
                await self._news.wait()
            elif not await wait_at_most(self._channel.clock, self._news, ANNOUNCE_AGAIN):
                self._announced = ""

    async def _show(self) -> None:
        """What is new: text into its message, sent now where there is none; before there is text, the status."""
        if self._text and self._message_id is None:
            posting, text = self._posting(0), self._text
            await self._message(0, lambda: self._surface.open_answer(posting, text))
        elif self._text and self._message_id is not None:
            await self._try_edit(self._message_id, self._text)
        elif self._message_id is None and self._announced != self._status:
            await self._announce(self._status)

    async def _try_edit(self, message_id: str, text: str) -> None:
        """One try: a preview that does not get through is dropped."""
        try:
            await self._call(lambda: self._surface.edit(self._posting(0), message_id, text))
        except SurfaceBusy as busy:
            self._channel.pacer.back_off(self._claim.place, busy.retry_after, everywhere=busy.everywhere)
        except SurfaceError as error:
            log.debug("a preview of %s was dropped: %r", self._claim.question_id, error)

    async def _answer(self, answer: Answer) -> None:
        parts = self._surface.render(answer)
        if not parts:
            raise ValueError(f"{self._surface.name} shows nothing of {answer.id}")
        for number, part in enumerate(parts):
            write = functools.partial(self._finish, answer, number, part)
            await self._write(number, Action.FINISH, part.plain, write)
        await self._remove_from(len(parts))

    async def _finish(self, answer: Answer, number: int, part: Part, message_id: str) -> None:
        try:
            await self._surface.finish(self._posting(number), message_id, answer, part)
        except MarkupRefused:
            log.warning("the platform refused the markup of %s: sent as plain text", self._claim.question_id)
            plain = Part(part.plain, part.plain, is_refused=True)
            await self._surface.finish(self._posting(number), message_id, answer, plain)

    async def _fail(self, text: str) -> None:
        posting = self._posting(0)
        await self._write(0, Action.FAIL, text, lambda message_id: self._surface.fail(posting, message_id, text))
        await self._remove_from(1)

    async def _write(self, number: int, action: Action, text: str, write: Callable[[str], Awaitable[None]]) -> None:
        """The last text into message `number`, which is sent, as plain `text`, where there is none (any more)."""
        for _ in range(REPOSTS):
            message_id = await self._part(number, text)
            try:
                await self._surely(action, functools.partial(write, message_id))
            except MessageGone:
                await self._forget(number)
            else:
                self._channel.trace("shown", self._claim.question_id)
                return
        raise Undeliverable(f"taken away {REPOSTS} times")

    async def _part(self, number: int, text: str) -> str:
        return await self._message(number, lambda: self._surface.post_part(self._posting(number), text))

    async def _message(self, number: int, send: Callable[[], Awaitable[str]]) -> str:
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
        return await self._stored(number, await self._call(send))

    async def _stored(self, number: int, message_id: str) -> tuple[str, bool]:
        """The id, now stored, unless the message belongs to another answer."""
        self._channel.trace("posted", self._claim.question_id)
        return message_id, await self._channel.posts.posted(self._claim, number, message_id)

    async def _find(self, number: int) -> str | None:
        known = await self._channel.posts.known(self._claim) | self._others
        return await self._surely(Action.FIND, lambda: self._surface.find(self._posting(number), known))

    async def _remove_from(self, first: int) -> None:
        """Takes away the messages from number `first` on, left over from a longer answer."""
        for number in sorted(self._ids):
            if number >= first:
                message_id = self._ids[number].message_id or await self._find_lost(number)
                if message_id is not None:
                    await self._remove(number, message_id)
                await self._forget(number)

    async def _remove(self, number: int, message_id: str) -> None:
        try:
            await self._surely(Action.REMOVE, lambda: self._surface.remove(self._posting(number), message_id))
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

    async def _forget(self, number: int) -> None:
        await self._channel.posts.taken_away(self._claim, number)
        del self._ids[number]

    async def _surely(self, action: Action, call: Callable[[], Awaitable[_T]]) -> _T:
        """What may be done twice, until it is done."""
        return await self._paced(action, lambda: self._call(call), again=(SurfaceUnavailable, SurfaceSilent))

    async def _paced(
        self,
        action: Action,
        attempt: Callable[[], Awaitable[_T]],
        again: tuple[type[SurfaceError], ...] = (SurfaceUnavailable,),
    ) -> _T:
        """What must be done, when the budget allows, and `again` after errors that say it was not."""
        place, cost, clock = self._claim.place, self._surface.cost(action), self._channel.clock
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

    async def _call(self, call: Callable[[], Awaitable[_T]]) -> _T:
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

    def _posting(self, number: int) -> Posting:
        claim = self._claim
        return Posting(claim.question_id, number, claim.conversation, claim.place, claim.reply_to, claim.person)

    def _say(self, message_id: str, **facts: object) -> str:
        return translate(self._language, message_id, **facts)
