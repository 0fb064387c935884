"""A chat platform in memory that keeps everything it was ever asked, and fails where it is told to."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from core.conversation import Answer, Attachment, Remark
from core.intake import SharedFile
from core.surfaces import Action, FileRefused, MessageGone, Part, Posting, Rates, SurfaceError

_T = TypeVar("_T")

CALM = Rates(
    place_burst=1e6, place_per_second=1e6, burst=1e6, per_second=1e6, reserve=0.0, preview_seconds=0.0, call_seconds=5.0
)
"""A platform that bears everything."""


@dataclass
class Sent:
    """One message of ours, with every text that it ever had, the last one last."""

    id: str
    posting: Posting
    texts: list[str]
    is_final: bool = False
    is_removed: bool = False

    @property
    def text(self) -> str:
        return self.texts[-1]


@dataclass
class Fault:
    """What goes wrong at the next call of this kind: before it is done, or after (`late`); None as error hangs."""

    action: Action
    error: Exception | None = None
    late: bool = False


@dataclass
class RecordedSurface:
    """`core.surfaces.ChatSurface`. With `tells`, an interrupted send can be looked up, as by Slack's metadata."""

    name: str = "recorded"
    rates: Rates = CALM
    tells: bool = True
    limit: int = 4000
    members: frozenset[str] | None = frozenset()
    sent: list[Sent] = field(default_factory=list)
    calls: list[tuple[Action, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    costs: dict[Action, float] = field(default_factory=dict)
    announces: bool = False
    statuses: dict[str, list[str]] = field(default_factory=dict)
    vouched: dict[str, frozenset[str]] = field(default_factory=dict)
    threads: dict[str, Sequence[Remark]] = field(default_factory=dict)
    thread_error: SurfaceError | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, holds: Callable[["RecordedSurface"], bool]) -> None:
        """Returns once it holds; looked at after every call."""
        async with self._happened:
            await self._happened.wait_for(lambda: holds(self))

    def of(self, question_id: str) -> list[Sent]:
        """What stands there now for a question, in the order of parts."""
        there = [sent for sent in self.sent if sent.posting.question_id == question_id and not sent.is_removed]
        return sorted(there, key=lambda sent: sent.posting.part)

    def texts(self, question_id: str) -> list[str]:
        return [sent.text for sent in self.of(question_id)]

    def cost(self, action: Action, place: str) -> float:
        del place
        return self.costs.get(action, 0.0 if action is Action.ANNOUNCE else 1.0)

    def render(self, answer: Answer) -> Sequence[Part]:
        text = answer.text
        pieces = [text[start : start + self.limit] for start in range(0, len(text), self.limit)]
        return [Part(f"*{piece}*", piece) for piece in pieces]

    async def announce(self, posting: Posting, text: str) -> bool:
        def say() -> bool:
            self.statuses.setdefault(posting.question_id, []).append(text)
            return True

        return self.announces and await self._call(Action.ANNOUNCE, posting, say)

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        return await self._call(Action.PLACEHOLDER, posting, lambda: self._post(posting, text))

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self._call(Action.OPEN, posting, lambda: self._post(posting, text))

    async def post_part(self, posting: Posting, text: str) -> str:
        action = Action.PART if posting.part else Action.PLACEHOLDER
        return await self._call(action, posting, lambda: self._post(posting, text if self.tells else "…"))

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        await self._call(Action.EDIT, posting, lambda: self._write(message_id, text))

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del answer
        await self._call(Action.FINISH, posting, lambda: self._write(message_id, part.text, final=True))

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        await self._call(Action.FAIL, posting, lambda: self._write(message_id, text, final=True))

    async def remove(self, posting: Posting, message_id: str) -> None:
        def take_away() -> None:
            self._sent(message_id).is_removed = True

        await self._call(Action.REMOVE, posting, take_away)

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        def look() -> str | None:
            lost = [sent for sent in self.sent if sent.posting == posting and sent.id not in known]
            return lost[-1].id if lost and self.tells else None

        return await self._call(Action.FIND, posting, look)

    async def readers(self, place: str) -> frozenset[str] | None:
        del place
        return self.members

    async def groups(self, person: str) -> frozenset[str]:
        return self.vouched.get(person, frozenset())

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        del reply_to
        if self.thread_error:
            raise self.thread_error
        return self.threads.get(conversation, ())

    async def fetch(self, file: SharedFile) -> Attachment:
        if file.id not in self.files:
            raise FileRefused("answer.file_gone")
        return Attachment(file.name, self.files[file.id])

    async def _call(self, action: Action, posting: Posting, effect: Callable[[], _T]) -> _T:
        self.calls.append((action, posting.question_id))
        fault = next((fault for fault in self.faults if fault.action is action), None)
        if fault:
            self.faults.remove(fault)
        if fault and not fault.late:
            await self._tell()
            await self._fail(fault)
        done = effect()
        await self._tell()
        if fault:
            await self._fail(fault)
        return done

    async def _tell(self) -> None:
        async with self._happened:
            self._happened.notify_all()

    @staticmethod
    async def _fail(fault: Fault) -> None:
        if fault.error:
            raise fault.error
        await asyncio.Event().wait()

    def _post(self, posting: Posting, text: str) -> str:
        self.sent.append(Sent(f"m{len(self.sent) + 1}", posting, [text]))
        return self.sent[-1].id

    def _write(self, message_id: str, text: str, *, final: bool = False) -> None:
        sent = self._sent(message_id)
        if sent.is_removed:
            raise MessageGone(message_id)
        sent.texts.append(text)
        sent.is_final = final

    def _sent(self, message_id: str) -> Sent:
        return next(sent for sent in self.sent if sent.id == message_id)
