"""Damaged indexes, in real files of Chroma and SQLite: the other half answers, and the damaged one comes back."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.errors import IndexUnavailable, StoreError
from retrieval.chroma import ChromaIndex
from retrieval.damage import KEPT
from retrieval.documents import DocumentReader
from retrieval.halves import Health, LexicalHalf, VectorHalf
from retrieval.healing import following, healing
from retrieval.indexing import EMBED_AT_ONCE
from retrieval.lexical import LexicalIndex
from retrieval.sealing import seal_of
from retrieval.sources import Source
from tests.retrieval import damaging
from tests.retrieval.damaging import (
    ALL,
    CHUNKS,
    CLOSED,
    OPEN,
    QUERIES,
    SECRET,
    HashEmbedder,
    HeldEmbedder,
    Opened,
    Shelf,
    opened,
    overwrite,
    spoil,
)

GRAPH = ("header.bin", "data_level0.bin", "index_metadata.pickle", "length.bin", "link_lists.bin")
Found = list[list[tuple[str, float]]]


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader() as made:
        yield made


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, reader: DocumentReader) -> tuple[Shelf, Found]:
    """A whole handbook, closed in order, and what is found in it."""

    async def prepare(shelf: Shelf) -> Found:
        await damaging.fill(shelf)
        async with opened(shelf, reader) as book:
            await book.healer.whole()
            await damaging.write_graph(book)
            return await book.found()

    shelf = Shelf(tmp_path_factory.mktemp("whole"))
    return shelf, asyncio.run(prepare(shelf))


@pytest.fixture
def shelf(prepared: tuple[Shelf, Found], tmp_path: Path) -> Shelf:
    return prepared[0].copy(tmp_path / "book")


@pytest.fixture
def before(prepared: tuple[Shelf, Found]) -> Found:
    return prepared[1]


@pytest.fixture
async def stuck(shelf: Shelf, reader: DocumentReader) -> AsyncIterator[Opened]:
    """A handbook whose vectors were lost and whose rebuilding has begun and does not go on."""
    (shelf.vectors / "chroma.sqlite3").unlink()
    shelf.embedder = embedder = HeldEmbedder()
    async with opened(shelf, reader) as book:
        await asyncio.to_thread(embedder.stuck.wait, 60)
        try:
            yield book
        finally:
            embedder.released.set()


def release(book: Opened) -> HeldEmbedder:
    embedder = book.retriever._embedder
    assert isinstance(embedder, HeldEmbedder)
    embedder.released.set()
    return embedder


class TestAtOpening:
    """Whatever has happened to the files while nobody had them open."""

    @pytest.mark.parametrize("seed", range(24))
    async def test_any_damage_to_vectors_ends_in_the_same_results(
        self, shelf: Shelf, before: Found, reader: DocumentReader, seed: int
    ) -> None:
        files = [shelf.vectors / "chroma.sqlite3", *map(shelf.segment, GRAPH)]
        spoil(files[seed % len(files)], seed)
        async with opened(shelf, reader) as book:
            assert book.vectors.health is not Health.WHOLE
            result = await book.retriever.search(QUERIES[0], ALL, 5)
            assert result.passages
            await book.healer.whole()
            assert await book.found() == before
        assert len(shelf.aside(shelf.vectors)) == 1
        assert len(shelf.embedder.texts) == CHUNKS

    @pytest.mark.parametrize("seed", range(8))
    async def test_any_damage_to_words_ends_in_the_same_results_without_embedding(
        self, shelf: Shelf, before: Found, reader: DocumentReader, seed: int
    ) -> None:
        spoil(shelf.words, seed)
        async with opened(shelf, reader) as book:
            for query in QUERIES:
                assert (await book.retriever.search(query, ALL, 5)).passages
            await book.healer.whole()
            assert await book.found() == before
        assert shelf.embedder.texts == []

    async def test_words_left_by_a_process_that_died_are_looked_through(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        seal_of(shelf.words).unlink()
        pages = shelf.words.stat().st_size // 4096
        with shelf.words.open("r+b") as file:
            file.seek(pages // 2 * 4096)
            file.write(b"\xff" * 4096)
        async with opened(shelf, reader) as book:
            assert len(shelf.aside(shelf.words)) == 1
            await book.healer.whole()
            assert await book.found() == before

    @pytest.mark.parametrize("name", ["chroma.sqlite3", "header.bin", "data_level0.bin", "index_metadata.pickle"])
    async def test_noise_left_by_a_process_that_died_is_found_by_trying_it_in_another(
        self, shelf: Shelf, before: Found, reader: DocumentReader, name: str
    ) -> None:
        """Without a seal nothing says that files have changed; noise in the graph would end this very process."""
        shelf.unseal()
        overwrite(shelf.segment(name) if name != "chroma.sqlite3" else shelf.vectors / name)
        async with opened(shelf, reader) as book:
            assert len(shelf.aside(shelf.vectors)) == 1
            await book.healer.whole()
            assert await book.found() == before

    async def test_a_process_that_died_and_damaged_nothing_costs_nothing(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        shelf.unseal()
        async with opened(shelf, reader) as book:
            assert await book.found() == before
        assert shelf.aside(shelf.vectors) == []
        assert shelf.embedder.texts == []

    async def test_a_file_in_the_place_of_the_folder_is_put_aside(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        shutil.rmtree(shelf.vectors)
        shelf.vectors.write_text("no folder", encoding="utf-8")
        async with opened(shelf, reader) as book:
            await book.healer.whole()
            assert await book.found() == before
        assert [path.read_text(encoding="utf-8") for path in shelf.aside(shelf.vectors)] == ["no folder"]

    @pytest.mark.parametrize("lost", [1, 3])
    async def test_vectors_that_went_missing_are_noticed_and_only_they_are_embedded(
        self, shelf: Shelf, before: Found, reader: DocumentReader, lost: int
    ) -> None:
        with ChromaIndex(shelf.vectors, shelf.embedder) as index:
            index.remove([f"c{n:04}" for n in range(lost)])
        async with opened(shelf, reader) as book:
            assert book.vectors.health is Health.PARTIAL
            await book.healer.whole()
            assert await book.found() == before
        assert len(shelf.embedder.texts) == lost
        assert shelf.aside(shelf.vectors) == []

    async def test_words_that_went_missing_are_noticed(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        with LexicalIndex(shelf.words) as index:
            index.remove(["c0007"])
        async with opened(shelf, reader) as book:
            assert book.lexical.health is Health.PARTIAL
            await book.healer.whole()
            assert await book.found() == before

    async def test_a_whole_handbook_is_left_alone(self, shelf: Shelf, before: Found, reader: DocumentReader) -> None:
        for _ in range(2):
            async with opened(shelf, reader) as book:
                assert await book.found() == before
        assert shelf.embedder.texts == []
        assert shelf.aside(shelf.vectors) == shelf.aside(shelf.words) == []

    async def test_only_the_last_damaged_folders_are_kept(self, shelf: Shelf) -> None:
        for n in range(KEPT + 2):
            (shelf.vectors / "chroma.sqlite3").write_bytes(b"%d" % n * 5000)
            VectorHalf(shelf.vectors, shelf.embedder).close()
        aside = [path / "chroma.sqlite3" for path in shelf.aside(shelf.vectors)]
        assert [path.read_bytes()[:1] for path in aside] == [b"%d" % n for n in range(2, KEPT + 2)]

    async def test_a_database_that_fails_keeps_its_error(self, shelf: Shelf, reader: DocumentReader) -> None:
        with pytest.raises(StoreError, match="locked"):
            async with opened(shelf, reader):
                raise StoreError("store.locked", place="here", detail="busy")


class TestNoDamage:
    """What an administrator has to decide is raised, and nothing is moved."""

    async def test_an_index_in_use(self, shelf: Shelf, before: Found, reader: DocumentReader) -> None:
        async with opened(shelf, reader) as book:
            with pytest.raises(IndexUnavailable) as caught:
                VectorHalf(shelf.vectors, shelf.embedder)
            assert caught.value.message_id == "index.in_use"
            assert await book.found() == before
        assert shelf.aside(shelf.vectors) == []

    async def test_another_embedder(self, shelf: Shelf, before: Found, reader: DocumentReader) -> None:
        other = HashEmbedder()
        other.name = "other"
        with pytest.raises(IndexUnavailable) as caught:
            VectorHalf(shelf.vectors, other)
        assert caught.value.message_id == "index.other_embedder"
        async with opened(shelf, reader) as book:
            assert await book.found() == before
        assert shelf.aside(shelf.vectors) == []

    def test_a_place_where_nothing_can_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x", encoding="utf-8")
        with pytest.raises(IndexUnavailable) as caught:
            VectorHalf(tmp_path / "file" / "chroma", HashEmbedder())
        assert caught.value.message_id == "index.vectors_damaged"


class TestWhileOpen:
    """Files that are overwritten under the running handbook."""

    async def test_lost_vectors_are_met_by_a_search_that_is_answered_all_the_same(
        self, shelf: Shelf, before: Found, reader: DocumentReader, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "retrieval")
        async with opened(shelf, reader) as book:
            assert await book.found() == before
            overwrite(shelf.vectors / "chroma.sqlite3")
            result = await book.retriever.search(QUERIES[0], frozenset({CLOSED}), 5)  # a filter not asked for before
            assert result.degraded
            assert {passage.space for passage in result.passages} == {CLOSED}
            await book.healer.whole()
            assert await book.found() == before
        (aside,) = shelf.aside(shelf.vectors)
        warned, told = caplog.records
        assert (warned.levelname, told.levelname) == ("WARNING", "INFO")
        assert str(aside) in warned.getMessage()
        assert f"{CHUNKS} chunks" in told.getMessage()

    async def test_lost_words_are_met_by_a_search_that_vectors_answer(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        async with opened(shelf, reader) as book:
            shelf.words.with_name("lexical.sqlite-wal").write_bytes(b"")
            overwrite(shelf.words)
            result = await book.retriever.search("dieu 7 nghi phep", frozenset({OPEN}), 5)
            assert result.degraded
            assert result.coverage == 0.0
            assert {passage.space for passage in result.passages} == {OPEN}
            assert result.passages[0].score == 1.0
            await book.healer.whole()
            assert await book.found() == before
        assert len(shelf.aside(shelf.words)) == 1

    async def test_a_run_that_meets_the_damage_ends_and_the_next_one_finds_all_in_order(
        self, shelf: Shelf, before: Found, reader: DocumentReader, tmp_path: Path
    ) -> None:
        (tmp_path / "new").mkdir()
        (tmp_path / "new/a.md").write_text("# Mới\n\nChẳng giống gì cả.\n", encoding="utf-8")
        source = Source(str(tmp_path / "new"))
        async with opened(shelf, reader) as book:
            overwrite(shelf.vectors / "chroma.sqlite3")
            with pytest.raises(IndexUnavailable):
                await book.ingestion.run(OPEN, source)
            await book.healer.whole()
            summary = await book.ingestion.run(OPEN, source)
            assert (summary.new + summary.unchanged, summary.restored) == (1, CHUNKS)
            await book.ingestion.forget_other_sources(OPEN, [OPEN])
            assert await book.found() == before


class TestWhileRebuilding:
    """The rebuilding of the vectors has begun and takes its time."""

    async def test_words_alone_answer_and_the_result_says_so(self, stuck: Opened) -> None:
        result = await stuck.retriever.search(QUERIES[0], ALL, 5)
        assert result.degraded
        assert result.nearness == 0.0
        assert result.passages[0].chunk_id == "c0007"
        assert result.passages[0].score == 1.0

    @pytest.mark.parametrize("space", [OPEN, CLOSED])
    async def test_no_passage_comes_from_another_space(self, stuck: Opened, space: str) -> None:
        result = await stuck.retriever.search("điều nhân viên nghỉ phép", frozenset({space}), CHUNKS)
        assert {passage.space for passage in result.passages} == {space}
        assert (await stuck.retriever.search(QUERIES[0], frozenset(), 5)).passages == ()

    async def test_with_both_halves_lost_nothing_is_made_up(self, stuck: Opened, before: Found) -> None:
        stuck.lexical.health = Health.PARTIAL
        with pytest.raises(IndexUnavailable) as caught:
            await stuck.retriever.search(QUERIES[0], ALL, 5)
        assert caught.value.message_id == "index.rebuilding"
        release(stuck)
        stuck.lexical.filled()
        await stuck.healer.whole()
        assert await stuck.found() == before

    async def test_a_run_waits_for_its_turn_and_embeds_nothing_twice(self, stuck: Opened, tmp_path: Path) -> None:
        (tmp_path / "new").mkdir()
        (tmp_path / "new/a.md").write_text("# Mới\n\nChẳng giống gì cả.\n", encoding="utf-8")
        async with asyncio.TaskGroup() as group:
            run = group.create_task(stuck.ingestion.run(OPEN, Source(str(tmp_path / "new"))))
            assert (await stuck.retriever.search(QUERIES[0], ALL, 5)).degraded
            embedder = release(stuck)
        assert (run.result().new, run.result().restored) == (1, CHUNKS)
        assert len(embedder.texts) == len(set(embedder.texts)) == CHUNKS + 1
        assert stuck.vectors.health is Health.WHOLE

    async def test_damage_met_meanwhile_is_healed_in_another_round(
        self, shelf: Shelf, stuck: Opened, before: Found
    ) -> None:
        overwrite(shelf.vectors / "chroma.sqlite3")
        with pytest.raises(IndexUnavailable):
            await asyncio.to_thread(stuck.vectors.ids)
        assert stuck.vectors.health is Health.DAMAGED
        release(stuck)
        stuck.healer._retry_seconds = 0
        await stuck.healer.whole()
        assert await stuck.found() == before
        assert len(shelf.aside(shelf.vectors)) == 2


class TestInterrupted:
    """A rebuilding that does not come to its end."""

    async def test_the_next_start_goes_on_where_the_process_ended(
        self, shelf: Shelf, before: Found, reader: DocumentReader
    ) -> None:
        (shelf.vectors / "chroma.sqlite3").unlink()
        done = 3 * EMBED_AT_ONCE
        shelf.embedder = held = HeldEmbedder(free=done)
        async with opened(shelf, reader):
            await asyncio.to_thread(held.stuck.wait, 60)
            held.free = CHUNKS  # what is being embedded may end, its result is dropped
            held.released.set()
        shelf.embedder = HashEmbedder()
        async with opened(shelf, reader) as book:
            assert book.vectors.health is Health.PARTIAL
            await book.healer.whole()
            assert await book.found() == before
        assert len(shelf.embedder.texts) <= CHUNKS - done
        assert len(shelf.aside(shelf.vectors)) == 1

    async def test_after_a_failure_it_is_tried_again(self, shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
        """Locked for a moment, as databases are."""
        tries = 0
        with LexicalIndex(shelf.words) as index:
            index.remove(["c0007"])

        async def counts() -> dict[str, tuple[int, int]]:
            return {OPEN: (1, CHUNKS - SECRET), CLOSED: (1, SECRET)}

        async def repair() -> int:
            nonlocal tries
            tries += 1
            if tries < 3:
                raise StoreError("store.locked", place="here", detail="busy")
            lexical.filled()
            return 0

        lexical = LexicalHalf(shelf.words)
        with lexical, VectorHalf(shelf.vectors, shelf.embedder) as vectors:
            async with healing(vectors, lexical, repair, counts, retry_seconds=0) as healer:
                await healer.whole()
        assert tries == 3
        assert [record.levelname for record in caplog.records].count("ERROR") == 2


async def test_what_other_processes_store_is_looked_for_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    looks, enough = 0, asyncio.Event()

    async def repair() -> int:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise StoreError("store.locked", place="here", detail="busy")
        if looks == 3:
            enough.set()
        return looks

    with caplog.at_level("INFO"):
        async with following(repair, seconds=0):
            await asyncio.wait_for(enough.wait(), 30)
    assert "brought in from other processes: 3 chunks" in caplog.text
    assert "was not looked for" in caplog.text
    with pytest.raises(ValueError, match="the block's own"):
        async with following(repair, seconds=60):
            raise ValueError("the block's own")
