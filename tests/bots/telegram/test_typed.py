"""Texts as Telegram delivers them."""

from typing import Any

import pytest

from bots.telegram.typed import (
    Command,
    clean,
    command_of,
    mentions,
    opens_with_another,
    plain,
    typed,
    whole,
)
from tests.bots.telegram.lobby import BOT, US


def said(text: str, *entities: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "entities": list(entities)}


def mark(kind: str, offset: int, length: int, **fields: object) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length} | fields


def test_offsets_count_utf_16_units() -> None:
    told = typed(said("😀😀 @sotay_bot phép", mark("mention", 5, 10)))
    assert mentions(told, US)
    assert plain(told, US) == "😀😀 phép"
    assert not mentions(typed(said("😀😀 @sotay_bot phép", mark("mention", 3, 10))), US)


def test_we_are_mentioned_by_name_in_any_case_and_by_account() -> None:
    assert mentions(typed(said("@SoTay_Bot a", mark("mention", 0, 10))), US)
    assert mentions(typed(said("Sổ Tay a", mark("text_mention", 0, 6, user={"id": BOT}))), US)
    assert plain(typed(said("Sổ Tay a", mark("text_mention", 0, 6, user={"id": BOT}))), US) == "a"
    assert not mentions(typed(said("@sotay_bot2 a", mark("mention", 0, 11))), US)
    assert not mentions(typed(said("@sotay_bot a")), US)


def test_a_link_behind_words_is_told_and_layout_is_kept() -> None:
    told = typed(said("xem  đây\nnhé", mark("text_link", 5, 3, url="https://x.vn/a")))
    assert plain(told, US) == "xem đây (https://x.vn/a)\nnhé"
    shown = typed(said("https://x.vn", mark("text_link", 0, 12, url="https://x.vn")))
    assert plain(shown, US) == "https://x.vn"


def test_captions_count_as_text() -> None:
    told = {"caption": "@sotay_bot đọc", "caption_entities": [mark("mention", 0, 10)], "entities": []}
    assert mentions(typed(told), US)
    assert plain(typed(told), US) == "đọc"


@pytest.mark.parametrize(
    ("text", "length", "found"),
    [
        ("/hoi nghỉ phép?", 4, Command("hoi", "nghỉ phép?")),
        ("/HOI@Sotay_Bot nghỉ phép?", 14, Command("hoi", "nghỉ phép?")),
        ("/hoi@other_bot a", 14, Command("hoi", "a", is_ours=False)),
        ("/moi", 4, Command("moi", "")),
    ],
)
def test_commands(text: str, length: int, found: Command) -> None:
    assert command_of(typed(said(text, mark("bot_command", 0, length))), US) == found


def test_a_command_further_on_or_without_its_entity_is_none() -> None:
    assert command_of(typed(said("xem /hoi", mark("bot_command", 4, 4))), US) is None
    assert command_of(typed(said("/hoi a")), US) is None


def test_who_is_addressed_first() -> None:
    other = typed(said(" @lan_nguyen hỏi @sotay_bot đi", mark("mention", 1, 11), mark("mention", 17, 10)))
    assert opens_with_another(other, US)
    assert mentions(other, US)
    assert not opens_with_another(typed(said("hỏi @lan_nguyen", mark("mention", 4, 11))), US)
    assert not opens_with_another(typed(said("@sotay_bot a", mark("mention", 0, 10))), US)


def test_entities_that_make_no_sense_are_left_out() -> None:
    bad = [
        mark("mention", -1, 3), mark("mention", 0, 0), mark("mention", 0, 99), mark("mention", 2, 2**80),
        {"type": "mention"}, {"offset": 0, "length": 1}, mark("text_mention", 0, 1, user="x"),
    ]  # fmt: skip
    assert plain(typed(said("abc", *bad)), US) == "abc"
    assert typed({"text": 5, "entities": "x"}).text == ""
    overlapping = typed(said("@sotay_bot", mark("mention", 0, 10), mark("text_link", 4, 6, url="u")))
    assert [found.kind for found in overlapping.marks] == ["mention"]


def test_what_no_database_holds_is_replaced() -> None:
    assert clean("a\0b\ud800c") == "a b\ufffdc"
    assert plain(typed(said("\ud83d@sotay_bot a", mark("mention", 1, 10))), US) == "\ufffd a"


def test_whole_numbers() -> None:
    assert (whole(5), whole(-5), whole(True), whole("5"), whole(2**70), whole(1.5)) == (5, -5, None, None, None, None)
