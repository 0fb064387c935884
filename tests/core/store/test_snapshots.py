"""A database becomes files and a database again, while others write to it."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from core.backup import Manifest
from core.errors import BackupError, StoreError
from core.forgotten import entries as ledger_of
from core.forgotten import note
from core.store import snapshots, tables
from core.store.database import Database, open_as_it_is, open_database, url_of
from core.store.holdings import everybody
from core.store.schema import known_revisions, move_to
from core.store.snapshots import Recall, Snapshot
from tests.core.store.crowd import Member, move_in
from tests.core.store.databases import fresh_url
from tests.core.store.samples import NOON, a_document, stored, with_spaces

CROWD = 30
NOBODY = Recall((), NOON)
Dump = dict[str, list[tuple[Any, ...]]]


async def dump(database: Database) -> Dump:
    async with database.reading() as connection:
        rows = {table.name: await connection.execute(select(table)) for table in tables.metadata.sorted_tables}
        return {name: sorted((tuple(row) for row in found), key=repr) for name, found in rows.items()}


async def fill(url: str) -> Dump:
    async with open_database(url) as database:
        await with_spaces(database)
        await stored(database, a_document(), 5)
        await move_in(database, CROWD)
        return await dump(database)


async def taken(url: str, folder: Path) -> Snapshot:
    await asyncio.to_thread(folder.mkdir)
    return await snapshots.take(url, folder, "0.1.0", NOON)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def content_of(file: Path) -> bytes:
    return file.read_bytes()


def damage(file: Path) -> None:
    """Two pages in the middle are something else."""
    content = bytearray(file.read_bytes())
    content[40_960:49_152] = b"\xff" * 8_192
    file.write_bytes(content)


@asynccontextmanager
async def restored(kind: str, manifest: Manifest, folder: Path, recall: Recall = NOBODY) -> AsyncIterator[Database]:
    """The database that the files there have become."""
    if kind == "sqlite":
        await snapshots.prepare_sqlite(folder, recall)
        url = url_of(folder / snapshots.FILE)
    else:
        url = await fresh_url(kind, folder)
        await snapshots.into_postgresql(url, manifest, folder, recall, may_replace=False)
    async with open_as_it_is(url) as database:
        yield database


@asynccontextmanager
async def scribe(url: str) -> AsyncIterator[asyncio.StreamReader]:
    """Another process that writes as fast as it can; the numbers of what it has stored."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.store.scribe", url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout
    finally:
        process.stdin.close()
        await process.communicate()


async def test_every_row_comes_back_as_it_was(kind: str, url: str, tmp_path: Path) -> None:
    before = await fill(url)
    snapshot = await taken(url, tmp_path / "taken")
    assert snapshot.chunks == sorted(row[0] for row in before["chunk"])
    assert snapshot.manifest.rows == {name: len(rows) for name, rows in before.items()}
    snapshots.check(snapshot.manifest, tmp_path / "taken")
    async with restored(kind, snapshot.manifest, tmp_path / "taken") as database:
        assert await dump(database) == before


async def test_what_another_process_writes_meanwhile_is_in_it_whole_or_not_at_all(
    kind: str, url: str, tmp_path: Path
) -> None:
    await fill(url)
    async with scribe(url) as written:
        for _ in range(20):
            await written.readline()
        snapshot = await taken(url, tmp_path / "taken")
        assert await written.readline(), "it goes on"
    snapshots.check(snapshot.manifest, tmp_path / "taken")
    async with restored(kind, snapshot.manifest, tmp_path / "taken") as database, database.reading() as connection:
        answers = await connection.scalars(select(tables.answer.c.id).where(tables.answer.c.id.startswith("scribe-")))
        numbers = sorted(int(each.removeprefix("scribe-")) for each in answers)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= 20
        for child in (tables.passage, tables.citation):
            owners = {*await connection.scalars(select(child.c.answer_id))}
            assert {f"scribe-{number}" for number in numbers} <= owners


