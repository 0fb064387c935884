"""What is kept of people is said to each of them once, with their first question."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bots.stopping import until_stopped
from core.errors import StoreError
from core.intake import Incoming, Receipt, Verdict
from core.people import People

log = logging.getLogger(__name__)

WAITING: Final = 1_000
"""People that wait to be told, at most; others are told with their next question."""


class Accepting(Protocol):
    """`core.inbox.Inbox`, as adapters need it."""

    async def accept(self, message: Incoming) -> Receipt: ...

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days the words of questions are kept, and answers."""

    question_days: int
    answer_days: int


Tell = Callable[[Incoming], Awaitable[bool]]
"""Says it where the question was asked; whether the platform took it."""


class FirstUse:
    """Accepts as the inbox does, and has whoever has not been told yet told afterwards; nobody waits for that.

    `subject_of` says who is to be told: the asker, or where nothing can be said to them alone, the chat. Without `tell`
    nobody is.
    """

    def __init__(
        self, inbox: Accepting, people: People, subject_of: Callable[[Incoming], str], tell: Tell | None
    ) -> None:
        self._inbox = inbox
        self._people = people
        self._subject_of = subject_of
        self._tell = tell
        self._told: set[str] = set()
        self._waiting: asyncio.Queue[Incoming] = asyncio.Queue(WAITING)

    async def accept(self, message: Incoming) -> Receipt:
        receipt = await self._inbox.accept(message)
        if receipt.verdict is Verdict.ACCEPTED and self._tell is not None and not self._waiting.full():
            self._waiting.put_nowait(message)
        return receipt

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        return await self._inbox.stop_newest(conversations, person, event)

    async def waiting(self) -> None:
        """Returns once nobody waits to be told."""
        await self._waiting.join()

    async def run(self, stopping: asyncio.Event) -> None:
        """Tells people until it is told to stop."""
        if self._tell is not None:
            await until_stopped(stopping, self._tell_all(self._tell))

    async def _tell_all(self, tell: Tell) -> None:
        while True:
            message = await self._waiting.get()
            try:
                await self._tell_one(message, tell)
            except StoreError as error:
                log.warning("somebody will be told with their next question what is kept: %s", error)
            finally:
                self._waiting.task_done()

    async def _tell_one(self, message: Incoming, tell: Tell) -> None:
        subject = self._subject_of(message)
        if subject in self._told:
            return
        if not (await self._people.preference(subject)).told:
            if not await tell(message):
                return
            await self._people.told(subject)
        self._told.add(subject)
