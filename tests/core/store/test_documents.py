"""Documents and chunks in the database."""

from dataclasses import replace

import pytest

from core.documents import Document, Label, Passage, Space
from core.errors import StoreError
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.spaces import SpaceRepository
from tests.core.store.samples import OPEN, PAY, STAFF, a_document, chunks_of, stored, with_spaces


@pytest.fixture
async def documents(database: Database) -> DocumentRepository:
    await with_spaces(database)
    return DocumentRepository(database)


async def test_a_document_comes_back_as_it_was_stored(documents: DocumentRepository) -> None:
    document = a_document()
    assert await documents.replace(document, chunks_of(document)) == []
    (found,) = await documents.indexed(STAFF.name)
    assert (found.document, found.chunk_count, found.indexed_at) == (document, 3, None)


async def test_a_document_is_unfinished_until_it_is_marked(documents: DocumentRepository) -> None:
    await stored(documents.database, a_document())
    (found,) = await documents.indexed(STAFF.name)
    assert found.indexed_at is not None
    assert found.indexed_at.utcoffset() is not None


async def test_a_new_version_takes_the_place_of_the_old_one_and_is_unfinished(documents: DocumentRepository) -> None:
    old, new = a_document(version=1), a_document(version=2)
    gone = await stored(documents.database, old)
    assert await documents.replace(new, chunks_of(new, 1)) == [chunk.id for chunk in gone]
    (found,) = await documents.indexed(STAFF.name)
    assert (found.document, found.chunk_count, found.indexed_at) == (new, 1, None)


async def test_chunks_that_stay_are_not_reported_as_gone(documents: DocumentRepository) -> None:
    document = a_document()
    chunks = await stored(documents.database, document, 3)
    assert await documents.replace(document, chunks[:2]) == [chunks[2].id]


async def test_the_same_path_in_another_space_is_another_document(documents: DocumentRepository) -> None:
    await stored(documents.database, a_document(space=STAFF.name))
    assert await documents.replace(a_document(space=PAY.name), []) == []
    assert len(await documents.indexed(STAFF.name)) == len(await documents.indexed(PAY.name)) == 1


async def test_a_refused_replacement_leaves_the_old_document_whole(documents: DocumentRepository) -> None:
    chunks = await stored(documents.database, a_document())
    new = a_document(version=2)
    twice = [chunks_of(new)[0], chunks_of(new)[0]]
    with pytest.raises(StoreError) as raised:
        await documents.replace(new, twice)
    assert raised.value.message_id == "store.failed"
    assert await documents.chunk_ids("", 10) == [chunk.id for chunk in chunks]


async def test_a_document_of_an_unknown_space_is_refused(documents: DocumentRepository) -> None:
    with pytest.raises(StoreError):
        await documents.replace(a_document(space="không có"), [])


async def test_a_touched_document_keeps_its_chunks(documents: DocumentRepository) -> None:
    document = a_document()
    await stored(documents.database, document)
    await documents.touch(document.id, 1.5, 7)
    (found,) = await documents.indexed(STAFF.name)
    assert found.document == replace(document, modified_at=1.5, size=7)
    assert found.chunk_count == 3
    assert found.indexed_at


async def test_a_removed_document_takes_its_chunks_with_it(documents: DocumentRepository) -> None:
    chunks = await stored(documents.database, a_document())
    assert await documents.remove(a_document().id) == [chunk.id for chunk in chunks]
    assert await documents.indexed(STAFF.name) == []
    assert await documents.passages([chunk.id for chunk in chunks], frozenset({STAFF.name})) == {}
    assert await documents.remove(a_document().id) == []


async def test_a_passage_carries_what_a_citation_needs(documents: DocumentRepository) -> None:
    document = a_document()
    chunk = (await stored(documents.database, document))[1]
    assert await documents.passages([chunk.id], frozenset({STAFF.name})) == {
        chunk.id: Passage(
            chunk_id=chunk.id,
            document_id=document.id,
            document="nghi-phep.docx",
            title=document.title,
            heading="Chương II › Điều 1",
            page=2,
            text=chunk.text,
            space=STAFF.name,
            label=Label.INTERNAL,
            score=0.0,
        )
    }


