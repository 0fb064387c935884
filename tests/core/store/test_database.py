"""The two doors of a database, and what comes out of them when it is locked, full, damaged or away."""

import asyncio
import sqlite3
import sys
import traceback
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update

from core.errors import StoreError
from core.store import tables
from core.store.database import Database, open_database
from core.store.documents import DocumentRepository
from core.store.jobs import JobRuns
from tests.core.store.databases import fresh_url
from tests.core.store.samples import NOON, STAFF, a_document, chunks_of, stored, with_spaces

RUN = {"name": "backup", "slot": "1", "started_at": NOON}


async def runs_in(database: Database) -> int:
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(tables.job_run)) or 0


async def pragmas(database: Database, door: str, names: Sequence[str]) -> list[object]:
    async with getattr(database, door)() as connection:
        return [await connection.scalar(text(f"PRAGMA {name}")) for name in names]


def file_of(database: Database) -> Path:
    return Path(database.place)


async def test_a_block_that_raises_writes_nothing_and_its_error_passes(database: Database) -> None:
    class OurError(Exception):
        pass

    async def write_and_fail() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(tables.job_run).values(RUN))
            raise OurError

    with pytest.raises(OurError):
        await write_and_fail()
    assert await runs_in(database) == 0


async def test_an_os_error_of_the_callers_own_passes_as_it_is(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.reading():
            raise FileNotFoundError


async def test_an_error_never_tells_what_was_to_be_stored(database: Database) -> None:
    secret = "mức lương của tôi"
    twice = [RUN | {"slot": secret}] * 2

    async def store() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(tables.job_run), twice)

    with pytest.raises(StoreError) as failed:
        await store()
    whole = "".join(traceback.format_exception(failed.value))
    assert "job_run" in whole
    assert secret not in whole.partition("DETAIL")[0]


async def test_the_reading_door_refuses_to_write(database: Database) -> None:
    with pytest.raises(StoreError):
        async with database.reading() as connection:
            await connection.execute(insert(tables.job_run).values(RUN))
    assert await runs_in(database) == 0


async def test_readers_neither_wait_for_a_writer_nor_see_its_unfinished_work(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(tables.job_run).values(RUN))
        assert await runs_in(database) == 0
    assert await runs_in(database) == 1


async def test_many_who_write_at_once_all_succeed(database: Database) -> None:
    runs = JobRuns(database)
    async with asyncio.TaskGroup() as group:
        for slot in range(40):
            group.create_task(runs.claim("backup", str(slot)))
    assert await runs_in(database) == 40


async def test_sqlite_writers_that_read_first_take_turns(sqlite: Database) -> None:
    async with sqlite.writing() as connection:
        await connection.execute(insert(tables.job_run).values(RUN | {"slot": "0"}))

    async def count_up() -> None:
        async with sqlite.writing() as connection:
            slot = await connection.scalar(select(tables.job_run.c.slot))
            await connection.execute(update(tables.job_run).values(slot=str(int(slot or 0) + 1)))

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(count_up())
    async with sqlite.reading() as connection:
        assert await connection.scalar(select(tables.job_run.c.slot)) == "20"


async def test_two_programs_may_write_to_one_sqlite_file(sqlite: Database) -> None:
    async with open_database(f"sqlite+aiosqlite:///{sqlite.place}") as other, asyncio.TaskGroup() as group:
        for slot in range(20):
            group.create_task(JobRuns(sqlite).claim("a", str(slot)))
            group.create_task(JobRuns(other).claim("b", str(slot)))
    assert await runs_in(sqlite) == 40


async def test_a_cancelled_writer_leaves_nothing_behind_and_the_door_open(database: Database) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(tables.job_run).values(RUN))
            written.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(write_and_wait())
        await written.wait()
        task.cancel()
    assert await JobRuns(database).claim("backup", "1")


