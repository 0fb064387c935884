"""The lexical index on real SQLite files: found with and without marks, by space, kept in step with what is removed."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import IndexUnavailable
from core.ports import Typing
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex

HR = frozenset({"hr"})
ALL = frozenset({"hr", "it"})
LEAVE = IndexedChunk("leave", "d1", "hr", "Nghỉ phép\nNhân viên có 12 ngày nghỉ phép năm, đăng ký trước 3 ngày.")
PAY = IndexedChunk("pay", "d1", "hr", "Lương\nLương được trả vào ngày 5 hằng tháng qua ngân hàng.")
WIFI = IndexedChunk(
    "wifi", "d2", "it", "Wi-Fi\nMật khẩu Wi-Fi cho khách ở quầy lễ tân. The password changes on Monday."
)
DME = IndexedChunk("dme", "d2", "it", "VOR/DME\nĐài VOR/DME kiểm tra mỗi 90 ngày.")
CHUNKS = [LEAVE, PAY, WIFI, DME]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new index, closed: counting the shipped texts once is enough."""
    path = tmp_path_factory.mktemp("fresh") / "lexical.db"
    LexicalIndex(path).close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / "lexical.db"


@pytest.fixture
def copied(path: Path, fresh: Path) -> Path:
    path.parent.mkdir()
    shutil.copy(fresh, path)
    return path


@pytest.fixture
def index(copied: Path) -> Iterator[LexicalIndex]:
    with LexicalIndex(copied) as opened:
        opened.add(CHUNKS)
        yield opened


def found(index: LexicalIndex, query: str, typing: Typing = Typing.ACCENTED) -> list[str]:
    return [chunk_id for chunk_id, _ in index.search(query, ALL, 10, typing)]


@pytest.mark.parametrize("query", ["nghỉ phép năm", "nghi phep nam", "NGHI PHEP", "đăng ký", "dang ky truoc"])
def test_the_chunk_is_found_with_marks_and_without(index: LexicalIndex, query: str) -> None:
    assert found(index, query)[0] == "leave"


