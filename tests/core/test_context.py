"""What a question brings along, from end to end: remarks of its thread, and files that are read for it alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.conversation import ATTACHED, Answer, Attachment, Language, Outcome, Question, RefusedFile, Remark, Route
from core.documents import Label, Passage
from core.errors import IndexUnavailable, SotayError
from core.finding import merged
from core.pipeline import Limits, Pipeline, Searching
from core.ports import AttachmentReader, AttachmentsRead, Delta
from core.privacy import PrivacyGate, Reach
from core.routing import PatternPolicy, Router, Strategy
from core.store.database import Database, open_database
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.texts import translate
from core.writing import Writer
from tests.core.makers import SECRET, SPACES, STRANGER, passage, question
from tests.fakes import ListRetriever, ScriptedModel, a_budget

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", page=2)
GOOD = ["Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1]."]
ASKED = "Nghỉ phép năm được mấy ngày?"
CONTRACT = Attachment("hop-dong.pdf", b"%PDF-1.7")
PICTURE = RefusedFile("anh.png", "answer.file_picture")


def of_file(text: str, number: int = 1) -> Passage:
    found = passage(text, number=number)
    return replace(
        found, chunk_id=f"f{number}", document=CONTRACT.name, title="Hợp đồng", space=ATTACHED, label=Label.CONFIDENTIAL
    )


OWN = of_file("Hợp đồng này cho nghỉ phép năm 14 ngày, hưởng nguyên lương.")


@dataclass
class ListReader:
    """Gives the passages and refusals that it was given, or raises `error`; remembers what it was asked."""

    passages: Sequence[Passage] = ()
    refused: tuple[RefusedFile, ...] = ()
    error: SotayError | None = None
    asked: list[tuple[str, list[str], int]] = field(default_factory=list)

    async def read(self, query: str, files: Sequence[Attachment], limit: int) -> AttachmentsRead:
        self.asked.append((query, [file.name for file in files], limit))
        if self.error is not None:
            raise self.error
        return AttachmentsRead(tuple(self.passages[:limit]), self.refused)


@dataclass
class HangingReader:
    """Never finds an end."""

    async def read(self, query: str, files: Sequence[Attachment], limit: int) -> AttachmentsRead:
        del query, files, limit
        await asyncio.Event().wait()
        raise AssertionError


@dataclass
class Office:
    """A pipeline with what stands behind it. The API takes every question that the gate lets out."""

    database: Database
    reader: AttachmentReader | None = field(default_factory=lambda: ListReader([OWN]))
    retriever: ListRetriever = field(default_factory=lambda: ListRetriever([LEAVE]))
    local: ScriptedModel = field(default_factory=lambda: ScriptedModel(GOOD))
    api: ScriptedModel = field(default_factory=lambda: ScriptedModel(GOOD, name="api"))
    limits: Limits = field(default_factory=Limits)

    def pipeline(self) -> Pipeline:
        return Pipeline(
            journal=Journal(self.database),
            spaces=SpaceRepository(self.database),
            retriever=self.retriever,
            gate=PrivacyGate(),
            router=Router(PatternPolicy(), Strategy.API),
            writer=Writer({Route.LOCAL: self.local, Route.API: self.api}, a_budget()),
            language_of=lambda text: Language.ENGLISH if text.startswith("How") else Language.VIETNAMESE,
            limits=self.limits,
            attachments=self.reader,
        )

    async def answer(self, asked: Question) -> Answer:
        journal = Journal(self.database)
        events = [event async for event in self.pipeline().answer(asked)]
        answer = events[-1]
        assert isinstance(answer, Answer)
        assert answer.text.startswith("".join(event.text for event in events if isinstance(event, Delta)))
        assert await journal.answer(answer.id) == answer
        return answer

    @property
    def prompt(self) -> str:
        """The last message that a model was given."""
        (request,) = self.local.requests + self.api.requests
        return request.messages[-1].content


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await SpaceRepository(opened).sync([(space, ()) for space in SPACES.values()])
        yield Office(opened)


def said(*texts: str) -> tuple[Remark, ...]:
    return tuple(Remark(text, question("").asked_at + timedelta(minutes=n)) for n, text in enumerate(texts))


def with_file(text: str, **changes: object) -> Question:
    return replace(question(text), attachments=(CONTRACT,), **changes)  # type: ignore[arg-type]


class TestRemarks:
    """What people said in the thread."""

    @pytest.mark.parametrize("text", ["", "giúp với", "như trên thì sao?"])
    async def test_a_call_for_help_is_answered_by_what_was_asked_in_the_thread(self, office: Office, text: str) -> None:
        answer = await office.answer(replace(question(text), remarks=said(ASKED, "Chắc 12 ngày")))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.query == office.retriever.searches[0][0] == ASKED
        assert office.prompt.endswith(f"- Đồng nghiệp: {ASKED}\n- Đồng nghiệp: Chắc 12 ngày\nCâu hỏi: {ASKED}")

    async def test_a_call_for_help_is_answered_in_the_language_of_what_was_asked(self, office: Office) -> None:
        office.api = ScriptedModel("You have 14 days of annual leave with full pay [1].", name="api")
        answer = await office.answer(replace(question("", number=2), remarks=said("How many days of leave?")))
        assert answer.language is Language.ENGLISH

    async def test_a_question_that_stands_alone_is_searched_alone_and_shown_with_the_remarks(
        self, office: Office
    ) -> None:
        answer = await office.answer(replace(question(ASKED), remarks=said("Em làm ở bộ phận kho")))
        assert answer.query == ASKED
        assert "- Đồng nghiệp: Em làm ở bộ phận kho\n" in office.prompt

    async def test_a_remark_after_the_last_answer_is_leaned_on_and_the_answer_is_not(self, office: Office) -> None:
        await office.answer(question(ASKED))
        later = said("", "Tiền khách sạn tối đa bao nhiêu?")
        office.api = ScriptedModel(GOOD, name="api")
        answer = await office.answer(replace(question("giúp với", number=2), remarks=later))
        assert answer.query == "Tiền khách sạn tối đa bao nhiêu?"
        assert "Trả lời trước" not in office.prompt

    @pytest.mark.parametrize("text", [ASKED, "giúp với"])
    async def test_private_data_in_a_remark_keeps_the_prompt_in_the_office(self, office: Office, text: str) -> None:
        answer = await office.answer(replace(question(text), remarks=said("Ai gọi số 0912 345 678 giúp nghỉ phép?")))
        assert (answer.route, office.api.requests) == (Route.LOCAL, [])
        assert "stays in the office: phone (the history)" in answer.reasons

    async def test_harmless_remarks_keep_nothing_back(self, office: Office) -> None:
        answer = await office.answer(replace(question(ASKED), remarks=said("Chắc 12 ngày")))
        assert answer.route is Route.API


@pytest.mark.parametrize("text", ["", "giúp với", "alo"])
async def test_who_only_calls_is_greeted(office: Office, text: str) -> None:
    answer = await office.answer(question(text))
    assert (answer.outcome, answer.text) == (Outcome.ANSWERED, translate("vi", "answer.greeting"))
    assert office.retriever.searches == []


async def test_the_searched_documents_are_counted(office: Office) -> None:
    async def count(spaces: frozenset[str]) -> int:
        return 100 * len(spaces)

    journal = Journal(office.database)
    pipeline = replace(office.pipeline(), documents_in=count)
    events = [event async for event in pipeline.answer(question(ASKED))]
    assert events[0] == Searching(200)
    assert await journal.answer(events[-1].id)  # type: ignore[union-attr]


class TestAttachments:
    """Files that came with the question."""

    async def test_the_own_file_comes_first_and_the_index_after_it(self, office: Office) -> None:
        answer = await office.answer(with_file(ASKED))
        assert [found.chunk_id for found in answer.passages] == [OWN.chunk_id, LEAVE.chunk_id]
        assert office.prompt.index(OWN.text) < office.prompt.index(LEAVE.text)
        assert [cited.document for cited in answer.citations] == [CONTRACT.name]
        assert "read" in answer.timings

    async def test_the_file_is_searched_with_the_restored_question(self, office: Office) -> None:
        office.reader = reader = ListReader([OWN])
        office.retriever.restored = ASKED
        await office.answer(with_file("nghi phep nam duoc may ngay?"))
        assert reader.asked == [(ASKED, [CONTRACT.name], Limits().passages)]

    async def test_a_prompt_with_a_file_stays_in_the_office(self, office: Office) -> None:
        answer = await office.answer(with_file(ASKED))
        assert (answer.route, office.api.requests) == (Route.LOCAL, [])
        assert office.local.requests[0].clearance.reach is Reach.OFFICE
        assert "stays in the office: label confidential (an attached file)" in answer.reasons

    async def test_who_may_read_no_space_is_answered_from_the_own_file(self, office: Office) -> None:
        await SpaceRepository(office.database).sync([(SECRET, ())])
        answer = await office.answer(with_file(ASKED, person=STRANGER))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.passages == (OWN,)
        assert [spaces for _, spaces in office.retriever.searches] == [frozenset()]

    async def test_who_may_read_no_space_and_sent_nothing_readable_is_told_both(self, office: Office) -> None:
        await SpaceRepository(office.database).sync([(SECRET, ())])
        office.reader = ListReader(refused=(PICTURE,))
        answer = await office.answer(with_file(ASKED, person=STRANGER))
        assert answer.outcome is Outcome.DENIED
        assert answer.text.split("\n\n")[1:] == [PICTURE.text("vi")]

    async def test_refused_files_are_named_below_the_answer(self, office: Office) -> None:
        far = RefusedFile("xa.pdf", "documents.damaged")
        office.reader = ListReader([OWN], refused=(PICTURE,))
        answer = await office.answer(with_file(ASKED, refused=(far,)))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.text.split("\n\n")[1:] == [far.text("vi"), PICTURE.text("vi")]

    async def test_refused_files_are_named_where_nothing_is_found_in_the_language_of_the_question(
        self, office: Office
    ) -> None:
        office.retriever = ListRetriever([])
        answer = await office.answer(replace(question("How many days?"), refused=(PICTURE,)))
        assert answer.outcome is Outcome.NOT_FOUND
        assert answer.text.endswith(PICTURE.text("en"))

    async def test_without_a_reader_the_file_is_refused_and_the_question_answered(self, office: Office) -> None:
        office.reader = None
        answer = await office.answer(with_file(ASKED))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.text.endswith(RefusedFile(CONTRACT.name, "answer.file_not_read").text("vi"))

    async def test_an_error_of_the_reader_becomes_a_sentence_below_the_answer(self, office: Office) -> None:
        error = IndexUnavailable("index.embedder_failed", reason="gone")
        office.reader = ListReader(error=error)
        two = (CONTRACT, Attachment("b.pdf", b""))
        answer = await office.answer(replace(question(ASKED), attachments=two))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.text.split("\n\n")[1:] == [error.text("vi")]

    async def test_reading_ends_at_the_deadline(self, office: Office) -> None:
        office.reader, office.limits = HangingReader(), Limits(deadline_seconds=0.05)
        answer = await office.answer(with_file(ASKED, refused=(PICTURE,)))
        assert answer.outcome is Outcome.FAILED
        assert answer.reasons[-1] == "answer.too_late"
        assert answer.text.endswith(PICTURE.text("vi"))

    async def test_a_file_without_a_question_is_asked_about(self, office: Office) -> None:
        answer = await office.answer(with_file("giúp với"))
        assert answer.outcome is Outcome.ANSWERED
        assert answer.text.startswith("Bạn muốn hỏi gì về tệp đã gửi?")
        assert answer.passages == ()
        assert office.local.requests == office.api.requests == []

    @pytest.mark.parametrize("refused", [(), (PICTURE,)])
    async def test_a_file_alone_does_not_ask_the_last_question_once_more(
        self, office: Office, refused: tuple[RefusedFile, ...]
    ) -> None:
        await office.answer(question(ASKED))
        office.reader = ListReader([OWN], refused=refused)
        answer = await office.answer(replace(question("", number=2), attachments=(CONTRACT,)))
        assert (answer.query, answer.passages) == ("", ())
        assert answer.text.startswith("Bạn muốn hỏi gì về tệp đã gửi?")

    async def test_a_call_for_help_with_a_file_asks_the_last_question_of_it(self, office: Office) -> None:
        await office.answer(question(ASKED))
        answer = await office.answer(replace(question("giúp với", number=2), attachments=(CONTRACT,)))
        assert answer.passages[0] == OWN

    async def test_a_file_without_a_question_in_a_thread_that_asked_one_answers_it(self, office: Office) -> None:
        answer = await office.answer(with_file("", remarks=said(ASKED)))
        assert (answer.outcome, answer.query) == (Outcome.ANSWERED, ASKED)
        assert answer.passages[0] == OWN

    @pytest.mark.parametrize("text", ["", "giúp với"])
    async def test_nothing_but_an_unreadable_file_gets_the_reason_alone(self, office: Office, text: str) -> None:
        answer = await office.answer(replace(question(text), refused=(PICTURE,)))
        assert (answer.outcome, answer.text) == (Outcome.NOT_FOUND, PICTURE.text("vi"))
        assert answer.passages == ()

    async def test_what_an_answer_from_a_file_said_does_not_leave_with_the_next_question(self, office: Office) -> None:
        await office.answer(with_file(ASKED))
        answer = await office.answer(question("Thế còn nghỉ phép năm đó?", number=2))
        assert answer.query.startswith(ASKED)
        assert (answer.route, office.api.requests) == (Route.LOCAL, [])
        assert "stays in the office: label confidential (an attached file)" in answer.reasons

    async def test_an_empty_question_is_no_turn_to_lean_on(self, office: Office) -> None:
        await office.answer(with_file(""))
        answer = await office.answer(question("Còn nghỉ phép năm?", number=2))
        assert answer.query == "Còn nghỉ phép năm?"
        assert "Câu hỏi trước" not in office.prompt


@pytest.mark.parametrize(
    ("own", "found", "limit", "expected"),
    [(9, 9, 5, (3, 2)), (9, 0, 5, (5, 0)), (9, 1, 5, (4, 1)), (1, 9, 5, (1, 4)), (0, 9, 5, (0, 5)), (9, 9, 1, (1, 0))],
)
def test_the_own_files_get_half_and_what_the_index_leaves(
    own: int, found: int, limit: int, expected: tuple[int, int]
) -> None:
    passages = merged(
        [of_file("a", n + 1) for n in range(own)], [passage("b", number=n + 1) for n in range(found)], limit
    )
    spaces = [each.space == ATTACHED for each in passages]
    assert (spaces.count(True), spaces.count(False)) == expected
    assert spaces == sorted(spaces, reverse=True)
