"""What is said at the service's door: one line of JSON for each word, a `Request` one way and a `Word` the other.

One connection is one errand. A question gets notes, previews and its end, and who asked may say in between that they
want no answer any more; an explanation gets its steps. Where something cannot be done the word is `Refused`.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, StringConstraints, TypeAdapter, ValidationError

from core.conversation import Answer
from core.errors import SotayError

LONGEST_REQUEST = 65_536
"""Bytes of a line: a question of `bots.console.MAX_QUESTION` characters fits, however JSON writes them."""
LONGEST_WORD = 4_194_304
"""Bytes of a line the other way: an answer is far shorter."""


class Errand(StrEnum):
    """What the door is asked for. `STOP` is said after `ASK`, by the same connection."""

    ASK = "ask"
    STOP = "stop"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Request:
    """`thread` is 32 hexadecimal digits that name the conversation, made up by whoever asks."""

    do: Errand
    question: str = ""
    person: str = ""
    thread: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")] = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A word on the side, such as where is being searched."""

    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Shown:
    """The text so far, all of it."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer, without its prompt and without the texts of its passages."""

    answer: Answer
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Failed:
    """A sentence that ends the question without an answer."""

    text: str
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Refused:
    """An error as `core.errors.SotayError` has it: who hears it says it in their own language."""

    message_id: str
    facts: Mapping[str, str | int | float]
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Explained:
    """What becomes of a question: the `steps` for people, by their label, and the `record` for programs."""

    steps: Mapping[str, str]
    record: Mapping[str, object]
    kind: Literal["explained"] = "explained"


Word = Noted | Shown | Finished | Failed | Refused | Explained


def finished(answer: Answer) -> Finished:
    """The answer, as far as it is needed to print it, to look at its sources and to vote."""
    passages = tuple(replace(passage, text="") for passage in answer.passages)
    return Finished(replace(answer, prompt=(), passages=passages))


def refused(error: SotayError) -> Refused:
    facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in error.facts.items()}
    return Refused(error.message_id, facts)


def request_line(request: Request) -> bytes:
    """The line; what is no text, such as halves of signs out of arguments, becomes question marks."""
    clean = request.question.encode("utf-8", "replace").decode(), request.person.encode("utf-8", "replace").decode()
    return _requests().dump_json(replace(request, question=clean[0], person=clean[1])) + b"\n"


def request_of(line: bytes) -> Request:
    """Raises `SotayError` for what is no request."""
    try:
        return _requests().validate_json(line)
    except ValidationError as error:
        raise SotayError("beside.unknown_request") from error


def word_line(word: Word) -> bytes:
    return _words().dump_json(word) + b"\n"


def word_of(line: bytes) -> Word:
    """Raises `SotayError` for what is no word."""
    try:
        return _words().validate_json(line)
    except ValidationError as error:
        raise SotayError("beside.unknown_request") from error


@functools.cache
def _requests() -> TypeAdapter[Request]:
    return TypeAdapter(Request)


@functools.cache
def _words() -> TypeAdapter[Word]:
    return TypeAdapter(Annotated[Word, Discriminator("kind")])
