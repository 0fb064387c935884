"""Every accepted question gets exactly one visible outcome, whatever crashes: real processes, real kills.

    python -m benchmarks.crash [--database sqlite|postgresql] [--kills 100] [--questions 2000] [--workers 1] [--seed 1]
    python -m benchmarks.crash --points [--database sqlite|postgresql]

A played chat platform delivers questions, edits, deletions and twins of deliveries at least once; workers with the real
inbox are killed with SIGKILL at random moments of their work and started again at once. With `--points` they kill
themselves at every named point instead. What became of the questions is counted from the platform's own record.

Ends with status 1 when a question was lost, answered twice or answered wrongly, when placeholders without an outcome
are left behind for more than 2 % of the questions, or when one had none for a minute; with status 2 when a worker ended
by itself or there is no PostgreSQL.
"""

import argparse
import asyncio
import time

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.crash.chat import SURFACES
from benchmarks.crash.report import figures, point_row, points_table
from benchmarks.crash.runs import Plan, deaths, random_kills
from benchmarks.crash.stage import Setting, WorkerEnded, staged
from benchmarks.crash.verdict import judge
from benchmarks.crash.worker import POINTS, Fault
from tests.core.store.databases import KINDS
from tests.postgres import NoPostgresError, server

OCCURRENCES = (1, 3)
"""One worker dies when it comes to a point for the first time, the next one when it does so for the third."""
POINTS_LEASE = 1.0
WIDTH = 110


async def kill_at_random(setting: Setting, plan: Plan) -> tuple[Table, bool]:
    """The figures of a run, and whether the promise was kept."""
    began = time.monotonic()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("kills", total=plan.kills)
        async with staged(setting) as stage:
            await random_kills(stage, plan, lambda number: progress.update(task, completed=number))
            verdict = judge(stage.chat)
    kept = verdict.is_exact and verdict.is_tidy and stage.is_sound
    return figures(stage, verdict, time.monotonic() - began), kept


async def kill_at_points(database: str, seed: int) -> tuple[Table, bool]:
    """The same for every named point on both surfaces."""
    table, kept = points_table(database), True
    with Progress(console=Console(stderr=True)) as progress:
        for point in progress.track(POINTS, description="points"):
            for surface in SURFACES:
                setting = Setting(database, (surface,), seed, lease_seconds=POINTS_LEASE)
                async with staged(setting) as stage:
                    await deaths(stage, [Fault(point, surface, nth) for nth in OCCURRENCES])
                    verdict = judge(stage.chat)
                table.add_row(*point_row(point, stage, verdict))
                kept = kept and verdict.is_exact and stage.is_sound
    return table, kept


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=1, help="at once, killed in turn; postgresql only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", action="store_true", help="kill at every named point instead of at random")
    given = parser.parse_args()
    if given.workers > 1 and given.database == "sqlite":
        parser.error("SQLite serves one worker")
    return given


def main() -> int:
    given = arguments()
    try:
        if given.database == "postgresql":
            server()
    except NoPostgresError as error:
        Console(stderr=True).print(f"no PostgreSQL: {error}")
        return 2
    try:
        table, kept = asyncio.run(run(given))
    except BaseExceptionGroup as failures:
        if failures.subgroup(WorkerEnded) is None:
            raise
        Console(stderr=True).print("A worker ended by itself. The log of all:", *leaves(failures), sep="\n")
        return 2
    Console(width=WIDTH).print(table, "The promise is kept." if kept else "The promise is broken.")
    return 0 if kept else 1


async def run(given: argparse.Namespace) -> tuple[Table, bool]:
    if given.points:
        return await kill_at_points(given.database, given.seed)
    plan = Plan(given.kills, given.questions, given.workers)
    return await kill_at_random(Setting(given.database, seed=given.seed), plan)


def leaves(failure: BaseException) -> list[str]:
    if isinstance(failure, BaseExceptionGroup):
        return [leaf for inner in failure.exceptions for leaf in leaves(inner)]
    return [str(failure)]


if __name__ == "__main__":
    raise SystemExit(main())
