"""How workers die: at random moments, or exactly at a named point."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.crash.stage import Stage
from benchmarks.crash.worker import Fault

LONGEST_LIFE = {"sqlite": 2.0, "postgresql": 5.5}
"""Seconds that a worker lives at most once it is connected, drawn evenly. On PostgreSQL some must outlive a lease."""
STILLBORN, BIRTH = 0.08, 0.5
"""The share of workers that die in their first `BIRTH` seconds, mostly before they are connected."""
BETWEEN = 0.25
"""Seconds between two questions while a worker is on its way to the point where it dies."""
LATEST_DEATH = 30.0
"""Seconds in which a worker must have come to the point where it dies."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many kills, over which so many questions are spread, of so many workers at once."""

    kills: int
    questions: int
    workers: int = 1

    def share(self, number: int) -> int:
        """The questions that come between one kill and the next."""
        return self.questions * (number + 1) // self.kills - self.questions * number // self.kills


async def random_kills(stage: Stage, plan: Plan, told: Callable[[int], None] = lambda _number: None) -> None:
    """Kills the workers in turn while they work, then lets them end what there is. `told` hears of every kill."""
    workers = [await stage.nursery.start() for _ in range(plan.workers)]
    async with asyncio.TaskGroup() as group:
        for number in range(plan.kills):
            life = await born(stage, workers)
            flowing = group.create_task(stage.traffic.flow(group, plan.share(number), life))
            await asyncio.sleep(life)
            await stage.busy(unless=flowing)
            victim = number % plan.workers
            await stage.kill(workers[victim])
            workers[victim] = await stage.nursery.start()
            told(number + 1)
    await wind_up(stage, workers)


async def born(stage: Stage, workers: Sequence[Process]) -> float:
    """Seconds until the next kill; all workers are connected now, but for a few that will not live to see it."""
    if stage.chance.random() < STILLBORN:
        return stage.chance.uniform(0, BIRTH)
    await stage.connected(workers)
    return stage.chance.uniform(0, LONGEST_LIFE[stage.setting.database])


async def deaths(stage: Stage, faults: Sequence[Fault]) -> None:
    """One worker after another, each dying of the next fault while questions come in; the last one ends the work."""
    async with asyncio.TaskGroup() as group:
        for fault in faults:
            worker = await stage.nursery.start(fault)
            dying = group.create_task(worker.wait())
            end = time.monotonic() + LATEST_DEATH
            while not dying.done() and time.monotonic() < end:
                await stage.traffic.flow(group, 1, BETWEEN)
            if not dying.done():
                stage.missed.append(fault)
            await stage.kill(worker)
    await wind_up(stage, [await stage.nursery.start()])


async def wind_up(stage: Stage, workers: Sequence[Process]) -> None:
    """The workers end what there is, then they are told to stop."""
    await stage.connected(workers)
    await stage.quiet()
    await stage.stop(workers)
