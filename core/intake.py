"""The nouns of the inbox: what a platform delivers, what becomes of it, and what a worker holds while it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file that came with a message, still on the platform: `id` and `url` are the platform's, `size` is in bytes."""

    id: str
    name: str
    mime: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as a platform delivers it: new, edited, or deleted (`text` is None).

    `key` names the message and `event` its delivery, each unique over all surfaces (`slack:T1:C2:1700000000.1`). Of
    two deliveries with the same key the one with the higher `version` counts, whichever comes first; a new message
    has 0, an edit the platform's time of editing, and a deletion is above all. Questions of one `conversation` are
    answered in order. `sent_at` is the platform's time of the message, not of the edit. What `is_whole` is
    a question by itself, however short: it waits for no other message, and is joined to none.
    """

    surface: str
    key: str
    event: str
    conversation: str
    place: str
    person: str
    text: str | None
    sent_at: datetime
    version: float = 0.0
    files: tuple[SharedFile, ...] = ()
    is_whole: bool = False


class State(StrEnum):
    """Where a question stands. The last three are ends; an edit of the question opens it again."""

    NEW = "new"
    ANSWERING = "answering"
    DELIVERING = "delivering"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.NEW, State.ANSWERING, State.DELIVERING)


class Verdict(StrEnum):
    """What acceptance made of a delivery."""

    ACCEPTED = "accepted"
    JOINED = "joined"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The word of the inbox on a delivery, given once it is durable. `question_id` is None where none is concerned."""

    verdict: Verdict
    question_id: str | None = None


@dataclass(frozen=True, slots=True)
class InboxLimits:
    """The sizes of the inbox, and its times in seconds.

    `queue` and `per_person` count questions that wait or are being answered. `join_seconds` is how long a short
    message waits for the rest of its sentence; 0 joins nothing. A worker that gives no sign for `lease_seconds` is
    taken for dead. A question whose worker died `attempts` times is given up.
    """

    queue: int = 200
    per_person: int = 5
    join_seconds: float = 1.0
    deadline_seconds: float = 120.0
    lease_seconds: float = 15.0
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the catalogues that ends a question without an answer."""

    message_id: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Post:
    """One message of ours on the platform, or the intention to send it: part 0 of an answer is its placeholder.

    `message_id` is None until the platform's word is stored. `in_doubt` marks a post that a worker may have sent
    before it died.
    """

    part: int
    message_id: str | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One question in the hands of one worker, with all that is needed to end it.

    `revision` grows with every edit and cancellation: what is written under an old one is refused. `reply_to` is the
    key of the question's first message. While DELIVERING, the answer named by `answer_id` or the `notice` is to be
    shown; with neither, what has been posted is to be taken away. `ending` is the state that follows.
    """

    worker: str
    question_id: str
    surface: str
    conversation: str
    place: str
    person: str
    text: str
    reply_to: str
    asked_at: datetime
    deadline: datetime
    state: State
    revision: int
    posts: tuple[Post, ...] = ()
    answer_id: str | None = None
    notice: Notice | None = None
    ending: State | None = None
    files: tuple[SharedFile, ...] = ()


class ClaimLost(Exception):
    """The question was edited, cancelled or taken over: what was done under this claim no longer counts."""
