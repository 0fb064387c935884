"""Spans as a collector receives them."""

import asyncio

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from bots.telemetry import open_spans
from core.watching import Course, unheard
from tests.bots.collector import Collector, facts
from tests.manual_clock import ManualClock

NOW = 1_795_420_800_000_000_000
"""Nanoseconds of the manual clock's start: 2026-11-23, 8:00 UTC."""


def a_course(**changes: object) -> Course:
    course = Course("q1", "slack", 0.0, is_timed=True, claimed=1.0, answered=4.0, shown=5.0, ended=5.5)
    course.outcome, course.route, course.model = "answered", "local", "small"
    course.laps = {"search": 500.0, "prepare": 100.0, "write": 1400.0}
    for name, value in changes.items():
        setattr(course, name, value)
    return course


async def test_a_question_is_a_span_with_its_stages_below_it() -> None:
    clock = ManualClock()
    clock.advance(10)
    async with Collector() as collector:
        async with open_spans(collector.endpoint, clock) as ended:
            ended(a_course())
        spans = {span.name: span for span in collector.spans}
    question = spans.pop("question")
    assert set(spans) == {"wait", "search", "prepare", "write", "deliver"}
    assert all(span.parent_span_id == question.span_id for span in spans.values())
    assert all(span.trace_id == question.trace_id for span in spans.values())
    started = {name: span.start_time_unix_nano - NOW for name, span in spans.items()}
    lasted = {name: span.end_time_unix_nano - span.start_time_unix_nano for name, span in spans.items()}
    assert question.start_time_unix_nano == pytest.approx(NOW, abs=1_000)
    expected = {"wait": (0, 1), "search": (2, 0.5), "prepare": (2.5, 0.1), "write": (2.6, 1.4), "deliver": (4, 1)}
    for name, (start, seconds) in expected.items():
        assert started[name] == pytest.approx(start * 1e9, abs=1_000)
        assert lasted[name] == pytest.approx(seconds * 1e9, abs=1_000)
    assert facts(question) == {
        "sotay.question": "q1", "sotay.surface": "slack", "sotay.outcome": "answered", "sotay.route": "local",
        "sotay.model": "small",
    }  # fmt: skip
    assert collector.resources[0]["service.name"] == "sotay"


async def test_a_failure_is_marked_and_what_never_happened_has_no_span() -> None:
    async with Collector() as collector:
        async with open_spans(collector.endpoint, ManualClock()) as ended:
            ended(a_course(outcome="failed", is_timed=False, answered=None, laps={}))
            ended(a_course(outcome="", shown=None, laps={}))
        failed, stopped = collector.named("question")
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert stopped.status.code == Status.STATUS_CODE_UNSET
    assert facts(stopped)["sotay.outcome"] == "none"
    assert {span.name for span in collector.spans} == {"question", "wait"}


async def test_without_an_endpoint_there_is_nothing() -> None:
    async with open_spans(None, ManualClock()) as ended:
        assert ended is unheard


async def test_a_collector_that_is_away_holds_nobody_up() -> None:
    async with asyncio.timeout(30), open_spans("http://127.0.0.1:9", ManualClock()) as ended:
        ended(a_course())
