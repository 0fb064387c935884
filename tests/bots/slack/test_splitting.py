"""Long Markdown is cut where it does no harm, and all of it is there."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bots.slack.splitting import split
from tests.bots.slack.hostile import LONG_TEXTS, TEXTS

LIMIT = 200


def fits(text: str) -> bool:
    return len(text) <= LIMIT


def kinds(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    return [token.type for token in tokens if token.level == 0 and token.nesting >= 0]


def signs(text: str) -> list[str]:
    return [sign for sign in text if not sign.isspace()]


def holds(pieces: list[str], text: str) -> bool:
    """Whether the pieces, one after the other, have every sign of the text in its order."""
    said = iter(signs("".join(pieces)))
    return all(sign in said for sign in signs(text))


@settings(max_examples=50, deadline=None)
@given(TEXTS | LONG_TEXTS, st.sampled_from((40, 200, 3_000)))
def test_every_piece_fits_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, lambda piece: len(piece) <= limit)
    assert all(piece.strip() and len(piece) <= limit for piece in pieces)
    assert holds(pieces, text)


def test_blank_text_gives_no_piece_and_short_text_one() -> None:
    assert split(" \n\n", fits) == []
    assert split("một\n\nhai", fits) == ["một\n\nhai"]


def test_paragraphs_stay_whole_where_they_can() -> None:
    paragraphs = [f"{letter} " * 40 for letter in "abcdef"]
    assert [signs(piece) for piece in split("\n\n".join(paragraphs), fits)] == [
        signs("".join(paragraphs[at : at + 2])) for at in (0, 2, 4)
    ]


def test_a_code_block_goes_to_the_next_piece_rather_than_being_cut() -> None:
    fence = "```py\n" + "x = 1\n" * 20 + "```"
    pieces = split("chữ " * 40 + "\n\n" + fence + "\n\nHết.", fits)
    assert fence in pieces[1]
    assert all(piece.count("```") % 2 == 0 for piece in pieces)


@pytest.mark.parametrize(("opening", "closing"), [("```py", "```"), ("~~~~", "~~~~"), ("> ```", "> ```"), ("```", "")])
def test_a_long_code_block_is_cut_between_lines_and_opened_anew(opening: str, closing: str) -> None:
    mark = "> " if opening.startswith(">") else ""
    lines = [f"{mark}x{number} = {number}" for number in range(60)]
    pieces = split("\n".join([opening, *lines, closing]).strip("\n"), fits)
    assert len(pieces) > 2
    assert [piece.split("\n")[0] for piece in pieces] == [opening] * len(pieces)
    assert all(kinds(piece) == (["blockquote_open"] if mark else ["fence"]) for piece in pieces)
    assert re.findall(r"x\d+ = \d+", "\n".join(pieces)) == [line.removeprefix(mark) for line in lines]


def test_a_long_table_is_cut_between_rows_and_its_head_repeated() -> None:
    rows = [f"| Mục {number} | {number} ngày |" for number in range(60)]
    pieces = split("\n".join(["Bảng:\n", "| Mục | Số |", "|---|---:|", *rows, "\nHết."]), fits)
    tables = [piece for piece in pieces if "|" in piece]
    assert all(piece.startswith(("Bảng", "| Mục | Số |\n|---|---:|\n| Mục ")) for piece in tables)
    assert all("table_open" in kinds(piece) for piece in tables)
    assert re.findall(r"\| Mục \d+ \| \d+ ngày \|", "\n".join(pieces)) == rows


def test_a_list_is_cut_between_its_items() -> None:
    items = [f"{number}. điều {'rất ' * (number % 7)}dài\n    - ý nhỏ {number}" for number in range(1, 30)]
    pieces = split("\n".join(items), fits)
    assert all(re.match(r"\d+\. ", piece) for piece in pieces)
    assert "\n".join(pieces) == "\n".join(items)


def test_code_inside_a_long_item_is_not_cut_open() -> None:
    code = "\n".join(f"  x{number} = {number}" for number in range(60))
    pieces = split(f"- {'chữ ' * 60}\n\n  ```py\n{code}\n  ```\n- hết", fits)
    assert all(piece.count("```") in {0, 2} for piece in pieces)
    assert re.findall(r"x\d+ =", "\n".join(pieces)) == [f"x{number} =" for number in range(60)]


def test_a_long_paragraph_is_cut_after_a_sentence_else_between_words_else_anywhere() -> None:
    sentence = "Nhân viên được nghỉ phép năm theo quy định."
    assert all(piece.endswith(".") for piece in split(" ".join([sentence] * 30), fits))
    assert all(len(piece) > LIMIT - 10 for piece in split("từ " * 300, fits)[:-1])
    assert [len(piece) for piece in split("x" * 450, fits)] == [200, 200, 50]


def test_a_table_with_a_head_as_long_as_a_piece_is_cut_like_text() -> None:
    table = f"| {'h' * 150} | b |\n|---|---|\n" + "| 1 | 2 |\n" * 30
    pieces = split(table, fits)
    assert len(pieces) < 10
    assert holds(pieces, table)
