"""Writes questions with their answers into a database, two rows a transaction, until its input is closed.

    python -m tests.core.store.scribe URL

Says the number of each on standard output once it is stored.
"""

import asyncio
import sys
from dataclasses import replace

from core.store.answers import write_answer
from core.store.database import open_database
from core.store.journal import Journal
from tests.core.store.samples import a_question, an_answer


async def write(url: str, stopped: asyncio.Event) -> None:
    async with open_database(url) as database:
        number = 0
        while not stopped.is_set():
            number += 1
            asked = replace(a_question(number), id=f"scribe-{number}")
            served = replace(an_answer(number), id=f"scribe-{number}", question_id=asked.id)
            await Journal(database).record_question(asked, "x")
            async with database.writing() as connection:
                await write_answer(connection, served)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


async def main() -> None:
    stopped = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(write(sys.argv[1], stopped))
        await asyncio.to_thread(sys.stdin.read)
        stopped.set()


if __name__ == "__main__":
    asyncio.run(main())
