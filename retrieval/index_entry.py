"""What goes into the search index for one chunk; written by indexing, read by `lexical` and `chroma`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as it is indexed.

    `text` is what is searched: the document's title and the headings above the chunk on the first line
    ("title › heading › heading"), then the chunk's own text.
    """

    chunk_id: str
    document_id: str
    space: str
    text: str
