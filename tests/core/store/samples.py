"""Small documents, questions and answers for the tests of the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.conversation import Answer, Citation, Language, Outcome, Person, Place, Question, Route
from core.documents import Chunk, Document, Label, Passage, Space
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.journal import Journal
from core.store.spaces import SpaceRepository

STAFF = Space("noi-bo", Label.INTERNAL, frozenset({"nhan-vien"}))
PAY = Space("luong", Label.CONFIDENTIAL, frozenset({"ke-toan"}))
OPEN = Space("cong-khai", Label.PUBLIC, may_leave=True)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def with_spaces(database: Database) -> None:
    await SpaceRepository(database).sync([(STAFF, ("tai-lieu",)), (PAY, ("luong",)), (OPEN, ("web",))])


def a_document(name: str = "nghi-phep", space: str = STAFF.name, version: int = 1) -> Document:
    return Document(
        id=f"{space}/{name}/{version}",
        space=space,
        source="tai-lieu",
        path=f"{name}.docx",
        title=f"Quy định {name}",
        content_hash=f"{version:064x}",
        size=1_000_000_000_000,
        modified_at=1_795_000_000.123456,
    )


def chunks_of(document: Document, count: int = 3) -> list[Chunk]:
    return [
        Chunk(
            id=f"{document.id}#{ordinal}",
            document_id=document.id,
            ordinal=ordinal,
            text=f"Điều {ordinal}. Nhân viên được nghỉ {ordinal + 12} ngày phép năm.",
            title_path=("Chương II", f"Điều {ordinal}"),
            page=ordinal + 1 if ordinal else None,
            start=ordinal * 100,
            end=ordinal * 100 + 99,
        )
        for ordinal in range(count)
    ]


async def stored(database: Database, document: Document, count: int = 3) -> list[Chunk]:
    """The chunks of the document, which is now in the database and indexed."""
    documents, chunks = DocumentRepository(database), chunks_of(document, count)
    await documents.replace(document, chunks)
    await documents.mark_indexed(document.id)
    return chunks


def a_question(number: int = 1, thread: str = "t1", text: str = "Tôi có bao nhiêu ngày nghỉ phép?") -> Question:
    return Question(
        id=f"q{number}",
        thread_id=thread,
        person=Person("an", frozenset({"nhan-vien"})),
        place=Place("kênh-chung"),
        text=text,
        asked_at=NOON + timedelta(minutes=number),
    )


def a_passage(space: Space = STAFF, number: int = 1) -> Passage:
    return Passage(
        chunk_id=f"c{number}",
        document_id="d1",
        document="nghi-phep.docx",
        title="Quy định nghỉ phép",
        heading="Chương II › Điều 5",
        page=3,
        text="Nhân viên được nghỉ 12 ngày phép năm.",
        space=space.name,
        label=space.label,
        score=0.9 / number,
    )


CITATION = Citation(1, "c1", "nghi-phep.docx", "Quy định nghỉ phép", 3, "Chương II › Điều 5", "12 ngày phép năm")


def an_answer(number: int = 1, space: Space = STAFF, outcome: Outcome = Outcome.ANSWERED) -> Answer:
    """A full answer to the question of the same number."""
    return Answer(
        id=f"a{number}",
        question_id=f"q{number}",
        text=f"Bạn có 12 ngày phép năm [1]. ({number})",
        outcome=outcome,
        language=Language.VIETNAMESE,
        query="số ngày nghỉ phép năm",
        route=Route.LOCAL,
        citations=(CITATION, replace(CITATION, n=2, page=None)),
        passages=(a_passage(space, 1), a_passage(space, 2)),
        prompt=({"role": "system", "content": "Trả lời theo tài liệu."}, {"role": "user", "content": "Hỏi \0 gì?"}),
        model="qwen2.5-1.5b",
        confidence=-0.25,
        cost_usd=0.0,
        reasons=("simple",),
        timings={"search": 12.5, "first_token": 310.0},
    )


async def recorded(database: Database, *answers: Answer, thread: str = "t1") -> None:
    """The answers, each with its question, are now in the journal."""
    journal = Journal(database)
    for answer in answers:
        number = int(answer.question_id.removeprefix("q"))
        await journal.record_question(a_question(number, thread), answer.query)
        await journal.record_answer(answer)