async def test_who_writes_meanwhile_does_not_wait(url: str, tmp_path: Path) -> None:
    """A transaction that is open all the time neither waits nor keeps the snapshot waiting."""
    await fill(url)
    async with open_database(url) as database, database.writing() as connection:
        await connection.execute(text("UPDATE person_preference SET language = 'en'"))
        snapshot = await taken(url, tmp_path / "taken")
    assert snapshot.manifest.rows["person_preference"] == CROWD


async def test_a_backup_of_an_older_version_is_brought_up_to_date(kind: str, url: str, tmp_path: Path) -> None:
    async with open_database(url) as database:
        await with_spaces(database)
        await stored(database, a_document(), 3)
        async with database.writing() as connection:
            await connection.run_sync(move_to, "0003")
    snapshot = await taken(url, tmp_path / "taken")
    assert snapshot.manifest.revision == "0003"
    assert "reservation" not in snapshot.manifest.rows
    snapshots.check(snapshot.manifest, tmp_path / "taken")
    async with restored(kind, snapshot.manifest, tmp_path / "taken") as database:
        rows = await dump(database)
    assert len(rows["chunk"]) == 3
    assert rows["reservation"] == []
    async with open_as_it_is(url) as database, database.reading() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "0003", "left as it is"


async def test_who_was_forgotten_since_is_taken_out_again(kind: str, url: str, tmp_path: Path) -> None:
    await fill(url)
    snapshot = await taken(url, tmp_path / "taken")
    gone, here, early = Member(3), Member(4), Member(5)
    ledger = tmp_path / "ledger"
    note([ledger], [gone.slack, gone.telegram], snapshot.manifest.created_at.replace(year=2027))
    note([ledger], [early.slack], snapshot.manifest.created_at.replace(year=2025))
    recall = Recall(ledger_of([ledger]), snapshot.manifest.created_at)
    async with restored(kind, snapshot.manifest, tmp_path / "taken", recall) as database:
        async with database.reading() as connection:
            known = await everybody(connection)
        assert gone.mark not in repr(await dump(database))
    assert not {gone.slack, gone.telegram} & known
    assert {here.slack, early.slack} <= known, "who was forgotten before may have come back since"


async def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    await fill(url)
    manifest = replace((await taken(url, tmp_path / "taken")).manifest, revision="9999", version="7.0")
    with pytest.raises(BackupError) as raised:
        snapshots.check(manifest, tmp_path / "taken")
    assert raised.value.message_id == "backup.newer"
    assert "7.0" in raised.value.text("vi")


async def test_a_row_too_few_is_found(url: str, tmp_path: Path) -> None:
    await fill(url)
    manifest = (await taken(url, tmp_path / "taken")).manifest
    for table in ("answer", "space"):
        rows = {**manifest.rows, table: manifest.rows[table] + 1}
        with pytest.raises(BackupError) as raised:
            snapshots.check(replace(manifest, rows=rows), tmp_path / "taken")
        assert raised.value.facts["table"] == table


async def test_a_database_that_nobody_has_made_yet_is_named(kind: str, url: str, tmp_path: Path) -> None:
    with pytest.raises((BackupError, StoreError)) as raised:
        await taken(url, tmp_path / "taken")
    assert raised.value.message_id == ("store.missing" if kind == "sqlite" else "backup.nothing")


async def test_a_damaged_database_is_no_backup(tmp_path: Path) -> None:
    url = await fresh_url("sqlite", tmp_path)
    await fill(url)
    damage(Path(url.partition("///")[2]))
    with pytest.raises(StoreError) as raised:
        await taken(url, tmp_path / "taken")
    assert raised.value.message_id == "store.damaged"


async def test_nothing_stays_behind_beside_a_file_that_nobody_has_open(tmp_path: Path) -> None:
    url = await fresh_url("sqlite", tmp_path)
    await fill(url)
    there = names_in(tmp_path)
    await taken(url, tmp_path / "taken")
    assert names_in(tmp_path) == {*there, "taken"}
    assert names_in(tmp_path / "taken" / "database") == {"sotay.sqlite"}


