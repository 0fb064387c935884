"""Keeps one child process running: when it ends another is started, after pauses that grow while they keep dying."""

import asyncio
import copy
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from core.clock import Clock
from core.errors import ModelBusy, ModelError, ModelUnavailable
from models.llama.process import ChildProcess

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between the end of a child and the start of the next; each is twice the one before."""
STEADY_SECONDS = 60.0
"""A child that has been open for so long was well: the pauses begin anew."""

Start = Callable[[], AbstractAsyncContextManager[ChildProcess]]
"""`process.started` of a config."""


class Supervisor:
    """Has at most one child at a time. Used from one event loop.

    Who wants the child while it is loaded again waits for it, `most_waiting` at most. While children keep dying, and
    after a load that failed, nobody waits through the pause: everybody is refused until the next start.
    """

    def __init__(self, start: Start, clock: Clock, most_waiting: int) -> None:
        self._start = start
        self._clock = clock
        self._most_waiting = most_waiting
        self._waiting = 0
        self._changed = asyncio.Condition()
        self._child: ChildProcess | None = None
        self._refusal: ModelError | None = None
        self._was_open = False
        self._greet: Callable[[ChildProcess], None] = _say_nothing

    def on_start(self, greet: Callable[[ChildProcess], None]) -> None:
        """`greet` sees every child that follows, before anybody asks it."""
        self._greet = greet

    async def child(self) -> ChildProcess:
        """The child, as soon as its model is loaded. Raises why there is none, or `ModelBusy` where too many wait."""
        if self._waiting >= self._most_waiting:
            raise ModelBusy("model.busy", waiting=self._waiting)
        self._waiting += 1
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._child or self._refusal)
        finally:
            self._waiting -= 1
        if self._child is None:
            raise copy.copy(self._refusal or ModelUnavailable("model.closed"))
        return self._child

    async def keep(self) -> None:
        """Until cancelled; then the child is ended and everybody who comes is refused."""
        pause = 0.0
        try:
            while True:
                error, seconds = await self._live()
                is_first = pause == 0.0 or seconds >= STEADY_SECONDS
                pause = FIRST_PAUSE if is_first else min(2 * pause, LONGEST_PAUSE)
                is_waited_for = is_first and error is None
                await self._set(None, None if is_waited_for else self._why(error, pause))
                log.warning("the model's process is started again in %.1f s", pause)
                await self._clock.sleep(pause)
                await self._set(None, None)
        finally:
            await self._set(None, ModelUnavailable("model.closed"))

    async def _live(self) -> tuple[ModelError | None, float]:
        """One child from start to end: why it was never open, and for how many seconds it was."""
        try:
            async with self._start() as child:
                opened, self._was_open = self._clock.monotonic(), True
                self._greet(child)
                await self._set(child, None)
                await child.listen()
                await self._set(None, None)
                return None, self._clock.monotonic() - opened
        except ModelError as error:
            log.error("the model's process is not there: %s", error)  # noqa: TRY400 (one sentence says it all)
            return error, 0.0

    def _why(self, error: ModelError | None, pause: float) -> ModelError:
        """What is wrong, exactly, where the first child does not open; later, that another try may succeed."""
        if error is None:
            return ModelUnavailable("model.child_ended", retry_after=pause)
        return ModelUnavailable(error.message_id, retry_after=pause, **error.facts) if self._was_open else error

    async def _set(self, child: ChildProcess | None, refusal: ModelError | None) -> None:
        async with self._changed:
            self._child, self._refusal = child, refusal
            self._changed.notify_all()


def _say_nothing(_child: ChildProcess) -> None:
    pass
