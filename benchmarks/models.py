"""Models for benchmarks: one that takes its time, one that never says anything, one that never ends."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from core.ports import Completion, CompletionRequest, Delta, Finish
from tests.core.desk import GOOD


def completion(text: str, name: str) -> Completion:
    return Completion(text, name, Finish.STOP, 100, 20, -0.1, cost_usd=0.0)


@dataclass(frozen=True)
class PacedModel:
    """Writes a good answer in `seconds`."""

    seconds: float
    name: str = "paced"

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        for piece in GOOD:
            await asyncio.sleep(self.seconds / len(GOOD))
            yield Delta(piece)
        yield completion("".join(GOOD), self.name)


@dataclass(frozen=True)
class HungModel:
    """Says nothing, and keeps no deadline."""

    name: str = "hung"

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        await asyncio.Event().wait()
        yield Delta("")


@dataclass
class EndlessModel:
    """Writes on and on; `closed_at` (`time.perf_counter`) is when it was last stopped."""

    name: str = "endless"
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    closed_at: float = 0.0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        try:
            while True:
                yield Delta("Bạn được nghỉ phép năm và hưởng nguyên lương. ")
                self.begun.set()
                await asyncio.sleep(0.02)
        finally:
            self.closed_at = time.perf_counter()
            self.closed.set()
