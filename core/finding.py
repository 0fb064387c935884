"""What an answer is written from: passages of the files that came with the question, then passages of the index."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from core.conversation import Attachment, RefusedFile
from core.documents import Passage
from core.errors import ModelTimeout, SotayError
from core.ports import AttachmentReader, AttachmentsRead, Retriever, SearchResult
from core.replies import Case


async def find(
    case: Case, allowed: frozenset[str], retriever: Retriever, reader: AttachmentReader | None, limit: int
) -> SearchResult:
    """At most `limit` passages, those of the question's own files first; files that give none are noted in `case`.

    Raises `ModelTimeout` at the deadline, and what the retriever raises. An error of the reader refuses the files.
    """
    files = case.question.attachments
    try:
        async with asyncio.timeout(case.deadline.remaining()):
            found = await retriever.search(case.query, allowed, limit)
            case.stopwatch.lap("search")
            read = await _read(found.query, files, reader, limit) if files else AttachmentsRead()
    except TimeoutError as error:
        raise ModelTimeout("answer.too_late") from error
    if files:
        case.stopwatch.lap("read")
    case.refused = (*case.refused, *read.refused)
    return replace(found, passages=merged(read.passages, found.passages, limit))


def merged(own: Sequence[Passage], found: Sequence[Passage], limit: int) -> tuple[Passage, ...]:
    """Half of `limit` for the question's own files, rounded up, and what the index leaves; the rest for the index."""
    kept = own[: max((limit + 1) // 2, limit - len(found))]
    return (*kept, *found[: limit - len(kept)])


async def _read(
    query: str, files: Sequence[Attachment], reader: AttachmentReader | None, limit: int
) -> AttachmentsRead:
    if reader is None:
        return AttachmentsRead(refused=tuple(RefusedFile(file.name, "answer.file_not_read") for file in files))
    try:
        return await reader.read(query, files, limit)
    except SotayError as error:
        return AttachmentsRead(refused=tuple(RefusedFile(file.name, error.message_id, error.facts) for file in files))
