"""What is counted and timed of each question, and what its course looks like in the end."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from core import metrics, watching
from core.conversation import Answer, Language, Outcome, Question, Route
from core.deadline import Deadline
from core.intake import Verdict
from core.metrics import Counter, Duration
from core.pipeline import Event
from core.ports import Delta, Finish
from core.replies import KeepAnswer
from core.store.journal import ModelCall
from core.watching import Course, Watch, Watched
from tests.core.makers import question
from tests.manual_clock import ManualClock

ANSWER = Answer(
    "a1", "q1", "14 ngày", Outcome.ANSWERED, Language.VIETNAMESE, "nghỉ phép", Route.LOCAL, model="small",
    timings={"accept": 10.0, "search": 40.0, "write": 950.0, "total": 1000.0, "first_token": 100.0},
)  # fmt: skip
LABELS = {"surface": {"slack"}, "stage": watching.STAGES, "route": set(Route), "outcome": set(Outcome)}


@dataclass
class Figures:
    """`core.metrics.Metrics` in two lists."""

    counted: list[tuple[str, float, dict[str, str]]] = field(default_factory=list)
    timed: list[tuple[str, float, dict[str, str]]] = field(default_factory=list)

    def count(self, what: Counter, amount: float = 1.0, **labels: str) -> None:
        assert set(labels) == set(what.labels)
        if amount:
            self.counted.append((what.name, amount, labels))

    def took(self, what: Duration, seconds: float, **labels: str) -> None:
        assert set(labels) == set(what.labels)
        self.timed.append((what.name, seconds, labels))

    def counts(self, what: Counter) -> list[tuple[float, dict[str, str]]]:
        return [(amount, labels) for name, amount, labels in self.counted if name == what.name]

    def times(self, what: Duration) -> list[float]:
        return [seconds for name, seconds, _ in self.timed if name == what.name]


@dataclass
class Office:
    """A watch with all that it tells."""

    figures: Figures = field(default_factory=Figures)
    clock: ManualClock = field(default_factory=ManualClock)
    ended: list[Course] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(self.figures, self.clock, self.ended.append)
        self.watch.serves("slack")

    def after(self, seconds: float, *points: str, question_id: str = "q1") -> None:
        self.clock.advance(seconds)
        for point in points:
            self.watch.reached("slack", point, question_id)


async def test_a_question_is_timed_from_its_acceptance_to_its_last_word() -> None:
    office = Office()
    office.after(0, "accepted")
    office.after(1, "claimed")
    office.after(0.5, "posted", "post stored")
    office.after(2, "announced")
    office.watch.said("q1")
    office.after(3)
    office.watch.said("q1")
    office.watch.answered(ANSWER)
    office.after(1, "answered", "answer stored", "shown")
    office.after(0.25, "shown", "finished")
    figures = office.figures
    assert figures.times(metrics.PLACEHOLDER) == [1.5]
    assert figures.times(metrics.FIRST_TOKEN) == [3.5]
    assert figures.times(metrics.FINAL) == [7.75]
    assert figures.times(metrics.STAGE) == [0.01, 0.04, 0.95]
    assert figures.counts(metrics.QUESTIONS) == [(1, {"surface": "slack"})]
    assert figures.counts(metrics.ANSWERS) == [(1, {"outcome": "answered", "route": "local"})]
    (course,) = office.ended
    assert (course.outcome, course.route, course.model, course.seconds) == ("answered", "local", "small", 7.75)
    assert course.laps == {"accept": 10.0, "search": 40.0, "write": 950.0}


@pytest.mark.parametrize("kind", sorted(watching.FAILED_ALARMS))
async def test_what_ends_by_an_alarm_has_failed(kind: str) -> None:
    office = Office()
    office.after(0, "accepted", "claimed")
    office.watch.alarmed(kind, "q1", "detail")
    office.watch.alarmed("alarm.slack_down", "q1", "detail")
    office.after(1, "shown", "finished")
    assert office.figures.counts(metrics.ANSWERS) == [(1, {"outcome": "failed", "route": "none"})]


async def test_what_was_stopped_is_no_answer() -> None:
    office = Office()
    office.after(0, "accepted", "claimed")
    office.after(1, "posted", "cancelled", "finished")
    assert office.figures.counts(metrics.ANSWERS) == []
    assert office.figures.times(metrics.FINAL) == []
    assert office.ended[0].outcome == ""


async def test_refusals_are_counted_apart() -> None:
    office = Office()
    office.after(0, "refused", "claimed", "posted", "shown", "finished")
    assert office.figures.counts(metrics.REFUSED) == [(1, {"surface": "slack"})]
    assert office.figures.counts(metrics.QUESTIONS) == office.figures.counts(metrics.ANSWERS) == []


async def test_an_edit_begins_anew_and_a_second_delivery_does_not() -> None:
    office = Office()
    office.after(0, "accepted")
    office.after(5, "known")
    office.after(5, "changed")
    office.after(2, "known", "claimed", "shown", "finished")
    assert office.figures.times(metrics.FINAL) == [2]
    assert office.figures.counts(metrics.QUESTIONS) == [(1, {"surface": "slack"})]
    office.after(1, "known", "shown", "finished")
    assert len(office.ended) == 1


async def test_what_another_process_accepted_is_timed_from_when_it_was_asked() -> None:
    office = Office()
    office.after(0, "claimed")
    asked = replace(question("?", number=1), id="q1", asked_at=datetime(2026, 11, 23, 7, 59, 50, tzinfo=UTC))
    office.watch.taken_up(asked)
    office.after(1, "shown", "finished")
    assert office.figures.times(metrics.FINAL) == [11]


@pytest.mark.parametrize("asked_at", [datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)])
async def test_what_was_asked_long_ago_or_in_the_future_is_not_timed(asked_at: datetime) -> None:
    office = Office()
    office.after(0, "claimed")
    office.watch.taken_up(replace(question("?"), id="q1", asked_at=asked_at))
    office.watch.answered(ANSWER)
    office.after(1, "shown", "finished")
    assert office.figures.times(metrics.FINAL) == []
    assert office.figures.counts(metrics.ANSWERS) == [(1, {"outcome": "answered", "route": "local"})]


async def test_what_the_gate_kept_is_counted_once_for_a_question() -> None:
    office = Office()
    office.watch.answered(replace(ANSWER, reasons=("stays in the office: phone", "stays in the office: e-mail")))
    office.watch.answered(replace(ANSWER, reasons=("redacted: 2 phone",)))
    office.watch.answered(replace(ANSWER, reasons=("patterns: simple",)))
    assert office.figures.counts(metrics.HELD) == office.figures.counts(metrics.REDACTED) == [(1, {})]


async def test_calls_of_models_bring_tokens_and_cost() -> None:
    office = Office()
    at = datetime(2026, 11, 23, tzinfo=UTC)
    call = ModelCall("c1", "q1", "big", Route.API, at, 100, 20, 0.002, 150.0, 2000.0, finish=Finish.STOP)
    office.watch.called(call)
    office.watch.called(ModelCall("c2", "q1", "big", Route.API, at, error="model.timeout", cost_usd=-1.0))
    figures = office.figures
    assert [labels["result"] for _, labels in figures.counts(metrics.CALLS)] == ["ok", "failed"]
    assert figures.counts(metrics.TOKENS) == [
        (100, {"route": "api", "kind": "prompt"}), (20, {"route": "api", "kind": "completion"}),
    ]  # fmt: skip
    assert figures.counts(metrics.COST) == [(0.002, {"route": "api"})]
    assert figures.times(metrics.CALL) == [2.0]


async def test_courses_that_never_end_here_do_not_pile_up() -> None:
    office = Office()
    for number in range(watching.MOST + 10):
        office.after(0, "accepted", question_id=f"q{number}")
    office.after(1, "shown", "finished", question_id="q5")
    office.after(0, "shown", "finished", question_id="q10")
    assert [course.question_id for course in office.ended] == ["q10"]


def test_the_points_and_labels_that_are_waited_for_are_those_that_come() -> None:
    assert {verdict.value for verdict in watching.BEGINNINGS} <= {verdict.value for verdict in Verdict}
    assert all(label in {*LABELS, "result", "kind", "vote"} for what in metrics.COUNTERS for label in what.labels)
    assert all(label in LABELS for what in metrics.DURATIONS for label in what.labels)


@dataclass
class Script:
    """`core.inbox.Answering` that says what it is given."""

    events: list[Event]

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del question, deadline, keep
        for event in self.events:
            yield event


async def test_the_events_of_an_answer_pass_through_as_they_are() -> None:
    office = Office()
    office.after(0, "accepted", "claimed")
    script: list[Event] = [Delta("14 "), Delta("ngày"), ANSWER]
    watched = Watched(Script(script), office.watch)
    assert [event async for event in watched.answer(replace(question("?"), id="q1"))] == script
    office.after(1, "shown", "finished")
    assert office.figures.times(metrics.FIRST_TOKEN) == [0]
    assert office.ended[0].outcome == "answered"
