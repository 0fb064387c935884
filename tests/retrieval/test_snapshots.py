"""The index, copied while somebody has it open and while it is written to."""

import asyncio
import random
import shutil
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.ports import Typing
from retrieval.chroma import ChromaIndex
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from retrieval.sealing import Seal, open_seal
from retrieval.snapshots import VECTORS, WORDS, copy_index
from tests.retrieval.ingesting import CountingEmbedder

EMBEDDER = CountingEmbedder(dimension=32)
SPACES = frozenset({"chung"})


def chunk(number: int) -> IndexedChunk:
    return IndexedChunk(f"c{number:05d}", "d", "chung", f"Quy định nghỉ phép số {number}")


def vectors_of(chunks: Iterable[IndexedChunk]) -> list[Sequence[float]]:
    return [[dice.gauss(0, 1) for _ in range(32)] for dice in (random.Random(each.chunk_id) for each in chunks)]  # noqa: S311


class Index:
    """Both halves in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vectors, self.words = ChromaIndex(folder / VECTORS, EMBEDDER), LexicalIndex(folder / WORDS)

    def add(self, numbers: Iterable[int]) -> None:
        chunks = [chunk(number) for number in numbers]
        self.vectors.add(chunks, vectors_of(chunks))
        self.words.add(chunks)

    def close(self) -> None:
        self.vectors.close()
        self.words.close()


def copied(folder: Path, numbers: Iterable[int], target: Path) -> bool:
    ids = folder / "chunks"
    ids.write_text("\n".join(chunk(number).chunk_id for number in numbers), encoding="utf-8")
    return copy_index(folder / VECTORS, folder / WORDS, ids, target)


def held(target: Path) -> tuple[set[str], set[str]]:
    """What a copy holds; opened as after a restore, it is in order."""
    seals = {open_seal(target / name) for name in (VECTORS, WORDS)}
    assert seals == {Seal.FITS}
    with ChromaIndex(target / VECTORS, EMBEDDER) as vectors, LexicalIndex(target / WORDS) as words:
        return vectors.ids(), words.ids()


def ids_of(numbers: Iterable[int]) -> set[str]:
    return {chunk(number).chunk_id for number in numbers}


@pytest.mark.parametrize("is_open", [True, False])
def test_a_copy_holds_and_finds_the_same(tmp_path: Path, is_open: bool) -> None:
    index = Index(tmp_path)
    index.add(range(300))
    wanted, text = vectors_of([chunk(7)])[0], "nghỉ phép số 7"
    near = index.vectors.search(wanted, SPACES, 5)
    worded = index.words.search(text, SPACES, 5, Typing.ACCENTED)
    if not is_open:
        index.close()
    assert copied(tmp_path, range(300), tmp_path / "copy")
    assert held(tmp_path / "copy") == (ids_of(range(300)), ids_of(range(300)))
    with (
        ChromaIndex(tmp_path / "copy" / VECTORS, EMBEDDER) as vectors,
        LexicalIndex(tmp_path / "copy" / WORDS) as words,
    ):
        assert [found for found, _ in vectors.search(wanted, SPACES, 5)] == [found for found, _ in near]
        assert words.search(text, SPACES, 5, Typing.ACCENTED) == worded
    if is_open:
        index.add([400])
        index.close()
        assert {open_seal(tmp_path / name) for name in (VECTORS, WORDS)} == {Seal.FITS}, "nobody has touched it"


def test_what_the_database_does_not_hold_is_not_in_the_copy(tmp_path: Path) -> None:
    index = Index(tmp_path)
    index.add(range(50))
    assert copied(tmp_path, range(10, 60), tmp_path / "copy")
    assert held(tmp_path / "copy") == (ids_of(range(10, 50)), ids_of(range(10, 50)))
    assert index.vectors.ids() == ids_of(range(50))
    index.close()


def test_where_there_is_no_index_there_is_no_copy(tmp_path: Path) -> None:
    assert not copied(tmp_path, [], tmp_path / "copy")
    index = Index(tmp_path)
    index.add(range(5))
    index.close()
    shutil.rmtree(tmp_path / VECTORS)
    assert not copied(tmp_path, range(5), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("name", ["chroma/chroma.sqlite3", "lexical.sqlite"])
def test_of_a_damaged_index_there_is_no_copy(tmp_path: Path, name: str) -> None:
    index = Index(tmp_path)
    index.add(range(200))
    index.close()
    file = tmp_path / name
    content = bytearray(file.read_bytes())
    content[8_192 : 3 * 8_192] = b"\xff" * 2 * 8_192
    file.write_bytes(content)
    assert not copied(tmp_path, range(200), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


BUSY = """
import sys
from pathlib import Path
from tests.retrieval.test_snapshots import Index
index = Index(Path(sys.argv[1]))
index.add(range(100))
number = 100
while True:
    print(number, flush=True)
    for _ in range(int(sys.stdin.readline() or "0") or sys.exit()):
        index.add([number])
        number += 1
"""


@asynccontextmanager
async def busy(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A service that owns the index in `folder` and adds to it when it is told to; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BUSY, str(folder), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def test_an_index_that_is_written_to_is_copied_whole_or_not_at_all(tmp_path: Path) -> None:
    async with busy(tmp_path) as service:
        assert service.stdin
        service.stdin.write(b"400\n")
        await service.stdin.drain()
        is_whole = await asyncio.to_thread(copied, tmp_path, range(500), tmp_path / "copy")
    if is_whole:
        vectors, words = held(tmp_path / "copy")
        assert ids_of(range(100)) <= vectors <= ids_of(range(500))
        assert ids_of(range(100)) <= words <= ids_of(range(500))
    else:
        assert not (tmp_path / "copy").exists()


async def test_an_index_whose_owner_was_killed_is_copied(tmp_path: Path) -> None:
    async with busy(tmp_path):
        pass
    assert await asyncio.to_thread(copied, tmp_path, range(100), tmp_path / "copy")
    assert held(tmp_path / "copy") == (ids_of(range(100)), ids_of(range(100)))
