"""Threads that own llama.cpp: work is handed to one of them, which does it alone."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Owner(Protocol):
    """`models.llama.engine.Engine` is one: it does the work between two steps."""

    def do(self, work: Callable[[], _T]) -> "Future[_T]":
        """Has the work done on the owner's thread; what it raises comes with the future."""
        ...


class OwnThread:
    """An owner for a process in which no engine runs."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "pooled")

    def do(self, work: Callable[[], _T]) -> "Future[_T]":
        return self._thread.submit(work)

    def close(self) -> None:
        """Waits for what is in hand."""
        self._thread.shutdown()


class SharedOwner:
    """A thread of its own, or an engine's while there is one: no two pieces of work are ever done at the same time."""

    def __init__(self) -> None:
        self._own = OwnThread()
        self._owner: Owner = self._own
        self._lock = threading.Lock()

    def do(self, work: Callable[[], _T]) -> "Future[_T]":
        with self._lock:
            return self._owner.do(work)

    @asynccontextmanager
    async def through(self, engine: Owner) -> AsyncIterator[None]:
        """During the block the engine's thread does the work; to be left before the engine closes."""
        await asyncio.to_thread(self._move, engine)
        try:
            yield
        finally:
            await asyncio.to_thread(self._move, self._own)

    def close(self) -> None:
        self._own.close()

    def _move(self, owner: Owner) -> None:
        """What the last owner was given is done before the next one is given anything."""
        with self._lock:
            self._owner.do(_nothing).result()
            self._owner = owner


def _nothing() -> None:
    pass
