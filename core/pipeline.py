"""How a question becomes an answer: the story, top to bottom."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime

from core import replies
from core.access import searchable
from core.calls import model_call
from core.conversation import Answer, Language, Question, Route
from core.deadline import Deadline
from core.errors import ModelError, SotayError, StoreError
from core.experiments import Experiment
from core.finding import find
from core.kinds import Sorter
from core.ports import AttachmentReader, Completion, Delta, Retriever, SearchResult
from core.preparing import prepared
from core.privacy import PrivacyGate
from core.replies import Case, KeepAnswer
from core.routing import Router
from core.signals import Signals, signals_of
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.threads import Understood, says_nothing, understand
from core.writing import RecordCall, Restarted, Task, Writer, Written


@dataclass(frozen=True, slots=True)
class Searching:
    """The question is safe in the store and passages are being sought in so many documents."""

    documents: int = 0


Event = Searching | Delta | Restarted | Answer
"""What a surface is told while a question is worked on; the `Answer` comes once, last."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes of one answer: seconds, passages in the prompt, turns of history."""

    deadline_seconds: float = 120.0
    passages: int = 5
    history_turns: int = 3


@dataclass(frozen=True, slots=True)
class Served:
    """An answer that a model wrote, once it is stored, with all that it was made of."""

    task: Task
    signals: Signals
    answer: Answer


def unheard(_served: Served) -> None:
    """Nobody wants to know."""


async def uncounted(_spaces: frozenset[str]) -> int:
    """Nobody has counted the documents."""
    return 0


async def nobody_waits() -> int:
    """Nobody has counted who waits."""
    return 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything a question meets on its way. Without a reader of `attachments` files are refused, not read.

    While an `experiment` is under way, askers have arms. `heard` is told of every answer that a model wrote.
    """

    journal: Journal
    spaces: SpaceRepository
    retriever: Retriever
    gate: PrivacyGate
    router: Router
    writer: Writer
    language_of: Callable[[str], Language]
    limits: Limits
    sorter: Sorter = field(default_factory=Sorter)
    attachments: AttachmentReader | None = None
    documents_in: Callable[[frozenset[str]], Awaitable[int]] = uncounted
    open_questions: Callable[[], Awaitable[int]] = nobody_waits
    experiment: Experiment | None = None
    heard: Callable[[Served], None] = unheard

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        """Events while it works, then exactly one `Answer`, stored before it is given, also when something fails.

        `keep` stores the answer; left out, the journal does.
        """
        deadline = deadline or Deadline.after(self.limits.deadline_seconds)
        language, keep = self.language_of(question.text), keep or self.journal.record_answer
        arm = self.experiment.arm_of(question.person.id, question.asked_at) if self.experiment else None
        case = Case(question, language, deadline, keep, refused=question.refused, arm=arm)
        try:
            async with aclosing(self._work_on(case)) as events:
                async for event in events:
                    yield event
        except SotayError as error:
            answer = replies.failed(case, error)
            with suppress(StoreError):  # the person is told, also when that cannot be kept
                await case.keep(answer)
            yield answer

    async def _work_on(self, case: Case) -> AsyncGenerator[Event]:
        question = case.question
        asked = await self._understood(case)
        if reply := self._before_search(case):
            yield await kept(case, reply)
            return

        spaces = await self.spaces.all()
        allowed = searchable(question.person, question.place, spaces.values())
        denial = replies.denial(question, spaces.values())
        if not (allowed or question.attachments):
            yield await kept(case, replies.denied(case, denial))
            return

        yield Searching(await self.documents_in(allowed))
        found = await find(case, allowed, self.retriever, self.attachments, self.limits.passages)
        case.passages, case.degraded = found.passages, found.degraded
        if reply := self._after_search(case, found):
            yield await kept(case, reply)
            return
        if not found.passages:
            yield await kept(case, replies.not_found(case) if allowed else replies.denied(case, denial))
            return

        task = await prepared(
            case, asked, found, spaces,
            gate=self.gate, router=self.router, writer=self.writer, open_questions=await self.open_questions(),
        )  # fmt: skip
        case.stopwatch.lap("prepare")
        async with aclosing(self._write(case, task, found)) as events:
            async for event in events:
                yield event

    async def _understood(self, case: Case) -> Understood:
        """The question as it stands in its thread, and in the journal."""
        question = case.question
        turns = await self.journal.turns(question.thread_id, self.limits.history_turns)
        asked = understand(question.text, turns, question.remarks, is_files_alone=question.is_files_alone)
        case.query = asked.query
        if says_nothing(question.text):
            case.language = self.language_of(case.query)
        await self.journal.record_question(question, case.query)
        case.stopwatch.lap("accept")
        return asked

    def _before_search(self, case: Case) -> Answer | None:
        """The sentence for what needs no document: small talk, an attack, a mere call."""
        kind = self.sorter.before_search(case.question.text, case.query)
        if kind.is_answered:
            return replies.sorted_out(case, kind)
        reply = replies.greeting(case)
        return replies.chatted(case, reply) if reply else None

    def _after_search(self, case: Case, found: SearchResult) -> Answer | None:
        """The sentence for files without a question, and for what is out of scope: nothing near it was found."""
        if says_nothing(case.query) and (case.question.attachments or case.question.refused):
            return replies.unasked(case)
        kind = self.sorter.after_search(case.query, signals_of(found, found.passages))
        return replies.sorted_out(case, kind) if kind.is_answered else None

    async def _write(self, case: Case, task: Task, found: SearchResult) -> AsyncGenerator[Event]:
        """What the models write, then the answer it comes to."""
        async with aclosing(self.writer.write(task, self._recorder(case))) as items:
            async for item in items:
                if isinstance(item, Written):
                    case.stopwatch.lap("write")
                    answer = await kept(case, replies.written(case, item))
                    self.heard(Served(task, signals_of(found, found.passages), answer))
                    yield answer
                else:
                    yield item

    def _recorder(self, case: Case) -> RecordCall:
        """Writes every call to a model into the journal."""

        async def record(route: Route, model: str, started_at: datetime, outcome: Completion | ModelError) -> None:
            await self.journal.record_call(model_call(case.question.id, route, model, started_at, outcome))

        return record


async def kept(case: Case, answer: Answer) -> Answer:
    """The answer, once it is stored."""
    await case.keep(answer)
    return answer
