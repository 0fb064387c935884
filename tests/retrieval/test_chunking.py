"""Chunks: where they end, what they say about their place, and that nothing is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import Chunk, Document
from retrieval.blocks import HEADER_LINES, Draft, ExtractedDocument, Kind, assemble
from retrieval.chunking import MAXIMUM, TARGET, chunks_of, indexable_text
from retrieval.markdown import markdown_to_drafts
from retrieval.outline import mark_headings
from retrieval.sentences import sentences, split_long
from retrieval.tables import render
from tests.retrieval.office_files import LEAVE

DOCUMENT = Document("d1", "chung", "/handbook", "phep.pdf", "Quy định", "hash", 1, 1.0)


def extracted_from(source: str, title: str = "Quy định") -> ExtractedDocument:
    return assemble(title, mark_headings(markdown_to_drafts(source)))


def chunked(source: str) -> list[Chunk]:
    return chunks_of(DOCUMENT, extracted_from(source))


def table(rows: int, width: int = 30) -> str:
    return render([["Mã", "Tên hàng"], *([f"VT-{n:03}", "x" * width] for n in range(rows))])


def body_rows(chunk: Chunk) -> list[str]:
    return [line for line in chunk.text.split("\n") if line.startswith("| VT")]


# Blocks of every kind, some far longer than a chunk; words of awkward letters and stops.
words = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ.,;:!?0123456789-“”", min_size=1, max_size=12)
prose = st.lists(words, min_size=1, max_size=120).map(" ".join)
unbroken = st.integers(1, 2500).map(lambda length: "x" * length)
grids = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.one_of(words, prose), min_size=width, max_size=width), min_size=2, max_size=12)
)
drafts = st.lists(
    st.one_of(
        st.builds(Draft, st.just(Kind.HEADING), words, st.integers(1, 8)),
        st.builds(Draft, st.sampled_from([Kind.PARAGRAPH, Kind.ITEM, Kind.CODE]), st.one_of(prose, unbroken)),
        st.builds(Draft, st.just(Kind.TABLE), grids.map(render)),
    ),
    max_size=14,
)
documents = drafts.map(lambda made: assemble("Quy định", made))


@settings(deadline=None)
@given(documents)
def test_every_letter_of_the_document_lies_in_exactly_one_chunk_and_in_order(extracted: ExtractedDocument) -> None:
    chunks = chunks_of(DOCUMENT, extracted)
    ends = [0, *(chunk.end for chunk in chunks)]
    starts = [*(chunk.start for chunk in chunks), len(extracted.text)]
    assert all(end <= start for end, start in zip(ends, starts, strict=True))
    assert not any(extracted.text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))


@settings(deadline=None)
@given(documents)
def test_no_chunk_is_empty_or_longer_than_the_maximum(extracted: ExtractedDocument) -> None:
    assert all(0 < len(chunk.text.strip()) <= len(chunk.text) <= MAXIMUM for chunk in chunks_of(DOCUMENT, extracted))


@settings(deadline=None)
@given(documents)
def test_text_is_the_span_of_its_offsets_but_for_a_repeated_header(extracted: ExtractedDocument) -> None:
    headers = {
        "".join(f"{line}\n" for line in extracted.text_of(block).split("\n")[:HEADER_LINES])
        for block in extracted.blocks
        if block.kind is Kind.TABLE
    }
    for chunk in chunks_of(DOCUMENT, extracted):
        span = extracted.text[chunk.start : chunk.end]
        assert chunk.text == span or chunk.text.removesuffix(span) in headers


@settings(deadline=None)
@given(documents)
def test_ids_are_the_same_each_time_and_different_from_each_other(extracted: ExtractedDocument) -> None:
    chunks = chunks_of(DOCUMENT, extracted)
    assert chunks == chunks_of(DOCUMENT, extracted)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@given(prose, st.integers(20, 200))
def test_cutting_long_text_keeps_every_letter_within_the_bound(text: str, most: int) -> None:
    spans = split_long(text, most)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(end - start <= most for start, end in spans)


def test_sections_are_not_mixed_and_know_their_headings() -> None:
    chunks = chunked(f"# Quy định\n\n## Chương I\n\n### Điều 1. Phép\n\n{LEAVE}\n\n### Điều 2. Ốm\n\n{LEAVE}")
    assert [chunk.title_path for chunk in chunks] == [("Chương I", "Điều 1. Phép"), ("Chương I", "Điều 2. Ốm")]
    assert chunks[0].text == f"Quy định\n\nChương I\n\nĐiều 1. Phép\n\n{LEAVE}"


def test_unmarked_articles_are_headings_under_their_chapter() -> None:
    chunks = chunked(f"Chương II\n\nQUY ĐỊNH CHUNG\n\nĐiều 5. Nghỉ phép\n\n{LEAVE}\n\nĐiều 6. Nghỉ ốm\n\n{LEAVE}")
    chapter = "Chương II: QUY ĐỊNH CHUNG"
    assert [chunk.title_path for chunk in chunks] == [(chapter, "Điều 5. Nghỉ phép"), (chapter, "Điều 6. Nghỉ ốm")]


def test_paragraphs_are_packed_to_about_the_target() -> None:
    chunks = chunked("\n\n".join([LEAVE] * 10))
    assert all(TARGET // 2 < len(chunk.text) <= TARGET for chunk in chunks)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    chunks = chunked(" ".join([LEAVE] * 10))
    assert len(chunks) > 2
    assert all(chunk.text.endswith(".") and chunk.text[0].isupper() for chunk in chunks)


def test_a_last_line_joins_the_chunk_before_it() -> None:
    (chunk,) = chunked(f"{LEAVE}\n\n{LEAVE}\n\nGiám đốc duyệt.")
    assert chunk.text.endswith("Giám đốc duyệt.")


def test_tiny_sections_under_one_heading_are_joined_under_its_path() -> None:
    (chunk,) = chunked("# Liên hệ\n\n## Lễ tân\n\nMáy lẻ 100.\n\n## Bảo vệ\n\nMáy lẻ 110.")
    assert chunk.title_path == ("Liên hệ",)
    assert "Lễ tân" in chunk.text
    assert "Máy lẻ 110." in chunk.text


def test_a_table_stays_whole_with_the_line_that_announces_it() -> None:
    (chunk,) = chunked(f"{LEAVE[:104]}\n\nMức trần như sau:\n\n{table(10)}")
    assert len(body_rows(chunk)) == 10


def test_a_long_table_repeats_its_header_and_keeps_each_row_whole_and_once() -> None:
    chunks = chunked(f"# Kho\n\n{table(60)}")
    assert len(chunks) > 3
    assert all("| Mã | Tên hàng |\n| --- | --- |\n| VT" in chunk.text for chunk in chunks)
    assert [row for chunk in chunks for row in body_rows(chunk)] == table(60).split("\n")[HEADER_LINES:]


def test_a_header_never_stands_without_a_row() -> None:
    chunks = chunked(table(6, width=450))
    assert all(body_rows(chunk) for chunk in chunks)


def test_a_heading_stays_with_a_table_that_nearly_fills_a_chunk() -> None:
    chunks = chunked(f"## Danh mục vật tư dự phòng của kho chính\n\n{table(20)}")
    assert all(body_rows(chunk) for chunk in chunks)


def test_a_chunk_takes_its_page_from_where_it_begins() -> None:
    extracted = assemble("T", [Draft(Kind.PARAGRAPH, LEAVE * 2, page=1), Draft(Kind.PARAGRAPH, LEAVE * 2, page=2)])
    assert [chunk.page for chunk in chunks_of(DOCUMENT, extracted)] == [1, 2]


def test_a_document_without_blocks_has_no_chunks() -> None:
    assert chunks_of(DOCUMENT, assemble("T", [])) == []


def test_the_indexed_text_says_title_and_headings_once() -> None:
    first, second = chunked(f"# Phép\n\n{LEAVE}\n\n{LEAVE}\n\n{LEAVE}")
    assert indexable_text(DOCUMENT, first) == f"Quy định\n{first.text}"
    assert indexable_text(DOCUMENT, second) == f"Quy định › Phép\n{second.text}"


@pytest.mark.parametrize(
    "text",
    [
        "Trụ sở tại TP. Hồ Chí Minh.",
        "Điều 5. Nghỉ phép năm.",
        "1. Mục đích của quy định.",
        "Ông N. V. An ký thay.",
        "Phí là 3.500.000 đồng một tháng.",
        "Gửi ThS. Lan và PGS. TS. Minh.",
        "Viết v.v. vào cuối dòng.",
    ],
)
def test_stops_inside_a_sentence_do_not_cut_it(text: str) -> None:
    assert len(sentences(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Áp dụng từ năm 2026. Người lao động đọc kỹ.",
        "Theo Điều 5. Người lao động đọc kỹ.",
        "Ai duyệt? Trưởng phòng duyệt.",
        "Ông nói: “Đồng ý.” Mọi người ký.",
        "Dòng một\nDòng hai",
        "Xong… Tiếp tục.",
    ],
)
def test_sentences_end_at_their_stops_and_at_line_breaks(text: str) -> None:
    found = [text[start:end] for start, end in sentences(text)]
    assert len(found) == 2
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)
