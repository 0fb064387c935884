"""Markdown read into blocks of plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.blocks import Kind
from retrieval.markdown import SLIDE_MARKER, cells_of, markdown_to_drafts, plain


def read(source: str, *, keep_breaks: bool = False) -> list[tuple[Kind, str]]:
    return [(draft.kind, draft.text) for draft in markdown_to_drafts(source, keep_breaks=keep_breaks)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("**đậm** và *nghiêng* và __cả hai__", "đậm và nghiêng và cả hai"),
        ("_gạch_ nhưng ten_bien_dai", "gạch nhưng ten_bien_dai"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        (r"\*sao\* và a\_b", "*sao* và a_b"),
        ("`mã` và ``mã``", "mã và mã"),
        ("[cổng](https://x.example/a)", "cổng (https://x.example/a)"),
        ("[https://x.example](https://x.example)", "https://x.example"),
        ("[mục](#muc-1)", "mục"),
        ("[thư](mailto:a@x.example)", "thư"),
        ("![sơ đồ](a.png)", "sơ đồ"),
        ("<https://x.example>", "https://x.example"),
        ("A &amp; B &lt; C", "A & B < C"),
        ("một<br>hai", "một hai"),
        ("<b>đậm</b> a < b", "đậm a < b"),
    ],
)
def test_marks_go_and_words_stay(source: str, words: str) -> None:
    assert plain(source) == words


def test_headings_of_both_styles_have_their_levels() -> None:
    drafts = markdown_to_drafts("# Một #\n\n### Ba\n\nHai\n---\n\nMột nữa\n===")
    assert [(draft.text, draft.level) for draft in drafts] == [("Một", 1), ("Ba", 3), ("Hai", 2), ("Một nữa", 1)]
    assert {draft.kind for draft in drafts} == {Kind.HEADING}


def test_lines_of_a_paragraph_are_joined_unless_the_break_is_meant() -> None:
    assert read("một\nhai") == [(Kind.PARAGRAPH, "một hai")]
    assert read("một  \nhai") == [(Kind.PARAGRAPH, "một\nhai")]
    assert read("một\nhai", keep_breaks=True) == [(Kind.PARAGRAPH, "một\nhai")]


def test_items_of_all_kinds_and_depths_stay_in_order() -> None:
    found = read("- một\n  tiếp\n- hai\n  - hai a\n\n1. ba\n2) bốn\n* năm")
    assert found == [
        (Kind.ITEM, "- một tiếp"),
        (Kind.ITEM, "- hai"),
        (Kind.ITEM, "- hai a"),
        (Kind.ITEM, "1. ba"),
        (Kind.ITEM, "2) bốn"),
        (Kind.ITEM, "- năm"),
    ]


def test_a_table_keeps_its_cells_and_ends_with_its_rows() -> None:
    found = read("Bảng:\n\n| A | B |\n|---|:-:|\n| 1 \\| 2 | **x** |\n| | 3 |\n\nHết.")
    assert found == [
        (Kind.PARAGRAPH, "Bảng:"),
        (Kind.TABLE, "| A | B |\n| --- | --- |\n| 1 / 2 | x |\n| | 3 |"),
        (Kind.PARAGRAPH, "Hết."),
    ]


def test_a_table_without_outer_bars_is_read() -> None:
    assert read("A | B\n--- | ---\n1 | 2") == [(Kind.TABLE, "| A | B |\n| --- | --- |\n| 1 | 2 |")]


def test_a_paragraph_right_above_or_below_a_table_is_not_lost() -> None:
    found = read("Trên\n| A | B |\n|---|---|\n| 1 | 2 |\nDưới")
    assert [text for kind, text in found if kind is Kind.PARAGRAPH] == ["Trên", "Dưới"]


def test_code_is_kept_as_written() -> None:
    assert read("```sh\n# không phải đề mục\n| a |\n```\nsau") == [
        (Kind.CODE, "# không phải đề mục\n| a |"),
        (Kind.PARAGRAPH, "sau"),
    ]


def test_quotes_are_text_and_rules_and_comments_are_nothing() -> None:
    assert read("> trích\n\n***\n\n<!-- ẩn\n# ẩn -->\n\nsau") == [(Kind.PARAGRAPH, "trích"), (Kind.PARAGRAPH, "sau")]


def test_a_quote_right_after_a_paragraph_keeps_both() -> None:
    assert " ".join(text for _, text in read("trước\n> trích\nsau")) == "trước trích sau"


def test_slides_are_counted_by_their_markers() -> None:
    source = f"{SLIDE_MARKER.format(page_num=1)}một{SLIDE_MARKER.format(page_num=2)}# hai"
    assert [(draft.text, draft.page) for draft in markdown_to_drafts(source)] == [("một", 1), ("hai", 2)]


def test_an_escaped_bar_does_not_end_a_cell() -> None:
    assert cells_of(r"| a \| b |  | c\| |") == ["a | b", "", "c|"]


@given(st.lists(st.text("abcđê #|-*>`.\n1)[]_\\<!", max_size=40), max_size=8).map("\n".join))
def test_no_text_makes_the_reader_fail(source: str) -> None:
    drafts = markdown_to_drafts(source)
    assert all(draft.level > 0 for draft in drafts if draft.kind is Kind.HEADING)


@given(st.lists(st.text("abcđê", min_size=1, max_size=8), min_size=1, max_size=30))
def test_plain_words_come_through_in_order(words: list[str]) -> None:
    assert " ".join(text for _, text in read("\n\n".join(words))) == " ".join(words)
