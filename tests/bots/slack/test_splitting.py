"""Long Markdown is cut where it does no harm, and all of it is there."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bots.slack.escaping import parser
from bots.slack.splitting import split
from tests.bots.slack.hostile import LONG_TEXTS, TEXTS

LIMIT = 200


def fits(text: str) -> bool:
    return len(text) <= LIMIT


def kinds(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    return [token.type for token in tokens if token.level == 0 and token.nesting >= 0]


def blocks(text: str) -> list[Token]:
    """The blocks of code that Markdown sees."""
    return [token for token in parser().parse(text) if token.type in {"fence", "code_block"}]


def code_of(pieces: list[str]) -> list[str]:
    """What stands as code within the lines of the pieces."""
    tokens = [token for piece in pieces for token in parser().parse(piece)]
    return [child.content for token in tokens for child in token.children or [] if child.type == "code_inline"]


def signs(text: str) -> list[str]:
    return [sign for sign in text if not sign.isspace()]


def holds(pieces: list[str], text: str) -> bool:
    """Whether the pieces, one after the other, have every sign of the text in its order."""
    said = iter(signs("".join(pieces)))
    return all(sign in said for sign in signs(text))


@settings(max_examples=50, deadline=None)
@given(TEXTS | LONG_TEXTS, st.sampled_from((40, 200, 3_000)))
@example(f"~~~{'info' * 9}\n{'x' * 60}\n~~~~~~\n", 40)
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


@pytest.mark.parametrize("sign", ["&#58;", "&amp;", "\\`", "\\*", "e\u0302\u0301"])
def test_neither_an_entity_nor_an_escaped_sign_nor_a_letter_is_cut_in_two(sign: str) -> None:
    pieces = split("x" + sign * 200, fits)
    assert len(pieces) > 2
    assert all(re.fullmatch(f"x?({re.escape(sign)})+", piece) for piece in pieces)


@pytest.mark.parametrize("mark", ["`", "``", "````"])
def test_code_in_a_line_is_closed_before_a_cut_and_opened_behind_it(mark: str) -> None:
    code = "".join(f"{number}&lt;" for number in range(200))
    pieces = split(f"{mark}{code}{mark}", fits)
    assert all(re.fullmatch(f"{mark}[^`]+{mark}", piece) for piece in pieces)
    assert "".join(piece.strip("`") for piece in pieces) == code


def test_a_line_is_cut_beside_its_code_rather_than_within() -> None:
    pieces = split("chữ " * 30 + f"`{'mã ' * 20}` " * 6, fits)
    assert all(re.fullmatch(r"(chữ ?)*(`(mã )+` ?)*", piece) for piece in pieces)
    assert "".join(pieces).count("`") == 12


@pytest.mark.parametrize("lead", ["", "> ", "> > "])
def test_code_of_several_lines_is_code_in_every_piece(lead: str) -> None:
    lines = [f"x{number} &lt; {number}" for number in range(60)]
    pieces = split("\n".join([f"{lead}Gõ `", *(lead + line for line in lines), f"{lead}` thôi."]), fits)
    assert len(pieces) > 3
    assert " ".join(code_of(pieces)).split() == " ".join(lines).split()
    assert {kind for piece in pieces for kind in kinds(piece)} == {"blockquote_open" if lead else "paragraph_open"}


def test_backticks_within_code_stay_signs_of_it() -> None:
    pieces = split(f"``{'a`' * 300}b``", fits)
    assert len(pieces) > 2
    assert "".join(code_of(pieces)).replace(" ", "") == "a`" * 300 + "b"


def test_code_in_a_long_row_does_not_go_on_in_the_next_cell() -> None:
    pieces = split(f"| a | b |\n|---|---|\n| `x | {'`y &lt; z` ' * 40}|", fits)
    assert len(pieces) > 2
    assert all("table_open" in kinds(piece) for piece in pieces)
    assert "".join(code_of(pieces)).replace(" ", "") == "y&lt;z" * 40


@pytest.mark.parametrize("lead", ["    ", "\t", "> ```\n> ", "> "])
def test_a_long_line_of_a_code_block_is_code_in_every_piece(lead: str) -> None:
    indent = "    " if lead == "> " else ""
    pieces = split(f"{lead}{indent}{'a&lt;' * 200}", fits)
    assert len(pieces) > 3
    assert "".join(block.content.strip() for piece in pieces for block in blocks(piece)) == "a&lt;" * 200


def test_a_code_block_that_opens_with_a_long_line_shows_it_as_code() -> None:
    pieces = split("~~~" + "a&lt;" * 60 + "\nb&lt;\n~~~\nHết &lt;.", fits)
    assert "".join(block.content.strip() for piece in pieces for block in blocks(piece)) == "a&lt;" * 60 + "\nb&lt;"
    assert pieces[-1].endswith("\n~~~\nHết &lt;.")


def test_more_backticks_than_fit_are_cut_like_text() -> None:
    pieces = split("`" * 450 + "x", fits)
    assert [len(piece) for piece in pieces] == [200, 200, 51]


def test_a_table_with_a_head_as_long_as_a_piece_is_cut_like_text() -> None:
    table = f"| {'h' * 150} | b |\n|---|---|\n" + "| 1 | 2 |\n" * 30
    pieces = split(table, fits)
    assert len(pieces) < 10
    assert holds(pieces, table)
