"""Tone marks put back: likeliest forms, everything else kept as typed."""

from collections.abc import Mapping, Sequence

import pytest

from retrieval.counting import base_texts, count
from retrieval.restoring import expand, restore, sentences
from retrieval.vietnamese import fold


class Counted:
    """`SyllableCounts` over texts in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._forms, self._pairs = count(texts)

    def forms(self, folded: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        wanted = set(folded)
        found: dict[str, dict[str, int]] = {}
        for form, n in self._forms.items():
            if fold(form) in wanted:
                found.setdefault(fold(form), {})[form] = n
        return found

    def pairs(self, first: Sequence[str], second: Sequence[str]) -> Mapping[tuple[str, str], int]:
        return {(a, b): self._pairs[a, b] for a in first for b in second if (a, b) in self._pairs}

    def total(self) -> int:
        return self._forms.total()


@pytest.fixture(scope="module")
def shipped() -> Counted:
    return Counted(base_texts())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Toi co bao nhieu ngay nghi phep nam?", "Tôi có bao nhiêu ngày nghỉ phép năm?"),
        ("hop dong lao dong", "hợp đồng lao động"),
        ("bao hiem xa hoi", "bảo hiểm xã hội"),
        ("lam them gio duoc tra bao nhieu", "làm thêm giờ được trả bao nhiêu"),
        ("mat khau wifi la gi", "mật khẩu wifi là gì"),
    ],
)
def test_office_questions_are_restored_from_the_shipped_texts_alone(shipped: Counted, typed: str, meant: str) -> None:
    assert restore(typed, shipped) == meant


def test_the_pair_decides_between_two_readings() -> None:
    counts = Counted(["Nghỉ phép năm. Nghỉ phép năm.", "Năm nay nắm tay. Nắm tay."])
    assert restore("nghi phep nam", counts) == "nghỉ phép năm"
    assert restore("nam tay", counts) == "nắm tay"


def test_case_punctuation_numbers_and_unknown_words_stay(shipped: Counted) -> None:
    assert restore("HOP DONG, Lao dong (12/5)... VOR/DME Kubernetes!", shipped) == (
        "HỢP ĐỒNG, Lao động (12/5)... VOR/DME Kubernetes!"
    )


def test_syllables_that_have_marks_stay_and_help_their_neighbours() -> None:
    counts = Counted(["Mấy ngày. " * 20 + "Máy in. " * 30])
    assert restore("máy in", counts) == "máy in"
    assert restore("may ngày", counts) == "mấy ngày"


def test_nothing_known_leaves_the_text_alone() -> None:
    assert restore("Toi o dau? 12 ngay.", Counted([])) == "Toi o dau? 12 ngay."
    assert not restore("", Counted([]))


def test_a_text_typed_without_marks_teaches_nothing() -> None:
    forms, pairs = count(["toi khong co phep nam", "leave must be asked for in time"])
    assert not forms
    assert not pairs


def test_numbers_count_as_one_and_sentences_end_pairs() -> None:
    assert list(sentences("Có 12 ngày. Nghỉ 5 ngày!")) == [["có", "0", "ngày"], ["nghỉ", "0", "ngày"]]
    _, pairs = count(["Có 12 ngày. Nghỉ 5 ngày!"])
    assert pairs["0", "ngày"] == 2
    assert ("ngày", "nghỉ") not in pairs


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nghi phep ntn vs ai", "nghi phep như thế nào với ai"),
        ("toi ko dc nghi ah", "toi không được nghi ah"),
        ("200 k mot ngay", "200 k mot ngay"),
        ("BH cho nv cty", "BH cho nhân viên công ty"),
        ("kho K", "kho K"),
    ],
)
def test_phone_abbreviations_are_written_out_where_they_are_meant(typed: str, meant: str) -> None:
    assert expand(typed) == meant
