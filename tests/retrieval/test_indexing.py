"""Runs of ingestion over a real database, real Chroma, the real lexical index and real files."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import IngestError, StoreError
from retrieval.documents import DocumentReader
from retrieval.indexing import Ingestion
from retrieval.progress import FileResult
from retrieval.sources import Source
from tests.retrieval import office_files
from tests.retrieval.ingesting import SPACE, CountingEmbedder, Fuse, Office, Recorder, open_office
from tests.retrieval.office_files import LEAVE


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader() as opened:
        yield opened


@pytest.fixture
async def office(tmp_path: Path, reader: DocumentReader) -> AsyncIterator[Office]:
    """Three files: two of one chunk, one of two."""
    async with open_office(tmp_path, reader) as opened:
        opened.write("phep.md", f"# Nghỉ phép\n\n{LEAVE}")
        opened.write("luong.docx", office_files.docx("Lương trả ngày mười lăm hằng tháng.", headings=["Lương"]))
        opened.write("a/quy-che.txt", f"Điều 1. Chung\n{LEAVE}\n\nĐiều 2. Riêng\n{LEAVE}")
        yield opened


async def test_a_first_run_indexes_every_file_in_all_three_places(office: Office) -> None:
    summary = await office.ingest()
    assert (summary.new, summary.changed, summary.unchanged, summary.removed) == (3, 0, 0, 0)
    assert summary.chunks == len(await office.stored_ids()) == len(office.embedder.texts) == 4
    assert summary.refused == ()
    await office.assert_consistent()


async def test_a_second_run_over_an_unchanged_folder_reads_and_embeds_nothing(office: Office) -> None:
    await office.ingest()
    for file in office.folder.rglob("*.*"):  # the same size and time, but nothing that could be read
        times = file.stat()
        file.write_bytes(b"\0" * times.st_size)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    summary = await office.ingest()
    assert (summary.unchanged, summary.chunks, summary.refused) == (3, 0, ())
    assert office.embedder.texts == []


async def test_a_file_written_anew_with_the_same_content_is_only_touched(office: Office) -> None:
    await office.ingest()
    before = await office.stored_ids()
    os.utime(office.folder / "phep.md", (1_800_000_000, 1_800_000_000))
    summary = await office.ingest()
    assert (summary.unchanged, summary.chunks) == (3, 0)
    assert await office.stored_ids() == before
    known = {each.document.path: each.document.modified_at for each in await office.documents.indexed(SPACE)}
    assert known["phep.md"] == 1_800_000_000


async def test_only_a_changed_file_is_embedded_and_its_old_chunks_go(office: Office) -> None:
    await office.ingest()
    before = await office.stored_ids()
    office.write("phep.md", "# Nghỉ phép\n\nTừ nay được nghỉ mười sáu ngày.")
    summary = await office.ingest()
    assert (summary.new, summary.changed, summary.unchanged, summary.chunks) == (0, 1, 2, 1)
    assert len(before - await office.stored_ids()) == 1
    assert "mười sáu" in (await office.texts())["phep.md"]
    await office.assert_consistent()


async def test_a_deleted_file_is_forgotten_everywhere(office: Office) -> None:
    await office.ingest()
    (office.folder / "a/quy-che.txt").unlink()
    summary = await office.ingest()
    assert (summary.removed, summary.unchanged) == (1, 2)
    assert set(await office.texts()) == {"phep.md", "luong.docx"}
    await office.assert_consistent()


async def test_one_bad_file_is_named_and_the_others_are_indexed(office: Office) -> None:
    office.write("cu.pdf", office_files.scan())
    office.write("anh.png", b"\x89PNG")
    summary = await office.ingest()
    assert (summary.new, [refused.path for refused in summary.refused]) == (3, ["anh.png", "cu.pdf"])
    assert "OCR" in summary.refused[1].text("vi")
    assert summary.dropped == ()


async def test_a_file_that_became_unreadable_loses_its_old_content_and_the_summary_says_so(office: Office) -> None:
    await office.ingest()
    office.write("luong.docx", office_files.locked_office())
    summary = await office.ingest()
    assert summary.dropped == ("luong.docx",)
    assert summary.refused[0].message_id == "documents.encrypted"
    assert "luong.docx" not in await office.texts()
    await office.assert_consistent()


async def test_an_empty_folder_changes_nothing(office: Office) -> None:
    await office.ingest()
    before = await office.stored_ids()
    for file in list(office.folder.rglob("*.*")):
        file.unlink()
    with pytest.raises(IngestError) as caught:
        await office.ingest()
    assert caught.value.message_id == "ingest.folder_empty"
    assert await office.stored_ids() == before


async def test_progress_hears_of_every_file_and_chunk(office: Office) -> None:
    recorder = Recorder()
    office.write("hong.docx", b"PK")
    await office.ingestion().run(SPACE, Source(str(office.folder)), recorder)
    assert recorder.files == 4
    assert recorder.chunks == 4
    assert recorder.done == [
        ("a/quy-che.txt", FileResult.NEW),
        ("hong.docx", FileResult.REFUSED),
        ("luong.docx", FileResult.NEW),
        ("phep.md", FileResult.NEW),
    ]


async def test_the_embedded_text_says_title_and_headings(office: Office) -> None:
    await office.ingest()
    assert f"Điều 1. Chung\nĐiều 1. Chung\n\n{LEAVE}" not in office.embedder.texts
    assert f"Nghỉ phép\nNghỉ phép\n\n{LEAVE}" in office.embedder.texts


async def test_two_spaces_over_one_folder_do_not_touch_each_other(office: Office) -> None:
    await office.ingest()
    summary = await office.ingest(space="khac")
    assert (summary.new, summary.removed) == (3, 0)
    assert await office.documents.counts() == {SPACE: (3, 4), "khac": (3, 4)}
    await office.assert_consistent()


async def test_sources_no_longer_named_are_forgotten(office: Office) -> None:
    await office.ingest()
    ingestion = office.ingestion()
    assert await ingestion.forget_other_sources(SPACE, [str(office.folder)]) == 0
    assert await ingestion.forget_other_sources(SPACE, ["/elsewhere"]) == 3
    assert await office.stored_ids() == office.vectors.ids() == set()


async def test_chunks_that_an_index_lost_come_back_from_the_database(office: Office) -> None:
    await office.ingest()
    lost = sorted(await office.stored_ids())
    office.vectors.remove(lost[:3])
    office.lexical.remove(lost[2:])
    summary = await office.ingest()
    assert (summary.restored, summary.chunks, summary.unchanged) == (3, 0, 3)
    await office.assert_consistent()


async def test_chunks_that_the_database_does_not_know_are_swept_out(office: Office) -> None:
    await office.ingest()
    for known in await office.documents.indexed(SPACE):
        await office.documents.remove(known.document.id)
    assert len(office.vectors.ids()) == 4
    assert await office.ingestion().repair() == 0
    await office.assert_consistent()
    assert office.vectors.ids() == set()


async def test_a_full_disk_ends_the_run_as_itself(office: Office) -> None:
    with pytest.raises(StoreError) as caught:
        await office.ingest(Fuse(blows_at=2))
    assert caught.value.message_id == "store.full"


async def interrupted(office: Office) -> int:
    """Runs with a fuse that blows one step later each time, until a run goes through; how often it blew."""
    for blows_at in range(1, 100):
        try:
            await office.ingest(Fuse(blows_at))
        except StoreError:
            continue
        return blows_at - 1
    raise AssertionError


async def test_a_run_may_end_at_any_step_and_the_next_ones_make_it_good(office: Office) -> None:
    assert await interrupted(office) > 3
    await office.assert_consistent()
    office.write("phep.md", "# Nghỉ phép\n\nTừ nay được nghỉ mười sáu ngày.")
    (office.folder / "luong.docx").unlink()
    assert await interrupted(office) > 3
    await office.assert_consistent()
    assert {path: "mười sáu" in text for path, text in (await office.texts()).items()} == {
        "phep.md": True,
        "a/quy-che.txt": False,
    }


@pytest.mark.parametrize("step", range(1, 9))
async def test_after_one_break_at_any_step_one_run_is_enough(office: Office, step: int) -> None:
    await office.ingest()
    office.write("phep.md", "# Nghỉ phép\n\nTừ nay được nghỉ mười sáu ngày.")
    office.write("moi.txt", LEAVE)
    with pytest.raises(StoreError):
        await office.ingest(Fuse(step))
    await office.ingest()
    await office.assert_consistent()
    assert "mười sáu" in (await office.texts())["phep.md"]


class StallingEmbedder(CountingEmbedder):
    """Says that it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.released = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        self.begun.set()
        self.released.wait(60)
        return super().embed_passages(texts)


async def test_ctrl_c_while_embedding_leaves_a_consistent_index(office: Office) -> None:
    embedder = StallingEmbedder()
    stalled = Ingestion(office.documents, embedder, office.vectors, office.lexical, office.reader)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(stalled.run(SPACE, Source(str(office.folder))))
        await asyncio.to_thread(embedder.begun.wait, 60)
        run.cancel()
        embedder.released.set()
    assert run.cancelled()
    await office.ingest()
    await office.assert_consistent()
    assert len(await office.documents.indexed(SPACE)) == 3


async def test_a_file_whose_name_is_no_text_is_refused_and_named_as_far_as_possible(office: Office) -> None:
    (office.folder / os.fsdecode(b"ca\xe9.txt")).write_bytes(LEAVE.encode())
    summary = await office.ingest()
    assert summary.new == 3
    assert [refused.text("vi").isprintable() for refused in summary.refused] == [True]
    assert summary.refused[0].message_id == "documents.bad_name"
