"""An office in small for the tests of indexing: a folder, a real database, both real indexes, a counting embedder."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.documents import Label, Space
from core.errors import StoreError
from core.store.database import open_database
from core.store.documents import DocumentRepository
from core.store.spaces import SpaceRepository
from retrieval.documents import DocumentReader
from retrieval.halves import LexicalHalf, VectorHalf
from retrieval.index_entry import IndexedChunk
from retrieval.indexing import Ingestion
from retrieval.progress import FileResult, Summary
from retrieval.sources import Source

SPACE = "chung"


class Fuse:
    """Blows at the n-th step, as a full disk does; 0 never blows."""

    def __init__(self, blows_at: int = 0) -> None:
        self.steps = 0
        self.blows_at = blows_at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.blows_at:
            raise StoreError("store.full", place="test", detail="full")


@dataclass
class CountingEmbedder:
    """Unit vectors made of a text's hash; keeps the texts it was given."""

    fuse: Fuse = field(default_factory=Fuse)
    name: str = "counting-1"
    dimension: int = 4
    texts: list[str] = field(default_factory=list)

    def embed_query(self, text: str) -> list[float]:
        direction = hashlib.sha256(text.encode()).digest()[0] % self.dimension
        return [float(index == direction) for index in range(self.dimension)]

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        self.fuse.step()
        self.texts += texts
        return [self.embed_query(text) for text in texts]


@dataclass
class FusedVectors:
    """The real vector index behind a fuse that may blow before or after each change."""

    index: VectorHalf
    fuse: Fuse

    def add(self, chunks: Sequence[IndexedChunk], vectors: Sequence[Sequence[float]]) -> None:
        self.fuse.step()
        self.index.add(chunks, vectors)
        self.fuse.step()

    def remove(self, chunk_ids: Sequence[str]) -> None:
        self.fuse.step()
        self.index.remove(chunk_ids)

    def ids(self) -> set[str]:
        return self.index.ids()

    def renew(self) -> None:
        self.index.renew()

    def filled(self) -> None:
        self.index.filled()


@dataclass
class FusedLexical:
    """The real lexical index, likewise."""

    index: LexicalHalf
    fuse: Fuse

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        self.fuse.step()
        self.index.add(chunks)
        self.fuse.step()

    def remove(self, chunk_ids: Sequence[str]) -> None:
        self.fuse.step()
        self.index.remove(chunk_ids)

    def ids(self) -> set[str]:
        return self.index.ids()

    def renew(self) -> None:
        self.index.renew()

    def filled(self) -> None:
        self.index.filled()


@dataclass
class Recorder:
    """Progress as it was told."""

    files: int = 0
    done: list[tuple[str, FileResult]] = field(default_factory=list)
    chunks: int = 0

    def begin(self, files: int) -> None:
        self.files = files

    def file_done(self, path: str, result: FileResult) -> None:
        self.done.append((path, result))

    def chunks_embedded(self, count: int) -> None:
        self.chunks += count


@dataclass
class Office:
    """Everything that ingestion needs, with short ways to look at the outcome."""

    folder: Path
    documents: DocumentRepository
    vectors: VectorHalf
    lexical: LexicalHalf
    reader: DocumentReader
    embedder: CountingEmbedder = field(default_factory=CountingEmbedder)

    def write(self, path: str, content: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def ingestion(self, fuse: Fuse | None = None) -> Ingestion:
        """With a fuse, each step of embedding and of both indexes may fail."""
        fuse = fuse or Fuse()
        self.embedder = CountingEmbedder(fuse)
        vectors, lexical = FusedVectors(self.vectors, fuse), FusedLexical(self.lexical, fuse)
        return Ingestion(self.documents, self.embedder, vectors, lexical, self.reader)

    async def ingest(self, fuse: Fuse | None = None, space: str = SPACE) -> Summary:
        return await self.ingestion(fuse).run(space, Source(str(self.folder)))

    async def stored_ids(self) -> set[str]:
        return set(await self.documents.chunk_ids("", 10_000))

    async def assert_consistent(self) -> None:
        """Every document is indexed and both indexes hold exactly its chunks."""
        stored = await self.stored_ids()
        assert self.vectors.ids() == self.lexical.ids() == stored
        assert all(known.indexed_at for known in await self.documents.indexed(SPACE))

    async def texts(self) -> dict[str, str]:
        """The indexed text of each document by path."""
        found: dict[str, str] = {}
        async for pairs in self.documents.iter_chunks():
            for chunk, document in sorted(pairs, key=lambda pair: pair[0].ordinal):
                found[document.path] = found.get(document.path, "") + chunk.text
        return found


@asynccontextmanager
async def open_office(folder: Path, reader: DocumentReader) -> AsyncIterator[Office]:
    source = folder / "files"
    source.mkdir(exist_ok=True)
    async with open_database(f"sqlite+aiosqlite:///{folder / 'sotay.db'}") as database:
        spaces = [(Space(name, Label.PUBLIC), [str(source)]) for name in (SPACE, "khac")]
        await SpaceRepository(database).sync(spaces)
        with (
            VectorHalf(folder / "vectors", CountingEmbedder()) as vectors,
            LexicalHalf(folder / "words.db") as lexical,
        ):
            yield Office(source, DocumentRepository(database), vectors, lexical, reader)
