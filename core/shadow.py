"""What the other model would have said: asked when nobody else asks, shown to nobody, and no vote of anybody's.

The same question with the same passages goes to the model of the other route, so that two routes can be compared on one
question. Only what may leave the office is asked so, whichever of the two is the other one.
"""

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from core.budget import Cap
from core.calls import model_call
from core.clock import Clock, wait_at_most
from core.conversation import Answer, Outcome, Route
from core.deadline import Deadline
from core.errors import ModelError, SotayError, StoreError
from core.pipeline import Pipeline, Served
from core.ports import Completion
from core.privacy import Reach
from core.routing import Plan, Strategy
from core.store.experiments import ExperimentBook, ShadowAnswer
from core.writing import Task, Written

log = logging.getLogger(__name__)

OTHER: Final[Mapping[Route, Route]] = {Route.LOCAL: Route.API, Route.API: Route.LOCAL}
QUEUE: Final = 20
"""Answers that wait to be compared; the oldest goes when another comes."""
QUIET: Final = 10.0
"""Seconds for which nothing must have happened to any question before one is begun: people write follow-ups."""
POLL: Final = 1.0
"""Seconds after which questions that other processes have accepted are looked for."""
ROOM: Final = 0.5
"""The share of each cap that shadow answers leave to people: beyond it they cost nothing more."""
SHARED_CAPS: Final = (Cap.HOUR, Cap.DAY, Cap.MONTH)


@dataclass(slots=True)
class Shadows:
    """Answers of the other route, one at a time. Runs beside the inbox (`bots.service.Beside`).

    `open_questions` counts the questions that have not ended, over all processes. A shadow answer has `seconds`.
    """

    pipeline: Pipeline
    book: ExperimentBook
    open_questions: Callable[[], Awaitable[int]]
    clock: Clock
    seconds: float
    _waiting: deque[Served] = field(default_factory=lambda: deque(maxlen=QUEUE), init=False)
    _offered: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _disturbed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def offer(self, served: Served) -> None:
        """An answer of an arm may be compared, unless it had to stay in the office."""
        if served.answer.arm and served.answer.route in OTHER and served.task.clearance.reach is Reach.OUTSIDE:
            self._waiting.append(served)
            self._offered.set()

    def disturb(self) -> None:
        """Something happens to a question: what is under way here is given up at once."""
        self._disturbed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set; what is under way then is given up."""
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self._work())
            await stopping.wait()
            work.cancel()

    async def _work(self) -> None:
        while True:
            await self._quiet()
            served = self._waiting.popleft()
            if not self._waiting:
                self._offered.clear()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work) for work in (self._compare(served), self._until_disturbed())]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()

    async def _quiet(self) -> None:
        """Until something waits, and nobody has asked for a while or is waiting."""
        while True:
            await self._offered.wait()
            self._disturbed.clear()
            if await wait_at_most(self.clock, self._disturbed, QUIET):
                continue
            if await self._is_idle() and not self._disturbed.is_set():
                return

    async def _until_disturbed(self) -> None:
        while not await wait_at_most(self.clock, self._disturbed, POLL) and await self._is_idle():
            pass

    async def _is_idle(self) -> bool:
        """False too where nobody can say."""
        try:
            return await self.open_questions() == 0
        except StoreError:
            return False

    async def _compare(self, served: Served) -> None:
        """Nothing that goes wrong here is anybody's harm but the comparison's."""
        try:
            async with asyncio.timeout(self.seconds):
                if task := await self._task(served):
                    await self._write(task, served.answer)
        except TimeoutError:
            log.info("a shadow answer took too long")
        except SotayError as error:
            log.info("no shadow answer: %s", error)
        except Exception:
            log.exception("no shadow answer")  # an edge: the service goes on

    async def _task(self, served: Served) -> Task | None:
        """What is asked, and of whom; None where that may not be, by all that is known now."""
        stored = await self.pipeline.journal.answer(served.answer.id)
        route = OTHER[served.answer.route]
        if stored is None or not stored.prompt or route not in self.pipeline.writer.models:
            return None  # its asker was forgotten meanwhile, or somebody who had spoken before
        task = replace(
            served.task,
            passages=stored.passages,
            plan=Plan(route, None, escalate_poor=False, reasons=("shadow",)),
            deadline=Deadline.after(self.seconds),
            person="",
            question_id="",
        )
        cleared = await self._cleared(task, stored, served)
        return cleared if route is Route.LOCAL or await self._has_room() else None

    async def _cleared(self, task: Task, stored: Answer, served: Served) -> Task | None:
        """The task with the gate's word of now; None where anything of it must stay in the office."""
        drawn_on = (*stored.passages, *(each for turn in task.turns for each in turn.passages))
        said = (text for turn in task.turns for text in (turn.question, turn.answer))
        typed = (task.query, stored.query, *said, *(remark.text for remark in task.remarks))
        clearance = self.pipeline.gate.clear(typed, drawn_on, await self.pipeline.spaces.all())
        signals = replace(served.signals, spaces=frozenset(passage.space for passage in drawn_on))
        plan = self.pipeline.router.plan(
            stored.query, clearance, api_available=True, strategy=Strategy.API, signals=signals
        )
        may_leave = clearance.reach is Reach.OUTSIDE and Route.API in {plan.first, plan.fallback}
        return replace(task, clearance=clearance) if may_leave else None

    async def _has_room(self) -> bool:
        """Whether half of the budget is still there: people come first."""
        budget = self.pipeline.writer.budget
        used = await budget.used()
        return all(used[cap] < budget.caps[cap] * ROOM for cap in SHARED_CAPS) and await budget.has_room()

    async def _write(self, task: Task, answer: Answer) -> None:
        began = self.clock.monotonic()
        async with aclosing(self.pipeline.writer.write(task, self._record)) as items:
            async for item in items:
                if isinstance(item, Written):
                    milliseconds = (self.clock.monotonic() - began) * 1000
                    await self.book.keep(shadow_of(answer, item, milliseconds, self.clock.now()))

    async def _record(self, route: Route, model: str, started_at: datetime, outcome: Completion | ModelError) -> None:
        """The call is in the books, and for nobody's question: it has cost money, and saved none."""
        call = model_call("", route, model, started_at, outcome)
        await self.pipeline.journal.record_call(replace(call, question_id=None))


def shadow_of(answer: Answer, written: Written, milliseconds: float, now: datetime) -> ShadowAnswer:
    """What is kept of a completion beside the answer that people got."""
    completion = written.completion
    return ShadowAnswer(
        id=uuid.uuid4().hex,
        answer_id=answer.id,
        arm=answer.arm,
        route=written.route,
        model=completion.model,
        text=written.text,
        outcome=Outcome.ANSWERED if written.is_shown else Outcome.NOT_FOUND,
        verdict=written.judgement.verdict,
        prompt=tuple({"role": message.role, "content": message.content} for message in written.prompt.messages),
        cost_usd=completion.cost_usd,
        first_token_ms=completion.first_token_ms,
        total_ms=milliseconds,
        created_at=now,
    )
