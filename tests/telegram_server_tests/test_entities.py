"""How texts are parsed, trimmed and measured."""

import html as stdlib_html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram_server import html, markdown
from tests.telegram_server.entities import cut_out, finished, units
from tests.telegram_server.refusals import Json, Refused


def marked(text: str, entities: list[Json]) -> list[tuple[str, str]]:
    return [(entity["type"], cut_out(text, entity)) for entity in entities]


def problem(parse: object, markup: str) -> str:
    assert callable(parse)
    with pytest.raises(Refused) as refused:
        parse(markup)
    return refused.value.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("markup", "entities"),
    [
        ("<b>a</b> <strong>b</strong>", [("bold", "a"), ("bold", "b")]),
        ("<i>a</i><em>b</em><u>c</u><ins>d</ins>", [("italic", "a"), ("italic", "b"), ("underline", "c")]),
        ("<s>a</s><strike>b</strike><del>c</del>", [("strikethrough", "a"), ("strikethrough", "b")]),
        ('<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>', [("spoiler", "a"), ("spoiler", "b")]),
        ("<code>a&lt;b</code>", [("code", "a<b")]),
        ("<blockquote>a\nb</blockquote>", [("blockquote", "a\nb")]),
        ("<blockquote expandable>a</blockquote>", [("expandable_blockquote", "a")]),
        ("😀<b>đậm <i>và nghiêng</i></b>", [("italic", "và nghiêng"), ("bold", "đậm và nghiêng")]),
        ("<b></b>a", []),
    ],
)
def test_html_marks_what_it_says(markup: str, entities: list[tuple[str, str]]) -> None:
    found = marked(*html.parse(markup))
    assert found[: len(entities)] == entities
    assert bool(found) == bool(entities)


def test_html_links_code_and_emoji_carry_more() -> None:
    _, (link,) = html.parse('<a href="https://example.vn/?a=1&amp;b=2">a</a>')
    assert link["url"] == "https://example.vn/?a=1&b=2"
    _, (bare,) = html.parse("<a href=example.vn>a</a>")
    assert bare["url"] == "http://example.vn/"
    for markup in ("<a>https://example.vn</a>", '<a href="https://example.vn">a</a>'):
        _, (site,) = html.parse(markup)
        assert site["url"] == "https://example.vn/"
    assert html.parse('<a href="#muc">a</a>') == ("a", [])
    _, (block,) = html.parse('<pre><code class="language-python">x = 1</code></pre>')
    assert (block["type"], block["language"]) == ("pre", "python")
    assert marked(*html.parse("<pre><code>x</code></pre>")) == [("pre", "x")]
    _, (emoji,) = html.parse('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>')
    assert (emoji["custom_emoji_id"], emoji["length"]) == ("5368324170671202286", 2)


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ừ <br>", 'Unsupported start tag "br" at byte offset 4'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a<b", "Unclosed start tag at byte offset 1"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a =x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=https://a.vn>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href>a</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ('<tg-emoji emoji-id="a">👍</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_html_that_is_wrong_is_refused(markup: str, error: str) -> None:
    assert problem(html.parse, markup) == error


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_html_reads_as_it_was_written(text: str) -> None:
    assert html.parse(stdlib_html.escape(text)) == (text, [])


def test_only_four_names_and_numbers_are_references() -> None:
    assert html.parse("&nbsp;&eacute;&amp;&#272;&#x111;&quot;&ltx")[0] == '&nbsp;&eacute;&Đđ"&ltx'
    assert html.parse("&#0;&#xD800;&#9999999;")[0] == "&#0;&#xD800;&#9999999;"


@pytest.mark.parametrize(
    ("markup", "entities"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        ("`a\\`b` ```python\nx = 1```", ["code", "pre"]),
        ("[a\\.b](https://example.vn/\\))", ["text_link"]),
        (">a\n>b\nc", ["blockquote"]),
        (">a", ["blockquote"]),
        ("*a _b_*", ["italic", "bold"]),
        ("1\\. a\\-b", []),
    ],
)
def test_markdown_v2_marks_what_it_says(markup: str, entities: list[str]) -> None:
    assert [entity["type"] for entity in markdown.parse(markup)[1]] == entities


def test_markdown_v2_takes_its_escapes_off() -> None:
    assert markdown.parse("1\\. \\*a\\* `b\\`c`")[0] == "1. *a* b`c"
    text, (link,) = markdown.parse("[a](https://example.vn/\\))")
    assert (text, link["url"]) == ("a", "https://example.vn/)")
    _, (block,) = markdown.parse("```python\nx```")
    assert block["language"] == "python"
    assert marked(*markdown.parse(">a\n>b\nc")) == [("blockquote", "a\nb")]


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        ("1. a", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a *b", "Can't find end of Bold entity at byte offset 2"),
        ("__a", "Can't find end of Underline entity at byte offset 0"),
        ("*a _b*_", "Can't find end of Italic entity at byte offset 6"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("```a", "Can't find end of Pre entity at byte offset 0"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("[a] b", "Can't find end of a URL at byte offset 2"),
        ("a]", "Character ']' is reserved and must be escaped with the preceding '\\'"),
    ],
)
def test_markdown_v2_that_is_wrong_is_refused(markup: str, error: str) -> None:
    assert problem(markdown.parse, markup) == error


def test_the_older_markdown_is_milder() -> None:
    text, entities = markdown.parse_old("*a* _b_ `c` ```py\nd``` [e](https://example.vn) \\*f. [g]")
    assert text == "a b c d e *f. g"
    assert [kind for kind, _ in marked(text, entities)] == ["bold", "italic", "code", "pre", "text_link"]
    assert problem(markdown.parse_old, "nghỉ_phép") == ("Can't find end of the entity starting at byte offset 6")


def test_links_mentions_and_commands_are_found() -> None:
    text, entities = finished("😀 @lan_nguyen xem /help@sotay_bot tại https://example.vn/a. #phép email@vn a/b", [])
    assert marked(text, entities) == [
        ("mention", "@lan_nguyen"),
        ("bot_command", "/help@sotay_bot"),
        ("url", "https://example.vn/a"),
        ("hashtag", "#phép"),
    ]
    assert entities[0]["offset"] == 3


def test_nothing_is_found_or_marked_in_code() -> None:
    text, entities = finished(*html.parse("<code>/help <b>@lan_nguyen</b></code> /start"))
    assert marked(text, entities) == [("code", "/help @lan_nguyen"), ("bot_command", "/start")]


def test_white_space_around_is_cut_and_offsets_move() -> None:
    text, entities = finished(*html.parse("  \n<b> a </b>  "))
    assert (text, marked(text, entities)) == ("a", [("bold", "a")])
    assert finished(*html.parse("a<b>  </b>")) == ("a", [])


@given(st.text(max_size=40).filter(lambda text: max(text, default="") < "\ud800"))
def test_a_length_counts_utf16_units(text: str) -> None:
    assert units(text + "😀") == len(text) + 2
