"""Nothing of others' text is clickable, and all of it is there."""

import unicodedata

import pytest
from hypothesis import given, settings

from bots.telegram.escaping import JOINER, escape, live, one_line, quieted, seen, shows, units, web_address, whole
from tests.bots.slack.hostile import ADDRESSES, CALLS
from tests.bots.telegram import limits
from tests.bots.telegram.texts import LIVE, TEXTS

APART = ("4111 1111 1111 1111192.168.1.1", "192.168.1.1192.168.1.1/start", "a.vn@lan.md#a/b", "1)0912 345 678")
"""What is clickable anew once a part of it is taken apart."""


@pytest.mark.parametrize("text", [*APART, *LIVE, *ADDRESSES, *CALLS])
def test_nothing_is_clickable_in_plain_text(text: str) -> None:
    for said in (text, f"Xem {text} nhé", f"({text})", f"{text}, {text}.", f"a{text}"):
        limits.check_quiet(quieted(seen(said)))


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_said_is_quiet_and_whole(text: str) -> None:
    said = seen(text)
    quiet = quieted(said)
    limits.check_quiet(quiet)
    assert quiet.replace(JOINER, "") == said
    assert quieted(quiet) == quiet
    assert all(sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf"} for sign in said)


@pytest.mark.parametrize(
    "text",
    [
        "và/hoặc, 24/7, 80 km/h, ngày 01/02/2024",
        "12.500.000 đồng, mục 3.2, 1.000.000.000",
        "quy-dinh.pdf, TP.HCM, v.v., ThS. Lan",
        "câu hỏi #1, a @ b, 5 $, 12:30, lan@",
        "14 ngày… Hết.",
    ],
)
def test_harmless_text_is_not_touched(text: str) -> None:
    assert quieted(text) == text


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Xem https://a.vn/x(1), nhé.", ["https://a.vn/x"]),
        ("Thư: hr@vidu.vn.", ["hr@vidu.vn"]),
        ("vidu.vn: ở t.me/abc?x=1!", ["vidu.vn", "t.me/abc?x=1"]),
        ("Gọi 0912.345.678 hoặc 1900 1234", ["0912.345.678", "1900 1234"]),
        ("Số thẻ 4111 1111 1111 1111.", ["4111 1111 1111 1111"]),
        ("@lan /start readme.md 192.168.1.1", []),
    ],
)
def test_what_people_may_want_to_copy_is_told_from_what_is_taken_apart(text: str, addresses: list[str]) -> None:
    found = {(each.start, each.end) for each in live(text) if each.is_address}
    outermost = [span for span in found if not any(a <= span[0] and span[1] <= b for a, b in found - {span})]
    assert [text[start:end] for start, end in sorted(outermost)] == addresses


def test_the_three_signs_are_escaped_and_no_other() -> None:
    assert escape("a < b & c > \"d\" '&amp;'") == "a &lt; b &amp; c &gt; \"d\" '&amp;amp;'"


def test_length_is_counted_in_utf16_units() -> None:
    assert units("") == 0
    assert units("ế") == 1
    assert units("👍🇻🇳") == 6


def test_what_is_not_to_be_seen_is_taken_away() -> None:
    assert seen("a\u200bb\u202ec\u2028d\te\x00") == "abc\nd   e"


@pytest.mark.parametrize(
    ("text", "is_shown"), [("", False), (" \n\u2800\u3164\u0301", False), ("a", True), ("👍", True)]
)
def test_a_text_of_blanks_shows_nothing(text: str, is_shown: bool) -> None:
    assert shows(text) is is_shown


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://a.vn/b c?x=1&y=2#p", "https://a.vn/b%20c?x=1&y=2#p"),
        ('https://a.vn/"><b>', "https://a.vn/%22%3E%3Cb%3E"),
        ("javascript:alert(1)", ""),
        ("tg://user?id=1", ""),
        ("https://a.vn/\u202e", ""),
        ("https://a.vn/" + "x" * 1_000, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_are_linked_to(link: str | None, address: str) -> None:
    assert web_address(link) == address


@pytest.mark.parametrize("letter", ["e\u0302\u0301", "🇻🇳", "👍🏽", "❤\ufe0f"])
def test_a_letter_is_not_cut_in_two(letter: str) -> None:
    text = letter * 4
    for end in range(len(letter), len(text)):
        assert whole(text, end) == end - end % len(letter)
    assert one_line(text, 2 * len(letter) + 1) == letter * 2 + "…"


def test_a_letter_with_accents_without_end_is_cut_all_the_same() -> None:
    assert whole("\u0301" * 100, 50) == 50


def test_one_line_has_no_breaks_and_short_ones_stay() -> None:
    assert one_line(" a\n\n b ", 10) == "a b"
    assert one_line("một hai ba", 8) == "một hai…"


@pytest.mark.parametrize(
    "text",
    [
        "@" * 40_000,
        "a@" * 20_000,
        "a." * 20_000,
        "a" * 40_000,
        "a+" * 20_000,
        "0 " * 20_000,
        "a:" * 20_000,
        "/" * 40_000,
    ],
)
@pytest.mark.timeout(10)
def test_no_text_takes_long(text: str) -> None:
    limits.check_quiet(quieted(text)[:4_000])
