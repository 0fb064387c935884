"""The buttons under our messages: what they say, and what comes back when one is pressed.

Telegram gives a button 1 to 64 bytes of data: the version, what is asked for, and the id that it is asked for. What
comes back may be anything: a strange client sends what it likes.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.texts import translate

VERSION = "v1"
DATA = 64
"""Bytes of a button's data, the most that Telegram takes."""
REASONS = ("wrong", "outdated", "not_found", "not_understood", "rude", "other")
"""Why an answer is not good."""
_WHY = "why_"
_DATA = re.compile(rf"{VERSION}:([a-z_]+):([!-~]+)")


class Action(StrEnum):
    """What a button asks for, and of what its id is."""

    UP = "up"
    DOWN = "down"
    SOURCES = "sources"
    ASK_OWNER = "ask_owner"
    REASON = "why"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed. `id` is the question's for STOP, else the answer's; `reason` is one of `REASONS` or empty."""

    action: Action
    id: str
    reason: str = ""


def under_answer(language: str, answer_id: str, *, has_sources: bool, asks_owner: bool) -> list[list[Button]]:
    """The thumbs, what shows the sources if there are any, and what passes the question on to a person."""
    first = [Action.UP, Action.DOWN, *([Action.SOURCES] if has_sources else [])]
    rows = [first, *([[Action.ASK_OWNER]] if asks_owner else [])]
    return [[_button(language, action, answer_id) for action in row] for row in rows]


def stop_keyboard(language: str, question_id: str) -> list[list[Button]]:
    """The button that ends a question while it is worked on."""
    return [[_button(language, Action.STOP, question_id)]]


def reason_keyboard(language: str, answer_id: str) -> list[list[Button]]:
    """Why the answer is not good, one reason a row."""
    return [
        [Button(translate(language, f"telegram.reason_{reason}"), _data(f"{_WHY}{reason}", answer_id))]
        for reason in REASONS
    ]


def read(data: str) -> Pressed:
    """What the button asks for. Raises ValueError for what is no data of ours."""
    found = _DATA.fullmatch(data)
    if found is None or len(data) > DATA:
        raise ValueError(f"no button of ours: {data[:DATA]!r}")
    name, asked = found.groups()
    reason = name.removeprefix(_WHY)
    if name.startswith(_WHY) and reason in REASONS:
        return Pressed(Action.REASON, asked, reason)
    if name in set(Action) - {Action.REASON}:
        return Pressed(Action(name), asked)
    raise ValueError(f"no button of ours: {data!r}")


def _button(language: str, action: Action, asked: str) -> Button:
    return Button(translate(language, f"telegram.button_{action.value}"), _data(action.value, asked))


def _data(name: str, asked: str) -> str:
    """The data of a button. Raises ValueError for an id that does not fit, or has other than printable ASCII signs."""
    data = f"{VERSION}:{name}:{asked}"
    if len(data) > DATA or not _DATA.fullmatch(data):
        raise ValueError(f"no id for a button: {asked!r}")
    return data
