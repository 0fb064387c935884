"""Lines of pages made into headings, paragraphs and items again."""

import pytest

from retrieval.blocks import Draft, Kind
from retrieval.headings import MAX_LENGTH, legal_level, numbered_level
from retrieval.layout import pages_to_drafts

FULL = "Người lao động làm việc đủ mười hai tháng được nghỉ phép năm mười bốn ngày làm"


def read(*pages: str) -> list[Draft]:
    return pages_to_drafts(list(enumerate(pages, 1)))


def texts(*pages: str) -> list[str]:
    return [draft.text for draft in read(*pages)]


def test_lines_broken_by_the_margin_become_one_paragraph() -> None:
    assert texts(f"{FULL}\n{FULL}\nviệc.") == [f"{FULL} {FULL} việc."]


def test_a_line_that_ends_early_after_a_stop_ends_its_paragraph() -> None:
    assert texts(f"{FULL}\nviệc.\n{FULL}\nviệc.") == [f"{FULL} việc.", f"{FULL} việc."]


def test_short_lines_without_stops_keep_their_breaks_as_rows_of_a_table_do() -> None:
    rows = "Nơi đến Phụ cấp\nTỉnh khác 250.000 đồng\nHải đảo 400.000 đồng"
    assert texts(f"{FULL}\nviệc.\n{rows}") == [f"{FULL} việc.", rows]


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    (draft,) = read(f"{FULL}\n{FULL}", f"việc {FULL[:60]}\nhưởng lương.")
    assert draft.page == 1
    assert "làm việc Người" in draft.text


def test_running_headers_footers_and_page_numbers_go() -> None:
    own = ["Người lao động nghỉ phép.", "Phòng Nhân sự trả lời.", "Giám đốc ký duyệt."]
    pages = [f"CÔNG TY SAO KHUÊ\n{text}\nSao Khuê, trang {number}\n- {number} -" for number, text in enumerate(own, 1)]
    assert texts(*pages) == own


def test_header_words_inside_a_page_stay() -> None:
    page = "CÔNG TY SAO KHUÊ\n{0}\n{0}\nCÔNG TY SAO KHUÊ\n{0}\n{0}\nTrang {1}"
    found = "\n".join(texts(*(page.format(FULL, number) for number in (1, 2, 3))))
    assert found.count("CÔNG TY SAO KHUÊ") == 3


def test_a_single_page_keeps_its_first_line() -> None:
    assert texts("Thông báo\nNghỉ lễ.")[0].startswith("Thông báo")


@pytest.mark.parametrize("mark", ["•", "●", "-", "–", "➢", "*"])
def test_bullets_of_every_kind_become_items(mark: str) -> None:
    drafts = read(f"Gồm có:\n{mark} Đơn xin nghỉ\n{mark} Giấy khám bệnh")
    assert [(draft.kind, draft.text) for draft in drafts[1:]] == [
        (Kind.ITEM, "- Đơn xin nghỉ"),
        (Kind.ITEM, "- Giấy khám bệnh"),
    ]


def test_an_item_of_two_lines_stays_one() -> None:
    assert texts(f"- {FULL}\nviệc.\n- Hai")[0] == f"- {FULL} việc."


def test_lettered_and_numbered_items_are_items() -> None:
    kinds = [draft.kind for draft in read("a) Một;\nb) Hai;\n1. Ba.\n2. Bốn.")]
    assert kinds == [Kind.ITEM] * 4


def test_articles_are_headings_with_their_page() -> None:
    drafts = read(f"Điều 1. Phạm vi\n{FULL}\nviệc.", "Điều 2. Nghỉ phép\nMười bốn ngày.")
    headings = [(draft.text, draft.page) for draft in drafts if draft.kind is Kind.HEADING]
    assert headings == [("Điều 1. Phạm vi", 1), ("Điều 2. Nghỉ phép", 2)]


def test_an_article_named_in_running_text_is_no_heading() -> None:
    broken = f"{FULL} theo\nĐiều 5. Người lao động"
    assert not [draft for draft in read(broken) if draft.kind is Kind.HEADING]


def test_numbered_lines_between_paragraphs_are_headings_and_in_a_row_are_items() -> None:
    single = read(f"1. Mục đích\n\n{FULL}\nviệc.\n\n2. Phạm vi\n\n{FULL}\nviệc.")
    listed = read("Hồ sơ:\n1. Đơn xin nghỉ\n2. Giấy khám bệnh\n3. Bản sao thẻ")
    assert [draft.kind for draft in single] == [Kind.HEADING, Kind.PARAGRAPH] * 2
    assert [draft.kind for draft in listed] == [Kind.PARAGRAPH, *[Kind.ITEM] * 3]


def test_letters_in_pieces_are_composed_and_blanks_cleared() -> None:
    assert texts("Nghi\u0309 phe\u0301p   na\u0306m") == ["Nghỉ phép năm"]


def test_pages_without_text_give_nothing() -> None:
    assert read("", "\n\n") == []


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("Điều 5. Nghỉ phép năm", 5),
        ("ĐIỀU 5: NGHỈ PHÉP", 5),
        ("Điều 12", 5),
        ("Chương II", 3),
        ("Chương IV. Tổ chức thực hiện", 3),
        ("Phần 1 – Quy định chung", 2),
        ("Mục 3. Hồ sơ", 4),
        ("Phụ lục A. Biểu mẫu", 3),
        ("Article 7. Leave", 5),
        ("Điều 5 và Điều 6 của quy định này áp dụng", None),
        ("Điều 5. Người lao động được nghỉ.", None),
        ("Điều kiện hưởng lương", None),
        ("Mục đích", None),
        ("điều 5. Nghỉ phép", None),
        (f"Điều 5. {'N' * MAX_LENGTH}", None),
    ],
)
def test_which_lines_are_headings_of_rules(line: str, level: int | None) -> None:
    assert legal_level(line) == level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("1. Mục đích", 6),
        ("1.2 Phạm vi", 7),
        ("II. Trách nhiệm", 6),
        ("1. mục đích", None),
        ("1. Nộp đơn trước ba ngày;", None),
        ("2026 Năm mới", None),
        ("3.500.000 đồng", None),
    ],
)
def test_which_lines_can_be_numbered_headings(line: str, level: int | None) -> None:
    assert numbered_level(line) == level
