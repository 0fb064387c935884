"""Can the budget be overspent, by many calls at once in several processes that are killed in the middle of them?

    python -m benchmarks.budget [--processes 3] [--calls 50] [--kills 12] [--rounds 300] [--folder DIR]

Workers pay until nothing is granted any more; they are killed at random moments and started again. The provider bills
every call in a book of its own, tells the cost of six of ten, and names half of its generations. Overspent is what that
book holds above the cap. Beside it, for the record, a budget that only sums what it was told. Then, on a calm database,
what a reservation and a settlement take. On SQLite and on PostgreSQL where there is one. Exit status 1 when anything
was overspent.
"""

import argparse
import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.budget_worker import REQUEST, TARIFF, UNLIMITED, WORST, Options
from benchmarks.figures import Figure, machine, percentile, report
from benchmarks.office import dice_of, disk_folder, fresh_url, kinds_here, numbers
from core.budget import Budget
from core.clock import SteadyClock
from core.money import as_usd
from core.spending import in_doubt
from core.store.budget import ReservationBook
from core.store.cost import CostBook
from core.store.database import open_database

CHECKOUT = Path(__file__).parents[1]
CAP = 600 * WORST
LONGEST_LIFE = 0.8  # seconds from "ready" to the kill
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Micro-dollars: what the provider has billed, and what our books count. `open` calls are held or unknown."""

    cap: int
    billed: int
    counted: int
    calls: int
    open: int
    kills: int

    @property
    def overspent(self) -> int:
        return max(0, self.billed - self.cap)


async def start(options: Options) -> Process:
    command = (sys.executable, "-m", "benchmarks.budget_worker", options.written())
    worker = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, cwd=CHECKOUT)
    if worker.stdout is None or await worker.stdout.readline() != b"ready\n":
        raise AssertionError("a worker did not start")
    return worker


async def storm(options: Options, processes: int, kills: int) -> Outcome:
    """Workers side by side, killed so often in all; the last ones go on until nothing is granted."""
    dice = dice_of(options.seed)

    async def place(deaths: int) -> None:
        for number in range(deaths):
            worker = await start(replace(options, seed=dice.getrandbits(32) + number))
            await asyncio.sleep(dice.uniform(0, LONGEST_LIFE))
            if worker.returncode is None:
                worker.kill()
            await worker.wait()
        last = await start(replace(options, seed=dice.getrandbits(32)))
        await last.wait()

    async with asyncio.TaskGroup() as group:
        for index in range(processes):
            group.create_task(place(kills // processes + (index < kills % processes)))
    return await outcome_of(options, kills)


async def outcome_of(options: Options, kills: int) -> Outcome:
    async with open_database(options.url) as database:
        books = await CostBook(database).since(EPOCH)
    counted = sum(payment.micros for payment in books.payments)
    billed, still_open = billed_in(Path(options.till)), len([*in_doubt(books.payments)])
    return Outcome(options.cap, billed, counted, len(books.payments), still_open, kills)


def billed_in(till: Path) -> int:
    return sum(map(int, till.read_text(encoding="ascii").split()))


async def latencies(url: str, rounds: int, parallel: int) -> dict[str, list[float]]:
    """Milliseconds; `at once` has so many reservations at the same time."""
    times: dict[str, list[float]] = {"room?": [], "reserve": [], "settle": [], "reserve, at once": []}
    async with open_database(url) as database:
        book = ReservationBook(database)
        budget = Budget(book, UNLIMITED, TARIFF, UTC, SteadyClock())

        async def one(step: str) -> None:
            began = time.perf_counter()
            async with budget.paying(REQUEST, "", "m"):
                times[step].append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
            if step == "reserve":
                times["settle"].append((time.perf_counter() - began) * 1000)

        for _ in range(rounds):
            began = time.perf_counter()
            await budget.has_room("lan")
            times["room?"].append((time.perf_counter() - began) * 1000)
            await one("reserve")
        for _ in range(max(1, rounds // parallel)):
            await asyncio.gather(*(one("reserve, at once") for _ in range(parallel)))
    return times


def show(name: str, outcome: Outcome) -> None:
    print(
        f"{name:<24}{outcome.calls:>7}{outcome.open:>7}{outcome.kills:>7}{as_usd(outcome.billed):>10.4f}"
        f"{as_usd(outcome.counted):>10.4f}{as_usd(outcome.cap):>10.4f}{as_usd(outcome.overspent):>11.4f}"
    )


def show_times(kind: str, times: dict[str, list[float]]) -> None:
    print(f"\n{kind}, one process{'':<8}{'p50 ms':>10}{'p95 ms':>10}")
    for step, values in times.items():
        print(f"{step:<28}{percentile(values, 0.5):>10.2f}{percentile(values, 0.95):>10.2f}")


async def run(arguments: argparse.Namespace) -> int:
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    figures: list[Figure] = []
    with disk_folder(arguments.folder) as folder:
        for kind in kinds_here():
            outcomes = {}
            for name, is_naive in (("reserved", False), ("naive, for the record", True)):
                till = str(folder / f"till-{next(numbers)}")
                options = Options(await fresh_url(kind, folder), till, CAP, arguments.calls, arguments.seed, is_naive)
                outcomes[name] = await storm(options, arguments.processes, arguments.kills)
            print(f"\n{kind}: {arguments.processes} processes, {arguments.calls} calls at once in each; money in USD")
            print(
                f"{'budget':<24}{'calls':>7}{'open':>7}{'kills':>7}{'billed':>10}{'counted':>10}{'cap':>10}{'overspent':>11}"
            )
            for name, outcome in outcomes.items():
                show(name, outcome)
            figures += figures_of(kind, outcomes["reserved"])
            times = await latencies(await fresh_url(kind, folder), arguments.rounds, arguments.calls)
            show_times(kind, times)
            figures.append(Figure(f"{kind}: reserve, median", percentile(times["reserve"], 0.5), "ms"))
    return report(figures)


def figures_of(kind: str, outcome: Outcome) -> Iterator[Figure]:
    yield Figure(f"{kind}: overspent", as_usd(outcome.overspent), "USD", 0.0)
    yield Figure(f"{kind}: counted above the cap", as_usd(max(0, outcome.counted - outcome.cap)), "USD", 0.0)
    yield Figure(f"{kind}: billed above what is counted", as_usd(max(0, outcome.billed - outcome.counted)), "USD", 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--calls", type=int, default=50, help="at once in each process")
    parser.add_argument("--kills", type=int, default=12, help="of workers, in all")
    parser.add_argument("--rounds", type=int, default=300, help="reservations measured for each row")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the SQLite files lie; default: the temporary folder")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
