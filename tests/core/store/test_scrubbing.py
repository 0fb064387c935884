"""What was deleted is in no file of the database any more, while others have it open."""

import asyncio
from pathlib import Path

from sqlalchemy import select, text, update

from core.people import People
from core.store import tables
from core.store.database import Database
from core.store.scrubbing import scrub
from tests import postgres
from tests.core.store.crowd import Member, move_in

CROWD = 120
GONE = Member(60)


def count_in(folder: Path) -> int:
    """How often the mark stands in files there."""
    return sum(path.read_bytes().count(GONE.mark.encode()) for path in folder.rglob("*") if path.is_file())


async def churn(database: Database) -> None:
    """Rows grow and move to other pages, so that copies of them may stay where they have been."""
    answer, question = tables.answer, tables.question
    async with database.writing() as connection:
        for number in range(4):
            some = answer.c.id.like(f"%{number}")
            await connection.execute(update(answer).where(some).values(text=answer.c.text + "x" * 3_000))
            some = question.c.id.like(f"%{number}")
            await connection.execute(update(question).where(some).values(text=question.c.text + "y" * 2_000))


async def test_a_forgotten_person_is_in_no_file_while_it_is_open(sqlite: Database, tmp_path: Path) -> None:
    folder = Path(sqlite.place).parent
    await move_in(sqlite, CROWD)
    await churn(sqlite)
    people = People(sqlite)
    forgotten = await people.forget(GONE.slack)
    assert count_in(folder) > 0, "deleted rows are still in the log"
    await people.clean_up(forgotten)
    assert count_in(folder) == 0
    assert Path(f"{sqlite.place}-wal").stat().st_size == 0  # noqa: ASYNC240
    async with sqlite.reading() as connection:
        assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"
        assert len((await connection.scalars(select(tables.question.c.id))).all()) == 2 * (CROWD - 1)
    del tmp_path


async def test_who_reads_meanwhile_is_waited_for(sqlite: Database) -> None:
    """The log cannot be emptied while somebody reads an older state from it."""
    await move_in(sqlite, 10)
    reading, ended = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with sqlite.reading() as connection:
            await connection.execute(select(tables.question))
            reading.set()
            await ended.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        await reading.wait()
        scrubbing = group.create_task(scrub(sqlite))
        done, _ = await asyncio.wait([scrubbing], timeout=0.5)
        assert not done
        ended.set()
    assert Path(f"{sqlite.place}-wal").stat().st_size == 0  # noqa: ASYNC240


async def test_who_writes_meanwhile_is_only_late(sqlite: Database) -> None:
    await move_in(sqlite, CROWD)
    preference = tables.person_preference

    async def write() -> None:
        for number in range(20):
            async with sqlite.writing() as connection:
                this = preference.c.person == Member(number).slack
                await connection.execute(update(preference).where(this).values(language="en"))

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(scrub(sqlite))
    async with sqlite.reading() as connection:
        changed = await connection.scalars(select(preference.c.person).where(preference.c.language == "en"))
        assert len(changed.all()) == 20


async def test_postgresql_writes_its_tables_anew(kind: str, database: Database) -> None:
    """Its files, once the server has written all out; its own log is its administrator's."""
    if kind == "sqlite":
        return
    data = postgres.server().socket / "data" / "base"
    await move_in(database, 40)
    async with database.writing() as connection:
        await connection.execute(text("SELECT 1"))
    people, gone = People(database), Member(20)
    forgotten = await people.forget(gone.slack)
    async with database.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("CHECKPOINT"))
        own = await connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        mark = gone.mark.encode()
        files = [path for path in (data / str(own)).rglob("*") if path.is_file()]
        assert any(mark in path.read_bytes() for path in files)
        await people.clean_up(forgotten)
        await connection.execute(text("CHECKPOINT"))
    left = [path for path in (data / str(own)).rglob("*") if path.is_file() and mark in path.read_bytes()]
    assert left == []
