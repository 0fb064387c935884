"""Back ends behind a breaker."""

import asyncio
from contextlib import aclosing, suppress

import pytest

from core.deadline import Deadline
from core.errors import IndexUnavailable, ModelError, ModelRejected, ModelTimeout, ModelUnavailable, SotayError
from core.guarded import GuardedModel, GuardedRetriever
from core.ports import Completion, CompletionRequest, Message, SearchResult, Typing
from core.privacy import Clearance, Reach
from tests.core.makers import passage
from tests.fakes import HangingModel, ListRetriever, ScriptedModel

SPACES = frozenset({"chung"})


def request(seconds: float = 60.0) -> CompletionRequest:
    clearance = Clearance(Reach.OFFICE, ("test",))
    return CompletionRequest((Message("user", "nghỉ?"),), clearance, Deadline.after(seconds))


async def ask(model: GuardedModel, seconds: float = 60.0) -> str:
    """The whole text, or the error's id."""
    try:
        async with aclosing(model.stream(request(seconds))) as items:
            return "".join([item.text async for item in items if not isinstance(item, Completion)])
    except ModelError as error:
        return error.message_id


async def cancelled(model: GuardedModel, inner: HangingModel, seconds: float) -> None:
    """One question that is given up while the model says nothing."""
    inner.started.clear()
    asking = asyncio.ensure_future(ask(model, seconds))
    await inner.started.wait()
    asking.cancel()
    await asyncio.wait([asking])


async def test_what_a_model_says_comes_through_unchanged() -> None:
    model = GuardedModel(ScriptedModel(["Nghỉ ", "14 ngày."]))
    assert model.name == "scripted"
    assert await ask(model) == "Nghỉ 14 ngày."


@pytest.mark.parametrize("error", [ModelUnavailable("model.closed"), ModelTimeout("answer.too_late")])
async def test_a_model_that_keeps_failing_is_left_alone(error: ModelError) -> None:
    inner = ScriptedModel([error])
    model = GuardedModel(inner)
    said = [await ask(model) for _ in range(5)]
    assert said == [error.message_id] * 3 + ["model.paused"] * 2
    assert len(inner.requests) == 3


async def test_a_refusal_of_one_prompt_says_nothing_about_the_model() -> None:
    inner = ScriptedModel([ModelRejected("model.too_long", tokens=9, limit=8)])
    model = GuardedModel(inner)
    assert [await ask(model) for _ in range(5)] == ["model.too_long"] * 5


@pytest.mark.parametrize(("seconds", "paused"), [(0.0, True), (60.0, False)])
async def test_a_model_that_is_silent_until_the_deadline_has_failed_one_that_was_stopped_has_not(
    seconds: float, *, paused: bool
) -> None:
    inner = HangingModel()
    model = GuardedModel(inner)
    for _ in range(3):
        await cancelled(model, inner, seconds)
    inner.started.clear()
    asking = asyncio.ensure_future(ask(model))
    await asyncio.wait([asking, started := asyncio.ensure_future(inner.started.wait())], return_when="FIRST_COMPLETED")
    assert asking.done() is paused
    for task in (asking, started):
        task.cancel()
    await asyncio.wait([asking, started])


class FailingRetriever:
    """Its index is gone, or it never finds an end."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.hangs = hangs
        self.searches = 0
        self.started = asyncio.Event()

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        del spaces
        self.searches += 1
        self.started.set()
        if self.hangs:
            await asyncio.Event().wait()
        if limit:
            raise IndexUnavailable("index.rebuilding", path="chroma")
        return SearchResult((), query, Typing.ACCENTED)


async def test_what_a_search_finds_comes_through_unchanged() -> None:
    found = await GuardedRetriever(ListRetriever([passage("Nghỉ 14 ngày.")])).search("nghỉ", SPACES, 5)
    assert [hit.text for hit in found.passages] == ["Nghỉ 14 ngày."]


async def test_an_index_that_keeps_failing_is_left_alone() -> None:
    inner = FailingRetriever()
    retriever = GuardedRetriever(inner)
    said = []
    for _ in range(4):
        with pytest.raises(SotayError) as raised:
            await retriever.search("nghỉ", SPACES, 5)
        said.append(raised.value.message_id)
    assert said == ["index.rebuilding"] * 3 + ["index.paused"]
    assert inner.searches == 3


@pytest.mark.parametrize(("slow", "tries"), [(0.0, 3), (60.0, 4)])
async def test_a_search_that_is_given_up_counts_when_it_took_long(slow: float, tries: int) -> None:
    inner = FailingRetriever(hangs=True)
    retriever = GuardedRetriever(inner, slow)
    for _ in range(4):
        inner.started.clear()
        searching = asyncio.ensure_future(retriever.search("nghỉ", SPACES, 5))
        await asyncio.wait(
            [searching, begun := asyncio.ensure_future(inner.started.wait())], return_when="FIRST_COMPLETED"
        )
        for task in (searching, begun):
            task.cancel()
        with suppress(SotayError, asyncio.CancelledError):
            await searching
        await asyncio.wait([begun])
    assert inner.searches == tries
