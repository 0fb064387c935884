"""Placeholders that come back as the data, in one piece or in many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.private_data import find
from core.redaction import SHORTEST_KNOWN, Redaction, StreamRestorer

DATA = ["0912 345 678", "001203004567", "lan.nguyen@gmail.com", "mật khẩu: Abc@12345", "Lương anh Nam 25 triệu"]
PIECES = st.sampled_from(
    [*DATA, "⟦PHONE_1⟧", "⟦", "⟧", "⟦PHONE_", "_1⟧", "⟦TEXT_1⟧", "⟦a⟧", " ", "nghỉ phép", "\n", "1"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=80)


def test_data_are_replaced_and_the_rest_is_not() -> None:
    redaction = Redaction()
    assert redaction.redact("Gọi 0912 345 678, CCCD 001203004567 nhé") == "Gọi ⟦PHONE_1⟧, CCCD ⟦CCCD_1⟧ nhé"
    assert redaction.counts == {"PHONE": 1, "CCCD": 1}


def test_the_same_datum_has_the_same_placeholder_in_every_text() -> None:
    redaction = Redaction()
    assert redaction.redact("0912345678 hay 0987654321?") == "⟦PHONE_1⟧ hay ⟦PHONE_2⟧?"
    assert redaction.redact("Gọi 0987654321") == "Gọi ⟦PHONE_2⟧"
    assert redaction.counts == {"PHONE": 2}


def test_a_datum_that_was_found_once_is_replaced_wherever_it_stands() -> None:
    redaction = Redaction()
    redaction.learn("stk của em là 19034567890123")
    assert redaction.redact("Số 19034567890123 đúng không?") == "Số ⟦BANK_1⟧ đúng không?"
    redaction.learn("mã PIN là 2580")
    assert redaction.redact("Máy phát chạy 2580 giờ") == "Máy phát chạy 2580 giờ"


def test_what_looks_like_a_placeholder_comes_back_as_it_was() -> None:
    redaction = Redaction()
    text = "⟦PHONE_1⟧ là gì? Gọi 0912345678"
    redacted = redaction.redact(text)
    assert redacted == "⟦TEXT_1⟧ là gì? Gọi ⟦PHONE_1⟧"
    assert redaction.restore(redacted) == text
    assert redaction.counts == {"PHONE": 1}


def test_a_placeholder_of_nobody_is_dropped() -> None:
    redaction = Redaction()
    redaction.redact("0912345678")
    assert redaction.restore("Số ⟦PHONE_7⟧ và ⟦BANK_1⟧, ⟦PHONE_1⟧.") == "Số  và , 0912345678."


@given(st.lists(TEXTS, max_size=4))
def test_nothing_is_lost_and_nothing_is_shown(texts: list[str]) -> None:
    redaction = Redaction()
    for text in texts:
        redacted = redaction.redact(text)
        assert redaction.restore(redacted) == text
        for span in find(text):
            assert text[span.start : span.end] not in redacted or span.end - span.start < SHORTEST_KNOWN


@given(TEXTS, st.lists(st.integers(1, 7), min_size=1))
def test_a_stream_says_what_the_whole_says(text: str, sizes: list[int]) -> None:
    redaction = Redaction()
    redacted = redaction.redact(text) + "⟦PHONE_99⟧ ⟦CUT_"
    stream, said, at = StreamRestorer(redaction), [], 0
    while at < len(redacted):
        size = sizes[at % len(sizes)]
        said.append(stream.feed(redacted[at : at + size]))
        at += size
    assert "".join([*said, stream.finish()]) == redaction.restore(redacted)


@pytest.mark.parametrize("cut", range(1, 9))
def test_half_a_placeholder_is_never_shown(cut: int) -> None:
    redaction = Redaction()
    redacted = redaction.redact("0912345678")
    stream = StreamRestorer(redaction)
    assert stream.feed("Gọi " + redacted[:cut]) == "Gọi "
    assert stream.feed(redacted[cut:] + " nhé") == "0912345678 nhé"
    assert stream.finish() == ""


def test_a_bracket_that_begins_no_placeholder_is_not_held_back() -> None:
    stream = StreamRestorer(Redaction())
    assert stream.feed("⟦ghi chú") == "⟦ghi chú"
    assert stream.feed("⟦PHONE_1") == ""
    assert stream.finish() == "⟦PHONE_1"
