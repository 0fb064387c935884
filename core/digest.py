"""The week in one message for the administrators: what was asked, what was not answered, what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.texts import translate

LISTED = 8
"""Unanswered questions, and old documents, that are named."""
SHOWN = 90
"""Characters of a question that are shown."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the documents do not answer, and how often it was asked."""

    text: str
    times: int


@dataclass(frozen=True, slots=True)
class Stale:
    """A document that answers are taken from, and that has not been changed since."""

    path: str
    changed_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of a week."""

    questions: int
    answered: int
    not_found: int
    failed: int
    up: int
    down: int
    cost_usd: float
    unanswered: Sequence[Unanswered] = ()
    stale: Sequence[Stale] = ()


def digest(language: str, week: Week) -> str:
    """The message, a line for each thing there is to say."""
    lines = [
        translate(
            language,
            "digest.questions",
            questions=week.questions,
            answered=week.answered,
            not_found=week.not_found,
            failed=week.failed,
        ),
        translate(language, "digest.votes", up=week.up, down=week.down),
        translate(language, "digest.cost", usd=f"{week.cost_usd:.2f}"),
    ]
    if week.unanswered:
        lines.append(translate(language, "digest.unanswered"))
        lines += [f"- {_short(asked.text)} ({asked.times})" for asked in week.unanswered]
    if week.stale:
        lines.append(translate(language, "digest.stale"))
        lines += [f"- {_short(old.path)} ({old.changed_at:%m/%Y}, {old.times})" for old in week.stale]
    return "\n".join(lines)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
