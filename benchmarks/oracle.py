"""What must have become of deliveries, told from their order and times alone: nothing of the inbox is imported.

One message has one key, one delivery one event; the highest version of a message counts and a deletion is final. A
short message without an end waits for its rest, three times that in all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

FEW_WORDS = 5
AT_ONCE = timedelta()
ENDS = ("?", ".", "!", "…")
WINDOWS = 3


class Delivery(Protocol):
    """A delivery as the oracle reads it; `core.intake.Incoming` is one."""

    @property
    def key(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def conversation(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def version(self) -> float: ...


@dataclass(slots=True)
class Message:
    """The newest that is known of one message; None as text is its deletion."""

    text: str | None
    version: float
    sent_at: datetime


@dataclass(slots=True)
class Expected:
    """One question: its messages by key, until when it waits for more, whether it changed."""

    conversation: str
    person: str
    began: datetime
    waits_until: datetime
    messages: dict[str, Message] = field(default_factory=dict)
    changes: int = 0

    @property
    def texts(self) -> list[str]:
        messages = sorted(self.messages.values(), key=lambda message: message.sent_at)
        return [message.text for message in messages if message.text is not None]

    @property
    def text(self) -> str | None:
        """What is to be answered; None when nothing is left of it."""
        return " ".join(self.texts) if self.texts else None


class Oracle:
    """Told of deliveries in the order of their acceptance; a piece of a sentence waits for so many seconds."""

    def __init__(self, join_seconds: float) -> None:
        self.questions: list[Expected] = []
        self._window = timedelta(seconds=join_seconds)
        self._events: set[str] = set()
        self._of: dict[str, Expected] = {}

    def question(self, key: str) -> Expected | None:
        """The question that a message belongs to, None while it is not known."""
        return self._of.get(key)

    def hear(self, delivery: Delivery, at: datetime) -> None:
        if delivery.event in self._events:
            return
        self._events.add(delivery.event)
        if known := self._of.get(delivery.key):
            self._change(known, delivery, at)
        elif delivery.text is not None and (start := self._unfinished(delivery, at)):
            longest = start.began + WINDOWS * self._window
            start.waits_until = min(longest, at + self._patience(delivery.text))
            self._add(start, delivery)
        else:
            waits_until = at + self._patience(delivery.text)
            question = Expected(delivery.conversation, delivery.person, at, waits_until)
            self.questions.append(question)
            self._add(question, delivery)

    def _add(self, question: Expected, delivery: Delivery) -> None:
        question.messages[delivery.key] = Message(delivery.text, delivery.version, delivery.sent_at)
        self._of[delivery.key] = question

    @staticmethod
    def _change(question: Expected, delivery: Delivery, at: datetime) -> None:
        message = question.messages[delivery.key]
        if message.text is None or (delivery.text is not None and delivery.version <= message.version):
            return
        if message.text != delivery.text:
            question.changes += 1
            question.waits_until = at
        message.text, message.version = delivery.text, delivery.version

    def _unfinished(self, delivery: Delivery, at: datetime) -> Expected | None:
        """The person's question in this conversation that still waits for its rest."""
        for question in self.questions:
            mine = (question.conversation, question.person) == (delivery.conversation, delivery.person)
            if mine and question.text is not None and question.waits_until > at:
                return question
        return None

    def _patience(self, text: str | None) -> timedelta:
        is_start = text is not None and len(text.split()) <= FEW_WORDS and not text.rstrip().endswith(ENDS)
        return self._window if is_start else AT_ONCE


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a question: the answers and notices that stand, and how much was ever sent and written."""

    standing: Sequence[str | None]
    posts: int
    writings: int


def faults(expected: Expected, seen: Seen, *, may_stand: bool) -> Iterable[str]:
    """What is wrong, in words. `may_stand`: the question was answered before it was deleted."""
    wanted = expected.text
    if wanted is None and not (may_stand and len(seen.standing) == 1) and seen.standing:
        yield f"deleted, and there stands {list(seen.standing)}"
    if wanted is not None and list(seen.standing) != [wanted]:
        yield f"should read {wanted!r}, and there stands {list(seen.standing)}"
    if wanted is not None and not expected.changes and (seen.posts, seen.writings) != (1, 1):
        yield f"never changed, yet sent {seen.posts} times and written {seen.writings} times"


def disorder(order: Sequence[tuple[str, int, int]]) -> Iterable[str]:
    """Of one conversation's questions in order, each with when it was begun and ended: which was begun too early."""
    for (earlier, _, ended), (later, begun, _) in pairwise(order):
        if begun < ended:
            yield f"{later} was begun before {earlier} had ended"
