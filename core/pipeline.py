"""How a question becomes an answer: the story, top to bottom."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

from core import replies
from core.access import searchable
from core.calls import model_call
from core.conversation import Answer, Language, Question, Route, Turn
from core.deadline import Deadline
from core.documents import Space
from core.errors import ModelError, ModelTimeout, SotayError, StoreError
from core.ports import Completion, Delta, Retriever, SearchResult
from core.privacy import PrivacyGate
from core.replies import Case, KeepAnswer
from core.routing import Router
from core.smalltalk import small_talk
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.threads import is_follow_up, standalone_query
from core.writing import RecordCall, Restarted, Task, Writer, Written


@dataclass(frozen=True, slots=True)
class Searching:
    """The question is safe in the store and passages are being sought."""


Event = Searching | Delta | Restarted | Answer
"""What a surface is told while a question is worked on; the `Answer` comes once, last."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes of one answer: seconds, passages in the prompt, turns of history."""

    deadline_seconds: float = 120.0
    passages: int = 5
    history_turns: int = 3


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything a question meets on its way."""

    journal: Journal
    spaces: SpaceRepository
    retriever: Retriever
    gate: PrivacyGate
    router: Router
    writer: Writer
    language_of: Callable[[str], Language]
    limits: Limits

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        """Events while it works, then exactly one `Answer`, stored before it is given, also when something fails.

        `keep` stores the answer; left out, the journal does.
        """
        deadline = deadline or Deadline.after(self.limits.deadline_seconds)
        case = Case(question, self.language_of(question.text), deadline, keep or self.journal.record_answer)
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
        case.query = standalone_query(question.text, turns)
        await self.journal.record_question(question, case.query)
        case.stopwatch.lap("accept")

        if reply := small_talk(question.text):
            yield await kept(case, replies.chatted(case, reply))
            return

        spaces = await self.spaces.all()
        allowed = searchable(question.person, question.place, spaces.values())
        if not allowed:
            yield await kept(case, replies.denied(case))
            return

        yield Searching()
        found = await self._search(case, allowed)
        case.passages, case.degraded = found.passages, found.degraded
        case.stopwatch.lap("search")
        if not found.passages:
            yield await kept(case, replies.not_found(case))
            return

        task = await self._prepare(case, found, turns, spaces)
        case.stopwatch.lap("prepare")
        async with aclosing(self.writer.write(task, self._recorder(case))) as items:
            async for item in items:
                if isinstance(item, Written):
                    case.stopwatch.lap("write")
                    yield await kept(case, replies.written(case, item))
                else:
                    yield item

    async def _search(self, case: Case, allowed: frozenset[str]) -> SearchResult:
        try:
            async with asyncio.timeout(case.deadline.remaining()):
                return await self.retriever.search(case.query, allowed, self.limits.passages)
        except TimeoutError as error:
            raise ModelTimeout("answer.too_late") from error

    async def _prepare(
        self, case: Case, found: SearchResult, turns: Sequence[Turn], spaces: Mapping[str, Space]
    ) -> Task:
        """The gate's word and the route."""
        history = turns if is_follow_up(case.question.text) else ()
        typed = (case.query, *(text for turn in history for text in (turn.question, turn.answer)))
        clearance = self.gate.clear(typed, found.passages, spaces)
        plan = self.router.plan(case.query, clearance, api_available=await self.writer.api_available())
        case.reasons = plan.reasons
        return Task(
            query=found.query,
            turns=tuple(history),
            passages=found.passages,
            language=case.language,
            plan=plan,
            clearance=clearance,
            deadline=case.deadline,
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
