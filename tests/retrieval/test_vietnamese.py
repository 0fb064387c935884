"""One spelling for each letter, marks off, syllables, and how a query was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import Typing
from retrieval.vietnamese import fold, is_marked, is_syllable, normalise, syllables, typing_of, words

SENTENCE = "Đường lên Tây Bắc, nghỉ phép năm: 12 ngày."


def test_decomposed_letters_become_one_code_point() -> None:
    assert normalise(unicodedata.normalize("NFD", SENTENCE)) == SENTENCE


def test_hidden_characters_go_and_blanks_shrink() -> None:
    assert normalise("a\u200bb\u202ec\x00d \u00a0 e\tf") == "abcd e f"


def test_line_breaks_stay_but_many_empty_lines_become_one() -> None:
    assert normalise(" một \r\n\r\n\r\n\r\n hai\rba ") == "một\n\nhai\nba"


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_folding_takes_every_mark_and_keeps_length_and_case() -> None:
    assert fold(SENTENCE) == "Duong len Tay Bac, nghi phep nam: 12 ngay."
    assert fold("ĐẶNG THỊ QUỲNH") == "DANG THI QUYNH"


@given(st.text())
def test_folding_keeps_the_length_of_any_text(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_words_keep_case_and_drop_punctuation() -> None:
    assert words("VOR/DME, đài_dẫn (5.000)") == ["VOR", "DME", "đài", "dẫn", "5", "000"]
    assert syllables("Nghỉ PHÉP") == ["nghỉ", "phép"]


def test_vietnamese_spelling_is_known_with_and_without_marks() -> None:
    text = "nghỉ phép quyền quốc gì giếng khuỷu nghiêng Ưu yêu yết quý quỹ huýt oản thuở ý xoong uống ước chuyện gìn"
    for word in words(text):
        assert is_syllable(word), word
        assert is_syllable(fold(word)), word


@pytest.mark.parametrize("word", ["work", "from", "leave", "what", "of", "get", "kan", "ngi", "pay", "12", "", "vor"])
def test_other_spelling_is_not_vietnamese(word: str) -> None:
    assert not is_syllable(word)


def test_a_mark_is_seen_in_either_case() -> None:
    assert is_marked("Đ")
    assert is_marked("nghỉ")
    assert not is_marked("nghi")


@pytest.mark.parametrize(
    "text",
    [
        "Tôi có bao nhiêu ngày nghỉ phép năm?",
        "Work from home được không",
        "Đổi department",
        "SỔ TAY Ở ĐÂU",
        "Sổ Tay là gì",
        "VOR/DME hỏng thì gọi ai",
    ],
)
def test_marks_make_a_query_accented(text: str) -> None:
    assert typing_of(text) is Typing.ACCENTED


@pytest.mark.parametrize(
    "text",
    [
        "toi co the do o dau",
        "Toi co bao nhieu ngay nghi phep nam?",
        "NGHI PHEP NAM",
        "an com o dau",
        "nghi phep",
        "luong",
        "Work from home duoc khong",
        "pass wifi la gi",
        "Doi thu Panthers da thua bao nhieu diem?",
        "Nguyen Van A la ai",
        "Ho Chi Minh",
        "Toi co the xin nghỉ phep nam nay o dau",
    ],
)
def test_vietnamese_without_marks_is_unaccented(text: str) -> None:
    assert typing_of(text) is Typing.UNACCENTED


@pytest.mark.parametrize(
    "text",
    [
        "how do I get in to the VOR site",
        "to do list",
        "leave",
        "How many days of annual leave do I get?",
        "HOW MANY DAYS OF LEAVE",
        "Who is Nguyen Van An?",
        "What is Sổ Tay?",
        "may I go home",
        "wifi pass?",
    ],
)
def test_english_is_english_even_around_vietnamese_names(text: str) -> None:
    assert typing_of(text) is Typing.ENGLISH


@pytest.mark.parametrize("text", ["", "VOR/DME", "123", "?!", "5 000"])
def test_codes_and_numbers_alone_count_as_the_language_of_the_house(text: str) -> None:
    assert typing_of(text) is Typing.UNACCENTED


@given(st.text(max_size=200))
def test_any_text_has_a_typing(text: str) -> None:
    assert typing_of(text) in Typing
