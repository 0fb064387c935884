"""What passes between the process that asks and the one that holds the model.

A frame is a length (4 bytes, big-endian) and a pickled value of the plain kinds below. Only such values are read:
a process that went astray cannot make the other one run code.
"""

import asyncio
import copy
import dataclasses
import io
import pickle
import struct
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from core.deadline import Deadline
from core.errors import ModelError, SotayError
from core.ports import Completion, CompletionRequest, Delta, Message
from models.llama.config import LlamaConfig
from models.llama.statistics import Glance

HEADER = struct.Struct("!I")
LONGEST = 64 * 2**20
"""Bytes of a frame; the longest prompts take some megabytes."""
HOMES = frozenset({"core", "models", "pathlib"})
PLAIN = (Enum, PurePath, SotayError)
UNREADABLE = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
)
"""What `pickle` may raise over bytes that are no pickle, and `readexactly` at the end."""


@dataclass(frozen=True, slots=True)
class Open:
    """The first frame: the model to open, and the least level (of `logging`) that the child logs."""

    config: LlamaConfig
    log_level: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. Clocks of two processes need not agree: `seconds` are left of its deadline when it is sent.

    `question` is the id of what it is for, for the log.
    """

    number: int
    request: CompletionRequest
    seconds: float
    question: str = ""

    def received(self) -> CompletionRequest:
        """The request with its deadline on the clock of this process."""
        return dataclasses.replace(self.request, deadline=Deadline.after(self.seconds))


@dataclass(frozen=True, slots=True)
class Warm:
    number: int
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How busy is the model?"""

    number: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits any more for what was ordered under `number`."""

    number: int


@dataclass(frozen=True, slots=True)
class Close:
    """The last frame: stop what runs, free the model, end."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The model is loaded."""

    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The model cannot be loaded."""

    error: ModelError


@dataclass(frozen=True, slots=True)
class Given:
    """The next item of what was asked for; a `Completion` is the last."""

    number: int
    item: Delta | Completion


@dataclass(frozen=True, slots=True)
class Done:
    """A start is warm, or a prompt counted: its `tokens`."""

    number: int
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer to `Look`."""

    number: int
    glance: Glance


@dataclass(frozen=True, slots=True)
class Failed:
    number: int
    error: ModelError


Order = Ask | Warm | Count | Look | Cancel | Close
Reply = Given | Done | Seen | Failed


class _PlainValues(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if module.partition(".")[0] in HOMES:
            found = super().find_class(module, name)
            if isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, PLAIN)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def frame(value: Open | Order | Opened | Refused | Reply) -> bytes:
    data = pickle.dumps(value)
    return HEADER.pack(len(data)) + data


async def read_frame(reader: asyncio.StreamReader) -> object:
    """The next value; None when the other side is gone, or what it sends can no longer be read."""
    try:
        (length,) = HEADER.unpack(await reader.readexactly(HEADER.size))
        if length > LONGEST:
            return None
        data = await reader.readexactly(length)
        return _PlainValues(io.BytesIO(data)).load()
    except (ConnectionError, *UNREADABLE):
        return None


def sendable(error: ModelError) -> ModelError:
    """The same error for another process, each fact a number or a text."""
    plain = copy.copy(error)
    facts = error.facts.items()
    plain.facts = {name: fact if isinstance(fact, str | int | float) else str(fact) for name, fact in facts}
    return plain
