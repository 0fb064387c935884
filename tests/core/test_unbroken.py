"""Work that is brought to its end although its caller is cancelled."""

import asyncio

import pytest

from core.unbroken import unbroken


class Work:
    """Takes until it is told to end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.begun, self.may_end, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def do(self) -> str:
        self.begun.set()
        await self.may_end.wait()
        self.ended.set()
        if self.error:
            raise self.error
        return "done"


async def test_its_result_comes_back() -> None:
    work = Work()
    work.may_end.set()
    assert await unbroken(work.do()) == "done"


async def test_its_error_comes_back_as_itself() -> None:
    work = Work(ZeroDivisionError())
    work.may_end.set()
    with pytest.raises(ZeroDivisionError):
        await unbroken(work.do())


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
async def test_a_caller_that_is_cancelled_waits_for_the_end_and_is_cancelled_then(error: Exception | None) -> None:
    work = Work(error)
    async with asyncio.TaskGroup() as group:
        caller = group.create_task(unbroken(work.do()))
        await work.begun.wait()
        caller.cancel()
        await asyncio.sleep(0)
        assert not caller.done()
        work.may_end.set()
    assert caller.cancelled()
    assert work.ended.is_set()
