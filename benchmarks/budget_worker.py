"""One process that pays: many calls at once to a provider that bills first and tells afterwards, if at all.

    python -m benchmarks.budget_worker OPTIONS      as JSON, see `Options`

It says "ready" and goes on until no call is granted any more, or until it is killed.
"""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.office import dice_of
from core.budget import Budget, Cap, Reservation, Windows
from core.clock import SteadyClock
from core.deadline import Deadline
from core.errors import ModelUnavailable
from core.metering import Bill, Standing
from core.money import MICROS, Tariff
from core.ports import Completion, CompletionRequest, Finish, Message
from core.privacy import Clearance, Reach
from core.store.budget import ReservationBook
from core.store.database import open_database

WORST = 1000
"""Micro-dollars that one call may cost at most."""
TARIFF = Tariff(0.0, 1.0, max_tokens=WORST // 2, attempts=2)
REQUEST = CompletionRequest(
    (Message("user", "?"),), Clearance(Reach.OUTSIDE), Deadline.after(3600), max_tokens=WORST // 2
)
LONGEST = 0.05  # seconds to the name of a generation, and from there to its end
NAMED, TOLD = 0.5, 0.6  # shares of generations whose name comes early, and whose cost comes at all
UNLIMITED = dict.fromkeys(Cap, 10**12)


@dataclass(frozen=True, slots=True)
class Options:
    """`till` is the provider's own book, a file. `is_naive`: check what was told, call, and note it afterwards."""

    url: str
    till: str
    cap: int
    calls: int
    seed: int
    is_naive: bool

    @classmethod
    def read(cls, text: str) -> "Options":
        return cls(**json.loads(text))

    def written(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class NaiveBudget:
    """What a budget is without reservations: a sum of what was told, looked at before a call."""

    book: ReservationBook
    cap: int

    @asynccontextmanager
    async def paying(
        self, request: CompletionRequest, question_id: str, model: str
    ) -> AsyncIterator[CompletionRequest]:
        now = datetime.now(UTC)
        windows = Windows.at(now, UTC)
        if (await self.book.used(windows, ""))[Cap.MONTH] >= self.cap:
            raise ModelUnavailable("model.budget_spent")
        bill = Bill(self._kept)
        yield replace(request, meter=bill)
        if bill.settlement().state is Standing.SETTLED:
            noted = Reservation(uuid.uuid4().hex, question_id, "", model, now, WORST)
            await self.book.reserve(noted, windows, UNLIMITED)
            await self.book.settle(noted.id, bill.settlement(), now)

    async def _kept(self, generation_id: str | None) -> None:
        """It asks nobody afterwards."""


class Provider:
    """Bills a call, as far as its own book is concerned at once; the process may die before it hears of it."""

    def __init__(self, till: Path, seed: int) -> None:
        self._till = os.open(till, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._dice = dice_of(seed)

    async def call(self, request: CompletionRequest) -> Completion | None:
        """None where the answer never comes, or comes without a cost."""
        request.meter.begin()
        await request.meter.sent()
        cost = self._dice.randint(1, WORST)
        os.write(self._till, f"{cost}\n".encode())
        await asyncio.sleep(self._dice.uniform(0, LONGEST))
        if self._dice.random() < NAMED:
            await request.meter.named(f"gen-{self._dice.getrandbits(64)}")
        await asyncio.sleep(self._dice.uniform(0, LONGEST))
        told = self._dice.random() < TOLD
        return Completion("", "m", Finish.STOP, 1, 1, cost_usd=cost / MICROS) if told else None


async def pay(budget: Budget | NaiveBudget, provider: Provider) -> None:
    """One call after another, until none is granted."""
    while True:
        try:
            async with budget.paying(REQUEST, "", "m") as metered:
                completion = await provider.call(metered)
                if completion is not None:
                    metered.meter.completed(completion)
        except ModelUnavailable:
            return


async def main(options: Options) -> None:
    async with open_database(options.url, lock_wait=60.0) as database:
        book = ReservationBook(database)
        budget = Budget(book, UNLIMITED | {Cap.MONTH: options.cap}, TARIFF, UTC, SteadyClock())
        provider = Provider(Path(options.till), options.seed)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        async with asyncio.TaskGroup() as group:
            for _ in range(options.calls):
                group.create_task(pay(NaiveBudget(book, options.cap) if options.is_naive else budget, provider))


if __name__ == "__main__":
    asyncio.run(main(Options.read(sys.argv[1])))
