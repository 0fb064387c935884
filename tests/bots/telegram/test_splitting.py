"""Blocks are cut where it does no harm, within every limit, and all of them are there."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.telegram.escaping import JOINER
from bots.telegram.markup import blocks
from bots.telegram.runs import html, joined, plainly
from bots.telegram.splitting import Weight, block_weight, split, weight
from tests.bots.telegram import limits
from tests.bots.telegram.texts import LONG_TEXTS, OURS, TEXTS, letters

LIMIT = Weight(200, 20, 300)
LINKS = {OURS: OURS}


def pieces(text: str, limit: Weight = LIMIT) -> list[str]:
    return [html(joined(piece)) for piece in split(blocks(text, LINKS), limit, LINKS)]


def texts(said: Sequence[str]) -> list[str]:
    return [limits.parsed(html).text for html in said]


def signs(text: str) -> str:
    return "".join(text.replace(JOINER, "").split())


@settings(max_examples=50, deadline=None)
@given(TEXTS | LONG_TEXTS, st.sampled_from((200, 1_000, 3_900)))
def test_every_piece_is_within_the_limits_and_nothing_is_lost(text: str, most: int) -> None:
    limit = Weight(most, 20, 300)
    source = blocks(text, LINKS)
    made = [joined(piece) for piece in split(source, limit, LINKS)]
    for runs in made:
        message = limits.check_html(html(runs), frozenset({OURS}))
        assert limits.units(message.text) <= limits.units(plainly(runs)) <= most + 40
        assert len(message.entities) <= 20
        assert sum(map(len, message.values("a"))) <= 300
        limits.check_plain(plainly(runs), frozenset({OURS}))
    said = iter(letters("".join(limits.parsed(html(runs)).text for runs in made)))
    whole = limits.parsed(html(joined(source))).text if source else ""
    assert all(letter in said for letter in letters(whole))


def test_what_shows_nothing_gives_no_piece_and_short_text_one() -> None:
    assert pieces(" \n\n\u200b") == []
    assert pieces("một\n\nhai") == ["một\n\nhai"]


def test_paragraphs_stay_whole_where_they_can() -> None:
    paragraphs = [f"{letter} " * 40 for letter in "bcdefg"]
    assert [signs(text) for text in texts(pieces("\n\n".join(paragraphs)))] == [
        signs("".join(paragraphs[at : at + 2])) for at in (0, 2, 4)
    ]


def test_a_code_block_goes_to_the_next_piece_rather_than_being_cut() -> None:
    code = "\n".join(["x = 1"] * 20)
    said = pieces("chữ " * 40 + f"\n\n```py\n{code}\n```\n\nHết.")
    assert said[1].startswith(f'<pre><code class="language-py">{code}</code></pre>')
    assert len(said) == 2


@pytest.mark.parametrize("mark", ["", "> ", "- "])
def test_a_long_code_block_is_cut_between_lines_and_opened_anew(mark: str) -> None:
    lines = [f"  x{number} = {number} & 2" for number in range(60)]
    indent = mark.replace("-", " ")
    said = pieces("\n".join([f"{mark}```py", *(indent + line for line in lines), f"{indent}```"]))
    opening = f'{"<blockquote>" if mark == "> " else ""}<pre><code class="language-py">'
    assert len(said) > 4
    assert all(opening in piece for piece in said)
    found = "\n".join("\n".join(limits.parsed(piece).said("pre")) for piece in said)
    assert found.split("\n") == lines


def test_a_long_line_of_code_is_cut_between_words_else_anywhere() -> None:
    said = texts(pieces("```\n" + "(+84)  912-345-678 " * 60 + "\n```"))
    assert len(said) > 5
    assert all(re.fullmatch(r"( ?912-345-678 )?(\(\+84\)  912-345-678 ?)*(\(\+84\))?", text) for text in said)
    assert signs("".join(said)) == "(+84)912-345-678" * 60
    assert len(pieces("```\n" + "x" * 450 + "\n```")) == 3


def test_a_long_table_is_cut_between_rows_and_its_head_repeated() -> None:
    rows = [f"| Mục {number} | {number} ngày |" for number in range(60)]
    said = texts(pieces("\n".join(["Bảng:\n", "| Mục | Số |", "|---|---:|", *rows, "\nHết."])))
    tables = [text for text in said if "Mục" in text]
    assert len(tables) > 3
    assert all(re.match(r"(Bảng:\n\n)?Mục +Số\n─+  ─+\nMục \d+ ", text) for text in tables)
    assert re.findall(r"Mục +(\d+) +\1 ngày$", "\n".join(tables), re.MULTILINE) == [str(n) for n in range(60)]


def test_a_long_quotation_is_quoted_in_every_piece() -> None:
    said = pieces("> " + "Nhân viên được nghỉ **phép** năm. " * 30)
    assert len(said) > 3
    assert all(piece.startswith("<blockquote>") and piece.endswith(".</blockquote>") for piece in said)


def test_a_list_is_cut_between_its_items() -> None:
    items = [f"{number}. điều {'rất ' * (number % 7)}dài\n    - ý nhỏ {number}" for number in range(1, 30)]
    said = texts(pieces("\n".join(items)))
    assert len(said) > 3
    assert all(re.match(r"\d+\. |\s*◦ ", text) for text in said)
    assert all(len(text) <= 200 for text in said)


def test_a_long_paragraph_is_cut_after_a_sentence_else_between_words_else_anywhere() -> None:
    sentence = "Nhân viên được nghỉ phép năm theo quy định."
    assert all(text.endswith(".") for text in texts(pieces(" ".join([sentence] * 30))))
    assert all(len(text) > 190 for text in texts(pieces("từ " * 300))[:-1])
    assert [len(text) for text in texts(pieces("x" * 450))] == [198, 198, 54]


@pytest.mark.parametrize("letter", ["👍🏽", "🇻🇳", "e\u0302\u0301"])
def test_no_letter_is_cut_in_two(letter: str) -> None:
    said = texts(pieces(f"x{letter * 200}"))
    assert len(said) > 1
    assert all(re.fullmatch(f"x?({letter})+", text) for text in said)


def test_bold_words_are_bold_on_either_side_of_a_cut() -> None:
    said = pieces(f"**{('đậm ' * 100).strip()}**")
    assert all(re.fullmatch(r"<b>đậm( đậm)+</b>", piece) for piece in said)
    assert len(said) == 3


def test_a_name_that_a_cut_would_lay_bare_stays_quiet() -> None:
    text = "x" * 198 + "/start;" + "y" * 300
    said = pieces(text)
    assert signs("".join(texts(said))) == text
    for piece in said:
        limits.check_html(piece)


def test_no_message_has_more_tags_or_longer_links_than_telegram_reads() -> None:
    said = pieces(" ".join(f"**{number}** x" for number in range(60)), Weight(3_900, 20, 300))
    assert [len(limits.parsed(piece).entities) for piece in said] == [20, 20, 20]
    linked = pieces("\n\n".join([f"[x]({OURS})"] * 40), Weight(3_900, 90, 300))
    assert len(linked) == -(-40 // (300 // len(OURS)))


def test_weight_is_that_of_what_is_shown() -> None:
    [block] = blocks(f"**a** [👍]({OURS}) hr@vidu.vn", LINKS)
    told = f"a 👍 ({OURS}) hr@{JOINER}vidu.{JOINER}vn"
    assert weight(block.runs) == Weight(limits.units(told), 3, len(OURS))
    assert block_weight(block) == weight(block.runs) + Weight(2)
    assert weight(()) == Weight()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["từ " * 13_000, "x" * 40_000, "@lan " * 8_000, "a.vn/" * 8_000, "**a** " * 6_000])
def test_forty_thousand_characters_do_not_take_long(text: str) -> None:
    said = pieces(text, Weight(3_900, 90, 4_000))
    for piece in said:
        limits.parsed(piece)
    assert letters("".join(texts(said))) == letters(text)
