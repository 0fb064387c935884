"""Work that is not left half done when its caller is cancelled."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


async def unbroken(work: Awaitable[_T]) -> _T:
    """Brings `work` to its end, also when the caller is cancelled meanwhile; then the cancellation goes on.

    For a call whose effect must be known: a message that has been sent, its id that has to be stored.
    """
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_outcome(work))
        try:
            outcome = await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
    if isinstance(outcome, Exception):
        raise outcome
    return outcome[0]


async def _outcome(work: Awaitable[_T]) -> tuple[_T] | Exception:
    """The result, or the error as a value: raised here it would reach the caller inside a group."""
    try:
        return (await work,)
    except Exception as error:  # noqa: BLE001 (raised again by `unbroken`)
        return error
