"""OpenTelemetry: the course of each question as spans, without texts, persons and places.

question ─┬─ wait      from acceptance until a worker takes it up
          ├─ search, prepare, write ...   the stages of its answer
          └─ deliver   from the answer to its last word on the platform
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, Tracer, set_span_in_context

from core.clock import Clock
from core.conversation import Outcome
from core.watching import Course, unheard

EXPORT_SECONDS = 5.0
"""Seconds for sending what has been gathered; a collector that is away costs the questions nothing."""
NANOSECONDS = 1_000_000_000


@asynccontextmanager
async def open_spans(endpoint: str | None, clock: Clock) -> AsyncIterator[Callable[[Course], None]]:
    """What is told of each question that has ended; spans go to `endpoint` by OTLP over gRPC, from a thread.

    Without an endpoint nothing is sent, and no thread is there.
    """
    if endpoint is None:
        yield unheard
        return
    resource = Resource({"service.name": "sotay", "service.version": version("sotay")})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https:"), timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Spans(provider.get_tracer("sotay"), clock).ended
    finally:
        await asyncio.to_thread(provider.shutdown)


@dataclass(frozen=True, slots=True)
class Spans:
    """Draws spans from courses."""

    tracer: Tracer
    clock: Clock

    def ended(self, course: Course) -> None:
        """One question, from its beginning to its end, with its stages below it."""
        end = course.began if course.ended is None else course.ended
        question = self.tracer.start_span("question", start_time=self._at(course.began), attributes=_facts(course))
        if course.outcome == Outcome.FAILED:
            question.set_status(Status(StatusCode.ERROR))
        below = set_span_in_context(question)
        for name, begins, ends in _stages(course):
            span = self.tracer.start_span(name, context=below, start_time=self._at(begins))
            span.end(self._at(ends))
        question.end(self._at(end))

    def _at(self, seconds: float) -> int:
        """Seconds of the clock as nanoseconds since 1970."""
        passed = self.clock.monotonic() - seconds
        return int((self.clock.now().timestamp() - passed) * NANOSECONDS)


def _facts(course: Course) -> dict[str, str]:
    return {
        "sotay.question": course.question_id,
        "sotay.surface": course.surface,
        "sotay.outcome": course.outcome or "none",
        "sotay.route": course.route,
        "sotay.model": course.model,
    }


def _stages(course: Course) -> list[tuple[str, float, float]]:
    """Name, beginning and end, in seconds of the clock. The stages of the answer end one after another at its end."""
    stages = []
    if course.is_timed and course.claimed is not None:
        stages.append(("wait", course.began, course.claimed))
    if course.answered is not None:
        at = course.answered - sum(course.laps.values()) / 1000
        for name, milliseconds in course.laps.items():
            stages.append((name, at, at := at + milliseconds / 1000))
        if course.shown is not None:
            stages.append(("deliver", course.answered, course.shown))
    return stages