def test_scores_fall_and_are_above_zero(index: LexicalIndex) -> None:
    scores = [score for _, score in index.search("ngày nghỉ phép của nhân viên", ALL, 10)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_only_the_spaces_asked_for_are_searched(index: LexicalIndex) -> None:
    assert {chunk_id for chunk_id, _ in index.search("ngày", HR, 10)} == {"leave", "pay"}
    assert index.search("ngày", frozenset(), 10) == []
    assert index.search("ngày", frozenset({"other"}), 10) == []


def test_the_limit_holds_within_the_spaces(index: LexicalIndex) -> None:
    assert len(index.search("ngày", ALL, 1)) == 1


def test_codes_are_found_by_their_parts(index: LexicalIndex) -> None:
    assert found(index, "DME?") == ["dme"]


def test_english_function_words_find_nothing_in_an_english_query(index: LexicalIndex) -> None:
    assert found(index, "the on the", Typing.ENGLISH) == []
    assert found(index, "the password", Typing.ENGLISH) == ["wifi"]


@pytest.mark.parametrize(
    "query", ["", " ?! ", '"', "a\x00b", "NEAR(x y)", "x* OR y", "col:z", "'; DROP TABLE chunk; --"]
)
def test_no_query_is_a_command(index: LexicalIndex, query: str) -> None:
    index.search(query, ALL, 10)
    assert index.ids() == {"leave", "pay", "wifi", "dme"}


def test_a_query_of_thousands_of_words_is_answered(index: LexicalIndex) -> None:
    assert found(index, "nghỉ phép " + " ".join(f"từ{n}" for n in range(5000)))[0] == "leave"


def test_removed_chunks_are_found_no_more_and_unknown_ones_are_no_error(index: LexicalIndex) -> None:
    index.remove(["leave", "never seen"])
    assert "leave" not in found(index, "nghỉ phép năm")
    assert index.ids() == {"pay", "wifi", "dme"}


def test_adding_an_id_again_replaces_its_text_and_space(index: LexicalIndex) -> None:
    index.add([IndexedChunk("leave", "d1", "it", "Thang máy hỏng gọi bảo vệ.")])
    assert found(index, "nghi phep") == []
    assert index.search("thang máy", frozenset({"it"}), 10)[0][0] == "leave"


def test_a_failed_add_leaves_nothing_behind(index: LexicalIndex) -> None:
    twice = [IndexedChunk("new", "d3", "hr", "xoắn ốc"), IndexedChunk("new", "d3", "hr", "trùng mã")]
    with pytest.raises(IndexUnavailable):
        index.add(twice)
    assert index.ids() == {"leave", "pay", "wifi", "dme"}
    assert found(index, "xoắn ốc") == []


def test_what_was_added_is_there_after_reopening(copied: Path) -> None:
    with LexicalIndex(copied) as first:
        first.add(CHUNKS)
    with LexicalIndex(copied) as second:
        assert found(second, "nghi phep")[0] == "leave"


def test_coverage_is_whole_for_the_chunks_own_words_and_none_for_strange_ones(index: LexicalIndex) -> None:
    assert index.coverage("lương trả ngân hàng", "pay") == pytest.approx(1.0)
    assert index.coverage("luong tra ngan hang", "pay") == pytest.approx(1.0)
    assert index.coverage("kính hiển vi điện tử", "pay") == 0.0
    assert 0 < index.coverage("lương của phi công", "pay") < 1
    assert index.coverage("", "pay") == 0.0
    assert index.coverage("lương", "never seen") == 0.0


def test_words_of_most_chunks_weigh_nothing_in_coverage(index: LexicalIndex) -> None:
    assert index.coverage("ngày ngân hàng", "pay") == index.coverage("ngân hàng", "pay")


def test_queries_are_restored_from_shipped_and_indexed_texts(index: LexicalIndex) -> None:
    assert index.restored("Toi co bao nhieu ngay nghi phep nam?") == "Tôi có bao nhiêu ngày nghỉ phép năm?"
    assert index.restored("xoan xuyt") == "xoan xuyt"
    index.add([IndexedChunk("new", "d3", "hr", "Dây cáp xoắn xuýt.")])
    assert index.restored("xoan xuyt") == "xoắn xuýt"


def test_removing_takes_back_what_adding_taught(copied: Path) -> None:
    def counts() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        connection = sqlite3.connect(copied)
        try:
            syllables = connection.execute("SELECT * FROM syllable ORDER BY form").fetchall()
            return syllables, connection.execute("SELECT * FROM pair ORDER BY first, second").fetchall()
        finally:
            connection.close()

    with LexicalIndex(copied) as index:
        before = counts()
        index.add(CHUNKS)
        assert counts() != before
        index.remove(["leave", "pay", "wifi", "dme"])
        assert counts() == before


def test_searching_goes_on_while_another_thread_adds(index: LexicalIndex) -> None:
    def add(n: int) -> None:
        index.add([IndexedChunk(f"extra-{n}", "d4", "hr", f"Nghỉ bù số {n}")])

    with ThreadPoolExecutor(4) as pool:
        added = pool.map(add, range(20))
        seen = list(pool.map(lambda _: found(index, "nghi phep nam")[0], range(20)))
        assert list(added) == [None] * 20
    assert set(seen) == {"leave"}
    assert len(index.ids()) == 24


def test_a_file_that_is_no_database_is_said_to_be_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all " * 500)
    with pytest.raises(IndexUnavailable) as caught:
        LexicalIndex(path)
    assert caught.value.message_id == "index.lexical_damaged"
    assert str(path) in str(caught.value)


def test_a_file_of_another_version_asks_to_be_rebuilt(copied: Path) -> None:
    connection = sqlite3.connect(copied)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexUnavailable) as caught:
        LexicalIndex(copied)
    assert caught.value.message_id == "index.lexical_outdated"


def test_a_path_that_cannot_hold_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "lexical.db"):
        with pytest.raises(IndexUnavailable) as caught:
            LexicalIndex(path)
        assert caught.value.message_id == "index.lexical_failed"


def test_a_closed_index_says_so(copied: Path) -> None:
    index = LexicalIndex(copied)
    index.close()
    index.close()
    with pytest.raises(IndexUnavailable):
        index.ids()
