"""Markdown as Telegram shows it: its few tags, nothing clickable but links to our documents, nothing lost."""

from collections import Counter

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from bots.telegram.escaping import JOINER, seen
from bots.telegram.markup import DEPTH, blocks
from bots.telegram.runs import Run, Tag, html, joined, plainly
from tests.bots.slack.hostile import ADDRESSES, CALLS
from tests.bots.telegram import limits
from tests.bots.telegram.texts import LIVE, OURS, TEXTS, holds, letters
from tests.core.harmless import assert_seen

LINKS = {OURS: OURS}


def shown(text: str) -> str:
    return html(joined(blocks(text, LINKS)))


def plain(text: str) -> str:
    return plainly(joined(blocks(text, LINKS))).replace(JOINER, "")


def words_of(markdown: str) -> str:
    """What another reader of Markdown finds in it, and people see."""
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 1_000})
    tokens = reader.disable(["reference", "autolink", "link", "image"]).parse(markdown)
    inner = [child for token in tokens for child in token.children or [token]]
    return " ".join(seen(token.content) for token in inner if token.type != "fence_open")


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_said_is_telegrams_html_quiet_and_whole(text: str) -> None:
    made = joined(blocks(text, LINKS))
    if not made:
        assert not letters(words_of(seen(text)))
        return
    message = limits.parsed(html(made))
    limits.check_quiet(message.open_text())
    assert_seen(message.text.replace(JOINER, ""))
    assert set(message.values("a")) <= {OURS}
    limits.check_quiet(plainly(made).replace(f" ({OURS})", ""))
    said = Counter(letters(message.text + "".join(message.values("a")) + "".join(message.values("code"))))
    assert not Counter(letters(words_of(seen(text)).replace(OURS, ""))) - said


@pytest.mark.parametrize("text", [*LIVE, *ADDRESSES, *CALLS])
def test_no_address_or_name_is_live_anywhere(text: str) -> None:
    for said in (
        text,
        f"- {text}\n- **{text}**",
        f"# {text}",
        f"> {text}",
        f"| {text} | b |\n|---|---|\n| {text} | *{text}* |",
    ):
        limits.check_html(shown(said), frozenset({OURS}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Nghỉ **phép** `x`", "<b>Nghỉ phép </b><code>x</code>"),
        ("**a *b* c** ~~d~~", "<b>a <i>b</i> c</b> <s>d</s>"),
        ("*a **b***", "<i>a <b>b</b></i>"),
        ("`a < b` & `c`", "<code>a &lt; b</code> &amp; <code>c</code>"),
        ("a\nb  \nc", "a\nb\nc"),
        ("một\n\nhai", "một\n\nhai"),
        ("a\n\n---\n\nb", "a\n\n──────────\n\nb"),
        ("<b>x</b> <script>", "&lt;b&gt;x&lt;/\u2060b&gt; &lt;script&gt;"),
        ("&lt;b&gt; &amp;", "&lt;b&gt; &amp;"),
        ("```py\nx = 1\n\n  y\n```", '<pre><code class="language-py">x = 1\n\n  y</code></pre>'),
        ("```\na@b.vn\n```", "<pre>a@b.vn</pre>"),
        ("    mã", "<pre>mã</pre>"),
        ("``` nhiều chữ\nx\n```", "<pre>nhiều chữ\nx</pre>"),
        ("> a\n> b\n>\n> > c", "<blockquote>a\nb\n\nc</blockquote>"),
        ("> a\n\nb", "<blockquote>a</blockquote>\n\nb"),
        ("> ```\n> x\n> ```", "<blockquote><pre>x</pre></blockquote>"),
        ("[1]: https://evil.example", "[1]: <code>https://evil.example</code>"),
        ("\u200b\u202e", ""),
    ],
)
def test_every_kind_of_markdown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_lists_have_marks_and_stand_to_the_right_of_each_other() -> None:
    text = "Gồm:\n\n3. ba\n   tiếp\n   - a\n     - b\n\n       đoạn\n4. bốn\n\nHết."
    assert shown(text) == ("Gồm:\n3. ba\n   tiếp\n    ◦ a\n        ▪ b\n           đoạn\n4. bốn\n\nHết.")
    assert shown("- a\n- b") == "• a\n• b"


