"""One completion on its way between the asker's event loop and the owner thread."""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from core.ports import Completion, CompletionRequest, Delta

if TYPE_CHECKING:
    from models.llama.stopping import Cause

Item: TypeAlias = Delta | Completion | BaseException


class Job:
    """A request with its prompt in tokens, why it was told to stop, and the mailbox its text arrives in.

    The mailbox never holds more than one item per token of `max_tokens`, so the owner thread never waits for a slow
    reader.
    """

    def __init__(self, request: CompletionRequest, prompt: list[int], loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.prompt = prompt
        self.loop = loop
        self.begun = time.monotonic()
        self.cause: Cause | None = None
        self._mailbox: asyncio.Queue[Item] = asyncio.Queue()

    @property
    def is_warming(self) -> bool:
        """Whether nothing is to be drawn: the prompt is evaluated for later ones that begin with it."""
        return self.request.max_tokens == 0

    def put(self, item: Item) -> None:
        """For the reader; on its event loop."""
        self._mailbox.put_nowait(item)

    async def next(self) -> Delta | Completion:
        """The next item; raises what the owner thread raised."""
        item = await self._mailbox.get()
        if isinstance(item, BaseException):
            raise item
        return item


class Post:
    """What the owner thread has for readers: it goes out once a step, by one call to each event loop."""

    def __init__(self) -> None:
        self._items: list[tuple[Job, Item]] = []

    def add(self, job: Job, item: Item) -> None:
        self._items.append((job, item))

    def send(self) -> list[Job]:
        """Hands everything over; the jobs whose readers' loops are gone."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Job, Item]]] = {}
        for job, item in self._items:
            by_loop.setdefault(job.loop, []).append((job, item))
        self._items.clear()
        lost: list[Job] = []
        for loop, items in by_loop.items():
            try:
                loop.call_soon_threadsafe(_put, items)
            except RuntimeError:  # closed
                lost += [job for job, _ in items]
        return lost


def _put(items: Iterable[tuple[Job, Item]]) -> None:
    for job, item in items:
        job.put(item)
