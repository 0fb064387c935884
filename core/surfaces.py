"""A chat platform seen from the core: what can be sent there, what it costs, and how it may go wrong.

SurfaceError
├── SurfaceBusy         the platform asks us to wait
├── SurfaceUnavailable  it refused for now; nothing was done
├── SurfaceSilent       no word came back: it may have been done
├── MarkupRefused       it does not take this text as formatted
├── MessageGone         the message to be changed is no longer there
└── Undeliverable       nothing can be sent there, now or later
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.conversation import Answer, Attachment, Remark
from core.errors import SotayError
from core.intake import SharedFile


class SurfaceError(Exception):
    """What an adapter makes of its platform's errors."""


class SurfaceBusy(SurfaceError):
    """`retry_after` is the wait in seconds that the platform asks for; `everywhere`, it means every place."""

    def __init__(self, retry_after: float, *, everywhere: bool = False) -> None:
        super().__init__(f"asked to wait {retry_after} s")
        self.retry_after = retry_after
        self.everywhere = everywhere


class SurfaceUnavailable(SurfaceError):
    pass


class SurfaceSilent(SurfaceError):
    pass


class MarkupRefused(SurfaceError):
    pass


class MessageGone(SurfaceError):
    pass


class Undeliverable(SurfaceError):
    pass


class FileRefused(SotayError):
    """A file that cannot be had from the platform; the sentence says why."""


class Action(StrEnum):
    """What we ask of a platform."""

    ANNOUNCE = "announce"
    PLACEHOLDER = "placeholder"
    OPEN = "open"
    PART = "part"
    EDIT = "edit"
    FINISH = "finish"
    FAIL = "fail"
    REMOVE = "remove"
    FIND = "find"


@dataclass(frozen=True, slots=True)
class Rates:
    """What a platform bears, counted in the costs of actions.

    `place_burst` at once in one place and `place_per_second` from then on; the same over all places. Previews leave
    `reserve` of either budget to what must be sent, and one place gets one in `preview_seconds` at most.
    `call_seconds` is how long we wait for the platform's word on one call. What was announced is said again after
    `announce_seconds`, before it fades.
    """

    place_burst: float = 3.0
    place_per_second: float = 1.0
    burst: float = 30.0
    per_second: float = 20.0
    reserve: float = 2.0
    preview_seconds: float = 1.0
    call_seconds: float = 10.0
    announce_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a message of ours belongs: the part of an answer to `person`, under the message with the key `reply_to`."""

    question_id: str
    part: int
    conversation: str
    place: str
    reply_to: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a finished answer, in the platform's markup, and as plain text should that be refused.

    `is_refused`: it was, and the plain text is to be shown.
    """

    text: str
    plain: str
    is_refused: bool = False


class ChatSurface(Protocol):
    """One chat platform. Calls raise `SurfaceError`; message ids are the platform's own words for our messages.

    Nothing here is called twice at once for the same question.
    """

    @property
    def name(self) -> str: ...

    @property
    def rates(self) -> Rates: ...

    def cost(self, action: Action, place: str) -> float:
        """What the action takes there from the budgets of `rates`; 0 for what the platform does not count."""
        ...

    def render(self, answer: Answer) -> Sequence[Part]:
        """The answer as it will stand there, in parts that the platform takes. The same answer gives the same parts."""
        ...

    async def announce(self, posting: Posting, text: str) -> bool:
        """Says that the question is worked on, without a message; an empty text takes that back.

        False where the platform cannot, and then a placeholder is sent.
        """
        ...

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        """Sends the message in whose place the answer will stand; its id."""
        ...

    async def open_answer(self, posting: Posting, text: str) -> str:
        """Sends the message in whose place the answer will stand, with its first words: more follow by `edit`."""
        ...

    async def post_part(self, posting: Posting, text: str) -> str:
        """Sends the message for a part of an answer that is made already; its id. `finish` gives it its looks.

        `text` is what it will say. A platform on which `find` is not sure leaves it out, lest it stand there twice.
        """
        ...

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        """Shows the text so far: a preview, or that the question waits."""
        ...

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        """Gives the message its last text; a second time it changes nothing."""
        ...

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        """Says in the message why there is no answer; a second time it changes nothing."""
        ...

    async def remove(self, posting: Posting, message_id: str) -> None:
        """Takes the message away; one that is gone already is no error."""
        ...

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        """The id of a message that an interrupted send of this posting left, None where there is none or none to tell.

        `known` are the ids in this place that belong to other postings.
        """
        ...

    async def readers(self, place: str) -> frozenset[str] | None:
        """The people who read there, beside the asker: nobody in a private chat, None where that is not known."""
        ...

    async def groups(self, person: str) -> frozenset[str]:
        """The groups that the platform vouches for, beside those of the settings. None of them when in doubt."""
        ...

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        """What people said in the conversation before the message `reply_to`, and not to us; oldest first."""
        ...

    async def fetch(self, file: SharedFile) -> Attachment:
        """The file, whole. Raises `FileRefused` where it cannot be had."""
        ...
