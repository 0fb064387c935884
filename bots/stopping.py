"""Work without an end of its own, ended from outside."""

import asyncio
from collections.abc import Coroutine


async def until_stopped(stopping: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Does `work` until `stopping` is set, and then waits until it has cleaned up. Raises what the work raises."""
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work)
            await stopping.wait()
            task.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
