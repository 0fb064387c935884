"""The buttons: within Telegram's limits, and read back as they were made; of others nothing is believed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.controls import (
    REASONS,
    Action,
    Button,
    Pressed,
    read,
    reason_keyboard,
    stop_keyboard,
    under_answer,
)
from core.conversation import Language

ID = "a" * 32


def buttons(rows: list[list[Button]]) -> list[Button]:
    return [button for row in rows for button in row]


@pytest.mark.parametrize("language", Language)
def test_every_button_has_words_and_data_within_the_limits(language: Language) -> None:
    rows = [
        *under_answer(language, ID, has_sources=True, asks_owner=True),
        *stop_keyboard(language, ID),
        *reason_keyboard(language, ID),
    ]
    for button in buttons(rows):
        assert 1 <= len(button.data.encode()) <= 64
        assert button.data.startswith("v1:")
        assert button.text
        assert not re.match(r"telegram\.", button.text)
        assert read(button.data).id == ID


def test_what_is_under_an_answer_comes_back_as_it_was_made() -> None:
    rows = under_answer("vi", ID, has_sources=True, asks_owner=True)
    assert [[button.text for button in row] for row in rows] == [["👍", "👎", "Nguồn"], ["Hỏi người phụ trách"]]
    assert [read(button.data) for button in buttons(rows)] == [
        Pressed(Action.UP, ID),
        Pressed(Action.DOWN, ID),
        Pressed(Action.SOURCES, ID),
        Pressed(Action.ASK_OWNER, ID),
    ]


def test_there_is_no_button_for_what_is_not_there() -> None:
    [[up, down]] = under_answer("vi", ID, has_sources=False, asks_owner=False)
    assert (up.data, down.data) == (f"v1:up:{ID}", f"v1:down:{ID}")


def test_the_stop_button_carries_the_question() -> None:
    [[button]] = stop_keyboard("vi", "telegram:-100123:45")
    assert button.text == "Dừng"
    assert read(button.data) == Pressed(Action.STOP, "telegram:-100123:45")


def test_every_reason_has_a_row() -> None:
    rows = reason_keyboard("vi", ID)
    assert [len(row) for row in rows] == [1] * 6
    assert [read(button.data) for button in buttons(rows)] == [Pressed(Action.REASON, ID, reason) for reason in REASONS]


@pytest.mark.parametrize("asked", ["", "a b", "ngày", "a" * 60, "a\n"])
def test_an_id_that_does_not_fit_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="no id for a button"):
        stop_keyboard("vi", asked)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "v1",
        "v1:up",
        "v1:up:",
        "v2:up:a",
        "v1:sideways:a",
        "v1:why:a",
        "v1:why_:a",
        "v1:why_bored:a",
        "v1:wrong:a",
        "v1:up:a b",
        "v1:up:" + "a" * 59,
        "v1:up:ngày",
        "v1:up:a\n",
    ],
)
def test_data_that_is_none_of_ours_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="no button of ours"):
        read(data)


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"v1:{text}"))
def test_whatever_comes_back_is_read_or_refused(data: str) -> None:
    try:
        pressed = read(data)
    except ValueError:
        return
    name = f"why_{pressed.reason}" if pressed.reason else pressed.action.value
    assert data == f"v1:{name}:{pressed.id}"
