"""A worker as a service: it works until it is told to stop, and then ends what it has begun."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from core.first_error import first_error
from core.inbox import Inbox

STOP = (signal.SIGTERM, signal.SIGINT)


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
