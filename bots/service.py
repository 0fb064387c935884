"""A worker as a service, with its platforms: it works until it is told to stop, and then ends what it has begun."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from core.first_error import first_error
from core.inbox import Inbox

STOP = (signal.SIGTERM, signal.SIGINT)


class Beside(Protocol):
    """What runs beside the worker."""

    async def run(self, stopping: asyncio.Event) -> None: ...


class Adapter(Protocol):
    """What runs beside the worker for one platform. `ready` is set once the platform has been reached."""

    @property
    def ready(self) -> asyncio.Event: ...

    @property
    def is_healthy(self) -> bool: ...

    async def run(self, stopping: asyncio.Event) -> None: ...


def unnoticed() -> None:
    """Nothing more is done about it."""


def nothing_to_do() -> bool:
    """A SIGINT is for the service alone."""
    return False


async def serve_until_stopped(
    inbox: Inbox, stopped: Callable[[], None] = unnoticed, interrupted: Callable[[], bool] = nothing_to_do
) -> None:
    """Serves until SIGTERM or SIGINT; `stopped` is called then. Answers that are being written may end
    (`Capacity.drain_seconds`); all else waits for the next start. A second signal ends the process at once; nothing is
    lost by that either. A SIGINT is offered to `interrupted` first: where that was about something smaller, which it
    has ended, the service goes on.
    """
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in STOP:
            loop.remove_signal_handler(number)
        stopped()
        inbox.drain()

    def interrupt() -> None:
        if not interrupted():
            stop()

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        await inbox.serve()
    finally:
        for number in STOP:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def working(inbox: Inbox) -> AsyncIterator[None]:
    """The worker serves while the block runs, and has ended its work when it is left."""
    with first_error():
        async with asyncio.TaskGroup() as group:
            group.create_task(inbox.serve())
            yield
            inbox.drain()


@dataclass(frozen=True, slots=True)
class Service:
    """The worker with its platforms. `names` are those of the platforms; `beside` serve nobody who asks."""

    inbox: Inbox
    adapters: Mapping[str, Adapter]
    beside: Sequence[Beside] = ()

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.adapters)

    def away(self) -> Sequence[str]:
        """The names of the platforms that cannot be served right now."""
        return tuple(name for name, adapter in self.adapters.items() if not adapter.is_healthy)

    async def run(
        self,
        stopped: Callable[[], None],
        interrupted: Callable[[], bool] = nothing_to_do,
        reached: Callable[[], None] = unnoticed,
    ) -> None:
        """Serves until SIGTERM or SIGINT; `stopped` is called then, before what is under way is brought to its end.

        A SIGINT for which `interrupted` finds something to do stops nothing more. `reached` is called once, when the
        first platform can be served. Raises what an adapter raises that cannot start at all.
        """
        stopping = asyncio.Event()
        with first_error():
            async with asyncio.TaskGroup() as group:
                for each in (*self.adapters.values(), *self.beside):
                    group.create_task(each.run(stopping))
                group.create_task(self._tell_when_reached(reached, stopping))
                await serve_until_stopped(self.inbox, stopped, interrupted)
                stopping.set()

    async def _tell_when_reached(self, reached: Callable[[], None], stopping: asyncio.Event) -> None:
        """Calls `reached` at the first platform, unless `stopping` comes before."""
        async with asyncio.TaskGroup() as group:
            waits = [group.create_task(event.wait()) for event in (stopping, *self._readiness())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        if not stopping.is_set():
            reached()

    def _readiness(self) -> Sequence[asyncio.Event]:
        return [adapter.ready for adapter in self.adapters.values()]
