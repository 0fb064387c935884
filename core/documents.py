"""The nouns of the handbook: spaces, documents, the chunks they are stored as, the passages that are found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Label(StrEnum):
    """How far the content of a space may travel; only `public` may leave the office by default."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True)
class Space:
    """A set of sources with one audience and one label. `audience` names groups of people.

    `may_leave` says that an administrator allows its passages to be sent to a model outside the office.
    """

    name: str
    label: Label
    audience: frozenset[str] = frozenset()
    may_leave: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a space, as last indexed.

    `path` is relative to its source, with forward slashes. `content_hash` is the SHA-256 of the file's bytes, in hex;
    `size` is in bytes; `modified_at` is the file's time of change in seconds since 1970, as the source gives it.
    """

    id: str
    space: str
    source: str
    path: str
    title: str
    content_hash: str
    size: int
    modified_at: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document as stored. `start` and `end` are character offsets into the document's extracted text.

    `title_path` are the headings above it, outermost first, without the document's title. `page` counts from 1 and
    is None where the format has no pages.
    """

    id: str
    document_id: str
    ordinal: int
    text: str
    title_path: tuple[str, ...]
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found. `score` lies in 0..1 and orders passages of one search; it is no probability."""

    chunk_id: str
    document_id: str
    document: str
    title: str
    heading: str
    page: int | None
    text: str
    space: str
    label: Label
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """What the store remembers of a document between two runs of ingestion. `indexed_at` is None while unfinished."""

    document: Document
    chunk_count: int
    indexed_at: datetime | None
