"""What cannot be seen is not there, and everything that can be seen stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hidden import ACCENTS, Sight, visible
from tests.core.harmless import assert_seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("màu\x1b[31m\u202eđỏ\u200b\r\n\t", "màu[31mđỏ\n\t"),
        ("a\U000e0061\U000e0062\U000e0100b", "ab"),
        ("❤\ufe0f ❤\ufe0f\ufe0f a\ufe0f 1\ufe0f", "❤\ufe0f ❤\ufe0f a 1"),
        ("👍\ufe01\ufe02", "👍"),
        ("a\u115f\u1160\u3164\uffa0\u2800\u034f\ufffcb", "ab"),
        ("a\u00adb\u2060c\ufeffd\u180ee", "abcde"),
        ("a\xa0b\u3000c\u2009d", "a b c d"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("e\u0302\u0301", "e\u0302\u0301"),
        ("e" + "\u0301" * 20, "e" + "\u0301" * ACCENTS),
        ("a\ue000b\ud800c\uffffd", "abcd"),
    ],
)
def test_only_what_can_be_seen_stays(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text(), st.integers(1, 5))
def test_the_cut_makes_no_difference(text: str, size: int) -> None:
    sight = Sight()
    assert "".join(sight.feed(text[at : at + size]) for at in range(0, len(text), size)) == visible(text)
    assert visible(visible(text)) == visible(text)
    assert_seen(visible(text))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_letters_and_signs_are_not_touched(text: str) -> None:
    shown = "".join(sign for sign in text if sign not in "\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
    assert visible(text) == "".join(sign for sign in shown if unicodedata.category(sign) != "Cn")
