"""Files read in the worker process: what comes out of each format, and what is refused with which reason."""

import asyncio
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.texts import LANGUAGES
from retrieval.blocks import ExtractedDocument, Kind
from retrieval.documents import DocumentReader
from retrieval.filetypes import Limits
from retrieval.refusals import Refused
from tests.retrieval import office_files
from tests.retrieval.office_files import LEAVE, Cell

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook" / "noi-bo"


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader() as opened:
        yield opened


async def read(reader: DocumentReader, path: str, data: bytes) -> ExtractedDocument:
    document = await reader.read(path, data)
    assert isinstance(document, ExtractedDocument), document
    return document


async def reason(reader: DocumentReader, path: str, data: bytes) -> str:
    refused = await reader.read(path, data)
    assert isinstance(refused, Refused), refused
    assert all(path in refused.text(language) for language in LANGUAGES)
    return refused.message_id.removeprefix("documents.")


def texts(document: ExtractedDocument, kind: Kind) -> list[str]:
    return [document.text_of(block) for block in document.blocks if block.kind is kind]


async def test_word_keeps_headings_paragraphs_and_tables(reader: DocumentReader) -> None:
    data = office_files.docx(LEAVE, headings=["Nội quy", "Điều 1. Phép"], rows=[["Cấp", "Ngày"], ["A", "12"]])
    document = await read(reader, "x.docx", data)
    assert document.title == "Nội quy"
    assert texts(document, Kind.HEADING) == ["Nội quy", "Điều 1. Phép"]
    assert texts(document, Kind.PARAGRAPH) == [LEAVE]
    assert texts(document, Kind.TABLE) == ["| Cấp | Ngày |\n| --- | --- |\n| A | 12 |"]


async def test_word_has_no_pages_to_cite(reader: DocumentReader) -> None:
    document = await read(reader, "x.docx", office_files.docx(LEAVE))
    assert {block.page for block in document.blocks} == {None}


async def test_an_unmarked_article_in_word_becomes_a_heading_of_the_marked_ones_level(reader: DocumentReader) -> None:
    data = office_files.docx("Điều 2. Thưởng", LEAVE, headings=["Nội quy", "Điều 1. Phép"])
    document = await read(reader, "x.docx", data)
    assert [block.level for block in document.blocks if block.kind is Kind.HEADING] == [1, 1, 1]


async def test_a_workbook_becomes_tables_under_its_sheets_names(reader: DocumentReader) -> None:
    started = datetime.fromisoformat("2026-03-12")
    rows: list[list[Cell]] = [["Danh bạ năm nay"], [], ["Tên", "Máy lẻ", "Ngày vào"], ["An", 101, started]]
    document = await read(reader, "danh-ba.xlsx", office_files.xlsx({"Danh bạ": rows, "Trống": []}))
    assert texts(document, Kind.HEADING) == ["Danh bạ"]
    assert texts(document, Kind.PARAGRAPH) == ["Danh bạ năm nay"]
    (table,) = texts(document, Kind.TABLE)
    assert table.splitlines()[0] == "| Tên | Máy lẻ | Ngày vào |"
    assert table.splitlines()[-1] == "| An | 101 | 12/03/2026 |"


async def test_a_workbook_of_numbers_is_not_garbled(reader: DocumentReader) -> None:
    data = office_files.xlsx({"S": [["a", "b"], *([n, n * n] for n in range(200))]})
    assert texts(await read(reader, "so-lieu.xlsx", data), Kind.TABLE)


async def test_slides_keep_their_numbers_as_pages(reader: DocumentReader) -> None:
    data = office_files.pptx([("Giờ làm việc", ["Từ 8 giờ đến 17 giờ."]), ("Nghỉ phép", ["Mỗi năm 14 ngày."])])
    document = await read(reader, "x.pptx", data)
    assert [(document.text_of(block), block.page) for block in document.blocks] == [
        ("Giờ làm việc", 1),
        ("Từ 8 giờ đến 17 giờ.", 1),
        ("Nghỉ phép", 2),
        ("Mỗi năm 14 ngày.", 2),
    ]


async def test_a_vietnamese_pdf_gives_articles_pages_and_whole_paragraphs(reader: DocumentReader) -> None:
    document = await read(reader, "phep.pdf", (HANDBOOK / "quy-dinh-nghi-phep.pdf").read_bytes())
    assert document.title == "Quy định về nghỉ phép và nghỉ việc riêng"
    found = {document.text_of(block): block.page for block in document.blocks if block.kind is Kind.HEADING}
    assert found["Điều 4. Nghỉ phép năm"] == 2
    assert len(found) == 12
    assert "thâm niên mỗi năm. Ngày phép thâm niên được cộng từ tháng kế tiếp" in document.text
    assert "Trang 2" not in document.text


async def test_html_leaves_menus_scripts_and_footers_behind(reader: DocumentReader) -> None:
    source = (
        "<html><head><title>Chính sách - Cổng</title><script>var x;</script></head><body><header>Cổng</header>"
        f"<nav>Trang chủ</nav><h1>Chính sách</h1><p>{LEAVE}<br>Dòng hai</p><footer>Bản quyền</footer></body></html>"
    )
    document = await read(reader, "x.html", source.encode())
    assert document.title == "Chính sách"
    assert document.text == f"Chính sách\n\n{LEAVE}\nDòng hai"


async def test_markdown_loses_its_marks_and_keeps_its_words(reader: DocumentReader) -> None:
    source = "---\ntitle: Quy định\n---\nĐoạn **một**\nvà *hai*, xem [cổng](https://x.example).\n\n> trích\n\n- mục"
    document = await read(reader, "x.md", source.encode())
    assert document.title == "Quy định"
    assert document.text == "Đoạn một và hai, xem cổng (https://x.example).\n\ntrích\n\n- mục"


