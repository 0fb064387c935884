"""When the next child is started, who waits for it and who is refused; with children that are not there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from core.errors import ModelBusy, ModelMissing, ModelUnavailable
from models.llama.process import ChildProcess
from models.llama.supervisor import STEADY_SECONDS, Supervisor
from tests.manual_clock import ManualClock


class Child:
    """Lives until `dies` is set."""

    def __init__(self) -> None:
        self.dies = asyncio.Event()

    async def listen(self) -> None:
        await self.dies.wait()


class Timekeeper(ManualClock):
    """Tells the test of every pause that begins."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self.pauses.put_nowait(seconds)
        await super().sleep(seconds)


class Nursery:
    """Stands in for `process.started`: children in order, or the error that their file brings."""

    def __init__(self) -> None:
        self.clock = Timekeeper()
        self.error: ModelMissing | None = None
        self.born: asyncio.Queue[Child] = asyncio.Queue()
        self.greeted: list[ChildProcess] = []
        self.supervisor = Supervisor(self.start, self.clock, most_waiting=2)
        self.supervisor.on_start(self.greeted.append)

    @asynccontextmanager
    async def start(self) -> AsyncIterator[ChildProcess]:
        if self.error:
            raise self.error
        child = Child()
        self.born.put_nowait(child)
        yield cast("ChildProcess", child)

    async def dies(self) -> float:
        """Ends the child that was born last; the pause that follows, still going on."""
        (await self.born.get()).dies.set()
        return await self.clock.pauses.get()


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    nursery = Nursery()
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(nursery.supervisor.keep())
        yield nursery
        keeping.cancel()


async def test_pauses_grow_to_half_a_minute_and_begin_anew_after_a_steady_child(nursery: Nursery) -> None:
    pauses = []
    for _ in range(9):
        pauses.append(await nursery.dies())
        nursery.clock.advance(pauses[-1])
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    child = await nursery.born.get()
    nursery.born.put_nowait(child)
    nursery.clock.advance(STEADY_SECONDS)
    assert await nursery.dies() == 0.5


async def test_the_first_death_is_waited_out_and_each_child_is_greeted(nursery: Nursery) -> None:
    first = await nursery.supervisor.child()
    await nursery.dies()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(nursery.supervisor.child())
        await asyncio.sleep(0)
        assert not asking.done()
        nursery.clock.advance(0.5)
    assert asking.result() is not first
    assert nursery.greeted == [first, asking.result()]


async def test_while_children_keep_dying_nobody_waits_through_the_pause(nursery: Nursery) -> None:
    nursery.clock.advance(await nursery.dies())
    await nursery.dies()
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            await nursery.supervisor.child()
        assert caught.value.retry_after == 1.0
    nursery.clock.advance(1.0)
    await nursery.dies()


async def test_so_many_wait_and_no_more(nursery: Nursery) -> None:
    await nursery.dies()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(nursery.supervisor.child()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ModelBusy):
            await nursery.supervisor.child()
        waiting.pop().cancel()
        await asyncio.sleep(0)
        waiting.append(group.create_task(nursery.supervisor.child()))
        nursery.clock.advance(0.5)
    assert len({task.result() for task in waiting}) == 1


async def test_a_file_that_has_gone_makes_the_model_unavailable_until_it_is_back(nursery: Nursery) -> None:
    nursery.error = ModelMissing("model.missing", path="a.gguf", name="a")
    nursery.clock.advance(await nursery.dies())
    assert await nursery.clock.pauses.get() == 1.0
    with pytest.raises(ModelUnavailable, match="sotay models fetch a"):
        await nursery.supervisor.child()
    nursery.error = None
    nursery.clock.advance(1.0)
    await nursery.dies()


async def test_the_first_child_that_does_not_open_says_exactly_why() -> None:
    nursery = Nursery()
    nursery.error = ModelMissing("model.missing", path="a.gguf", name="a")
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(nursery.supervisor.keep())
        with pytest.raises(ModelMissing):
            await nursery.supervisor.child()
        keeping.cancel()
    with pytest.raises(ModelUnavailable, match="shutting down"):
        await nursery.supervisor.child()
