"""The inbox under load: a burst, a flood by one person, back ends that hang, a failing platform, withdrawn questions.

    python -m benchmarks.load [--only burst flood hung storm stop] [--folder DIR]

Everything runs in real time: real asyncio, real databases, a scripted model. Exit status 1 when a figure is missed.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.figures import Figure, machine, report
from benchmarks.load_burst import bursts, flood
from benchmarks.load_faults import hung, storms
from benchmarks.load_stop import stops
from benchmarks.office import disk_folder, fresh_url, kinds_here, opened
from core.store.database import Database


async def on_sqlite(folder: Path, part: Callable[[Database], Awaitable[list[Figure]]]) -> list[Figure]:
    async with opened(await fresh_url("sqlite", folder)) as database:
        return await part(database)


async def run_burst(folder: Path) -> list[Figure]:
    urls = [await fresh_url("sqlite", folder) for _ in range(2)]
    async with opened(urls[0]) as database, opened(urls[1]) as other:
        return await bursts(database, other)


async def run_flood(folder: Path) -> list[Figure]:
    return await on_sqlite(folder, flood)


async def run_hung(folder: Path) -> list[Figure]:
    return await on_sqlite(folder, hung)


async def run_storm(folder: Path) -> list[Figure]:
    return await on_sqlite(folder, storms)


async def run_stop(folder: Path) -> list[Figure]:
    """On PostgreSQL another process may accept for the worker; SQLite serves one process."""
    figures = await stops("sqlite", folder, from_elsewhere=False)
    if "postgresql" in kinds_here():
        for from_elsewhere in (False, True):
            figures += await stops("postgresql", folder, from_elsewhere=from_elsewhere)
    return figures


PARTS = {"burst": run_burst, "flood": run_flood, "hung": run_hung, "storm": run_storm, "stop": run_stop}


async def run(names: list[str], parent: Path | None) -> int:
    print(machine())
    figures: list[Figure] = []
    with disk_folder(parent) as folder:
        for name in names:
            print(f"{name} ...", flush=True)
            figures += await PARTS[name](folder)
    return report(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument(
        "--folder", type=Path, help="where the SQLite files lie; default: the system's temporary folder"
    )
    arguments = parser.parse_args()
    sys.exit(asyncio.run(run(arguments.only, arguments.folder)))


if __name__ == "__main__":
    main()