async def test_plain_text_gets_its_headings_and_title_from_its_lines(reader: DocumentReader) -> None:
    source = f"QUY CHẾ\n\n1. Mục đích\n\n{LEAVE}\n\nĐiều 2. Nghỉ\n{LEAVE}"
    document = await read(reader, "x.txt", source.encode())
    assert texts(document, Kind.HEADING) == ["QUY CHẾ", "1. Mục đích", "Điều 2. Nghỉ"]
    assert document.title == "QUY CHẾ"


async def test_without_any_title_the_files_name_is_made_readable(reader: DocumentReader) -> None:
    assert (await read(reader, "a/noi-quy_lao-dong.txt", f"{LEAVE}".encode())).title == "Noi quy lao dong"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
async def test_unicode_text_reads_the_same_in_each_encoding(reader: DocumentReader, encoding: str) -> None:
    assert (await read(reader, "x.txt", LEAVE.encode(encoding))).text == LEAVE


async def test_windows_1258_text_is_converted(reader: DocumentReader) -> None:
    assert (await read(reader, "x.txt", office_files.windows_1258(LEAVE))).text == LEAVE


async def test_decomposed_letters_are_composed(reader: DocumentReader) -> None:
    assert (await read(reader, "x.md", unicodedata.normalize("NFD", LEAVE).encode())).text == LEAVE


@pytest.mark.parametrize(("typed", "name"), [(office_files.tcvn3(LEAVE), "TCVN3"), (office_files.vni(LEAVE), "VNI")])
async def test_old_font_encodings_are_refused_by_name(reader: DocumentReader, typed: str, name: str) -> None:
    for path, data in (("x.txt", typed.encode("latin-1")), ("x.docx", office_files.docx(typed))):
        refused = await reader.read(path, data)
        assert isinstance(refused, Refused)
        assert (refused.message_id, refused.facts) == ("documents.legacy_encoding", {"encoding": name})


ENGLISH = "Employees get fourteen days."
BROKEN = "\ufffd \ufffd\ufffdng \ufffd\ufffd " * 30
PLAIN_PDF = office_files.pdf(["Employees get fourteen days of annual leave."])


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("x.pdf", office_files.scan(), "no_text_layer"),
        ("x.pdf", office_files.pdf(["secret"], password="word"), "encrypted"),
        ("x.pdf", PLAIN_PDF[:200], "damaged"),
        ("x.pdf", office_files.docx("text"), "wrong_type"),
        ("x.docx", PLAIN_PDF, "wrong_type"),
        ("x.docx", office_files.xlsx({"S": [["a"]]}), "wrong_type"),
        ("x.docx", office_files.zipped({"a.txt": "a"}), "wrong_type"),
        ("x.docx", office_files.docx(LEAVE)[:9000], "damaged"),
        ("x.docx", office_files.locked_office(), "encrypted"),
        ("x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "wrong_type"),
        ("x.docx", office_files.zip_bomb(), "zip_bomb"),
        ("x.docx", office_files.docx(), "no_text"),
        ("x.txt", b"", "empty"),
        ("x.pdf", b"", "empty"),
        ("x.docx", b"", "empty"),
        ("x.md", b" \r\n\t", "empty"),
        ("x.txt", b"---\n***\n", "no_text"),
        ("x.txt", PLAIN_PDF, "wrong_type"),
        ("x.html", b"\x89PNG\r\n\x1a\n123", "wrong_type"),
        ("x.txt", bytes(range(128, 256)) * 8, "garbled"),
        ("x.md", BROKEN.encode(), "garbled"),
        ("x.exe", b"MZ", "unknown_type"),
        ("README", b"text", "unknown_type"),
    ],
)
async def test_a_bad_file_is_refused_with_its_reason(
    reader: DocumentReader, path: str, data: bytes, expected: str
) -> None:
    assert await reason(reader, path, data) == expected


@pytest.mark.parametrize(
    ("limits", "path", "data", "expected"),
    [
        (Limits(size=100), "x.txt", b"word " * 30, "too_large"),
        (Limits(pages=1), "x.pdf", office_files.pdf([ENGLISH], [ENGLISH]), "too_many_pages"),
        (Limits(unpacked=1000, ratio=10_000), "x.docx", office_files.docx("text"), "zip_bomb"),
        (Limits(seconds=0.5), "x.html", b"<nav>" * 100_000, "timeout"),
    ],
)
async def test_limits_refuse_what_lies_beyond_them(limits: Limits, path: str, data: bytes, expected: str) -> None:
    with DocumentReader(limits) as reader:
        assert await reason(reader, path, data) == expected


async def test_a_file_that_ends_the_worker_is_refused_and_the_next_one_is_read() -> None:
    bomb = office_files.zipped({"word/document.xml": "<w/>" + " " * 60_000_000})
    with DocumentReader(Limits(memory=1 << 20, ratio=100_000)) as reader:
        assert await reason(reader, "x.docx", bomb) in {"crashed", "too_demanding", "damaged"}
        assert (await read(reader, "x.txt", b"All is well.")).text == "All is well."


async def test_files_asked_for_at_once_are_all_read(reader: DocumentReader) -> None:
    documents = await asyncio.gather(*(read(reader, f"{n}.txt", f"Văn bản {n}".encode()) for n in range(20)))
    assert [document.text for document in documents] == [f"Văn bản {n}" for n in range(20)]


async def test_cancelling_a_read_leaves_the_reader_usable(reader: DocumentReader) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await reader.read("x.docx", office_files.docx(*[LEAVE] * 500))
    assert (await read(reader, "x.txt", b"All is well.")).text == "All is well."