async def test_passages_come_from_the_allowed_spaces_only_and_in_the_order_asked(
    documents: DocumentRepository,
) -> None:
    staff = await stored(documents.database, a_document())
    pay = await stored(documents.database, a_document(space=PAY.name))
    asked = [pay[0].id, staff[2].id, "không có", staff[0].id]
    assert list(await documents.passages(asked, frozenset({STAFF.name}))) == [staff[2].id, staff[0].id]
    assert list(await documents.passages(asked, frozenset())) == []


async def test_passages_leave_out_documents_that_are_not_indexed(documents: DocumentRepository) -> None:
    document = a_document()
    chunks = chunks_of(document)
    await documents.replace(document, chunks)
    assert await documents.passages([chunks[0].id], frozenset({STAFF.name})) == {}


async def test_a_label_changed_after_indexing_is_the_one_that_counts(documents: DocumentRepository) -> None:
    (chunk, *_) = await stored(documents.database, a_document())
    await SpaceRepository(documents.database).sync([(Space(STAFF.name, Label.CONFIDENTIAL), [])])
    found = await documents.passages([chunk.id], frozenset({STAFF.name}))
    assert found[chunk.id].label is Label.CONFIDENTIAL


async def test_thousands_of_passages_can_be_checked_at_once(documents: DocumentRepository) -> None:
    chunks = await stored(documents.database, a_document(), 2_100)
    ids = [chunk.id for chunk in reversed(chunks)]
    assert list(await documents.passages(ids, frozenset({STAFF.name}))) == ids


@pytest.mark.parametrize("batch", [1, 2, 5, 100])
async def test_every_indexed_chunk_comes_once_with_its_document(documents: DocumentRepository, batch: int) -> None:
    expected: dict[str, Document] = {}
    for document in (a_document("a"), a_document("b", OPEN.name)):
        expected |= {chunk.id: document for chunk in await stored(documents.database, document)}
    await documents.replace(a_document("unfinished"), chunks_of(a_document("unfinished")))
    pages = [page async for page in documents.iter_chunks(batch)]
    pairs = [pair for page in pages for pair in page]
    assert {chunk.id: document for chunk, document in pairs} == expected
    assert len(pairs) == len(expected)
    assert max(len(page) for page in pages) <= batch
    assert pairs[0][0] in chunks_of(pairs[0][1])


async def test_chunk_ids_come_in_pages(documents: DocumentRepository) -> None:
    ids = sorted(chunk.id for chunk in await stored(documents.database, a_document(), 5))
    assert await documents.chunk_ids("", 2) == ids[:2]
    assert await documents.chunk_ids(ids[1], 10) == ids[2:]


async def test_counts_and_titles_tell_of_indexed_documents_only(documents: DocumentRepository) -> None:
    await stored(documents.database, a_document("b"), 2)
    await stored(documents.database, a_document("a"), 0)
    await stored(documents.database, a_document("c", PAY.name), 4)
    await documents.replace(a_document("d"), chunks_of(a_document("d")))
    assert await documents.counts() == {STAFF.name: (2, 2), PAY.name: (1, 4)}
    assert await documents.titles(frozenset({STAFF.name})) == [("a.docx", "Quy định a"), ("b.docx", "Quy định b")]


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb", "🧾 bảng lương", "e\u0323\u0302"])
async def test_strange_text_from_files_is_stored_on_every_database(documents: DocumentRepository, text: str) -> None:
    document = a_document()
    (chunk,) = chunks_of(document, 1)
    await documents.replace(document, [replace(chunk, text=text, title_path=(text,))])
    await documents.mark_indexed(document.id)
    found = await documents.passages([chunk.id], frozenset({STAFF.name}))
    assert found[chunk.id].text == text.replace("\0", "").replace("\udcff", "?")
