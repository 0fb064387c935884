"""Documents and chunks: the truth behind the search indexes."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.documents import Chunk, Document, IndexedDocument, Label, Passage
from core.store import tables
from core.store.database import Database

IDS_AT_ONCE = 500  # bound parameters of one statement; old SQLite builds take 999
HEADING_JOINT = " › "
OWNER = "owner_"  # marks the columns of a chunk's document where both stand in one row

document, chunk, space = tables.document, tables.chunk, tables.space


@dataclass(frozen=True)
class DocumentRepository:
    """The documents of a database. A document counts as indexed from `mark_indexed` until it is replaced."""

    database: Database

    async def indexed(self, space: str) -> list[IndexedDocument]:
        """Every document of the space, finished or not, in the order of source and path."""
        statement = (
            select(document, func.count(chunk.c.id).label("chunks"))
            .outerjoin(chunk)
            .where(document.c.space == space)
            .group_by(document.c.id)
            .order_by(document.c.source, document.c.path)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).mappings()
            return [IndexedDocument(to_document(row), row["chunks"], row["indexed_at"]) for row in rows]

    async def replace(self, new: Document, chunks: Sequence[Chunk]) -> list[str]:
        """Put `new` and its chunks where a document of the same space, source and path was; not yet indexed.

        Returns the ids of the chunks that are gone, for the indexes to forget.
        """
        same_file = (document.c.space == new.space) & (document.c.source == new.source) & (document.c.path == new.path)
        async with self.database.writing() as connection:
            removed = await _remove(connection, same_file)
            await connection.execute(insert(document), asdict(new))
            if chunks:
                await connection.execute(insert(chunk), [to_chunk_row(piece) for piece in chunks])
        kept = {piece.id for piece in chunks}
        return [chunk_id for chunk_id in removed if chunk_id not in kept]

    async def mark_indexed(self, document_id: str) -> None:
        """Its chunks are in the indexes: from now on it is found."""
        await self._change(document_id, indexed_at=datetime.now(UTC))

    async def touch(self, document_id: str, modified_at: float, size: int) -> None:
        """Its file was written anew with the same content."""
        await self._change(document_id, modified_at=modified_at, size=size)

    async def remove(self, document_id: str) -> list[str]:
        """Forget the document; returns the ids of its chunks, for the indexes to forget."""
        async with self.database.writing() as connection:
            return await _remove(connection, document.c.id == document_id)

    async def passages(self, chunk_ids: Sequence[str], spaces: frozenset[str]) -> dict[str, Passage]:
        """The check before the prompt: those of the chunks that are indexed and lie in one of `spaces`, by id.

        In the order of `chunk_ids`. What an index still holds of removed documents or of other spaces is left out.
        """
        found: dict[str, Passage] = {}
        async with self.database.reading() as connection:
            for some in batches(list(dict.fromkeys(chunk_ids)), IDS_AT_ONCE):
                statement = (
                    select(chunk, document.c.path, document.c.title, space.c.name, space.c.label)
                    .join_from(chunk, document)
                    .join(space)
                    .where(chunk.c.id.in_(some), document.c.indexed_at.is_not(None), space.c.name.in_(spaces))
                )
                rows = (await connection.execute(statement)).mappings()
                found |= {row["id"]: to_passage(row) for row in rows}
        return {chunk_id: found[chunk_id] for chunk_id in chunk_ids if chunk_id in found}

    async def chunk_ids(self, after: str, limit: int) -> list[str]:
        """The next `limit` ids of indexed chunks after `after`, in their order; from the first with ""."""
        statement = indexed_chunks().where(chunk.c.id > after).limit(limit)
        async with self.database.reading() as connection:
            return list(await connection.scalars(statement))

    async def iter_chunks(self, batch: int = IDS_AT_ONCE) -> AsyncIterator[list[tuple[Chunk, Document]]]:
        """Every indexed chunk with its document, `batch` at a time, to build an index from.

        No transaction stays open between batches: what is indexed meanwhile may or may not come.
        """
        after = ""
        while pairs := await self._pairs(after, batch):
            yield pairs
            after = pairs[-1][0].id

    async def _pairs(self, after: str, limit: int) -> list[tuple[Chunk, Document]]:
        columns = [column.label(OWNER + column.name) for column in document.c]
        statement = (
            select(chunk, *columns)
            .join_from(chunk, document)
            .where(document.c.indexed_at.is_not(None), chunk.c.id > after)
            .order_by(chunk.c.id)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).mappings()
            return [(to_chunk(row), to_document(row, OWNER)) for row in rows]

    async def counts(self) -> dict[str, tuple[int, int]]:
        """Indexed documents and chunks by space; a space without any is not named."""
        statement = (
            select(document.c.space, func.count(document.c.id.distinct()), func.count(chunk.c.id))
            .outerjoin(chunk)
            .where(document.c.indexed_at.is_not(None))
            .group_by(document.c.space)
        )
        async with self.database.reading() as connection:
            return {name: (documents, chunks) for name, documents, chunks in await connection.execute(statement)}

    async def titles(self, spaces: Collection[str]) -> list[tuple[str, str]]:
        """Path and title of the indexed documents of these spaces."""
        statement = (
            select(document.c.path, document.c.title)
            .where(document.c.space.in_(spaces), document.c.indexed_at.is_not(None))
            .order_by(document.c.path)
        )
        async with self.database.reading() as connection:
            return [(path, title) for path, title in await connection.execute(statement)]

    async def _change(self, document_id: str, **values: object) -> None:
        async with self.database.writing() as connection:
            await connection.execute(update(document).where(document.c.id == document_id).values(values))


def indexed_chunks() -> Select[str]:
    """The ids of the chunks that a search index must hold, in their order."""
    return select(chunk.c.id).join(document).where(document.c.indexed_at.is_not(None)).order_by(chunk.c.id)


async def _remove(connection: AsyncConnection, which: ColumnElement[bool]) -> list[str]:
    chunk_ids = await connection.scalars(select(chunk.c.id).join(document).where(which).order_by(chunk.c.ordinal))
    removed = list(chunk_ids)
    await connection.execute(delete(document).where(which))
    return removed


def batches(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def to_document(row: RowMapping, prefix: str = "") -> Document:
    return Document(**{name: row[prefix + name] for name in Document.__slots__})


def to_chunk_row(piece: Chunk) -> dict[str, object]:
    row = asdict(piece)
    row["title_path"] = list(piece.title_path)
    row["start_offset"], row["end_offset"] = row.pop("start"), row.pop("end")
    return row


def to_chunk(row: RowMapping) -> Chunk:
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        text=row["text"],
        title_path=tuple(row["title_path"]),
        page=row["page"],
        start=row["start_offset"],
        end=row["end_offset"],
    )


def to_passage(row: RowMapping) -> Passage:
    return Passage(
        chunk_id=row["id"],
        document_id=row["document_id"],
        document=row["path"],
        title=row["title"],
        heading=HEADING_JOINT.join(row["title_path"]),
        page=row["page"],
        text=row["text"],
        space=row["name"],
        label=Label(row["label"]),
    )