async def test_writers_cancelled_at_any_moment_leave_the_database_usable(database: Database) -> None:
    for turns in range(12):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(JobRuns(database).claim("cut", str(turns)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
    assert await JobRuns(database).claim("after", "1")


async def test_sqlite_commits_are_durable_and_foreign_keys_hold(sqlite: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only", "wal_autocheckpoint")
    assert await pragmas(sqlite, "writing", names) == ["wal", 2, 1, 5000, 0, 1000]
    assert (await pragmas(sqlite, "reading", names))[3:] == [5000, 1, 0]


async def test_a_closed_sqlite_database_is_one_file(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/a/b/sotay.db") as database:
        assert await JobRuns(database).claim("backup", "1")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["sotay.db"]


async def test_a_locked_sqlite_file_says_so(tmp_path: Path) -> None:
    url = await fresh_url("sqlite", tmp_path)
    async with open_database(url, lock_wait=0.05) as database:
        with closing(sqlite3.connect(database.place, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as raised:
                await JobRuns(database).claim("backup", "1")
            assert raised.value.message_id == "store.locked"
            assert await runs_in(database) == 0
            other.execute("ROLLBACK")
        assert await JobRuns(database).claim("backup", "1")


async def test_a_sqlite_file_locked_before_it_is_opened_says_so(sqlite: Database) -> None:
    async with sqlite.writing():
        with pytest.raises(StoreError) as raised:
            async with open_database(f"sqlite+aiosqlite:///{sqlite.place}", lock_wait=0.05):
                pass
    assert raised.value.message_id == "store.locked"


async def test_a_locked_postgresql_table_says_so(tmp_path: Path) -> None:
    url = await fresh_url("postgresql", tmp_path)
    async with open_database(url, lock_wait=0.05) as database:
        async with database.writing() as other:
            await other.execute(text("LOCK TABLE job_run IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(StoreError) as raised:
                await JobRuns(database).claim("backup", "1")
        assert raised.value.message_id == "store.locked"
        assert await JobRuns(database).claim("backup", "1")


async def test_a_full_disk_says_so_and_leaves_nothing_half_written(sqlite: Database) -> None:
    await with_spaces(sqlite)
    kept = await stored(sqlite, a_document())
    pages = (await pragmas(sqlite, "writing", ["page_count"]))[0]
    await pragmas(sqlite, "writing", [f"max_page_count={pages}"])
    documents, big = DocumentRepository(sqlite), a_document(version=2)
    with pytest.raises(StoreError) as raised:
        await documents.replace(big, [replace(chunk, text="x" * 9_000) for chunk in chunks_of(big, 20)])
    assert raised.value.message_id == "store.full"
    assert await documents.chunk_ids("", 100) == [chunk.id for chunk in kept]
    assert [found.document for found in await documents.indexed(STAFF.name)] == [a_document()]
    await pragmas(sqlite, "writing", ["max_page_count=100000"])
    await documents.replace(big, chunks_of(big))
    assert await pragmas(sqlite, "reading", ["integrity_check"]) == ["ok"]


async def test_a_file_that_is_no_database_says_so_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sotay.db"
    file.write_text("không phải cơ sở dữ liệu " * 100, encoding="utf-8")
    with pytest.raises(StoreError) as raised:
        async with open_database(f"sqlite+aiosqlite:///{file}"):
            pass
    assert raised.value.message_id == "store.damaged"
    assert file.read_text(encoding="utf-8").startswith("không phải")


async def test_a_damaged_sqlite_file_says_so(tmp_path: Path) -> None:
    url = await fresh_url("sqlite", tmp_path)
    async with open_database(url) as database:
        file = file_of(database)
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(StoreError) as raised:
        async with open_database(url) as database:
            await JobRuns(database).claim("backup", "1")
    assert raised.value.message_id == "store.damaged"


@pytest.mark.parametrize("path", ["", "file/below"])
async def test_a_path_where_no_file_can_be_says_so(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as raised:
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/{path}"):
            pass
    assert raised.value.message_id == "store.unreachable"


async def test_a_server_that_is_not_there_says_so_without_the_password(unused_tcp_port: int) -> None:
    url = f"postgresql+asyncpg://sotay:mat-khau@127.0.0.1:{unused_tcp_port}/sotay"
    with pytest.raises(StoreError) as raised:
        async with open_database(url):
            pass
    assert raised.value.message_id == "store.unreachable"
    assert "mat-khau" not in raised.value.text("vi")


async def test_a_connection_that_the_server_cuts_says_so_and_the_next_one_works(tmp_path: Path) -> None:
    async def cut_in_the_middle(database: Database) -> None:
        async with database.writing() as connection, database.reading() as other:
            server_process = await connection.scalar(select(func.pg_backend_pid()))
            await other.execute(select(func.pg_terminate_backend(server_process)))
            await connection.execute(insert(tables.job_run).values(RUN))

    async with open_database(await fresh_url("postgresql", tmp_path)) as database:
        with pytest.raises(StoreError) as raised:
            await cut_in_the_middle(database)
        assert raised.value.message_id == "store.unreachable"
        assert await runs_in(database) == 0


async def test_a_missing_driver_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StoreError) as raised:
        async with open_database("postgresql+asyncpg://host/sotay"):
            pass
    assert raised.value.message_id == "store.no_driver"
    assert "sotay[postgres]" in raised.value.text("vi")


async def test_a_postgresql_database_that_is_not_there_says_so(tmp_path: Path) -> None:
    url = await fresh_url("postgresql", tmp_path)
    with pytest.raises(StoreError) as raised:
        async with open_database(url.replace("/test_", "/missing_")):
            pass
    assert raised.value.message_id == "store.unreachable"
    assert "missing_" in raised.value.text("vi")


@pytest.mark.parametrize(
    "url",
    ["", "sotay.db:mat-khau", "mysql://sotay:mat-khau@host/sotay", "sqlite:///x.db", "sqlite+aiosqlite://"],
)
async def test_an_address_that_cannot_work_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(StoreError) as raised:
        async with open_database(url):
            pass
    assert raised.value.message_id == "store.bad_url"
    assert "mat-khau" not in str(raised.value)
