"""From a folder's files to documents ready to store, a few ahead of whoever stores them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.documents import Document, IndexedDocument
from retrieval.blocks import ExtractedDocument
from retrieval.documents import DocumentReader
from retrieval.progress import FileResult
from retrieval.refusals import Refused
from retrieval.sources import Source, SourceFile

READ_AHEAD = 2
"""Parsed documents that wait while an earlier one is embedded."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The file is as indexed; `touched` when it was written anew with the same bytes."""

    file: SourceFile
    known: IndexedDocument
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """The file is new or changed, or its last indexing was not finished."""

    file: SourceFile
    document: Document
    extracted: ExtractedDocument
    result: FileResult


Loaded = Unchanged | Parsed | Refused


class Loader:
    """Reads one folder for one space. `known` holds what the store remembers of the folder, by path."""

    def __init__(
        self, reader: DocumentReader, space: str, source: Source, known: Mapping[str, IndexedDocument]
    ) -> None:
        self._reader = reader
        self._space = space
        self._source = source
        self._known = known

    @asynccontextmanager
    async def loading(self, files: Sequence[SourceFile]) -> AsyncIterator[AsyncIterator[Loaded]]:
        """The files in their order, parsed while the caller works on earlier ones; ends with the block.

        An error on either side ends both and leaves the block as itself.
        """
        queue: asyncio.Queue[Loaded | None] = asyncio.Queue(READ_AHEAD)
        try:
            async with asyncio.TaskGroup() as group:
                loading = group.create_task(self._load_all(files, queue))
                yield _drain(queue)
                loading.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    async def _load_all(self, files: Sequence[SourceFile], queue: asyncio.Queue[Loaded | None]) -> None:
        for file in files:
            await queue.put(await self.load(file))
        await queue.put(None)

    async def load(self, file: SourceFile) -> Loaded:
        """One file; unread where size and time of change are those of the document as indexed."""
        known = self._known.get(file.path)
        if known is not None and _looks_unchanged(file, known):
            return Unchanged(file, known)
        if _is_unspeakable(file.path):
            return Refused(file.path.encode(errors="replace").decode(), "documents.bad_name")
        limits = self._reader.limits
        data = await asyncio.to_thread(self._source.read, file, limits.size)
        if isinstance(data, Refused):
            return data
        content_hash = (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
        if known is not None and known.indexed_at is not None and known.document.content_hash == content_hash:
            return Unchanged(file, known, touched=True)
        extracted = await self._reader.read(file.path, data)
        if isinstance(extracted, Refused):
            return extracted
        result = FileResult.NEW if known is None else FileResult.CHANGED
        return Parsed(file, self._document(file, extracted.title, content_hash), extracted, result)

    def _document(self, file: SourceFile, title: str, content_hash: str) -> Document:
        """Its id depends on space, source and path only."""
        key = f"{self._space}\0{self._source.url}\0{file.path}"
        return Document(
            id=hashlib.sha256(key.encode()).hexdigest()[:32],
            space=self._space,
            source=self._source.url,
            path=file.path,
            title=title,
            content_hash=content_hash,
            size=file.size,
            modified_at=file.modified_at,
        )


def _looks_unchanged(file: SourceFile, known: IndexedDocument) -> bool:
    """A source that tells no time of change (0.0) is read each time."""
    same = (file.size, file.modified_at) == (known.document.size, known.document.modified_at)
    return same and file.modified_at > 0 and known.indexed_at is not None


def _is_unspeakable(path: str) -> bool:
    """Whether the name holds bytes that are no UTF-8; Python keeps such bytes as lone surrogates."""
    return any("\ud800" <= character <= "\udfff" for character in path)


async def _drain(queue: asyncio.Queue[Loaded | None]) -> AsyncIterator[Loaded]:
    while (loaded := await queue.get()) is not None:
        yield loaded
