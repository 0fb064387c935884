"""Tables: one header row, one line a row, readable alone."""

import pytest

from retrieval.tables import cell, render, tables_of_sheet


def of_sheet(*rows: str) -> list[tuple[list[str], list[list[str]]]]:
    return list(tables_of_sheet([row.split(",") for row in rows]))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("2026-03-12 00:00:00", "12/03/2026"),
        ("2026-03-12", "12/03/2026"),
        ("2026-03-12 08:30:00", "12/03/2026 08:30"),
        ("từ 2026-03-12 00:00:00 trở đi", "từ 12/03/2026 trở đi"),
        ("2026-03-1234", "2026-03-1234"),
        ("5.0", "5"),
        ("-12.0", "-12"),
        ("5.25", "5.25"),
        ("1.0.0", "1.0.0"),
        ("hai\ndòng", "hai dòng"),
        ("a|b", "a/b"),
        ("  ", ""),
    ],
)
def test_cells_are_shown_as_people_write_them(raw: str, shown: str) -> None:
    assert cell(raw) == shown


def test_a_table_is_markdown_without_blank_rows_and_columns() -> None:
    assert render([["A", "", "B"], ["1", "", "2"], ["", "", ""], ["3"]]) == (
        "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | |"
    )


@pytest.mark.parametrize("rows", [[], [[]], [["", " "], [""]]])
def test_a_table_without_text_is_nothing(rows: list[list[str]]) -> None:
    assert render(rows) == ""


def test_lines_above_a_table_are_its_captions() -> None:
    assert of_sheet("Danh bạ,,", "Năm 2026,,", "Tên,Số,Phòng", "An,1,A") == [
        (["Danh bạ", "Năm 2026"], [["Tên", "Số", "Phòng"], ["An", "1", "A"]])
    ]


def test_a_header_of_two_rows_becomes_one() -> None:
    ((_, rows),) = of_sheet("Nhóm,,Giờ", "Tên,Số,Bắt đầu", "A,1,08:00")
    assert rows == [["Nhóm Tên", "Nhóm Số", "Giờ Bắt đầu"], ["A", "1", "08:00"]]


def test_a_merged_first_column_is_repeated_on_each_row() -> None:
    ((_, rows),) = of_sheet("Phòng,Tên", "Kế toán,An", ",Bình", "Kho,Chi")
    assert [row[0] for row in rows] == ["Phòng", "Kế toán", "Kế toán", "Kho"]


def test_an_empty_row_before_a_new_header_begins_a_new_table() -> None:
    found = of_sheet("Tên,Số", "An,1", ",", "Phòng,Sức chứa", "Hoa Sen,8")
    assert [rows[0] for _, rows in found] == [["Tên", "Số"], ["Phòng", "Sức chứa"]]


def test_rows_after_an_empty_row_go_on_under_the_old_header() -> None:
    found = of_sheet("Tên,Số", "An,1", ",", "Bình,2")
    assert [rows for _, rows in found] == [[["Tên", "Số"], ["An", "1"]], [["Tên", "Số"], ["Bình", "2"]]]


def test_every_row_of_a_sheet_is_in_some_table_or_caption() -> None:
    found = of_sheet("T,,", ",,", "A,B,C", "1,2,3", ",,", "4,5,6", "Ghi chú,,", ",,", "X,Y,Z", "7,8,9")
    said = " ".join(" ".join(captions) + " ".join(" ".join(row) for row in rows) for captions, rows in found)
    assert all(value in said for value in ["T", *"ABC123456XYZ789", "Ghi chú"])


def test_a_sheet_of_one_column_is_one_table() -> None:
    assert of_sheet("Quy tắc", "Một", "Hai") == [([], [["Quy tắc"], ["Một"], ["Hai"]])]
