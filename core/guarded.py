"""Back ends behind a breaker: one that keeps failing, or keeps silent until the deadline, is left alone for a while."""

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from core.breaker import Breaker
from core.deadline import Deadline
from core.errors import IndexUnavailable, ModelTimeout, ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, LanguageModel, Retriever, SearchResult

SLOW_SEARCH = 10.0
"""Seconds after which a search that is given up counts as a failure: nine of ten take under 40 ms when all is well."""
FAILURES = (ModelUnavailable, ModelTimeout, IndexUnavailable)


@contextmanager
def observed(breaker: Breaker, deadline: Deadline) -> Iterator[None]:
    """Lets the block begin unless the breaker is open, and tells the breaker how it ended.

    A block that is cancelled after its deadline was too slow; cancelled before, it says nothing about the back end.
    """
    ticket = breaker.admit()
    try:
        yield
        breaker.succeeded(ticket)
    except FAILURES:
        breaker.failed(ticket)
        raise
    except (asyncio.CancelledError, GeneratorExit):
        if deadline.has_passed:
            breaker.failed(ticket)
        raise
    finally:
        breaker.abandoned(ticket)


class GuardedModel:
    """`core.ports.LanguageModel`. Raises `ModelUnavailable` at once while the breaker is open."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._breaker = Breaker(_model_paused)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def model(self) -> LanguageModel:
        """What is guarded."""
        return self._model

    @property
    def is_paused(self) -> bool:
        """Whether it is left alone because it failed."""
        return self._breaker.is_open

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        with observed(self._breaker, request.deadline):
            async with aclosing(self._model.stream(request)) as items:
                async for item in items:
                    yield item


class GuardedRetriever:
    """`core.ports.Retriever`. Raises `IndexUnavailable` at once while the breaker is open."""

    def __init__(self, retriever: Retriever, slow_seconds: float = SLOW_SEARCH) -> None:
        self._retriever = retriever
        self._slow_seconds = slow_seconds
        self._breaker = Breaker(_index_paused)

    @property
    def is_paused(self) -> bool:
        """As `GuardedModel.is_paused`."""
        return self._breaker.is_open

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        with observed(self._breaker, Deadline.after(self._slow_seconds)):
            return await self._retriever.search(query, spaces, limit)


def _model_paused(wait: float) -> ModelUnavailable:
    return ModelUnavailable("model.paused", retry_after=wait, seconds=math.ceil(wait))


def _index_paused(wait: float) -> IndexUnavailable:
    return IndexUnavailable("index.paused", seconds=math.ceil(wait))