def test_an_item_that_is_empty_or_code_keeps_its_mark() -> None:
    assert shown("1. a\n2.\n3. ```\n   x\n   ```") == "1. a\n2. \n3. \n<pre>x</pre>"


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        (f"[Quy chế]({OURS})", f'<a href="{OURS}">Quy chế</a>', f"Quy chế ({OURS})"),
        (f"[**Quy** chế]({OURS}).", f'<a href="{OURS}"><b>Quy</b> chế</a>.', f"Quy chế ({OURS})."),
        (f"[**x** `y`]({OURS})", f'<a href="{OURS}"><b>x</b> y</a>', f"x y ({OURS})"),
        (f"Xem {OURS}.", f'Xem <a href="{OURS}">{OURS}</a>.', f"Xem {OURS}."),
        (f"[]({OURS})", f'<a href="{OURS}">{OURS}</a>', OURS),
        ("[x](https://e.vn 'y')", "x (<code>https://e.vn</code> y)", "x (https://e.vn y)"),
        ("[https://e.vn](https://e.vn)", "<code>https://e.vn</code>", "https://e.vn"),
        ("[x](javascript:a)", "[x](<code>javascript:a</code>)", "[x](javascript:a)"),
        ("[x](tg://user?id=1)", "x (<code>tg://user?id=1</code>)", "x (tg://user?id=1)"),
        (f"![ảnh *x*]({OURS})", f'ảnh x (<a href="{OURS}">{OURS}</a>)', f"ảnh x ({OURS})"),
    ],
)
def test_links_lead_to_our_documents_only_and_pictures_are_told(text: str, expected: str, told: str) -> None:
    assert shown(text) == expected
    assert plain(text) == told


def test_no_address_breaks_out_of_its_tag() -> None:
    text = html([Run("x", (Tag("a", 'https://a.vn/"><b>&'),))])
    assert text == '<a href="https://a.vn/&quot;&gt;&lt;b&gt;&amp;">x</a>'


def test_a_small_table_is_aligned() -> None:
    text = "| Mục | Số | Ở |\n|---|---:|:-:|\n| **Phép** | 12 | a |\n| 한국 | 3 | b |"
    assert shown(text) == ("<pre>Mục   Số  Ở\n────  ──  ─\nPhép  12  a\n한국   3  b</pre>")


def test_a_wide_table_is_told_row_by_row() -> None:
    head = "| Loại nghỉ của nhân viên chính thức | Số ngày | |\n|---|---|---|"
    text = f"{head}\n| Phép | **12** | [x]({OURS}) |\n| Ốm | | y |"
    assert shown(text) == (
        f'Loại nghỉ của nhân viên chính thức: Phép\nSố ngày: <b>12</b>\n<a href="{OURS}">x</a>\n\n'
        "Loại nghỉ của nhân viên chính thức: Ốm\nSố ngày: –\ny"
    )


def test_a_wide_table_without_rows_tells_its_columns() -> None:
    assert shown(f"| {'a ' * 20} | b |\n|---|---|") == f"{'a ' * 20}".strip() + "\nb"


def test_cells_beyond_the_last_column_are_not_lost() -> None:
    assert "| 1 | 2 | ba |" in shown("| a | b |\n|---|---|\n| 1 | 2 | ba |")


def test_what_is_nested_too_deeply_is_shown_as_it_is_written() -> None:
    text = "> " * DEPTH + "sâu *lắm* @lan"
    assert shown(text).startswith("&gt; &gt;")
    assert shown(text).endswith("sâu *lắm* @\u2060lan")
    assert shown("> " * (DEPTH - 3) + "sâu") == "<blockquote>sâu</blockquote>"


def test_text_keeps_its_order_in_both_forms() -> None:
    text = "# Một\n\nhai **ba** `bốn`\n\n- năm\n  1. sáu\n\n> bảy\n\n```py\ntám\n```\n"
    text += "[chín](https://e.vn) mười\n\n| a | b |\n|---|---|\n| c | d |"
    order = "Một hai ba bốn năm sáu bảy tám chín https://e.vn mười a b c d"
    assert holds(limits.parsed(shown(text)).text, order)
    assert holds(plain(text), order)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "*a" * 20_000,
        "> " * 20_000,
        "| a " * 10_000,
        "`a" * 20_000,
        "- " * 20_000,
        "![" * 20_000,
        "**a_" * 10_000,
    ],
)
@pytest.mark.timeout(20)
def test_no_text_takes_long(text: str) -> None:
    limits.parsed(shown(text))
