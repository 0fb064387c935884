"""How long it takes until nothing of one person is left in any file, among a thousand, in a large database.

    python -m benchmarks.forgetting [--people 1000] [--megabytes 300] [--folder DIR]

The database is open all the time, as it is in a running service, and somebody writes to it. Afterwards every byte of
the data folder is looked at, and a backup of before is restored elsewhere and looked at as well. Exit status 1 where a
figure is missed.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from benchmarks.backup import ANSWER_KB, Meanwhile, Writer, fill, settings_in
from benchmarks.figures import Figure, machine, percentile, report
from benchmarks.office import disk_folder
from bots.backups import back_up
from bots.bootstrap import places_of
from bots.restoring import in_folder, restore
from core.people import People
from core.store.database import open_database, url_of
from tests.bots.keeping import found_in
from tests.core.store.crowd import Member, members, move_in

MOST_SECONDS = 60.0
GONE = Member(330)


def lacking(data: Path, people: int) -> int:
    """How many of the others have no answer there any more."""
    content = (data / "sotay.sqlite").read_bytes()
    return sum(each != GONE and f"Đáp {each.mark}".encode() not in content for each in members(people))


async def measure(folder: Path, people: int, megabytes: int) -> list[Figure]:
    settings = settings_in(folder / "office", url_of(folder / "office" / "var" / "sotay.sqlite"))
    data = settings.data.directory
    await fill(settings, Writer(), int(megabytes * 1000 / ANSWER_KB), 1_000)
    async with open_database(settings.data.database_url) as database:
        await move_in(database, people)
        made, before = await back_up(settings), sum(found_in(data, GONE.secrets).values())
        meanwhile, begun = Meanwhile(settings.data.database_url), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            group.create_task(meanwhile.write())
            forgotten = await People(database, places_of(settings)).forget(GONE.slack)
            rows_gone = time.perf_counter() - begun
            meanwhile.is_done = True
        await People(database, places_of(settings)).clean_up(forgotten)
        all_gone = time.perf_counter() - begun
        left = sum(found_in(data, GONE.secrets).values())
    elsewhere = in_folder(settings, folder / "elsewhere")
    done = await restore(elsewhere, made.path)
    missing, after = lacking(elsewhere.data.directory, people), found_in(folder / "elsewhere", GONE.secrets)
    return [
        Figure("bytes of the person before", before, "bytes"),
        Figure("rows gone", rows_gone, "s"),
        Figure("nothing left in any file", all_gone, "s", MOST_SECONDS),
        Figure("a write meanwhile, p99", percentile(meanwhile.times, 0.99), "ms"),
        Figure("bytes left", left, "bytes", 0),
        Figure("bytes after a backup of before was restored", sum(after.values()), "bytes", 0),
        Figure("ids taken out of that again", done.forgotten, "ids"),
        Figure("others that lack their answer there", missing, "people", 0),
    ]


async def main(arguments: argparse.Namespace) -> int:
    print(machine())
    with disk_folder(arguments.folder) as folder:
        return report(await measure(folder, arguments.people, arguments.megabytes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    sys.exit(asyncio.run(main(parser.parse_args())))
