"""Whatever a document or a model wrote, only harmless text comes out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.drafts import Draft
from core.output import StreamFilter, clean
from tests.core.makers import passage

KNOWN = "https://noi-bo.vidu.vn/quy-dinh"
PASSAGES = [passage(f"Xem {KNOWN} để biết thêm.")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Xem {KNOWN}.", f"Xem {KNOWN}."),
        ("Xem https://evil.example/?q=1 ngay", "Xem  ngay"),
        ("![anh](https://evil.example/x.png)!", "anh!"),
        ("[bấm đây](https://evil.example)", "bấm đây "),
        ("<!channel> họp <@U123> nhé @everyone", " họp  nhé "),
        ("<img src=x onerror=alert(1)>a<b>b</b>", "ab"),
        ("màu \x1b[31mđỏ\u202e\u200b", "màu [31mđỏ"),
        ("2 < 3 và 5 > 4", "2 < 3 và 5 > 4"),
    ],
)
def test_only_harmless_text_is_shown(text: str, shown: str) -> None:
    assert clean(text, PASSAGES) == shown


HOSTILE = st.text(alphabet=st.sampled_from("ab [](){}<>!@:/.\n\x1b\u202e") | st.sampled_from("htps"), max_size=80)


@given(HOSTILE, st.integers(1, 9))
def test_a_stream_shows_no_control_characters_and_no_links(text: str, size: int) -> None:
    stream = StreamFilter(PASSAGES)
    text = f"{text} https://evil.example/{text}"
    shown = "".join([*(stream.feed(text[i : i + size]) for i in range(0, len(text), size)), stream.finish()])
    assert "evil.example" not in shown
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf"} for c in shown)


def test_a_draft_shows_nothing_of_a_refusal() -> None:
    draft = Draft(PASSAGES, [0])
    assert [draft.feed(piece) for piece in ("Tôi ", "không ", "biết", ".")] == [""] * 4
    assert draft.finish() == ""
    assert draft.text == "Tôi không biết."


def test_what_a_draft_shows_is_its_text() -> None:
    draft = Draft([passage("a"), passage("b", number=2)], [0, 1])
    pieces = ["Bạn được nghỉ mười bốn ngày ", "mỗi năm, hưởng nguyên ", "lương [", "2]", "."]
    shown = "".join([*(draft.feed(piece) for piece in pieces), draft.finish()])
    assert shown == draft.text == "Bạn được nghỉ mười bốn ngày mỗi năm, hưởng nguyên lương [1]."
    assert draft.marks.cited == [1]
