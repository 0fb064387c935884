"""The buttons of our own sentences: languages, invitations and links, what is deleted, what is decided.

Their data is apart from that of the buttons under answers (`controls`), and may be anything when it comes back.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bots.telegram.controls import DATA, Button
from core.texts import translate

VERSION = "m1"
BY_QUESTION = "auto"
"""The choice of no language: that of each question."""
LANGUAGES = (BY_QUESTION, "vi", "en")
ON, OFF = "on", "off"
_DATA = re.compile(rf"{VERSION}:([a-z]+):([!-~]+)")

Rows = list[list[Button]]


class Choice(StrEnum):
    """What a button stands for, and of what its value is."""

    LANGUAGE = "language"
    CONSENT = "consent"
    INVITE = "invite"
    LINK = "link"
    FORGET = "forget"
    """The value is the id of the user who wants it."""
    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Chosen:
    choice: Choice
    value: str


def read(data: str) -> Chosen:
    """What the button stands for. Raises ValueError for what is no data of ours."""
    found = _DATA.fullmatch(data)
    if found is None or len(data) > DATA or found[1] not in set(Choice):
        raise ValueError(f"no button of ours: {data[:DATA]!r}")
    return Chosen(Choice(found[1]), found[2])


def languages(language: str, chosen: str | None) -> Rows:
    """One language a row; the chosen one is marked."""
    current = chosen or BY_QUESTION
    return [
        [
            _button(
                _marked(translate(language, f"telegram.language_{each}"), is_chosen=each == current),
                Choice.LANGUAGE,
                each,
            )
        ]
        for each in LANGUAGES
    ]


def rights(language: str, *, allows_training: bool, may_invite: bool) -> Rows:
    """What can be done about one's own rights: in a private chat only, where nobody else reads the codes."""
    wish = OFF if allows_training else ON
    rows = [[_button(translate(language, f"telegram.button_consent_{wish}"), Choice.CONSENT, wish)]]
    rows.append([_button(translate(language, "telegram.button_link"), Choice.LINK, "slack")])
    if may_invite:
        rows.append([_button(translate(language, "telegram.button_invite"), Choice.INVITE, "one")])
    return rows


def forget(language: str, user: int) -> Rows:
    """The button that deletes everything of this user's."""
    return [[_button(translate(language, "telegram.button_forget"), Choice.FORGET, str(user))]]


def decide(language: str, correction_id: str) -> Rows:
    """What administrators can do with a proposed correction."""
    accept = _button(translate(language, "telegram.button_accept"), Choice.ACCEPT, correction_id)
    return [[accept, _button(translate(language, "telegram.button_reject"), Choice.REJECT, correction_id)]]


def _marked(text: str, *, is_chosen: bool) -> str:
    return f"✓ {text}" if is_chosen else text


def _button(text: str, choice: Choice, value: str) -> Button:
    return Button(text, f"{VERSION}:{choice.value}:{value}")
