"""The dense half of the search: vectors by chunk id in an embedded Chroma. The one import of chromadb.

A cache of the database that ingestion can rebuild: it holds no text, only vectors and the space of each chunk.

Vietnamese chunks and all others lie in a collection each, and a similarity is counted from the mean of its collection.
A multilingual embedder finds every text of the query's own language a little nearer, whatever it says: without this,
an English question meets all English chunks before the Vietnamese one that answers it.
"""

import fcntl
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

import numpy as np
from chromadb import Collection
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.rust import RustBindingsAPI
from chromadb.api.types import Where
from chromadb.config import Settings, System

from core.errors import IndexUnavailable
from core.ports import Embedder
from retrieval.damage import IndexDamaged
from retrieval.index_entry import IndexedChunk
from retrieval.probing import survives
from retrieval.sealing import Seal, open_seal, seal
from retrieval.vietnamese import is_vietnamese

COLLECTIONS = ("chunks-vi", "chunks-other")
SAMPLE = 1000
"""Vectors of a collection whose mean stands for all of them."""
EF_SEARCH = 200
EF_CONSTRUCTION = 200
MAX_NEIGHBORS = 32
"""Width of the search and density of the graph. Of the true ten nearest among 1,979 chunks 99.9 % are found, with
Chroma's own density (100 and 16) 98.9 %; adding and searching take the same time."""
HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_search": EF_SEARCH,
    "ef_construction": EF_CONSTRUCTION,
    "max_neighbors": MAX_NEIGHBORS,
}
BATCH = 5461
"""Chroma's own limit on one call."""
DATABASE = "chroma.sqlite3"
OUTSIDE = (
    *(f"(code: {code})" for code in (5, 6, 13, 778, 1034, 1546)),
    *("No space left", "File too large", "Disk quota exceeded"),
)
"""Signs of a failure that says nothing about the files: SQLite's busy, locked, full, and failed writes."""
TRIED = 100
"""Vectors of a collection that are searched for when a folder is tried out."""

_T = TypeVar("_T")


