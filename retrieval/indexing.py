"""The other story: scan a folder, read what changed, chunk, embed, store, forget what is gone.

The database is the truth and says last that a document is indexed; the indexes are caches that `repair` brings in
line with it. So a run may be ended at any point: what it left unfinished is done anew by the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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

    def renew(self) -> None:
        """Begins anew, empty, if it was found damaged."""

    def filled(self) -> None:
        """Is told that it now holds every indexed chunk of the database and no other."""


class VectorIndex(Index, Protocol):
    """The dense half of the search."""

    def add(self, chunks: Sequence[IndexedChunk], vectors: Sequence[Sequence[float]]) -> None:
        """One vector a chunk; an id that is there already is replaced."""


class LexicalIndex(Index, Protocol):
    """The half that looks for words."""

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        """An id that is there already is replaced."""


class Ingestion:
    """Brings store and indexes in line with folders. Runs and repairs take turns, also when they are begun at once."""

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
        self._turn = asyncio.Lock()
        self._progress: Progress = Silence()
        self._restored = 0

    async def run(self, space: str, source: Source, progress: Progress | None = None) -> Summary:
        """Indexes what is new or changed in `source` as part of `space`, and forgets what is gone from it.

        A bad file is refused and named in the summary. Raises IngestError for a folder that cannot be listed,
        StoreError and IndexUnavailable when storing fails; what was finished until then stays. A repair that is under
        way is waited for; `progress` hears of it too.
        """
        self._progress = progress or Silence()
        try:
            async with self._turn:
                return await self._run(space, source, self._progress)
        finally:
            self._progress = Silence()

    async def _run(self, space: str, source: Source, progress: Progress) -> Summary:
        started = time.monotonic()
        files = await asyncio.to_thread(source.files)
        await self._repair()
        restored, self._restored = self._restored, 0
        known = await self._known(space, source.url)
        tally = Tally()
        progress.begin(len(files))
        async with Loader(self._reader, space, source, known).loading(files) as loading:
            async for loaded in loading:
                path, result = await self._settle(loaded, known, tally)
                tally.results[result] += 1
                progress.file_done(path, result)
        for path in known.keys() - {file.path for file in files}:
            await self._forget(known[path])
            tally.removed += 1
        return tally.summary(space, source.url, restored, time.monotonic() - started)

    async def repair(self) -> int:
        """Makes both indexes hold exactly the indexed chunks of the database; the number of chunks embedded again.

        A damaged index begins anew. Left-overs of a run that was ended go; what an index lacks comes back without
        reading files, words first because they take no embedding. Ended half way, the next one goes on from there.
        """
        async with self._turn:
            return await self._repair()

    async def _repair(self) -> int:
        stored = await self._stored_ids()
        await self._mend(self._lexical, stored, self._add_words)
        before = self._restored
        await self._mend(self._vectors, stored, self._add_vectors)
        return self._restored - before

    async def _mend(self, index: Index, stored: set[str], add: Callable[[list[IndexedChunk]], Awaitable[None]]) -> None:
        await asyncio.to_thread(index.renew)
        async for entries in self._missing(index, stored):
            await add(entries)
        index.filled()

    async def _add_words(self, entries: list[IndexedChunk]) -> None:
        await asyncio.to_thread(self._lexical.add, entries)

    async def _add_vectors(self, entries: list[IndexedChunk]) -> None:
        await asyncio.to_thread(self._vectors.add, entries, await self._embed(entries))
        self._restored += len(entries)

    async def _missing(self, index: Index, stored: set[str]) -> AsyncIterator[list[IndexedChunk]]:
        """What the index lacks of `stored`, some at a time; what the database does not count as indexed is removed."""
        held = await asyncio.to_thread(index.ids)
        if strangers := held - stored:
            await asyncio.to_thread(index.remove, sorted(strangers))
        if stored <= held:
            return
        async for pairs in self._documents.iter_chunks(EMBED_AT_ONCE):
            if missing := [_entry(document, chunk) for chunk, document in pairs if chunk.id not in held]:
                yield missing

    async def forget_other_sources(self, space: str, sources: Sequence[str]) -> int:
        """Removes the documents of `space` that came from a source other than `sources`; how many they were."""
        async with self._turn:
            gone = [known for known in await self._documents.indexed(space) if known.document.source not in sources]
            for known in gone:
                await self._forget(known)
        return len(gone)

    async def _settle(self, loaded: Loaded, known: dict[str, IndexedDocument], tally: Tally) -> tuple[str, FileResult]:
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
        tally.chunks += await self._store(loaded)
        return file.path, loaded.result

    async def _store(self, parsed: Parsed) -> int:
        """Embeds and stores one document; the order is the one that `repair` can finish from any point."""
        document = parsed.document
        chunks = await asyncio.to_thread(chunks_of, document, parsed.extracted)
        entries = [_entry(document, chunk) for chunk in chunks]
        vectors = await self._embed(entries)
        outdated = await self._documents.replace(document, chunks)
        await asyncio.to_thread(self._vectors.add, entries, vectors)
        await asyncio.to_thread(self._lexical.add, entries)
        await self._documents.mark_indexed(document.id)
        await self._remove(outdated)
        return len(chunks)

    async def _embed(self, entries: Sequence[IndexedChunk]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for first in range(0, len(entries), EMBED_AT_ONCE):
            texts = [entry.text for entry in entries[first : first + EMBED_AT_ONCE]]
            vectors += await asyncio.to_thread(self._embedder.embed_passages, texts)
            self._progress.chunks_embedded(len(texts))
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


def _entry(document: Document, chunk: Chunk) -> IndexedChunk:
    return IndexedChunk(chunk.id, document.id, document.space, indexable_text(document, chunk))
