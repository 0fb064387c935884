"""The dense index in real Chroma folders: by space, reopened, owned by one process, refusing what does not fit."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import IndexUnavailable
from core.ports import Embedder
from retrieval.chroma import BATCH, ChromaIndex
from retrieval.damage import IndexDamaged
from retrieval.index_entry import IndexedChunk

CHECKOUT = Path(__file__).parents[2]
ALL = frozenset({"hr", "it"})
X, Y, Z = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]


class Named:
    """An embedder by name and dimension only."""

    def __init__(self, name: str = "axes", dimension: int = 3) -> None:
        self.name = name
        self.dimension = dimension

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError(text)

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        raise NotImplementedError(texts)


AXES: Embedder = Named()


def chunk(chunk_id: str, space: str = "hr", text: str = "not stored here") -> IndexedChunk:
    return IndexedChunk(chunk_id, "d1", space, text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index" / "vectors"


@pytest.fixture
def index(folder: Path) -> Iterator[ChromaIndex]:
    with ChromaIndex(folder, AXES) as opened:
        opened.add([chunk("x"), chunk("y"), chunk("z", "it")], [X, Y, Z])
        yield opened


def test_the_nearest_comes_first_with_its_cosine_less_the_mean(index: ChromaIndex) -> None:
    hits = index.search([0.6, 0.8, 0.0], ALL, 3)
    mean = (0.8 + 0.6 + 0.0) / 3
    assert [chunk_id for chunk_id, _ in hits] == ["y", "x", "z"]
    assert [nearness + mean for _, nearness in hits] == pytest.approx([0.8, 0.6, 0.0], abs=1e-5)


def test_a_language_that_lies_near_every_query_does_not_win_by_that(folder: Path) -> None:
    """Both English vectors are nearer to the query than the Vietnamese one that stands out among its own."""
    english = [[0.9, 0.1, 0.4], [0.9, 0.2, 0.4]]
    vietnamese = [[0.5, 0.8, 0.0], [0.0, 0.1, 1.0], [0.1, 0.0, 1.0]]
    with ChromaIndex(folder, AXES) as index:
        index.add([chunk(f"en{n}", text="Leave is granted by the head.") for n in range(2)], english)
        index.add([chunk(f"vi{n}", text="Nghỉ phép do trưởng phòng duyệt.") for n in range(3)], vietnamese)
        assert index.search(X, ALL, 1)[0][0] == "vi0"


def test_only_the_spaces_asked_for_are_searched(index: ChromaIndex) -> None:
    assert {chunk_id for chunk_id, _ in index.search(Z, frozenset({"hr"}), 10)} == {"x", "y"}
    assert index.search(Z, frozenset({"other"}), 10) == []
    assert index.search(Z, frozenset(), 10) == []


def test_a_space_that_comes_later_is_not_let_through(index: ChromaIndex) -> None:
    assert len(index.search(X, ALL, 10)) == 3
    index.add([chunk("secret", "board")], [X])
    assert "secret" not in dict(index.search(X, ALL, 10))
    assert "secret" in dict(index.search(X, ALL | {"board"}, 10))
    index.remove(["secret"])
    assert len(index.search(X, ALL, 10)) == 3


def test_an_empty_index_finds_nothing(folder: Path) -> None:
    with ChromaIndex(folder, AXES) as index:
        assert index.search(X, ALL, 10) == []
        assert index.ids() == set()


def test_adding_an_id_again_replaces_vector_and_space(index: ChromaIndex) -> None:
    index.add([chunk("x", "it")], [Y])
    assert [chunk_id for chunk_id, _ in index.search(Y, frozenset({"it"}), 10)] == ["x", "z"]
    assert len(index.ids()) == 3


def test_a_chunk_whose_language_changes_is_there_once(index: ChromaIndex) -> None:
    index.add([chunk("x", text="Nay viết bằng tiếng Việt.")], [X])
    assert [chunk_id for chunk_id, _ in index.search(X, ALL, 10)].count("x") == 1


def test_removed_chunks_are_gone_and_unknown_ones_are_no_error(index: ChromaIndex) -> None:
    index.remove(["x", "never seen"])
    index.remove([])
    index.add([], [])
    assert index.ids() == {"y", "z"}


def test_more_than_one_batch_is_stored_and_removed(folder: Path) -> None:
    chunks = [chunk(str(n)) for n in range(BATCH + 1)]
    with ChromaIndex(folder, AXES) as index:
        index.add(chunks, [[1.0, n / BATCH, 0.0] for n in range(len(chunks))])
        assert len(index.ids()) == BATCH + 1
        index.remove([entry.chunk_id for entry in chunks[1:]])
        assert index.ids() == {"0"}


def test_what_was_added_is_there_after_reopening(folder: Path) -> None:
    for n in range(3):
        with ChromaIndex(folder, AXES) as index:
            assert len(index.ids()) == n
            index.add([chunk(str(n))], [X])


def test_vectors_of_another_embedder_are_refused(folder: Path) -> None:
    ChromaIndex(folder, AXES).close()
    for other in (Named("other", 3), Named("axes", 4)):
        with pytest.raises(IndexUnavailable) as caught:
            ChromaIndex(folder, other)
        assert caught.value.message_id == "index.other_embedder"
    ChromaIndex(folder, AXES).close()


def test_a_folder_has_one_owner_at_a_time(folder: Path) -> None:
    first = ChromaIndex(folder, AXES)
    with pytest.raises(IndexUnavailable) as caught:
        ChromaIndex(folder, AXES)
    assert caught.value.message_id == "index.in_use"
    first.close()
    first.close()
    ChromaIndex(folder, AXES).close()


HOLDER = """
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def test_another_process_that_owns_the_folder_is_named_until_it_ends(folder: Path) -> None:
    folder.parent.mkdir()
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, f"{folder}.lock", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(IndexUnavailable, match="in use by another process"):
        ChromaIndex(folder, AXES)
    await holder.communicate(b"")
    ChromaIndex(folder, AXES).close()


