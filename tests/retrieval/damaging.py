"""A filled handbook whose index files can be damaged: prepared once, copied for every test."""

import hashlib
import random
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.documents import Chunk, Document, Label, Space
from core.store.database import open_database
from core.store.documents import DocumentRepository
from core.store.spaces import SpaceRepository
from retrieval.chunking import indexable_text
from retrieval.documents import DocumentReader
from retrieval.halves import LexicalHalf, VectorHalf
from retrieval.healing import Healer, healing
from retrieval.index_entry import IndexedChunk
from retrieval.indexing import Ingestion
from retrieval.sealing import SEAL
from retrieval.search import HybridRetriever

OPEN, CLOSED = "chung", "mat"
ALL = frozenset({OPEN, CLOSED})
CHUNKS = 96
SECRET = 16
"""Chunks of the closed space."""
TIMES = 12
"""How often each vector is stored: after a thousand changes Chroma writes the graph of a collection to its files."""
QUERIES = ("điều 7 nghỉ phép", "điều 51 thanh toán", "dieu 83 hop dong")
WORDS = ("nghỉ phép", "thanh toán", "hợp đồng", "bảo hiểm", "đào tạo", "an toàn", "trợ cấp")


class HashEmbedder:
    """Unit vectors of 16 numbers out of a text's hash; keeps the passages it was given."""

    name = "hash-16"
    dimension = 16

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_query(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        vector = np.random.default_rng(seed).standard_normal(self.dimension)
        unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return unit

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += texts
        return [self.embed_query(text) for text in texts]


class HeldEmbedder(HashEmbedder):
    """Embeds `free` passages, then says that it is stuck and waits to be let go on."""

    def __init__(self, free: int = 0) -> None:
        super().__init__()
        self.free = free
        self.stuck = threading.Event()
        self.released = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        if len(self.texts) >= self.free:
            self.stuck.set()
            assert self.released.wait(60)
        return super().embed_passages(texts)


@dataclass
class Shelf:
    """The folder of a handbook and what lies in it."""

    folder: Path
    embedder: HashEmbedder = field(default_factory=HashEmbedder)

    @property
    def vectors(self) -> Path:
        return self.folder / "chroma"

    @property
    def words(self) -> Path:
        return self.folder / "lexical.sqlite"

    def segment(self, name: str) -> Path:
        """A file of the graph of the vectors."""
        return next(self.vectors.glob(f"*/{name}"))

    def aside(self, path: Path) -> list[Path]:
        return sorted(path.parent.glob(f"{path.name}.damaged-*"))

    def unseal(self) -> None:
        """As a process leaves the folder that was killed."""
        (self.vectors / SEAL).unlink()

    def copy(self, folder: Path) -> "Shelf":
        shutil.copytree(self.folder, folder)
        return Shelf(folder)


@dataclass
class Opened:
    """An open handbook with its healer."""

    documents: DocumentRepository
    vectors: VectorHalf
    lexical: LexicalHalf
    retriever: HybridRetriever
    ingestion: Ingestion
    healer: Healer

    async def found(self, spaces: frozenset[str] = ALL) -> list[list[tuple[str, float]]]:
        """What the queries find, with scores."""
        results = [await self.retriever.search(query, spaces, 5) for query in QUERIES]
        assert not any(result.degraded for result in results)
        return [[(each.chunk_id, round(each.score, 3)) for each in result.passages] for result in results]


@asynccontextmanager
async def opened(shelf: Shelf, reader: DocumentReader, retry_seconds: float = 60) -> AsyncIterator[Opened]:
    """Opens a shelf in the way of `bots.bootstrap.open_handbook`."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{shelf.folder / 'sotay.db'}"))
        documents = DocumentRepository(database)
        vectors = stack.enter_context(VectorHalf(shelf.vectors, shelf.embedder))
        lexical = stack.enter_context(LexicalHalf(shelf.words))
        ingestion = Ingestion(documents, shelf.embedder, vectors, lexical, reader)
        healer = await stack.enter_async_context(
            healing(vectors, lexical, ingestion.repair, documents.counts, retry_seconds)
        )
        retriever = HybridRetriever(shelf.embedder, vectors, lexical, documents.passages)
        yield Opened(documents, vectors, lexical, retriever, ingestion, healer)


async def fill(shelf: Shelf) -> None:
    """Puts documents of both spaces into the database; the indexes are left to the healer."""
    async with open_database(f"sqlite+aiosqlite:///{shelf.folder / 'sotay.db'}") as database:
        spaces = [(Space(name, Label.PUBLIC), [name]) for name in (OPEN, CLOSED)]
        await SpaceRepository(database).sync(spaces)
        documents = DocumentRepository(database)
        for space, numbers in ((OPEN, range(SECRET, CHUNKS)), (CLOSED, range(SECRET))):
            await documents.replace(
                Document(space, space, space, "a.md", "Nội quy", "0", 1, 1.0), _chunks(space, numbers)
            )
            await documents.mark_indexed(space)


async def write_graph(book: Opened) -> None:
    """Has Chroma write its graph."""
    pairs = [pair async for batch in book.documents.iter_chunks() for pair in batch]
    entries = [
        IndexedChunk(chunk.id, document.id, document.space, indexable_text(document, chunk))
        for chunk, document in pairs
    ]
    vectors = [book.retriever._embedder.embed_query(entry.text) for entry in entries]
    for _ in range(TIMES):
        book.vectors.add(entries, vectors)


def _chunks(document: str, numbers: range) -> list[Chunk]:
    texts = {n: f"Điều {n} về {WORDS[n % len(WORDS)]} của nhân viên." for n in numbers}
    return [Chunk(f"c{n:04}", document, n, text, (), None, 0, len(text)) for n, text in texts.items()]


def spoil(path: Path, seed: int) -> str:
    """Damages one file, or loses it, in a way that the seed decides; what was done."""
    chance = random.Random(seed)  # noqa: S311
    size = path.stat().st_size
    kind = chance.choice(("truncate", "bytes", "block", "zeros", "delete"))
    if kind == "delete":
        path.unlink()
        return f"{kind} {path.name}"
    with path.open("r+b") as file:
        if kind == "truncate":
            file.truncate(size // 2)
        else:
            for position, content in _patches(kind, size, chance):
                file.seek(position)
                file.write(content)
    return f"{kind} {path.name}"


def _patches(kind: str, size: int, chance: random.Random) -> Iterator[tuple[int, bytes]]:
    if kind == "zeros":
        yield 0, bytes(size)
    elif kind == "block":
        yield chance.randrange(size), chance.randbytes(2000)
    else:
        yield from ((chance.randrange(size), chance.randbytes(8)) for _ in range(50))


def overwrite(path: Path) -> None:
    """Nothing but noise, in the length that the file had; whoever has it open reads that from now on."""
    with path.open("r+b") as file:
        file.write(random.Random(1).randbytes(path.stat().st_size))  # noqa: S311
