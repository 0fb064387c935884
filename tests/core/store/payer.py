"""A program that pays and is killed: holds what it is given, says so, settles some of it, and waits for its end.

    python -m tests.core.store.payer URL CAP CALLS

`CALLS` calls at once, each of 1,000 micro-dollars at most. What was granted is said at once; of every three calls one
is settled for 10 micro-dollars, one is known by its name only, one hangs in the middle.
"""

import asyncio
import itertools
import sys
from datetime import UTC

from core.budget import Budget, Cap
from core.clock import SteadyClock
from core.deadline import Deadline
from core.errors import ModelUnavailable
from core.money import Tariff
from core.ports import Completion, CompletionRequest, Finish, Message
from core.privacy import Clearance, Reach
from core.store.budget import ReservationBook
from core.store.database import open_database

WORST = 1000
COST = 10
TARIFF = Tariff(0.0, 1.0, max_tokens=WORST // 2, attempts=2)
ENDED = Completion("", "m", Finish.STOP, 1, 1, cost_usd=COST / 1_000_000)
REQUEST = CompletionRequest(
    (Message("user", "?"),), Clearance(Reach.OUTSIDE), Deadline.after(600), max_tokens=WORST // 2, person="lan"
)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def pay(budget: Budget, number: int) -> None:
    try:
        async with budget.paying(REQUEST, f"q{number}", "m") as metered:
            say("granted")
            await metered.meter.sent()
            if number % 3 == 0:
                metered.meter.completed(ENDED)
                return
            if number % 3 == 1:
                await metered.meter.named(f"gen-{number}")
            await asyncio.Event().wait()
    except ModelUnavailable:
        say("refused")


async def main(url: str, cap: int, calls: int) -> None:
    async with open_database(url, lock_wait=60.0) as database:
        caps = dict.fromkeys(Cap, 10**9) | {Cap.DAY: cap}
        budget = Budget(ReservationBook(database), caps, TARIFF, UTC, SteadyClock())
        numbers = itertools.count()
        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                group.create_task(pay(budget, next(numbers)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
