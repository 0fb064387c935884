"""Small honest stand-ins for what is behind the core's ports; each keeps plain lists to look into."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from core.budget import Amounts, Budget, Cap, Ledger, Reservation, Windows, spent_caps
from core.clock import Clock, SteadyClock
from core.documents import Passage
from core.errors import ModelError, StoreError
from core.metering import Settlement, Standing
from core.money import Tariff
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


@dataclass
class MemoryLedger:
    """`core.budget.Ledger` as it is promised, without a database. `is_down` lets it fail as a database does."""

    made: dict[str, Reservation] = field(default_factory=dict)
    settled: dict[str, Settlement] = field(default_factory=dict)
    names: list[str | None] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)
    is_down: bool = False

    def state(self, reservation_id: str) -> Standing:
        known = self.settled.get(reservation_id)
        return known.state if known else Standing.HELD

    def charge(self, made: Reservation) -> int:
        known = self.settled.get(made.id)
        return made.worst_micros if known is None or known.cost_micros is None else known.cost_micros

    async def used(self, windows: Windows, person: str) -> Amounts:
        self._answer()
        counted = [one for one in self.made.values() if self.state(one.id) is not Standing.RELEASED]
        lately = [one for one in counted if one.reserved_at > windows.hour]
        return {
            Cap.HOUR: len(lately),
            Cap.PERSON: sum(one.person == person != "" for one in lately),
            Cap.DAY: sum(self.charge(one) for one in counted if one.reserved_at >= windows.day),
            Cap.MONTH: sum(self.charge(one) for one in counted if one.reserved_at >= windows.month),
        }

    async def reserve(self, reservation: Reservation, windows: Windows, caps: Amounts) -> Amounts:
        used = await self.used(windows, reservation.person)
        if not spent_caps(used, reservation.needs, caps):
            self.made[reservation.id] = reservation
        return used

    async def keep_name(self, reservation_id: str, generation_id: str | None) -> None:
        self._answer()
        assert reservation_id in self.made
        self.names.append(generation_id)

    async def settle(self, reservation_id: str, settlement: Settlement, now: datetime) -> None:
        self._answer()
        assert self.made[reservation_id].reserved_at <= now
        self.settled[reservation_id] = settlement

    async def is_first(self, what: str, slot: str) -> bool:
        self._answer()
        is_new = (what, slot) not in self.said
        self.said.add((what, slot))
        return is_new

    def _answer(self) -> None:
        if self.is_down:
            raise StoreError("store.locked", place="memory")


PLENTY: Amounts = {Cap.HOUR: 100, Cap.PERSON: 100, Cap.DAY: 10**9, Cap.MONTH: 10**9}


def a_budget(
    ledger: Ledger | None = None, caps: Mapping[Cap, int] = PLENTY, clock: Clock | None = None, *, zone: tzinfo = UTC
) -> Budget:
    """Money enough, but for the caps that are given."""
    tariff = Tariff(1.0, 5.0, max_tokens=512, attempts=2)
    return Budget(ledger or MemoryLedger(), {**PLENTY, **caps}, tariff, zone, clock or SteadyClock())
