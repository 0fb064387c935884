"""From a prompt to a checked completion: the planned model first, another where plan, budget and check say so."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from core.budget import Budget
from core.checks import Judgement, Verdict, judge
from core.conversation import Language, Remark, Route, Turn
from core.deadline import Deadline
from core.documents import Passage
from core.drafts import Draft
from core.errors import ModelError
from core.guidance import write_line_prompt
from core.load import LocalLoad
from core.ports import Completion, CompletionRequest, Delta, LanguageModel
from core.privacy import Clearance
from core.prompts import Prompt, write_prompt
from core.routing import UNKNOWN, Plan
from core.signals import Signals
from core.verification import settled, verify


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written and from what; `query` holds a follow-up on its second line.

    `person` is who asks, `question_id` what it is for, both by id. `remarks` are shown to models that read passages.
    Small ones read lines and get of them what is in the query.
    """

    query: str
    turns: tuple[Turn, ...]
    passages: tuple[Passage, ...]
    language: Language
    plan: Plan
    clearance: Clearance
    deadline: Deadline
    remarks: tuple[Remark, ...] = ()
    person: str = ""
    question_id: str = ""
    signals: Signals = UNKNOWN


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model of one route writes: its longest answer in tokens, and how freely it words."""

    max_tokens: int = 512
    temperature: float = 0.2


@dataclass(frozen=True, slots=True)
class Written:
    """A completion as it may be shown, with the check's word on it. `cited` are passage indices by mark."""

    text: str
    cited: tuple[int, ...]
    prompt: Prompt
    route: Route
    completion: Completion
    judgement: Judgement

    @property
    def is_shown(self) -> bool:
        return self.judgement.verdict in {Verdict.GOOD, Verdict.UNSURE}

    @property
    def is_unsure(self) -> bool:
        return self.judgement.verdict is Verdict.UNSURE


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was shown so far is void: another model writes the answer."""

    reason: str


RecordCall = Callable[[Route, str, datetime, Completion | ModelError], Awaitable[None]]
"""Told of every call to a model, also of a failed one: route, model name, start, what came of it."""


class Writer:
    """Holds the models by route; `guided` names the routes whose models are small and read lines, not passages.

    Answers of the local model are timed by `load`.
    """

    def __init__(
        self,
        models: Mapping[Route, LanguageModel],
        budget: Budget,
        guided: frozenset[Route] = frozenset(),
        sampling: Mapping[Route, Sampling] | None = None,
        load: LocalLoad | None = None,
    ) -> None:
        self.models = models
        self.budget = budget
        self.guided = guided
        self.sampling = sampling or {}
        self.load = load or LocalLoad()

    async def api_available(self, person: str = "") -> bool:
        """Whether there is a model outside and, for this person, the money to ask it."""
        return Route.API in self.models and await self.budget.has_room(person)

    async def write(self, task: Task, record: RecordCall) -> AsyncGenerator[Delta | Restarted | Written]:
        """Deltas, then the `Written` as the last item. Raises `ModelError` when no model could write at all."""
        first: Written | None = None
        try:
            async with aclosing(self._complete(task.plan.first, task, record)) as items:
                async for item in items:
                    if isinstance(item, Written) and self._asks_again(task.plan, item):
                        first = item
                    else:
                        yield item
            if first is None:
                return
            reason = first.judgement.reason
        except ModelError as error:
            if task.plan.fallback is None or task.deadline.has_passed:
                raise
            reason = error.message_id
        yield Restarted(reason)
        async with aclosing(self._fall_back(task, first, record)) as others:
            async for other in others:
                yield other

    @staticmethod
    def _asks_again(plan: Plan, written: Written) -> bool:
        in_doubt = written.judgement.verdict in {Verdict.POOR, Verdict.UNSURE}
        return in_doubt and plan.escalate_poor and plan.fallback is not None

    async def _fall_back(
        self, task: Task, first: Written | None, record: RecordCall
    ) -> AsyncGenerator[Delta | Restarted | Written]:
        """The fallback's completion; where that fails, or is worse, the first model's is better than nothing."""
        route = task.plan.fallback or task.plan.first
        try:
            async with aclosing(self._complete(route, task, record)) as items:
                async for item in items:
                    if isinstance(item, Written) and first and first.is_shown and not item.is_shown:
                        yield Restarted(item.judgement.reason)
                        yield first
                    else:
                        yield item
        except ModelError as error:
            if first is None:
                raise
            yield Restarted(error.message_id)
            yield first

    async def _complete(self, route: Route, task: Task, record: RecordCall) -> AsyncGenerator[Delta | Written]:
        prompt = self._prompt(route, task)
        draft = Draft(task.passages, prompt.sources)
        async with (
            self._paid(route, self._request(route, task, prompt), task.question_id) as request,
            aclosing(self._recorded(route, request, record)) as pieces,
        ):
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                    request.meter.completed(piece)
                elif shown := draft.feed(piece.text):
                    yield Delta(shown)
        if rest := draft.finish():
            yield Delta(rest)
        judgement = await self._judged(draft.text, task, completion)
        yield Written(draft.text, tuple(draft.marks.cited), prompt, route, completion, judgement)

    async def _judged(self, text: str, task: Task, completion: Completion) -> Judgement:
        """The check's word; where it is not sure, the office's own model is asked, unless it is too small to tell."""
        judgement = judge(
            text,
            task.query,
            task.passages,
            task.language,
            completion.mean_logprob,
            finish=completion.finish,
            min_logprob=completion.min_logprob,
            nearness=task.signals.nearness,
            coverage=task.signals.coverage,
        )
        verifier = self.models.get(Route.LOCAL)
        if not judgement.is_grey or verifier is None or Route.LOCAL in self.guided:
            return judgement
        yes = await verify(verifier, task.clearance, task.deadline, task.query, task.passages, text, task.language)
        return settled(judgement, yes)

    def _request(self, route: Route, task: Task, prompt: Prompt) -> CompletionRequest:
        sampling = self.sampling.get(route, Sampling())
        return CompletionRequest(
            messages=prompt.messages,
            clearance=task.clearance,
            deadline=task.deadline,
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            grammar=prompt.grammar,
            person=task.person,
        )

    def _prompt(self, route: Route, task: Task) -> Prompt:
        if route in self.guided:
            return write_line_prompt(task.query, task.turns, task.passages, task.language)
        return write_prompt(" ".join(task.query.split()), task.turns, task.passages, task.language, task.remarks)

    async def _recorded(
        self, route: Route, request: CompletionRequest, record: RecordCall
    ) -> AsyncGenerator[Delta | Completion]:
        started_at = datetime.now(UTC)
        try:
            with self.load.answering() if route is Route.LOCAL else nullcontext():
                async with aclosing(self.models[route].stream(request)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Completion):
                            await record(route, piece.model, started_at, piece)
                        yield piece
        except ModelError as error:
            await record(route, self.models[route].name, started_at, error)
            raise

    @asynccontextmanager
    async def _paid(
        self, route: Route, request: CompletionRequest, question_id: str
    ) -> AsyncIterator[CompletionRequest]:
        """The request as it may be sent: what a call outside may cost is held while it is under way, then settled."""
        if route is not Route.API:
            yield request
            return
        async with self.budget.paying(request, question_id, self.models[route].name) as metered:
            yield metered
