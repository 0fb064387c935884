"""People who ask, each the next question when the last is answered, and when they were told what."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.engine.peer import Peer, Request, Tally
from benchmarks.engine.turns import Plan, Turn

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Record:
    """One answer. Seconds since the question was asked: until the first token, until the end. Lengths in tokens."""

    first_seconds: float
    seconds: float
    prompt: int
    out: int
    is_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What a peer did with a plan. `seconds`: from the first measured question to the last answer's end."""

    records: Sequence[Record]
    seconds: float
    tally: Tally

    @property
    def rate(self) -> float:
        """Tokens of answers per second."""
        return sum(record.out for record in self.records) / self.seconds


async def together(work: Iterable[Awaitable[_T]]) -> list[_T]:
    """What all of it returns, in order, done at once."""

    async def done(one: Awaitable[_T]) -> _T:
        return await one

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(done(one)) for one in work]
    return [task.result() for task in tasks]


async def ask(peer: Peer, request: Request) -> tuple[Record, list[int]]:
    """One answer, and its tokens. Raises EOFError for an answer without any."""
    answer: list[int] = []
    first_at, begun = 0.0, time.perf_counter()
    async with aclosing(peer.stream(request)) as stream:
        async for tokens in stream:
            if tokens and not answer:
                first_at = time.perf_counter()
            answer += tokens
    if not answer:
        raise EOFError("an answer without a token")
    seconds = time.perf_counter() - begun
    return Record(first_at - begun, seconds, len(request.prompt), len(answer)), answer


class Asker:
    """Goes through a script. Knows what was said in each turn: prompt and answer."""

    def __init__(self, script: Sequence[Turn], out: int) -> None:
        self._script, self._out = script, out
        self._said: list[list[int]] = []

    async def go_on(self, peer: Peer, turns: int | None = None) -> list[Record]:
        """Asks the next `turns` questions, all that are left by default."""
        end = None if turns is None else len(self._said) + turns
        return [await self._ask(peer, turn) for turn in self._script[len(self._said) : end]]

    async def _ask(self, peer: Peer, turn: Turn) -> Record:
        before = [] if turn.follows is None else self._said[turn.follows]
        prompt = [*before, *turn.text]
        record, answer = await ask(peer, Request(prompt, self._out, turn.script))
        self._said.append(prompt + answer)
        return Record(record.first_seconds, record.seconds, record.prompt, record.out, turn.follows is not None)


async def measure(peer: Peer, plan: Plan, out: int) -> Load:
    """Everybody asks at once; the warm turns are over for all before the first one is measured."""
    askers = [Asker(script, out) for script in plan.scripts]
    await together(asker.go_on(peer, plan.warm) for asker in askers)
    before, begun = peer.tally(), time.perf_counter()
    records = await together(asker.go_on(peer) for asker in askers)
    seconds = time.perf_counter() - begun
    return Load([record for some in records for record in some], seconds, peer.tally().since(before))
