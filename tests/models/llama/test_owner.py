"""Whose thread does the work, and that nothing is done twice at a time when it changes."""

import threading
from typing import TYPE_CHECKING

import pytest

from models.llama import LlamaModel
from models.llama.owner import OwnThread, SharedOwner

if TYPE_CHECKING:
    from concurrent.futures import Future


@pytest.fixture
def shared() -> SharedOwner:
    return SharedOwner()


async def test_an_engine_does_the_work_while_it_is_there(shared: SharedOwner, model: LlamaModel) -> None:
    engines = model.engine.do(threading.get_ident).result()
    own = shared.do(threading.get_ident).result()
    async with shared.through(model.engine):
        assert shared.do(threading.get_ident).result() == engines
    assert shared.do(threading.get_ident).result() == own != engines
    shared.close()


async def test_the_engine_gets_work_only_after_what_was_in_hand(shared: SharedOwner) -> None:
    engine = OwnThread()
    begun, goes_on = threading.Event(), threading.Event()
    done: list[str] = []

    def slow() -> None:
        begun.set()
        assert goes_on.wait(20)
        done.append("slow")

    first = shared.do(slow)
    assert begun.wait(20)
    release = threading.Timer(0, goes_on.set)
    release.start()
    async with shared.through(engine):
        assert done == ["slow"]
        shared.do(lambda: done.append("engine"))
    assert done == ["slow", "engine"]
    first.result()
    release.join()
    engine.close()
    shared.close()


def test_what_the_work_raises_comes_with_the_future(shared: SharedOwner) -> None:
    def fail() -> None:
        raise ValueError("so")

    future: Future[None] = shared.do(fail)
    with pytest.raises(ValueError, match="so"):
        future.result()
    shared.close()
