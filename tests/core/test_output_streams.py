"""In the middle of a stream nothing is shown that the whole would not show, wherever the text is cut."""

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.drafts import Draft
from core.output import StreamFilter, clean
from core.tags import TagFilter
from tests.core.harmless import check
from tests.core.makers import passage

KNOWN = "https://noi-bo.vidu.vn/quy-dinh"
PASSAGES = [passage(f"Xem {KNOWN} để biết thêm. Hỏi hr@vidu.vn, nhóm @phong_kt."), passage("Hai.", number=2)]
PIECES = (
    *("https://evil.example/x", "evil.example/x?d=1", "evil.com", "10.0.0.5/x", "a@evil.example"),
    *("https&#58;//evil.example", "evil%2ecom/x", "evil`.`com/x", "ｅｖｉｌ．ｃｏｍ/ｘ"),
    *("javascript:alert(1)", "slack://open", "www.evil.example"),
    *("<https://evil.example|x y>", "[x](https://evil.example)", "![x](https://evil.example/x.png)", "[x][1]", "[1]: "),
    *("<!channel>", "<@U1>", "@here", "＠here", "@lan_nguyen", "&lt;!channel&gt;", "<<!here>!channel>", "@"),
    *("<b>", "<img src=x>", "<a href='", "'>", "<!--", "-->", "<", ">", "&#8203;", "&shy;", "&", "#8203;"),
    *("\u200b", "\u202e", "\ufe0f", "\u3164", "\U000e0041", "\u0301" * 6, "\xa0", "\u2028"),
    *(KNOWN, "hr@vidu.vn", "@phong_kt", "[1]", "[2]", "[9]", "**", "`", "_", "(", ")", "[", "](", "]:", "|", "\\href{"),
    *("Nghỉ phép", " 14 ngày", ". ", " ", "\n", "\t", "nghỉ.Nếu", "x" * 60, "Tôi không biết", "- một", ":", "/", "."),
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14).map("".join)
CUTS = st.lists(st.integers(0, 400), max_size=12)


def pieces(text: str, cuts: list[int]) -> list[str]:
    edges = sorted({0, *(cut for cut in cuts if cut < len(text)), len(text)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@settings(deadline=None, max_examples=300)
@given(TEXTS, CUTS)
@example("[bấm vào đây](https://evil.example) nhé", [10])
@example("<a href='x y'>t</a>", [3])
def test_the_cut_of_a_stream_makes_no_difference(text: str, cuts: list[int]) -> None:
    whole, stream, shown = clean(text, PASSAGES), StreamFilter(PASSAGES), ""
    for piece in pieces(text, cuts):
        shown += stream.feed(piece)
        assert whole.startswith(shown)
    assert shown + stream.finish() == whole


@settings(deadline=None, max_examples=300)
@given(TEXTS, CUTS)
def test_nothing_harmful_is_shown_at_any_moment(text: str, cuts: list[int]) -> None:
    stream, shown = StreamFilter(PASSAGES), ""
    for piece in pieces(text, cuts):
        shown += stream.feed(piece)
        check(shown, {KNOWN, "hr@vidu.vn"}, {"phong_kt"})
    check(shown + stream.finish(), {KNOWN, "hr@vidu.vn"}, {"phong_kt"})


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_what_was_cleaned_stays_as_it_is(text: str) -> None:
    once = clean(text, PASSAGES)
    assert clean(once, PASSAGES) == once


@settings(deadline=None, max_examples=300)
@given(TEXTS, CUTS)
def test_a_draft_is_the_same_in_pieces_and_shows_its_text(text: str, cuts: list[int]) -> None:
    at_once, draft, shown = Draft(PASSAGES, [0, 1]), Draft(PASSAGES, [0, 1]), ""
    at_once.feed(text)
    at_once.finish()
    for piece in pieces(text, cuts):
        shown += draft.feed(piece)
        assert at_once.text.startswith(shown)
        check(shown, {KNOWN, "hr@vidu.vn"}, {"phong_kt"})
    shown += draft.finish()
    assert draft.text == at_once.text
    assert draft.marks.cited == at_once.marks.cited
    assert shown in {draft.text, ""} or draft.text.startswith(shown)


def test_a_draft_shows_nothing_of_a_refusal() -> None:
    draft = Draft(PASSAGES, [0])
    assert [draft.feed(piece) for piece in ("Tôi ", "không ", "biết", ".")] == [""] * 4
    assert draft.finish() == ""
    assert draft.text == "Tôi không biết."


def test_what_a_draft_shows_is_its_text() -> None:
    draft = Draft(PASSAGES, [0, 1])
    said = ["Bạn được nghỉ mười bốn ngày ", "mỗi năm, hưởng nguyên ", "lương [", "2]", ".  "]
    shown = "".join([*(draft.feed(piece) for piece in said), draft.finish()])
    assert shown == draft.text == "Bạn được nghỉ mười bốn ngày mỗi năm, hưởng nguyên lương [1]."
    assert draft.marks.cited == [1]


def test_a_mark_is_neither_hidden_nor_made_of_a_link() -> None:
    draft = Draft(PASSAGES, [0])
    draft.feed("Xem quy định về nghỉ phép [\u200b1] và [1](https://evil.example), evil [9].example/x")
    draft.finish()
    assert draft.text == "Xem quy định về nghỉ phép [1] và [1],"
    assert draft.marks.cited == [0]


@given(st.text(alphabet="<>abi/!-='\" \n", max_size=60), CUTS)
def test_tags_are_found_wherever_the_text_is_cut(text: str, cuts: list[int]) -> None:
    at_once, stream = TagFilter(), TagFilter()
    whole = at_once.feed(text) + at_once.finish()
    assert "".join([*map(stream.feed, pieces(text, cuts)), stream.finish()]) == whole


def test_a_bracket_is_not_waited_for_without_end() -> None:
    stream = StreamFilter([])
    assert stream.feed("a <b c ") == "a "
    assert len(stream.feed("d " * 200)) > 300
