"""Files that came with a question: read, cut and ranked for this question only; nothing of them is kept."""

import asyncio
import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.conversation import ATTACHED, Attachment, RefusedFile
from core.documents import Chunk, Document, Label, Passage
from core.errors import IndexUnavailable
from core.ports import AttachmentsRead, Embedder
from retrieval.blocks import ExtractedDocument
from retrieval.chunking import HEADING_JOINT, chunks_of, indexable_text
from retrieval.documents import DocumentReader
from retrieval.filetypes import suffix_of
from retrieval.refusals import Refused
from retrieval.search import DENSE_WEIGHT, MAX_QUERY, Hits, fuse
from retrieval.terms import asked, columns
from retrieval.vietnamese import normalise, typing_of

FILES = 5
"""Files of one question that are read."""
EMBEDDED = 48
"""Chunks of one question that are embedded, those with the likeliest words: five to seven seconds on two cores, at the
7 to 9 chunks a second of `docs/models.md`. Meanwhile the searches of others wait for a turn of the embedder each."""
PICTURES = frozenset(
    {".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"}
)
SATURATION, LENGTH = 1.2, 0.75
"""BM25's k1 and b, as FTS5 has them."""
_OTHER_SENTENCES = {"documents.encrypted": "answer.file_encrypted"}
"""Sentences of ingestion that ask for what a person in a chat cannot do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk of a file, and the text that it is found by."""

    passage: Passage
    text: str


class FileAttachments:
    """`core.ports.AttachmentReader`. Neither the reader's workers nor the embedder belong to it."""

    def __init__(self, reader: DocumentReader, embedder: Embedder) -> None:
        self._reader = reader
        self._embedder = embedder

    async def read(self, query: str, files: Sequence[Attachment], limit: int) -> AttachmentsRead:
        """At most `limit` passages, best first; without the embedder they are ranked by their words alone."""
        parts: list[Part] = []
        refused: list[RefusedFile] = []
        for number, file in enumerate(map(speakable, files)):
            match await self._parts(number, file):
                case RefusedFile() as refusal:
                    refused.append(refusal)
                case found:
                    parts += found
        passages = await asyncio.to_thread(self._ranked, query, parts)
        return AttachmentsRead(tuple(passages[:limit]), tuple(refused))

    async def _parts(self, number: int, file: Attachment) -> list[Part] | RefusedFile:
        """The parts of file `number` in reading order, or why there are none."""
        if number >= FILES:
            return RefusedFile(file.name, "answer.file_one_too_many", {"limit": FILES})
        if suffix_of(file.name) in PICTURES:
            return RefusedFile(file.name, "answer.file_picture")
        extracted = await self._reader.read(file.name, file.data)
        if isinstance(extracted, Refused):
            message_id = _OTHER_SENTENCES.get(extracted.message_id, extracted.message_id)
            return RefusedFile(file.name, message_id, extracted.facts)
        return await asyncio.to_thread(parts_of, number, file, extracted)

    def _ranked(self, query: str, parts: Sequence[Part]) -> list[Passage]:
        """All passages, best first, with the scores of the search; those that nothing speaks for in reading order."""
        wanted = normalise(query[: 2 * MAX_QUERY])[:MAX_QUERY]
        typing = typing_of(wanted)
        worded = by_words(asked(wanted, typing), parts)
        near = self._near(wanted, _likeliest(worded, parts))
        weight = 0.0 if not near else DENSE_WEIGHT[typing]
        scores = dict(fuse(near, worded, weight))
        scored = [replace(part.passage, score=scores.get(part.passage.chunk_id, 0.0)) for part in parts]
        return sorted(scored, key=lambda passage: -passage.score)

    def _near(self, query: str, parts: Sequence[Part]) -> Hits:
        """The parts by their cosine with the query, best first; none where nothing is asked or can be embedded."""
        if not query or not parts:
            return ()
        try:
            vectors = np.array(self._embedder.embed_passages([part.text for part in parts]))
            cosines = vectors @ np.array(self._embedder.embed_query(query))
        except IndexUnavailable:
            return ()
        hits = [(part.passage.chunk_id, float(cosine)) for part, cosine in zip(parts, cosines, strict=True)]
        return sorted(hits, key=lambda hit: -hit[1])


def speakable(file: Attachment) -> Attachment:
    """The file under a name that can be shown and stored: one line, without hidden characters."""
    return replace(file, name=" ".join(normalise(file.name).split()))


def parts_of(number: int, file: Attachment, extracted: ExtractedDocument) -> list[Part]:
    """The chunks of a file as they are found. Ids depend on the file's place among the files, its name and content."""
    content_hash = hashlib.sha256(file.data).hexdigest()
    document = Document(
        id=hashlib.sha256(f"{ATTACHED}\0{number}\0{file.name}\0{content_hash}".encode()).hexdigest()[:32],
        space=ATTACHED,
        source=ATTACHED,
        path=file.name,
        title=extracted.title,
        content_hash=content_hash,
        size=len(file.data),
        modified_at=0.0,
    )
    return [
        Part(_passage(document, chunk), indexable_text(document, chunk)) for chunk in chunks_of(document, extracted)
    ]


def _passage(document: Document, chunk: Chunk) -> Passage:
    return Passage(
        chunk_id=chunk.id,
        document_id=document.id,
        document=document.path,
        title=document.title,
        heading=HEADING_JOINT.join(chunk.title_path),
        page=chunk.page,
        text=chunk.text,
        space=ATTACHED,
        label=Label.CONFIDENTIAL,
    )


def by_words(tokens: Sequence[str], parts: Sequence[Part]) -> Hits:
    """The parts that hold any of the query's tokens with their BM25 scores, best first."""
    held = [Counter(" ".join(columns(part.text)).split()) for part in parts]
    usual = sum(counts.total() for counts in held) / len(held) if held else 0.0
    weights = {token: _weight(sum(token in counts for counts in held), len(held)) for token in tokens}
    scored = [
        (part.passage.chunk_id, sum(weights[token] * _share(counts, token, usual) for token in weights))
        for part, counts in zip(parts, held, strict=True)
    ]
    return sorted((hit for hit in scored if hit[1] > 0), key=lambda hit: -hit[1])


def _weight(holding: int, count: int) -> float:
    """Inverse document frequency, above 0 also where all parts of a small file hold the token."""
    return math.log1p((count - holding + 0.5) / (holding + 0.5))


def _share(counts: Counter[str], token: str, usual: float) -> float:
    """BM25's saturated frequency of the token."""
    often = counts[token]
    return (
        often * (SATURATION + 1) / (often + SATURATION * (1 - LENGTH + LENGTH * counts.total() / usual))
        if often
        else 0.0
    )


def _likeliest(worded: Hits, parts: Sequence[Part]) -> Sequence[Part]:
    """The parts to embed: all, or, of more than `EMBEDDED`, those of the best words, then the first ones."""
    order = {chunk_id: place for place, (chunk_id, _) in enumerate(worded)}
    return sorted(parts, key=lambda part: order.get(part.passage.chunk_id, len(order)))[:EMBEDDED]
