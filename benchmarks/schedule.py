"""Does every slot of a scheduled job run exactly once, with two processes that are killed in the middle of it?

    python -m benchmarks.schedule [--slots 1000] [--step 100] [--kills 20] [--folder DIR]

Two processes share one database and one job, due every `step` milliseconds. One after the other is killed (SIGKILL) at
random moments and started again, until so many slots have passed. Counted are slots with no row or with two, runs that
nobody has noted, and slots that were broken off by a kill. On SQLite and on PostgreSQL where there is one. Exit status
1 when a slot was lost or run twice.
"""

import argparse
import asyncio
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from benchmarks.figures import Figure, machine, report
from benchmarks.office import dice_of, disk_folder, fresh_url, kinds_here
from benchmarks.schedule_worker import NAME, on_grid
from core.jobs import RunOutcome, due_of
from core.store import tables
from core.store.database import open_database

CHECKOUT = Path(__file__).parents[1]
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """`missing` slots of the grid have no row; `unnoted` runs were done more often than rows allow."""

    slots: int
    missing: int
    done: int
    skipped: int
    broken: int
    unnoted: int
    kills: int


async def start(url: str, step: int, file: Path) -> Process:
    command = (sys.executable, "-m", "benchmarks.schedule_worker", url, str(step), str(file))
    worker = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=CHECKOUT)
    if worker.stdout is None or await worker.stdout.readline() != b"ready\n":
        raise AssertionError("a worker did not start")
    return worker


async def storm(url: str, folder: Path, *, slots: int, step: int, kills: int) -> Outcome:
    """Two processes, one of them killed again and again, until so many slots have passed."""
    dice, file = dice_of(slots), folder / f"runs-{uuid.uuid4().hex}"
    async with open_database(url):
        pass  # the schema
    workers = [await start(url, step, file) for _ in range(PROCESSES)]
    pause = slots * step / 1000 / (kills + 1)
    for _ in range(kills):
        await asyncio.sleep(pause * (0.5 + dice.random()))
        victim = workers.pop(0)
        victim.kill()
        await victim.wait()
        workers.append(await start(url, step, file))
    await asyncio.sleep(pause)
    for worker in workers:
        await worker.communicate(b"")  # the end of its standard input tells it to stop
    return await counted(url, step, file, kills)


async def counted(url: str, step: int, file: Path, kills: int) -> Outcome:
    run = tables.job_run
    async with open_database(url) as database, database.reading() as connection:
        rows = (await connection.execute(select(run.c.slot, run.c.outcome).where(run.c.name == NAME))).all()
    due = sorted(due_of(row.slot) for row in rows if "/" not in row.slot)
    known, wanted, at = set(due), [], due[0]
    while at <= due[-1]:
        wanted.append(at)
        at = on_grid(timedelta(milliseconds=step), at)
    ended = Counter(row.outcome for row in rows)
    broken = ended[None] + ended[RunOutcome.BROKEN.value]
    done = ended[RunOutcome.DONE.value]
    ran = len((await asyncio.to_thread(file.read_bytes)).splitlines())
    return Outcome(
        slots=len(wanted),
        missing=sum(moment not in known for moment in wanted),
        done=done,
        skipped=ended[RunOutcome.SKIPPED.value],
        broken=broken,
        unnoted=max(0, ran - done - broken),
        kills=kills,
    )


def figures(kind: str, outcome: Outcome) -> list[Figure]:
    return [
        Figure(f"{kind}: slots", outcome.slots, ""),
        Figure(f"{kind}: kills", outcome.kills, ""),
        Figure(f"{kind}: slots that nobody accounts for", outcome.missing, "", 0),
        Figure(f"{kind}: runs beyond one for each slot", outcome.unnoted, "", 0),
        Figure(f"{kind}: run", outcome.done, ""),
        Figure(f"{kind}: left out, a later one was due", outcome.skipped, ""),
        Figure(f"{kind}: broken off by a kill", outcome.broken, "", outcome.kills),
    ]


async def main(given: argparse.Namespace) -> int:
    print(machine())
    found: list[Figure] = []
    with disk_folder(given.folder) as folder:
        for kind in kinds_here():
            url = await fresh_url(kind, folder)
            found += figures(kind, await storm(url, folder, slots=given.slots, step=given.step, kills=given.kills))
    return report(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("slots", 1000), ("step", 100), ("kills", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path)
    raise SystemExit(asyncio.run(main(parser.parse_args())))
