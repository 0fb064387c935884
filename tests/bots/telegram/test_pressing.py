"""Presses and reactions as strange clients send them, and what has to fit on a button."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import menus
from bots.telegram.controls import DATA, Action, Pressed, under_answer
from bots.telegram.menus import Choice, Chosen
from bots.telegram.presses import press_of
from bots.telegram.pressing import asked_by
from bots.telegram.telling import TOAST
from bots.telegram.votes import BAD, GOOD, reaction_of, thanks
from core.texts import LANGUAGES, translate

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ID = "0123456789abcdef0123456789abcdef"
LONGEST_USER = 2**52
ON_BUTTONS = (
    "answer_gone", "consent_off", "consent_on", "decision_gone", "language_chosen", "linked_already", "no_sources",
    "not_admitted", "not_yours", "nothing_to_stop", "only_administrators", "only_private", "owner_unknown",
    "reason_thanks", "sources_shown", "stopped",
)  # fmt: skip

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "from": values | st.fixed_dictionaries({"id": st.integers() | values}),
        "user": values | st.fixed_dictionaries({"id": st.integers() | values}),
        "chat": values | st.fixed_dictionaries({"id": st.integers() | values, "type": values}),
        "message": values | st.fixed_dictionaries({"message_id": values, "chat": values}),
        "message_id": st.integers() | values,
        "date": st.integers() | values,
        "data": values,
        "old_reaction": values | st.lists(st.fixed_dictionaries({"type": st.just("emoji"), "emoji": values})),
        "new_reaction": values | st.lists(st.fixed_dictionaries({"type": st.just("emoji"), "emoji": values})),
    },
)


@given(body=parts, update=st.integers(min_value=0))
def test_whatever_comes_is_read_without_a_fault(body: dict[str, object], update: int) -> None:
    press_of(body, update, NOW)
    reaction_of(body, update)


@given(data=st.text(max_size=80) | st.from_regex(r"(v1|m1):[a-z_]{1,10}:[!-~]{1,50}", fullmatch=True))
def test_whatever_data_a_button_has_is_read_without_a_fault(data: str) -> None:
    asked = asked_by(data)
    assert asked is None or len(data) <= DATA


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_buttons_of_ours_are_read_back_and_fit(language: str) -> None:
    rows = [
        *menus.languages(language, None),
        *menus.rights(language, allows_training=True, may_invite=True),
        *menus.rights(language, allows_training=False, may_invite=False),
        *menus.forget(language, LONGEST_USER),
        *menus.decide(language, ID),
    ]
    data = [button.data for row in rows for button in row]
    chosen = [asked_by(each) for each in data]
    assert all(isinstance(each, Chosen) for each in chosen)
    assert {each.choice for each in chosen if isinstance(each, Chosen)} == set(Choice)
    assert all(len(each.encode()) <= DATA for each in data)


def test_the_two_kinds_of_buttons_are_not_mixed_up() -> None:
    [[up, *_]] = under_answer("vi", ID, has_sources=False, asks_owner=False)
    assert asked_by(up.data) == Pressed(Action.UP, ID)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_answers_a_press_is_shown_whole(language: str) -> None:
    said = [translate(language, f"telegram.{name}") for name in ON_BUTTONS]
    said += [thanks(language, value, is_news=is_news) for value in (GOOD, BAD) for is_news in (True, False)]
    assert max(map(len, said)) <= TOAST
