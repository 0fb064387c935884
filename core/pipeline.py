"""How a question becomes an answer: the story, top to bottom."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

from core import replies
from core.access import searchable
from core.calls import model_call
from core.conversation import Answer, Language, Question, Route
from core.deadline import Deadline
from core.documents import Space
from core.errors import ModelError, SotayError, StoreError
from core.finding import find
from core.ports import AttachmentReader, Completion, Delta, Retriever, SearchResult
from core.privacy import PrivacyGate
from core.replies import Case, KeepAnswer
from core.routing import Router
from core.smalltalk import small_talk
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.threads import Understood, says_nothing, shown_remarks, understand
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


async def uncounted(_spaces: frozenset[str]) -> int:
    """Nobody has counted the documents."""
    return 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything a question meets on its way. Without a reader of `attachments` files are refused, not read."""

    journal: Journal
    spaces: SpaceRepository
    retriever: Retriever
    gate: PrivacyGate
    router: Router
    writer: Writer
    language_of: Callable[[str], Language]
    limits: Limits
    attachments: AttachmentReader | None = None
    documents_in: Callable[[frozenset[str]], Awaitable[int]] = uncounted

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        """Events while it works, then exactly one `Answer`, stored before it is given, also when something fails.

        `keep` stores the answer; left out, the journal does.
        """
        deadline = deadline or Deadline.after(self.limits.deadline_seconds)
        language, keep = self.language_of(question.text), keep or self.journal.record_answer
        case = Case(question, language, deadline, keep, refused=question.refused)
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
        turns = await self.journal.turns(question.thread_id, self.limits.history_turns)
        asked = understand(question.text, turns, question.remarks, is_files_alone=question.is_files_alone)
        case.query = asked.query
        if says_nothing(question.text):
            case.language = self.language_of(case.query)
        await self.journal.record_question(question, case.query)
        case.stopwatch.lap("accept")

        if reply := small_talk(question.text) or replies.greeting(case):
            yield await kept(case, replies.chatted(case, reply))
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
        if says_nothing(case.query) and (question.attachments or question.refused):
            yield await kept(case, replies.unasked(case))
            return
        if not found.passages:
            yield await kept(case, replies.not_found(case) if allowed else replies.denied(case, denial))
            return

        task = await self._prepare(case, asked, found, spaces)
        case.stopwatch.lap("prepare")
        async with aclosing(self.writer.write(task, self._recorder(case))) as items:
            async for item in items:
                if isinstance(item, Written):
                    case.stopwatch.lap("write")
                    yield await kept(case, replies.written(case, item))
                else:
                    yield item

    async def _prepare(self, case: Case, asked: Understood, found: SearchResult, spaces: Mapping[str, Space]) -> Task:
        """The gate's word on all that the prompt will hold, and the route."""
        remarks = shown_remarks(case.question.remarks)
        history = (text for turn in asked.turns for text in (turn.question, turn.answer))
        typed = (case.query, *history, *(remark.text for remark in remarks))
        drawn_on = (*found.passages, *(passage for turn in asked.turns for passage in turn.passages))
        clearance = self.gate.clear(typed, drawn_on, spaces)
        plan = self.router.plan(case.query, clearance, api_available=await self.writer.api_available())
        case.reasons = plan.reasons
        return Task(
            query=found.query,
            turns=asked.turns,
            passages=found.passages,
            language=case.language,
            plan=plan,
            clearance=clearance,
            deadline=case.deadline,
            remarks=remarks,
            person=case.question.person.id,
        )

    def _recorder(self, case: Case) -> RecordCall:
        """Writes every call to a model into the journal."""

        async def record(route: Route, model: str, started_at: datetime, outcome: Completion | ModelError) -> None:
            await self.journal.record_call(model_call(case.question.id, route, model, started_at, outcome))

        return record


async def kept(case: Case, answer: Answer) -> Answer:
    """The answer, once it is stored."""
    await case.keep(answer)
    return answer
