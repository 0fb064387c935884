"""An engine for the tests of its benchmark: it writes what it is told, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.engine.ours import Ours
from benchmarks.engine.peer import Contestant, Kind, Peer, Tally


@dataclass
class PlayedEngine:
    """Answers with 1, 2, 3 ..., or the script; remembers what it was asked."""

    prompts: list[list[int]] = field(default_factory=list)
    asking: int = 0
    most: int = 0

    async def generate(
        self, prompt: list[int], max_tokens: int, temperature: float, script: Sequence[int] = ()
    ) -> AsyncGenerator[Sequence[int]]:
        assert temperature == 0.2
        self.asking += 1
        self.most = max(self.most, self.asking)
        self.prompts.append(prompt)
        for number in range(max_tokens):
            await asyncio.sleep(0)
            yield [script[number] if script else number + 1]
        self.asking -= 1

    def statistics(self) -> Tally:
        total = sum(map(len, self.prompts))
        return Tally(total, total // 4, proposed=8, accepted=6, python_seconds=0.0)


def played(engine: PlayedEngine, name: str = "ours", kind: Kind = Kind.OURS, askers: int | None = None) -> Contestant:
    @asynccontextmanager
    async def opening() -> AsyncIterator[Peer]:
        yield Ours(engine)

    return Contestant(name, kind, opening, None if askers is None else frozenset([askers]))