async def test_the_log_of_an_open_database_is_left_to_its_owner(tmp_path: Path) -> None:
    """Releases of SQLite before 3.51.3 may damage it where two of them checkpoint at once."""
    url = await fresh_url("sqlite", tmp_path)
    file = Path(url.partition("///")[2])
    async with open_database(url) as database:
        await move_in(database, 5)
        before, log = content_of(file), content_of(file.with_name(f"{file.name}-wal"))
        assert log
        await taken(url, tmp_path / "taken")
        assert content_of(file) == before


@pytest.mark.parametrize("revision", known_revisions())
async def test_every_schema_is_known(revision: str) -> None:
    snapshots.check_schema(Manifest("0.1.0", NOON, "sqlite", revision, {}))


async def test_rows_of_others_are_not_replaced_unasked(tmp_path: Path) -> None:
    """PostgreSQL only: a SQLite file is looked for before."""
    url, other = [await fresh_url("postgresql", tmp_path) for _ in range(2)]
    await fill(url)
    async with open_database(other) as database:
        await with_spaces(database)
    manifest = (await taken(url, tmp_path / "taken")).manifest
    with pytest.raises(BackupError) as raised:
        await snapshots.into_postgresql(other, manifest, tmp_path / "taken", NOBODY, may_replace=False)
    assert raised.value.message_id == "backup.not_empty"
    await snapshots.into_postgresql(other, manifest, tmp_path / "taken", NOBODY, may_replace=True)
    async with open_as_it_is(other) as database:
        assert len((await dump(database))["chunk"]) == 5


async def test_a_database_that_somebody_works_on_is_not_replaced(tmp_path: Path) -> None:
    url = await fresh_url("postgresql", tmp_path)
    before = await fill(url)
    manifest = (await taken(url, tmp_path / "taken")).manifest
    async with open_database(url) as database:
        with pytest.raises(BackupError) as raised:
            await snapshots.into_postgresql(url, manifest, tmp_path / "taken", NOBODY, may_replace=True)
        assert raised.value.message_id == "backup.in_use"
        assert await dump(database) == before


async def test_an_import_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    url = await fresh_url("postgresql", tmp_path)
    before = await fill(url)
    manifest = (await taken(url, tmp_path / "taken")).manifest
    last = tmp_path / "taken" / snapshots.FOLDER / "inbox_post.copy"
    last.write_bytes(last.read_bytes()[:-10])
    with pytest.raises(StoreError):
        await snapshots.into_postgresql(url, manifest, tmp_path / "taken", NOBODY, may_replace=True)
    async with open_as_it_is(url) as database:
        assert await dump(database) == before


async def test_tables_of_other_programs_stay(tmp_path: Path) -> None:
    url = await fresh_url("postgresql", tmp_path)
    await fill(url)
    async with open_database(url) as database, database.writing() as connection:
        await connection.execute(text("CREATE TABLE theirs (n integer)"))
        await connection.execute(text("INSERT INTO theirs VALUES (7)"))
    manifest = (await taken(url, tmp_path / "taken")).manifest
    assert "theirs" not in manifest.rows
    await snapshots.into_postgresql(url, manifest, tmp_path / "taken", NOBODY, may_replace=True)
    async with open_as_it_is(url) as database, database.reading() as connection:
        assert await connection.scalar(text("SELECT n FROM theirs")) == 7


async def test_a_sqlite_table_that_is_none_of_ours_is_no_fault(tmp_path: Path) -> None:
    url = await fresh_url("sqlite", tmp_path)
    before = await fill(url)
    with closing(sqlite3.connect(url.partition("///")[2])) as connection, connection:
        connection.execute("CREATE TABLE theirs (n integer)")
    snapshot = await taken(url, tmp_path / "taken")
    snapshots.check(snapshot.manifest, tmp_path / "taken")
    async with restored("sqlite", snapshot.manifest, tmp_path / "taken") as database:
        assert await dump(database) == before