class _Shelf:
    """One collection, with what a search wants to know of it kept until it changes."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._covering: dict[frozenset[str], bool] = {}
        self._mean: np.ndarray | None = None

    def changed(self) -> None:
        self._covering.clear()
        self._mean = None

    def search(self, vector: Sequence[float], spaces: frozenset[str], limit: int) -> list[tuple[str, float]]:
        """Chunk ids with their cosine less the mean one of the collection, best first."""
        mean = self._mean_vector()
        if mean is None:
            return []
        found = self.collection.query(
            query_embeddings=_plain([vector]),
            n_results=limit,
            include=["distances"],
            where=None if self._covered_by(spaces) else _of("$in", spaces),
        )
        level = 1.0 - float(np.dot(mean, vector))
        distances = (found["distances"] or [[]])[0]
        return [(chunk_id, level - distance) for chunk_id, distance in zip(found["ids"][0], distances, strict=True)]

    def _mean_vector(self) -> np.ndarray | None:
        """The mean of the vectors; None when there are none."""
        if self._mean is None:
            sample = self.collection.get(limit=SAMPLE, include=["embeddings"])["embeddings"]
            if sample is None or not len(sample):
                return None
            self._mean = np.mean(np.asarray(sample), axis=0)
        return self._mean

    def _covered_by(self, spaces: frozenset[str]) -> bool:
        """Whether no chunk lies outside `spaces`: then the filter, which costs 10 ms, can be left out."""
        if spaces not in self._covering:
            outside = self.collection.get(where=_of("$nin", spaces), limit=1, include=[])
            self._covering[spaces] = not outside["ids"]
        return self._covering[spaces]


class ChromaIndex:
    """The vectors of one folder, created when missing, owned by this process until `close`.

    Blocking, safe from several threads. Raises `IndexUnavailable` when the folder belongs to another process, holds
    vectors of another embedder than `embedder` or the disk is full, its kind `IndexDamaged` when it cannot be read.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self._in_order = True
        with ExitStack() as opened, self._translated():
            opened.enter_context(owned(folder))
            self._inspect()
            opened.callback(self._seal)
            client = opened.enter_context(client_of(folder))
            self._shelves = [self._shelf(client, name, embedder) for name in COLLECTIONS]
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the folder back once what is being written is written; a second call does nothing."""
        with self._translated(), self._writing:
            self._opened.close()

    def add(self, chunks: Sequence[IndexedChunk], vectors: Sequence[Sequence[float]]) -> None:
        """Stores one vector a chunk; a chunk id that is there already is replaced."""
        pairs = list(zip(chunks, vectors, strict=True))
        vietnamese, others = self._shelves
        with self._translated(), self._writing:
            self._remove([chunk.chunk_id for chunk in chunks])  # its language may have changed
            self._fill(vietnamese, [pair for pair in pairs if is_vietnamese(pair[0].text)])
            self._fill(others, [pair for pair in pairs if not is_vietnamese(pair[0].text)])

    def remove(self, chunk_ids: Sequence[str]) -> None:
        """Forgets the chunks; unknown ids are no error."""
        with self._translated(), self._writing:
            self._remove(chunk_ids)

    def count(self) -> int:
        """How many chunks are held; cheaper than their ids."""
        with self._translated():
            return sum(shelf.collection.count() for shelf in self._shelves)

    def ids(self) -> set[str]:
        with self._translated():
            return {chunk_id for shelf in self._shelves for chunk_id in shelf.collection.get(include=[])["ids"]}

    def search(self, vector: Sequence[float], spaces: frozenset[str], limit: int) -> list[tuple[str, float]]:
        """At most `limit` chunk ids out of `spaces`, best first.

        With each goes its cosine less the mean cosine of all chunks of its language: above 0 is nearer than most.
        """
        if not spaces:
            return []
        with self._translated():
            found = [hit for shelf in self._shelves for hit in shelf.search(vector, spaces, limit)]
        return sorted(found, key=lambda hit: -hit[1])[:limit]

    def _remove(self, chunk_ids: Sequence[str]) -> None:
        for shelf in self._shelves:
            for batch in _batched(list(chunk_ids)):
                shelf.collection.delete(ids=batch)
            shelf.changed()

    @staticmethod
    def _fill(shelf: _Shelf, pairs: Sequence[tuple[IndexedChunk, Sequence[float]]]) -> None:
        for batch in _batched(list(pairs)):
            shelf.collection.upsert(
                ids=[chunk.chunk_id for chunk, _ in batch],
                embeddings=_plain(vector for _, vector in batch),
                metadatas=[{"space": chunk.space} for chunk, _ in batch],
            )
        shelf.changed()

    def _shelf(self, client: Client, name: str, embedder: Embedder) -> _Shelf:
        collection = client.get_or_create_collection(
            name,
            embedding_function=None,
            metadata={"embedder": embedder.name, "dimension": embedder.dimension},
            configuration={"hnsw": HNSW},
        )
        held = collection.metadata or {}
        if not isinstance(held.get("embedder"), str):
            raise self._damaged("no embedder is named")
        if (held.get("embedder"), held.get("dimension")) != (embedder.name, embedder.dimension):
            raise IndexUnavailable(
                "index.other_embedder", path=self._folder, found=held.get("embedder"), wanted=embedder.name
            )
        return _Shelf(collection)

    def _inspect(self) -> None:
        """Finds damage before Chroma opens the folder in this process, which some damaged files would end."""
        if not self._folder.is_dir() or not any(self._folder.iterdir()):
            return
        if not (self._folder / DATABASE).is_file():
            raise self._damaged(f"{DATABASE} is missing")
        state = open_seal(self._folder)
        if state is Seal.BROKEN:
            raise self._damaged("files have changed since it was closed")
        if state is Seal.NONE and not survives(try_out, self._folder):
            raise self._damaged("a search in it crashes or fails")

    def _seal(self) -> None:
        if self._in_order:
            seal(self._folder)

    def _damaged(self, reason: object) -> IndexDamaged:
        self._in_order = False
        return IndexDamaged("index.vectors_damaged", path=self._folder, reason=reason)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Whatever Chroma raises is damage: besides its own errors those of its Python side, which trips over broken
        JSON or missing keys, and panics of its Rust side, which are not even an `Exception`.
        """
        try:
            yield
        except IndexUnavailable:
            raise
        except Exception as error:
            if any(sign in str(error) for sign in OUTSIDE):
                raise IndexUnavailable("index.vectors_failed", path=self._folder, reason=error) from error
            raise self._damaged(error) from error
        except BaseException as error:
            if type(error).__module__ != "pyo3_runtime":
                raise
            raise self._damaged(error) from error


def try_out(folder: Path) -> None:
    """Reads and searches what the folder holds, in a process that may crash over it; the caller owns the folder."""
    with client_of(folder) as client:
        for collection in client.list_collections():
            collection.count()
            held = collection.get(limit=SAMPLE, include=["embeddings"])["embeddings"]
            if held is not None and len(held):
                tried = held[:: max(1, len(held) // TRIED)]
                collection.query(query_embeddings=np.asarray(tried), n_results=TRIED, include=["distances"])


def _plain(vectors: Iterable[Sequence[float]]) -> list[Sequence[float] | Sequence[int]]:
    return list(vectors)


def _of(operator: Literal["$in", "$nin"], spaces: frozenset[str]) -> Where:
    listed: list[str | int | float | bool] = [*sorted(spaces)]
    return {"space": {operator: listed}}


def _batched(items: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


@contextmanager
def client_of(folder: Path) -> Iterator[Client]:
    """A client of its own system: one that fails to start leaves nothing behind in Chroma's registry."""
    system = System(Settings(is_persistent=True, persist_directory=str(folder), anonymized_telemetry=False))
    system.instance(RustBindingsAPI)
    system.start()
    client = Client.from_system(system)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """A lock file beside `folder`, held until the end: two processes in one folder damage it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexUnavailable("index.in_use", path=folder) from error
        yield
    finally:
        os.close(lock)
