"""One process with a schedule: a job that is due many times a second, and writes each of its runs into a file.

    python -m benchmarks.schedule_worker URL STEP_MS FILE

It says "ready" and goes on until it is killed, or told to stop by the end of its standard input.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bots.schedule import Schedule
from core.clock import SteadyClock
from core.jobs import Job, Worker
from core.store.database import open_database
from core.store.jobs import JobRuns

NAME = "beat"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def on_grid(step: timedelta, moment: datetime) -> datetime:
    """The next multiple of the step: the same for every process."""
    return EPOCH + ((moment - EPOCH) // step + 1) * step


def untold(_name: str, _note: str) -> None:
    """Nobody is told."""


async def serve(url: str, step: timedelta, file: Path) -> None:
    async with open_database(url) as database:

        async def work() -> str:
            with file.open("ab", buffering=0) as log:
                log.write(f"{os.getpid()}\n".encode())
            return "done"

        runs = JobRuns(database)
        job = Job(NAME, lambda moment: on_grid(step, moment), work)
        schedule = Schedule([job], runs, Worker(runs, untold), SteadyClock(), alone=False)
        stopping = asyncio.Event()
        print("ready", flush=True)
        async with asyncio.TaskGroup() as group:
            group.create_task(schedule.run(stopping))
            await asyncio.to_thread(sys.stdin.read)
            stopping.set()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], timedelta(milliseconds=int(sys.argv[2])), Path(sys.argv[3])))
