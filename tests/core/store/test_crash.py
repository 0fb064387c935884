"""kill -9 in the middle of a write."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from sqlalchemy import text

from core.store.database import Database, open_database
from core.store.documents import DocumentRepository
from tests.core.store.doomed import CHUNKS
from tests.core.store.samples import STAFF, a_document, chunks_of

CHECKOUT = Path(__file__).parents[3]


async def killed_in_the_middle(url: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.store.doomed", url, stdin=PIPE, stdout=PIPE, cwd=CHECKOUT
    )
    assert child.stdout
    assert await child.stdout.readline() == b"in the middle\n"
    child.kill()
    await child.communicate()


async def integrity(database: Database, kind: str) -> str | None:
    check = "PRAGMA integrity_check" if kind == "sqlite" else "SELECT 'ok'"
    async with database.reading() as connection:
        return str(await connection.scalar(text(check)))


async def test_what_was_committed_is_there_and_nothing_half_written(url: str, kind: str) -> None:
    await killed_in_the_middle(url)
    async with open_database(url) as database:
        documents = DocumentRepository(database)
        assert await integrity(database, kind) == "ok"
        found = await documents.indexed(STAFF.name)
        assert [(one.document, one.chunk_count) for one in found] == [
            (a_document("a"), CHUNKS),
            (a_document("b"), CHUNKS),
        ]
        third = a_document("c")
        assert await documents.replace(third, chunks_of(third, 1)) == []


async def test_unfinished_work_had_reached_the_disk_when_the_process_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "sotay.db"
    await killed_in_the_middle(f"sqlite+aiosqlite:///{file}")
    assert a_document("c").id.encode() in file.with_name("sotay.db-wal").read_bytes()