def test_a_damaged_folder_is_one_sentence_and_can_be_replaced_in_the_same_process(folder: Path) -> None:
    ChromaIndex(folder, AXES).close()
    (folder / "chroma.sqlite3").write_bytes(b"no database at all " * 500)
    with pytest.raises(IndexUnavailable) as caught:
        ChromaIndex(folder, AXES)
    assert caught.value.message_id == "index.vectors_damaged"
    (folder / "chroma.sqlite3").unlink()
    with ChromaIndex(folder, AXES) as index:
        index.add([chunk("x")], [X])
        assert index.ids() == {"x"}


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "vectors"):
        with pytest.raises(IndexUnavailable) as caught:
            ChromaIndex(folder, AXES)
        assert caught.value.message_id == "index.vectors_damaged"


async def test_a_disk_without_room_is_no_damage(folder: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.retrieval.fullness", str(folder), stdin=PIPE, stdout=PIPE, cwd=CHECKOUT
    )
    assert program.stdout
    said = await program.stdout.readline()
    program.kill()
    await program.communicate()
    assert said == b"IndexUnavailable index.vectors_failed\n"
    with ChromaIndex(folder, AXES) as index:
        assert "x" in index.ids()


def test_a_panic_of_the_rust_side_is_damage_and_ctrl_c_is_not(index: ChromaIndex) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    with pytest.raises(IndexDamaged), index._translated():
        raise panic("malformed")
    with pytest.raises(KeyboardInterrupt), index._translated():
        raise KeyboardInterrupt


def test_a_vector_of_the_wrong_length_is_refused(index: ChromaIndex) -> None:
    with pytest.raises(IndexUnavailable):
        index.search([1.0, 0.0], ALL, 3)
