"""Texts read with and without marks: always aligned, and every place leads back to what was typed."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.private.phrases import Phrasebook
from core.private.reading import Reading

ODD = st.text(alphabet=st.sampled_from("aăâđêôơưẢẾỘ\u0301\u0323\u200b\ufeff\u00adĐİßﬁ０９𝟗 \u00a0–.x"), max_size=60)


@given(ODD | st.text(max_size=60))
def test_all_readings_are_of_one_length(text: str) -> None:
    reading = Reading(text)
    assert len(reading.marked) == len(reading.plain) == len(reading.seen)


@given(ODD)
def test_every_place_leads_back_to_what_was_typed(text: str) -> None:
    reading = Reading(text)
    places = [reading.place(at, at + 1) for at in range(len(reading.seen))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    for (start, _), seen in zip(places, reading.seen, strict=True):
        assert unicodedata.normalize("NFD", seen)[0] == unicodedata.normalize("NFD", text[start])[0]


@pytest.mark.parametrize(
    ("text", "marked", "plain"),
    [
        ("Hoà ở Đà Nẵng", "hòa ở đà nẵng", "hoa o da nang"),
        ("quý khoẻ thuỷ", "quý khỏe thủy", "quy khoe thuy"),
        ("Ａｂ１２\u00a0–", "ab12 -", "ab12 -"),
        (unicodedata.normalize("NFD", "Lương"), "lương", "luong"),
        ("m\u200bk\ufeff", "mk", "mk"),
    ],
)
def test_readings(text: str, marked: str, plain: str) -> None:
    reading = Reading(text)
    assert (reading.marked, reading.plain) == (marked, plain)


BOOK = Phrasebook({"pay": "lương, bảng lương, !thưởng", "titles": "bà"})


def groups(text: str) -> list[str]:
    return [hit.group for hit in BOOK.hits(Reading(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lương tháng này", ["pay"]),
        ("luong thang nay", ["pay"]),
        ("lượng dầu còn lại", []),
        ("thưởng lễ", ["pay"]),
        ("thuong le", []),
        ("bà Hoa", ["titles"]),
        ("ba tháng nữa sẽ hết hạn", []),
        ("ba Hoa", ["titles"]),
        ("luong của anh Nam được mấy triệu", ["pay"]),
    ],
)
def test_phrases_match_as_people_type(text: str, expected: list[str]) -> None:
    assert groups(text) == expected


def test_a_phrase_ends_at_a_comma_and_the_longest_counts() -> None:
    book = Phrasebook({"pay": "bảng lương, lương", "place": "phòng họp"})
    assert [(hit.first, hit.last) for hit in book.hits(Reading("bảng lương"))] == [(0, 2), (1, 2)]
    assert book.hits(Reading("ra khỏi phòng, họp tiếp")) == []
