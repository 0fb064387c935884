"""A program that is killed: commits two documents, writes most of a third, says so and waits for its end."""

import asyncio
import sys

from sqlalchemy import insert, text

from core.store import tables
from core.store.database import open_database
from core.store.documents import to_chunk_row
from tests.core.store.samples import a_document, chunks_of, stored, with_spaces

CHUNKS = 200


async def main(url: str) -> None:
    async with open_database(url) as database:
        await with_spaces(database)
        for name in ("a", "b"):
            await stored(database, a_document(name), CHUNKS)
        async with database.writing() as connection:
            if connection.dialect.name == "sqlite":
                await connection.execute(text("PRAGMA cache_size=5"))  # so that unfinished pages reach the disk
            third = a_document("c")
            row = {name: getattr(third, name) for name in third.__slots__}
            await connection.execute(insert(tables.document), row)
            await connection.execute(insert(tables.chunk), [to_chunk_row(chunk) for chunk in chunks_of(third, CHUNKS)])
            sys.stdout.write("in the middle\n")
            sys.stdout.flush()
            sys.stdin.read()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
