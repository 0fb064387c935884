"""The other story: scan a folder, read what changed, chunk, embed, store, forget what is gone.

The database is the truth and says last that a document is indexed; the indexes are caches that `repair` brings in
line with it. So a run may be ended at any point: what it left unfinished is done anew by the next one.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from core.documents import Chunk, Document, IndexedDocument
from core.ports import Embedder
from core.store.documents import DocumentRepository
from retrieval.chunking import chunks_of, indexable_text
from retrieval.documents import DocumentReader
from retrieval.index_entry import IndexedChunk
from retrieval.loading import Loaded, Loader, Parsed, Unchanged
from retrieval.progress import FileResult, Progress, Silence, Summary, Tally
from retrieval.refusals import Refused
from retrieval.sources import Source

EMBED_AT_ONCE = 16
"""Chunks embedded between two steps of the progress bar; cancelling waits for as many."""
IDS_AT_ONCE = 2_000


class Index(Protocol):
    """What both indexes share. Blocking; unknown ids are no error. Raises IndexUnavailable."""

    def remove(self, chunk_ids: Sequence[str]) -> None: ...

    def ids(self) -> set[str]: ...


class VectorIndex(Index, Protocol):
    """The dense half of the search."""

    def add(self, chunks: Sequence[IndexedChunk], vectors: Sequence[Sequence[float]]) -> None:
        """One vector a chunk; an id that is there already is replaced."""


class LexicalIndex(Index, Protocol):
    """The half that looks for words."""

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        """An id that is there already is replaced."""


class Ingestion:
    """Brings store and indexes in line with folders; one run at a time."""

    def __init__(
        self,
        documents: DocumentRepository,
        embedder: Embedder,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        reader: DocumentReader,
    ) -> None:
        self._documents = documents
        self._embedder = embedder
        self._vectors = vectors
        self._lexical = lexical
        self._reader = reader

    async def run(self, space: str, source: Source, progress: Progress | None = None) -> Summary:
        """Indexes what is new or changed in `source` as part of `space`, and forgets what is gone from it.

        A bad file is refused and named in the summary. Raises IngestError for a folder that cannot be listed,
        StoreError and IndexUnavailable when storing fails; what was finished until then stays.
        """
        started = time.monotonic()
        progress = progress or Silence()
        files = await asyncio.to_thread(source.files)
        restored = await self.repair(progress)
        known = await self._known(space, source.url)
        tally = Tally()
        progress.begin(len(files))
        async with Loader(self._reader, space, source, known).loading(files) as loading:
            async for loaded in loading:
                path, result = await self._settle(loaded, known, tally, progress)
                tally.results[result] += 1
                progress.file_done(path, result)
        for path in known.keys() - {file.path for file in files}:
            await self._forget(known[path])
            tally.removed += 1
        return tally.summary(space, source.url, restored, time.monotonic() - started)

    async def repair(self, progress: Progress | None = None) -> int:
        """Makes both indexes hold exactly the indexed chunks of the database; the number of chunks embedded again.

        Left-overs of a run that was ended go; what a rebuilt or damaged index lacks comes back without reading files.
        """
        stored = await self._stored_ids()
        in_vectors = await _without_strangers(self._vectors, stored)
        in_lexical = await _without_strangers(self._lexical, stored)
        if stored <= in_vectors and stored <= in_lexical:
            return 0
        restored = 0
        async for pairs in self._documents.iter_chunks(EMBED_AT_ONCE):
            entries = [_entry(document, chunk) for chunk, document in pairs]
            if unsearched := [entry for entry in entries if entry.chunk_id not in in_lexical]:
                await asyncio.to_thread(self._lexical.add, unsearched)
            if missing := [entry for entry in entries if entry.chunk_id not in in_vectors]:
                vectors = await self._embed(missing, progress or Silence())
                await asyncio.to_thread(self._vectors.add, missing, vectors)
                restored += len(missing)
        return restored

    async def forget_other_sources(self, space: str, sources: Sequence[str]) -> int:
        """Removes the documents of `space` that came from a source other than `sources`; how many they were."""
        gone = [known for known in await self._documents.indexed(space) if known.document.source not in sources]
        for known in gone:
            await self._forget(known)
        return len(gone)

    async def _settle(
        self, loaded: Loaded, known: dict[str, IndexedDocument], tally: Tally, progress: Progress
    ) -> tuple[str, FileResult]:
        """Does what one file asks for; its path and how it fared."""
        if isinstance(loaded, Refused):
            before = known.get(loaded.path)
            if before is not None:
                await self._forget(before)
            tally.refuse(loaded, was_indexed=before is not None)
            return loaded.path, FileResult.REFUSED
        file = loaded.file
        if isinstance(loaded, Unchanged):
            if loaded.touched:
                await self._documents.touch(loaded.known.document.id, file.modified_at, file.size)
            return file.path, FileResult.UNCHANGED
        tally.chunks += await self._store(loaded, progress)
        return file.path, loaded.result

    async def _store(self, parsed: Parsed, progress: Progress) -> int:
        """Embeds and stores one document; the order is the one that `repair` can finish from any point."""
        document = parsed.document
        chunks = await asyncio.to_thread(chunks_of, document, parsed.extracted)
        entries = [_entry(document, chunk) for chunk in chunks]
        vectors = await self._embed(entries, progress)
        outdated = await self._documents.replace(document, chunks)
        await asyncio.to_thread(self._vectors.add, entries, vectors)
        await asyncio.to_thread(self._lexical.add, entries)
        await self._documents.mark_indexed(document.id)
        await self._remove(outdated)
        return len(chunks)

    async def _embed(self, entries: Sequence[IndexedChunk], progress: Progress) -> list[list[float]]:
        vectors: list[list[float]] = []
        for first in range(0, len(entries), EMBED_AT_ONCE):
            texts = [entry.text for entry in entries[first : first + EMBED_AT_ONCE]]
            vectors += await asyncio.to_thread(self._embedder.embed_passages, texts)
            progress.chunks_embedded(len(texts))
        return vectors

    async def _forget(self, known: IndexedDocument) -> None:
        await self._remove(await self._documents.remove(known.document.id))

    async def _remove(self, chunk_ids: Sequence[str]) -> None:
        if chunk_ids:
            await asyncio.to_thread(self._vectors.remove, chunk_ids)
            await asyncio.to_thread(self._lexical.remove, chunk_ids)

    async def _known(self, space: str, source: str) -> dict[str, IndexedDocument]:
        indexed = await self._documents.indexed(space)
        return {known.document.path: known for known in indexed if known.document.source == source}

    async def _stored_ids(self) -> set[str]:
        stored: set[str] = set()
        after = ""
        while page := await self._documents.chunk_ids(after, IDS_AT_ONCE):
            stored.update(page)
            after = page[-1]
        return stored


async def _without_strangers(index: Index, stored: set[str]) -> set[str]:
    """The ids that the index holds once those are removed that the database does not count as indexed."""
    held = await asyncio.to_thread(index.ids)
    if strangers := held - stored:
        await asyncio.to_thread(index.remove, sorted(strangers))
    return held & stored


def _entry(document: Document, chunk: Chunk) -> IndexedChunk:
    return IndexedChunk(chunk.id, document.id, document.space, indexable_text(document, chunk))
