"""Whose turn it is: the order in which open questions are answered. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from core.intake import State

FRAGMENT_WORDS = 5
_SENTENCE_ENDS = ("?", ".", "!", "…")


class Waiting(NamedTuple):
    """An open question as far as the order needs it. One whose sentence may still go on is not yet ready."""

    question_id: str
    number: int
    conversation: str
    person: str
    state: str
    worker: str | None
    attempts: int
    is_ready: bool
    is_overdue: bool


def is_fragment(text: str) -> bool:
    """Whether a message looks like the start of a sentence that goes on in the next one: short and without an end."""
    return len(text.split()) <= FRAGMENT_WORDS and not text.rstrip().endswith(_SENTENCE_ENDS)


def in_turn(rows: Iterable[Waiting]) -> list[Waiting]:
    """The questions that wait for an answer and may be begun as soon as there is room, next one first.

    People take turns; a person's turn comes later the more of their questions are being answered or stand before it.
    Within a turn age decides. A conversation is answered in order: its next question waits until the one before ended.
    """
    ordered = sorted(rows, key=attrgetter("number"))
    taken = Counter(row.person for row in ordered if row.state == State.ANSWERING)
    busy = {row.conversation for row in ordered if row.state != State.NEW}
    turns: list[tuple[int, int, Waiting]] = []
    for row in ordered:
        if row.state != State.NEW:
            continue
        taken[row.person] += 1
        if row.conversation not in busy and row.is_ready:
            turns.append((taken[row.person], row.number, row))
        busy.add(row.conversation)
    return [row for _, _, row in sorted(turns, key=lambda turn: turn[:2])]


def all_waiting(rows: Sequence[Waiting]) -> list[Waiting]:
    """Everybody who waits, in the order of `in_turn`, then those whose conversation must go on first."""
    first = in_turn(rows)
    begun = {row.question_id for row in first}
    others = [row for row in rows if row.state == State.NEW and row.is_ready and row.question_id not in begun]
    return [*first, *sorted(others, key=lambda row: row.number)]


def to_claim(rows: Sequence[Waiting], *, room: bool) -> Waiting | None:
    """What a worker takes next: what only has to be shown or is overdue, then, with `room`, the next in turn."""
    free = [row for row in rows if row.worker is None]
    shown = [row for row in free if row.state == State.DELIVERING]
    overdue = [row for row in free if row.state == State.NEW and row.is_overdue]
    answered = [row for row in in_turn(rows) if row.worker is None] if room else []
    return next(iter([*sorted([*shown, *overdue], key=lambda row: row.number), *answered]), None)
