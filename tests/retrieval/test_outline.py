"""What a document is called, and which of its paragraphs are headings."""

import pytest

from retrieval.blocks import Draft, Kind
from retrieval.outline import mark_headings, title_of

NATION = Draft(Kind.HEADING, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 1)


def heading(text: str, level: int = 1) -> Draft:
    return Draft(Kind.HEADING, text, level)


def paragraph(text: str) -> Draft:
    return Draft(Kind.PARAGRAPH, text)


@pytest.mark.parametrize(
    ("path", "stated", "drafts", "title"),
    [
        ("a.docx", "Cũ", [heading("Nội quy")], "Nội quy"),
        ("a.docx", "Nội quy", [paragraph("Kính gửi:"), heading("Điều 1. Chung")], "Nội quy"),
        ("a.docx", "", [NATION, heading("Nội quy")], "Nội quy"),
        ("a.docx", "", [paragraph("Văn bản.")] * 9 + [heading("Muộn")], "A"),
        ("quy-dinh_nghi phep.docx", "Document1", [paragraph("Văn bản.")], "Quy dinh nghi phep"),
        ("a.pdf", "Microsoft Word - Nội quy", [heading("I. CHUNG")], "Nội quy"),
        ("a.pdf", "noiquy.doc", [paragraph("Nội quy\nSố 1.")], "Nội quy"),
        ("a.pdf", "untitled", [NATION, paragraph("Độc lập - Tự do - Hạnh phúc\nNỘI QUY")], "NỘI QUY"),
        ("a.txt", "", [paragraph("Một câu trọn vẹn.")], "A"),
        ("a.xlsx", "", [heading("Danh bạ", 2), heading("Phòng họp", 2)], "Danh bạ, Phòng họp"),
        ("luong.xlsx", "", [heading("Sheet1", 2)], "Luong"),
        ("luong.xlsx", "", [heading(f"Tháng {n}", 2) for n in range(12)], "Luong"),
    ],
)
def test_a_document_is_called_by_the_best_name_there_is(
    path: str, stated: str, drafts: list[Draft], title: str
) -> None:
    assert title_of(path, stated, drafts) == title


def test_an_unmarked_article_becomes_a_heading() -> None:
    marked = mark_headings([paragraph("Điều 5. Nghỉ phép"), paragraph("Điều 5 quy định việc nghỉ phép.")])
    assert [draft.kind for draft in marked] == [Kind.HEADING, Kind.PARAGRAPH]


def test_it_takes_the_level_of_marked_articles() -> None:
    marked = mark_headings([heading("Điều 1. Chung", 2), paragraph("Điều 2. Riêng")])
    assert [draft.level for draft in marked] == [2, 2]


def test_a_bare_chapter_takes_its_name_from_the_next_line() -> None:
    marked = mark_headings([paragraph("CHƯƠNG II"), heading("QUYỀN LỢI"), paragraph("Nghỉ phép.")])
    assert [draft.text for draft in marked] == ["CHƯƠNG II: QUYỀN LỢI", "Nghỉ phép."]


@pytest.mark.parametrize(
    "after", [Draft(Kind.TABLE, "| A | B |\n| --- | --- |\n| 1 | 2 |"), paragraph("Nghỉ phép năm"), None]
)
def test_a_bare_chapter_takes_no_other_name(after: Draft | None) -> None:
    marked = mark_headings([paragraph("Chương II"), *([after] if after else [])])
    assert marked[0].text == "Chương II"
    assert marked[1:] == ([after] if after else [])
