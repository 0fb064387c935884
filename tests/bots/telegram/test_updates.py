"""The queue: durable before it is taken, and never stopped by one update."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from telegram import Update

from bots.reading import Payload
from bots.telegram.presses import After
from bots.telegram.updates import MOST_WAITING, UpdateQueue
from core.errors import StoreError
from core.surfaces import SurfaceUnavailable
from tests.bots.telegram.lobby import Json, private

SECRET_WORDS = "lương của tôi"


@dataclass
class Taker:
    """Keeps what it is given; `fault` is raised for it, `after` is what follows."""

    taken: list[Payload] = field(default_factory=list)
    fault: Exception | None = None
    after: After | None = None

    async def take(self, update: Payload) -> After | None:
        if self.fault:
            raise self.fault
        self.taken.append(update)
        return self.after


@asynccontextmanager
async def working(queue: UpdateQueue) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(queue.run(stopping))
        try:
            yield
        finally:
            stopping.set()


def flag(event: asyncio.Event, error: Exception | None = None) -> Callable[[], Awaitable[None]]:
    async def done() -> None:
        event.set()
        if error:
            raise error

    return done


async def test_updates_are_taken_as_json_and_as_the_librarys_objects() -> None:
    taker = Taker()
    queue = UpdateQueue(taker)
    told: Json = {"update_id": 1, "message": private(something_new={"a": 1})}
    await queue.put(told)
    await queue.put(Update.de_json(told, None))
    first, second = taker.taken
    assert first == told
    assert (second["message"]["text"], second["message"]["date"]) == (told["message"]["text"], told["message"]["date"])
    assert second["message"]["something_new"] == {"a": 1}


async def test_what_cannot_be_kept_is_an_error() -> None:
    queue = UpdateQueue(Taker(fault=StoreError("store.locked", place="test")))
    with pytest.raises(StoreError):
        await queue.put({"update_id": 1})


@pytest.mark.parametrize("fault", [KeyError(SECRET_WORDS), ValueError(SECRET_WORDS), TypeError(), RecursionError()])
async def test_an_update_that_cannot_be_read_is_passed_over_without_its_words_in_the_log(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    taker = Taker(fault=fault)
    queue = UpdateQueue(taker)
    await queue.put({"update_id": 7, "message": private(SECRET_WORDS)})
    assert "update 7 was passed over" in caplog.text
    assert type(fault).__name__ in caplog.text
    assert SECRET_WORDS not in caplog.text
    taker.fault = None
    await queue.put({"update_id": 8})
    assert taker.taken == [{"update_id": 8}]


async def test_what_follows_is_done_later_and_what_fails_stops_nothing() -> None:
    failed, done = asyncio.Event(), asyncio.Event()
    taker = Taker(after=flag(failed, SurfaceUnavailable("away")))
    queue = UpdateQueue(taker)
    await queue.put({"update_id": 1})
    assert not failed.is_set()
    async with asyncio.timeout(5), working(queue):
        await failed.wait()
        taker.after = flag(done)
        await queue.put({"update_id": 2})
        await done.wait()


async def test_what_hangs_holds_up_no_other() -> None:
    hangs, done = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        await hangs.wait()

    taker = Taker(after=hang)
    queue = UpdateQueue(taker)
    async with asyncio.timeout(5), working(queue):
        await queue.put({"update_id": 1})
        taker.after = flag(done)
        await queue.put({"update_id": 2})
        await done.wait()


async def test_too_much_to_say_keeps_no_update_back(caplog: pytest.LogCaptureFixture) -> None:
    taker = Taker(after=flag(asyncio.Event()))
    queue = UpdateQueue(taker)
    for number in range(MOST_WAITING + 1):
        await queue.put({"update_id": number})
    assert len(taker.taken) == MOST_WAITING + 1
    assert "a sentence was left out" in caplog.text


async def test_updates_are_taken_one_after_the_other() -> None:
    gate, entered, order = asyncio.Event(), asyncio.Event(), []

    class Slow:
        async def take(self, update: Payload) -> After | None:
            order.append(("in", update["update_id"]))
            entered.set()
            await gate.wait()
            order.append(("out", update["update_id"]))
            return None

    queue = UpdateQueue(Slow())
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in (1, 2):
            group.create_task(queue.put({"update_id": number}))
        await entered.wait()
        gate.set()
    assert order == [("in", 1), ("out", 1), ("in", 2), ("out", 2)]
