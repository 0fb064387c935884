"""Small honest stand-ins for what is behind the core's ports; each keeps plain lists to look into."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from core.documents import Passage
from core.errors import ModelError
from core.ports import Completion, CompletionRequest, Delta, Finish, SearchResult, Typing


@dataclass
class ScriptedModel:
    """Says what it is given, one piece after another; an error in the script is raised at its place."""

    script: Sequence[str | ModelError]
    name: str = "scripted"
    mean_logprob: float | None = -0.1
    requests: list[CompletionRequest] = field(default_factory=list)
    closed: int = 0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        self.requests.append(request)
        said = []
        try:
            for piece in self.script:
                if isinstance(piece, ModelError):
                    raise piece
                said.append(piece)
                yield Delta(piece)
            yield Completion("".join(said), self.name, Finish.STOP, 100, len(said), self.mean_logprob, cost_usd=0.0)
        finally:
            self.closed += 1


@dataclass
class HangingModel:
    """Says one piece, then nothing, until it is cancelled."""

    name: str = "hanging"
    started: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        try:
            yield Delta("Bạn được nghỉ phép năm và hưởng nguyên lương theo quy định ")
            self.started.set()
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


@dataclass
class ListRetriever:
    """Finds the passages it was given, as far as their spaces may be searched."""

    passages: Sequence[Passage]
    searches: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    restored: str | None = None
    degraded: bool = False

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        self.searches.append((query, spaces))
        found = tuple(passage for passage in self.passages if passage.space in spaces)[:limit]
        return SearchResult(
            found, self.restored or query, Typing.ACCENTED, nearness=0.1, coverage=0.9, degraded=self.degraded
        )


@dataclass
class HangingRetriever:
    """Never finds an end."""

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        del query, spaces, limit
        await asyncio.Event().wait()
        raise AssertionError


@dataclass
class GatedModel:
    """Waits at `gate` before it says anything; `asked` are the requests that have come so far."""

    script: Sequence[str]
    name: str = "gated"
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[CompletionRequest] = field(default_factory=list)
    stopped: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reached(self, count: int) -> None:
        """Returns once so many requests have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.asked) >= count)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        async with self._news:
            self.asked.append(request)
            self._news.notify_all()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        for piece in self.script:
            yield Delta(piece)
        yield Completion("".join(self.script), self.name, Finish.STOP, 100, len(self.script), -0.1, cost_usd=0.0)
