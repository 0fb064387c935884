"""The course of each question, from its acceptance to its end, for figures, the log and spans.

Nothing here changes what happens to a question: the inbox's trace, the pipeline's events and the journal's calls are
listened to.
"""

import itertools
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from core import metrics
from core.clock import Clock
from core.conversation import Answer, Outcome, Question, Route
from core.deadline import Deadline
from core.inbox import Answering
from core.intake import Verdict
from core.metrics import Metrics
from core.pipeline import Event
from core.ports import Delta
from core.replies import KeepAnswer
from core.store.journal import ModelCall
from core.surroundings import platform_of

MOST = 2000
"""Courses that are kept at a time; the oldest goes first. Those that end elsewhere would stay for ever."""
LONGEST = 900.0
"""Seconds; a question that is older when it is taken up was edited, or waited for a restart, and is not timed."""
STAGES = frozenset({"accept", "search", "read", "prepare", "write"})
BEGINNINGS = frozenset({Verdict.ACCEPTED, Verdict.JOINED, Verdict.CHANGED, Verdict.REFUSED})
PLACEHOLDERS = frozenset({"announced", "posted"})
FAILED_ALARMS = frozenset({"alarm.failed", "alarm.broken", "alarm.undeliverable"})
KEPT_IN = "stays in the office"
"""How the router's reasons begin where the privacy gate holds a question."""
REPLACED = "redacted"
"""How they begin where private data was replaced."""


@dataclass(slots=True)
class Course:
    """When one question came to which point, in seconds of the clock; None where it did not, or not here.

    `is_timed`: it came in at `began`; else it was only taken up then. `outcome` is "" where there was
    nothing to show. `laps` are the answer's milliseconds by stage, in their order.
    """

    question_id: str
    surface: str
    began: float
    is_timed: bool
    claimed: float | None = None
    placeholder: float | None = None
    first_token: float | None = None
    answered: float | None = None
    shown: float | None = None
    ended: float | None = None
    outcome: str = ""
    route: str = Route.NONE.value
    model: str = ""
    laps: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the beginning to the end, so far as it is known."""
        return (self.ended or self.began) - self.began


def unheard(_course: Course) -> None:
    """Nobody wants to know."""


class Watch:
    """Listens. `ended` is told of each question that has come to its end."""

    def __init__(self, figures: Metrics, clock: Clock, ended: Callable[[Course], None] = unheard) -> None:
        self._figures = figures
        self._clock = clock
        self._ended = ended
        self._courses: OrderedDict[str, Course] = OrderedDict()
        for outcome, route in itertools.product(Outcome, Route):
            figures.count(metrics.ANSWERS, 0, outcome=outcome.value, route=route.value)

    def serves(self, surface: str) -> None:
        """Questions may come from there; a counter must be seen at 0 for its first step to be seen."""
        for what in (metrics.QUESTIONS, metrics.REFUSED):
            self._figures.count(what, 0, surface=platform_of(surface))

    def reached(self, surface: str, point: str, question_id: str) -> None:
        """A question has come to a point of the inbox's trace (`Channel.trace`)."""
        now, platform = self._clock.monotonic(), platform_of(surface)
        if point in BEGINNINGS:
            self._begin(Course(question_id, platform, now, is_timed=True), point)
            return
        if point == "claimed" and question_id not in self._courses:
            self._keep(Course(question_id, platform, now, is_timed=False))
        course = self._courses.get(question_id)
        if course is None:
            return
        if point == "claimed":
            course.claimed = now
        elif point in PLACEHOLDERS and course.placeholder is None:
            course.placeholder = now
        elif point == "shown":
            course.shown = now
        elif point == "finished":
            self._end(course, now)

    def taken_up(self, question: Question) -> None:
        """An answer is begun. What another process accepted is timed by the platform's word on when it was asked."""
        course = self._courses.get(question.id)
        age = (self._clock.now() - question.asked_at).total_seconds()
        if course is not None and not course.is_timed and 0 <= age <= LONGEST:
            course.began, course.is_timed = self._clock.monotonic() - age, True

    def said(self, question_id: str) -> None:
        """A piece of the answer has come."""
        course = self._courses.get(question_id)
        if course is not None and course.first_token is None:
            course.first_token = self._clock.monotonic()

    def answered(self, answer: Answer) -> None:
        """The answer is there, and safe."""
        if any(reason.startswith(KEPT_IN) for reason in answer.reasons):
            self._figures.count(metrics.HELD)
        if any(reason.startswith(REPLACED) for reason in answer.reasons):
            self._figures.count(metrics.REDACTED)
        for stage, milliseconds in answer.timings.items():
            if stage in STAGES:
                self._figures.took(metrics.STAGE, milliseconds / 1000, stage=stage)
        if course := self._courses.get(answer.question_id):
            course.answered = self._clock.monotonic()
            course.outcome, course.route, course.model = answer.outcome.value, answer.route.value, answer.model
            course.laps = {stage: taken for stage, taken in answer.timings.items() if stage in STAGES}

    def alarmed(self, kind: str, question_id: str, _detail: str) -> None:
        """Something has gone wrong (`core.inbox.Alarm`)."""
        if kind in FAILED_ALARMS and (course := self._courses.get(question_id)):
            course.outcome, course.route = Outcome.FAILED.value, Route.NONE.value

    def called(self, call: ModelCall) -> None:
        """A model has been asked (`core.store.journal.Journal.heard`)."""
        route = call.route.value
        self._figures.count(metrics.CALLS, route=route, result="failed" if call.finish is None else "ok")
        self._figures.count(metrics.TOKENS, call.prompt_tokens or 0, route=route, kind="prompt")
        self._figures.count(metrics.TOKENS, call.completion_tokens or 0, route=route, kind="completion")
        self._figures.count(metrics.COST, max(0.0, call.cost_usd or 0.0), route=route)
        if call.total_ms is not None:
            self._figures.took(metrics.CALL, call.total_ms / 1000, route=route)

    def _begin(self, course: Course, verdict: str) -> None:
        if verdict == Verdict.REFUSED:
            self._figures.count(metrics.REFUSED, surface=course.surface)
        elif verdict == Verdict.ACCEPTED:
            self._figures.count(metrics.QUESTIONS, surface=course.surface)
        self._keep(course)

    def _keep(self, course: Course) -> None:
        self._courses[course.question_id] = course
        self._courses.move_to_end(course.question_id)
        if len(self._courses) > MOST:
            self._courses.popitem(last=False)

    def _end(self, course: Course, now: float) -> None:
        del self._courses[course.question_id]
        course.ended = now
        if course.outcome:
            self._figures.count(metrics.ANSWERS, outcome=course.outcome, route=course.route)
        if course.is_timed:
            for what, at in (
                (metrics.PLACEHOLDER, course.placeholder),
                (metrics.FIRST_TOKEN, course.first_token),
                (metrics.FINAL, course.shown),
            ):
                if at is not None:
                    self._figures.took(what, at - course.began, surface=course.surface)
        self._ended(course)


@dataclass(frozen=True, slots=True)
class Watched:
    """`core.inbox.Answering`, listened to."""

    answering: Answering
    watch: Watch

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        """The events of `answering`, as they are."""
        self.watch.taken_up(question)
        async with aclosing(self.answering.answer(question, deadline, keep)) as events:
            async for event in events:
                if isinstance(event, Delta):
                    self.watch.said(question.id)
                elif isinstance(event, Answer):
                    self.watch.answered(event)
                yield event
