"""A chat platform in memory: who wrote what where, what was delivered and acknowledged, and every last word.

The record by which a run is judged, so it believes nobody: a message belongs to the question that its last word names,
and a message that is edited after its last word has none any more.
"""

import math
import time
from dataclasses import dataclass, field

from benchmarks.crash.script import Wording
from core.intake import Incoming

TELLING, MUTE = "telling", "mute"
SURFACES = (TELLING, MUTE)
"""Where an interrupted send can be looked up, as by Slack's metadata, and where it cannot, as on Telegram."""
AGAIN = 1.0
"""Seconds after which an event that was not acknowledged is delivered again."""


class Refused(Exception):
    """What was asked for cannot be done; the text is the platform's error code."""


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a message says in the end: the part of an answer, or why there is none, under the message `key`."""

    key: str
    part: int
    text: str
    is_failure: bool
    at: float


@dataclass(slots=True)
class Message:
    """One message in a place. `owner` names the posting that it was sent for; None, a person wrote it."""

    owner: tuple[str, int] | None = None
    posted_at: float = field(default_factory=time.monotonic)
    last_word: LastWord | None = None
    settled_at: float | None = None
    is_removed: bool = False

    @property
    def is_unfinished(self) -> bool:
        return self.owner is not None and self.last_word is None and not self.is_removed

    def settle(self) -> None:
        """Notes when it got its first outcome."""
        self.settled_at = self.settled_at or time.monotonic()


@dataclass(slots=True)
class Event:
    """One delivery, made until it is acknowledged; `via` is the connection of the last try."""

    incoming: Incoming
    sent_at: float = -math.inf
    via: object = None
    acked_at: float | None = None


@dataclass(slots=True)
class Asked:
    """A question on the platform, with all that its asker did to it."""

    key: str
    surface: str
    place: str
    wordings: list[Wording]
    deletion: Event | None = None


class Chat:
    """Both surfaces. Ids of messages count up in each place from 1, over the messages of people and ours."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], list[Message]] = {}
        self.asked: dict[str, Asked] = {}
        self.events: dict[str, Event] = {}
        self.unacked: dict[str, Event] = {}
        self.changed_at = time.monotonic()

    def write(self, surface: str, place: str) -> str:
        """The key of a new message that a person wrote."""
        return f"{surface}:{place}:{self._add(surface, place, Message())}"

    def emit(self, incoming: Incoming) -> Event:
        """An event that is to be delivered."""
        event = self.events[incoming.event] = self.unacked[incoming.event] = Event(incoming)
        return event

    def due(self, now: float) -> list[Event]:
        return [event for event in self.unacked.values() if event.sent_at + AGAIN <= now]

    def acknowledge(self, event_id: str) -> None:
        self._touch()
        if event := self.unacked.pop(event_id, None):
            event.acked_at = time.monotonic()

    def hang_up(self, connection: object) -> None:
        """What went unacknowledged over this connection is delivered again at once over the next."""
        for event in self.unacked.values():
            if event.via is connection:
                event.sent_at = -math.inf

    def post(self, surface: str, place: str, question_id: str, part: int) -> str:
        return str(self._add(surface, place, Message((question_id, part))))

    def edit(self, surface: str, place: str, message_id: str) -> None:
        self._ours(surface, place, message_id).last_word = None

    def end(self, surface: str, place: str, message_id: str, last_word: LastWord) -> None:
        message = self._ours(surface, place, message_id)
        message.last_word = last_word
        message.settle()

    def remove(self, surface: str, place: str, message_id: str) -> None:
        message = self._ours(surface, place, message_id)
        message.is_removed, message.last_word = True, None
        message.settle()

    def find(self, surface: str, place: str, owner: tuple[str, int], known: frozenset[str]) -> str | None:
        """The newest message of this posting that is not `known`. Refused where the platform cannot tell."""
        if surface != TELLING:
            raise Refused("no_such_method")
        numbered = enumerate(self.places.get((surface, place), ()), start=1)
        found = [str(number) for number, message in numbered if message.owner == owner and not message.is_removed]
        return next((number for number in reversed(found) if number not in known), None)

    def of_ours(self) -> list[Message]:
        return [message for place in self.places.values() for message in place if message.owner]

    def _add(self, surface: str, place: str, message: Message) -> int:
        self._touch()
        messages = self.places.setdefault((surface, place), [])
        messages.append(message)
        return len(messages)

    def _ours(self, surface: str, place: str, message_id: str) -> Message:
        self._touch()
        messages = self.places[surface, place]
        index = int(message_id) - 1
        if index >= len(messages) or messages[index].is_removed:
            raise Refused("message_gone")
        if messages[index].owner is None:
            raise Refused("not_yours")
        return messages[index]

    def _touch(self) -> None:
        self.changed_at = time.monotonic()
