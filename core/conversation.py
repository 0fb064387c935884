"""The nouns of a conversation: who asks, where, what, and what comes back."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.documents import Passage
from core.texts import translate

ATTACHED = "attachment:"
"""The space of passages out of files that came with a question; no space of the settings can have this name."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FILES_WAIT = timedelta(minutes=10)
"""How long files that somebody has sent without a word wait for the question about them."""

ASKED_ONE_IN = 5
"""Of the answers of an experiment, so many beg for a vote."""


class Language(StrEnum):
    """A language that people are answered in."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. A person whom no group names is unknown and reads public spaces only."""

    id: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked.

    `readers` are the people who will see the answer beside the asker: empty in a private chat, the members of a
    channel otherwise; None when the members are not known.
    """

    id: str
    readers: frozenset[Person] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said in the thread and not to us. `by_asker`: the person who asks now said it."""

    text: str
    said_at: datetime
    by_asker: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a question. `name` is the one that people know it by; its ending says the format."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that came with a question and is not read. `message_id` names the reason in the catalogues."""

    name: str
    message_id: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence; its text may call the name `path` or `name`."""
        return translate(language, self.message_id, **{"path": self.name, "name": self.name} | dict(self.facts))


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked, as typed. `surface` is the chat platform's name, for the record.

    `remarks` are what people said in the thread before the question, oldest first. `attachments` are read for this
    question only; `refused` are the files that the surface could not get.
    """

    id: str
    thread_id: str
    person: Person
    place: Place
    text: str
    asked_at: datetime
    surface: str = "console"
    remarks: tuple[Remark, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    refused: tuple[RefusedFile, ...] = ()

    @property
    def is_files_alone(self) -> bool:
        """Files, and not a word with them."""
        return not self.text.strip() and bool(self.attachments or self.refused)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, oldest first in a thread. `query` is the question made to stand alone.

    `passages` are what the answer was written from: what may leave the office is judged by them, too.
    """

    question: str
    query: str
    answer: str
    asked_at: datetime = LONG_AGO
    passages: tuple[Passage, ...] = ()


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    FAILED = "failed"


class Route(StrEnum):
    """Which model answered, or none."""

    LOCAL = "local"
    API = "api"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source under an answer; `quote` stands word for word in the chunk."""

    n: int
    chunk_id: str
    document: str
    title: str
    page: int | None
    heading: str
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asker gets, with everything needed to check it and to learn from it.

    `timings` are milliseconds by stage. `confidence` is the mean log-probability of the sampled tokens, None when
    the model gives none. `prompt` is the list of messages as served, empty when no model was asked. `arm` is the
    asker's in an experiment (`core.experiments.Arm`), "" without one.
    """

    id: str
    question_id: str
    text: str
    outcome: Outcome
    language: Language
    query: str
    route: Route = Route.NONE
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    prompt: tuple[Mapping[str, str], ...] = ()
    model: str = ""
    confidence: float | None = None
    cost_usd: float | None = None
    reasons: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    arm: str = ""

    @property
    def takes_votes(self) -> bool:
        """As the function of this name."""
        return takes_votes(self.outcome, self.route, self.query)

    @property
    def asks_for_vote(self) -> bool:
        """Whether the answer asks for one by words, as one in five of an experiment does."""
        return bool(self.arm) and self.takes_votes and is_asked(self.id)


def is_asked(answer_id: str) -> bool:
    """Chosen by nothing but the id. Who votes unasked is pleased or cross; these votes are nearer to everybody's."""
    return zlib.crc32(answer_id.encode()) % ASKED_ONE_IN == 0


def takes_votes(outcome: str, route: str, query: str) -> bool:
    """Whether people may say that such an answer is good or bad: a model wrote it, or the documents do not say.

    Small talk, asking for a question, refusals and failures are sentences of ours, and no answers.
    """
    if outcome == Outcome.ANSWERED:
        return route != Route.NONE
    return outcome == Outcome.NOT_FOUND and bool(query.strip())
