"""Nobody is called, nothing is loaded and no link is live, whatever the text says; its words stay."""

import re
import unicodedata

import pytest
from hypothesis import given, settings

from bots.slack.escaping import cut, escape, fitted, markdown_safe, parser, quieted
from tests.bots.slack.hostile import ADDRESSES, CALLS, TEXTS, UNSEEN
from tests.bots.slack.limits import check_calls_nobody, check_markdown
from tests.core.harmless import assert_seen


def read(text: str) -> str:
    """What people read where the Markdown is shown."""
    return "\n".join(
        "".join(child.content for child in token.children) if token.children else token.content
        for token in parser().parse(text)
    )


@pytest.mark.parametrize("call", CALLS)
def test_nobody_is_called(call: str) -> None:
    for text in (
        escape(f"Họp {call} nhé"),
        markdown_safe(f"Họp {call} nhé"),
        markdown_safe(f"`{call}` và\n\n- {call}"),
    ):
        check_calls_nobody(text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_is_live(address: str) -> None:
    for text in (address, f"Xem {address} nhé", f"- {address}\n- {address}", f"`a` {address} `b`", f"\\{address}"):
        check_markdown(markdown_safe(text))


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_said_is_harmless_in_every_form(text: str) -> None:
    check_markdown(markdown_safe(text))
    for shown in (escape(text), fitted(text, 30), cut(text, 30)):
        check_calls_nobody(shown)
        assert all(sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf"} for sign in shown.replace("\t", ""))


@pytest.mark.parametrize("sign", UNSEEN)
def test_nothing_hides_in_what_markdown_shows(sign: str) -> None:
    for text in (f"a{sign}b", f"**{sign}**", f"- {sign}\n- b", f"| a |\n|---|\n| {sign} |"):
        assert_seen(read(markdown_safe(text)))


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_said_hides_nothing(text: str) -> None:
    assert_seen(read(markdown_safe(text)))


@settings(deadline=None)
@given(TEXTS)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    safe = markdown_safe(text)
    assert markdown_safe(safe) == safe
    assert quieted(quieted(text)) == quieted(text)


@pytest.mark.parametrize(
    "text",
    [
        "2 < 3 & 5 > 4, `a < b`",
        "**14 ngày** [1].\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "```c\n#include <stdio.h>\nint x = f[0](y);  // <!-- &lt; -->\n```",
        "Đúng! [1] Xem quy-dinh.pdf, mục 3.2.",
        "> trích\n\n1. một\n   - hai",
        "AT&T; lan@ ; a_b_c ; &copy;",
        "Theo quy định.\nAi gõ `a &lt; b`, \\*x\\*?  \nXem mục 3.\\\nTo.",
    ],
)
def test_harmless_text_is_not_touched(text: str) -> None:
    assert markdown_safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Xem https://noi-bo.vn/quy-dinh.", "Xem `https://noi-bo.vn/quy-dinh`."),
        ("`https://a.vn` và hr@vidu.vn", "`https://a.vn` và `hr@vidu.vn`"),
        ("[Quy chế](https://a.vn)", "[Quy chế] (`https://a.vn`)"),
        ("<https://a.vn|Quy chế>", "`https://a.vn` Quy chế"),
        ("hr@vidu.vn@here, lan@all.vn", "`hr@vidu.vnhere`, `lan@all.vn`"),
        ("hr@vidu.vnhttps://a.vn/b, hr@vidu.vn://", "`hr@vidu.vnhttps://a.vn/b`, `hr@vidu.vn://`"),
        ("[a](]([x](https://a.vn)", "[a] (] ([x] (`https://a.vn`)"),
        ("![ảnh](https://a.vn/x.png)", "! [ảnh] (`https://a.vn/x.png`)"),
        ("<!subteam^S1|@tổ> họp", "subteam^S1 @tổ họp"),
        ("&lt;!channel&gt; họp @here", "channel họp here"),
        ("```\nhttps://a.vn\n```\nhttps://b.vn", "```\nhttps://a.vn\n```\n`https://b.vn`"),
    ],
)
def test_the_words_of_what_does_harm_stay(text: str, shown: str) -> None:
    assert markdown_safe(text) == shown


def test_a_link_of_ours_is_left_alone() -> None:
    ours = "https://noi-bo.vn/quy-dinh"
    text = f"[Quy chế]({ours}) và {ours}."
    assert markdown_safe(text, {ours}) == text
    assert markdown_safe(f"{text} https://evil.example", {ours}) == f"{text} `https://evil.example`"


def test_slacks_three_signs_are_escaped() -> None:
    assert escape("a < b & c > d &amp;") == "a &lt; b &amp; c &gt; d &amp;amp;"


@settings(deadline=None)
@given(TEXTS)
def test_what_is_fitted_is_whole_or_ends_in_an_ellipsis_and_cuts_no_entity(text: str) -> None:
    for limit in (10, 30):
        shown = fitted(text, limit)
        assert len(shown) <= limit
        assert shown == escape(text) or shown.endswith("…")
        assert not re.search("&(?!amp;|lt;|gt;)", shown)


def test_a_letter_keeps_its_accents_when_text_is_cut() -> None:
    letter = "e\u0302\u0301"
    assert cut(letter * 4, 8) == letter * 2 + "…"
    assert fitted(letter * 4, 8) == letter * 2 + "…"


@pytest.mark.parametrize(
    "text",
    [
        "<" * 40_000,
        "@" * 40_000,
        "&" + "amp;" * 10_000,
        "a@" * 20_000,
        "`a" * 20_000,
        "a." * 20_000,
        "<a:" * 13_000,
        "](" * 20_000,
    ],
)
@pytest.mark.timeout(10)
def test_no_text_takes_long(text: str) -> None:
    check_calls_nobody(markdown_safe(text))
    check_calls_nobody(escape(text))
