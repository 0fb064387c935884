"""One answer on its way to the people: status, previews, the final text in as many parts as it takes.

There is one `Delivery` for an answer, and it alone writes to the answer's messages (`core/postings.py`).
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable

from core.clock import wait_at_most
from core.conversation import Answer
from core.intake import Claim, Notice
from core.postings import Channel, Postings
from core.surfaces import Action, MarkupRefused, MessageGone, Part, SurfaceBusy, SurfaceError, Undeliverable
from core.texts import translate

__all__ = ["Channel", "Delivery"]

log = logging.getLogger(__name__)

REPOSTS = 5
"""Times that a message is sent, when somebody takes it away before it has its text, until it is given up."""


class Delivery:
    """The messages of one answer. `language` is that of the question, for the sentences between."""

    def __init__(self, claim: Claim, channel: Channel, language: str) -> None:
        self._claim = claim
        self._channel = channel
        self._surface = channel.surface
        self._language = language
        self._messages = Postings(claim, channel)
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
                await self._messages.remove_from(0)

    async def tell(self, text: str) -> None:
        """Says that the question waits: in a new placeholder, or in the one there is if the platform bears it now."""
        message_id = self._message_id
        if message_id is None:
            await self._open(text)
        elif not self._channel.pacer.preview(self._claim.place, self._cost(Action.EDIT)):
            await self._try_edit(message_id, text)

    async def _begin(self) -> None:
        """Shows that the question is worked on: by a status line where there is one, else by a placeholder."""
        if self._message_id is not None or not await self._announce(self._status):
            await self._open(self._status)

    async def _announce(self, text: str) -> bool:
        """One try, if the platform bears it now; whether it was heard."""
        cost = self._cost(Action.ANNOUNCE)
        if cost and text and self._channel.pacer.preview(self._claim.place, cost):
            return False
        self._announced = text
        try:
            is_heard = await self._messages.once(lambda: self._surface.announce(self._messages.posting(0), text))
        except SurfaceError as error:
            log.debug("the status of %s was not shown: %r", self._claim.question_id, error)
            if cost and isinstance(error, SurfaceBusy):
                self._back_off(error)
            is_heard = False
        self._announced = text if is_heard else ""
        if is_heard:
            self._channel.trace("announced", self._claim.question_id)
        return is_heard

    async def _take_back(self) -> None:
        """Nothing is announced any more that nobody works on."""
        if self._announced and self._message_id is None:
            await self._announce("")

    @property
    def _message_id(self) -> str | None:
        return self._messages.id_of(0)

    async def _open(self, text: str) -> str:
        """The id of the placeholder, sent now with `text` where there is none."""
        posting = self._messages.posting(0)
        return await self._messages.message(0, lambda: self._surface.post_placeholder(posting, text))

    async def _preview(self) -> None:
        """Shows the text so far until it is settled."""
        cost, patience = self._cost(Action.EDIT), self._surface.rates.announce_seconds
        while not self._settled.is_set():
            if wait := self._channel.pacer.preview(self._claim.place, cost) if self._text else 0.0:
                await wait_at_most(self._channel.clock, self._settled, wait)
                continue
            self._news.clear()
            await self._show()
            if self._message_id is not None:
                await self._news.wait()
            elif not await wait_at_most(self._channel.clock, self._news, patience):
                self._announced = ""

    async def _show(self) -> None:
        """What is new: text into its message, sent now where there is none; before there is text, the status."""
        if self._text and self._message_id is None:
            posting, text = self._messages.posting(0), self._text
            await self._messages.message(0, lambda: self._surface.open_answer(posting, text))
        elif self._text and self._message_id is not None:
            await self._try_edit(self._message_id, self._text)
        elif self._message_id is None and self._announced != self._status:
            await self._announce(self._status)

    async def _try_edit(self, message_id: str, text: str) -> None:
        """One try: a preview that does not get through is dropped."""
        try:
            await self._messages.once(lambda: self._surface.edit(self._messages.posting(0), message_id, text))
        except SurfaceBusy as busy:
            self._back_off(busy)
        except SurfaceError as error:
            log.debug("a preview of %s was dropped: %r", self._claim.question_id, error)

    def _cost(self, action: Action) -> float:
        return self._surface.cost(action, self._claim.place)

    def _back_off(self, busy: SurfaceBusy) -> None:
        self._channel.pacer.back_off(self._claim.place, busy.retry_after, everywhere=busy.everywhere)

    async def _answer(self, answer: Answer) -> None:
        parts = self._surface.render(answer)
        if not parts:
            raise ValueError(f"{self._surface.name} shows nothing of {answer.id}")
        for number, part in enumerate(parts):
            write = functools.partial(self._finish, answer, number, part)
            await self._write(number, Action.FINISH, part.plain, write)
        await self._messages.remove_from(len(parts))

    async def _finish(self, answer: Answer, number: int, part: Part, message_id: str) -> None:
        try:
            await self._surface.finish(self._messages.posting(number), message_id, answer, part)
        except MarkupRefused:
            log.warning("the platform refused the markup of %s: sent as plain text", self._claim.question_id)
            plain = Part(part.plain, part.plain, is_refused=True)
            await self._surface.finish(self._messages.posting(number), message_id, answer, plain)

    async def _fail(self, text: str) -> None:
        posting = self._messages.posting(0)
        await self._write(0, Action.FAIL, text, lambda message_id: self._surface.fail(posting, message_id, text))
        await self._messages.remove_from(1)

    async def _write(self, number: int, action: Action, text: str, write: Callable[[str], Awaitable[None]]) -> None:
        """The last text into message `number`, which is sent, as plain `text`, where there is none (any more)."""
        for _ in range(REPOSTS):
            message_id = await self._part(number, text)
            try:
                await self._messages.surely(action, functools.partial(write, message_id))
            except MessageGone:
                await self._messages.forget(number)
            else:
                self._channel.trace("shown", self._claim.question_id)
                return
        raise Undeliverable(f"taken away {REPOSTS} times")

    async def _part(self, number: int, text: str) -> str:
        posting = self._messages.posting(number)
        return await self._messages.message(number, lambda: self._surface.post_part(posting, text))

    def _say(self, message_id: str, **facts: object) -> str:
        return translate(self._language, message_id, **facts)
