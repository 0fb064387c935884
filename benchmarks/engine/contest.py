"""Runs in turns: in each of them every contestant is opened, warmed up, asked by few and by many, and closed."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.engine.askers import Load, ask, measure
from benchmarks.engine.card import Card, read_card
from benchmarks.engine.peer import Contestant, Kind, Peer, Request
from benchmarks.engine.turns import Plan

WARM_UP_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of one contestant with so many askers. `card` is as it was right after it, while it is still warm."""

    name: str
    kind: Kind
    askers: int
    run: int
    load: Load
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """Everybody gets the same plan: that of the number of askers and of the run.

    `starts_until` (`time.monotonic`): later no cell begins. `cell_seconds`: a cell that takes longer fails.
    """

    contestants: Sequence[Contestant]
    askers: Sequence[int]
    runs: int
    plan: Callable[[int, int], Plan]
    out: int
    starts_until: float = float("inf")
    cell_seconds: float = 600.0

    async def cells(self, told: Callable[[Cell], None]) -> list[Cell]:
        """All of them, each told of when it is there. The one who begins is another in each run."""
        found: list[Cell] = []
        for run in range(self.runs):
            for contestant in turned(self.contestants, run):
                found += await self._run(contestant, run, told)
        return found

    async def _run(self, contestant: Contestant, run: int, told: Callable[[Cell], None]) -> list[Cell]:
        found: list[Cell] = []
        numbers = [number for number in self.askers if contestant.meets(number)]
        if not numbers or self._is_over():
            return found
        async with contestant.open() as peer:
            await warm_up(peer, self.plan(1, self.runs + run))  # a question that is asked in no run
            for askers in numbers:
                if self._is_over():
                    break
                found.append(await self._cell(contestant, peer, askers, run))
                told(found[-1])
        return found

    async def _cell(self, contestant: Contestant, peer: Peer, askers: int, run: int) -> Cell:
        async with asyncio.timeout(self.cell_seconds):
            load = await measure(peer, self.plan(askers, run), self.out)
        return Cell(contestant.name, contestant.kind, askers, run, load, await read_card())

    def _is_over(self) -> bool:
        return time.monotonic() >= self.starts_until


def turned(contestants: Sequence[Contestant], run: int) -> list[Contestant]:
    """The same, beginning with another one in each run."""
    first = run % max(1, len(contestants))
    return [*contestants[first:], *contestants[:first]]


async def warm_up(peer: Peer, plan: Plan) -> None:
    """One short answer to a whole prompt: buffers and graphs are there, and so is what all prompts begin with."""
    turn = next(plan.measured())
    await ask(peer, Request(list(turn.text), WARM_UP_TOKENS, turn.script[:WARM_UP_TOKENS]))
