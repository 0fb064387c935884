"""One completion on its way between the asker's event loop and the owner thread."""

import asyncio
import time
from concurrent.futures import Future

from core.errors import ModelTimeout
from core.ports import Completion, CompletionRequest, Delta
from models.llama.stopping import Cause, StopFlag


class Job:
    """A request, the flag that stops it, and the mailbox its text arrives in.

    The mailbox never holds more than one item per token of `max_tokens`, so the owner thread never waits for a slow
    reader.
    """

    def __init__(self, request: CompletionRequest, loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.flag = StopFlag()
        self.begun = time.monotonic()
        self.future: Future[None] | None = None
        self._loop = loop
        self._mailbox: asyncio.Queue[Delta | Completion | BaseException] = asyncio.Queue()

    def post(self, item: Delta | Completion | BaseException) -> None:
        """Hands `item` to the reader, from any thread; a reader whose loop is gone stops the job."""
        try:
            self._loop.call_soon_threadsafe(self._mailbox.put_nowait, item)
        except RuntimeError:
            self.flag.raise_for(Cause.CANCELLED)

    async def next(self) -> Delta | Completion:
        """The next item; raises what the owner thread raised."""
        item = await self._mailbox.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def finished(self, future: Future[None]) -> None:
        """Passes on how the owner thread ended: with an error, or never begun because the deadline came first."""
        if future.cancelled():
            self.post(ModelTimeout("model.timeout"))
        elif (error := future.exception()) is not None:
            self.post(error)

    def stop(self, cause: Cause) -> None:
        """Ends the job within one token, or before its turn."""
        self.flag.raise_for(cause)
        if self.future is not None:
            self.future.cancel()
