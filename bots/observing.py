"""What is seen of a service from outside: the log of its questions, metrics, readiness, spans."""

import functools
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bots.bootstrap import Handbook
from bots.readiness import Reachable, Readiness
from bots.settings import Settings
from bots.telemetry import open_spans
from bots.web.lag import Lag
from bots.web.metrics import PrometheusMetrics, Reading
from bots.web.readings import Readings, Sources
from bots.web.server import Monitor
from core.backup import last_backup
from core.clock import Clock
from core.conversation import Route
from core.errors import ModelUnavailable
from core.guarded import GuardedModel, GuardedRetriever
from core.pipeline import Pipeline
from core.ports import LanguageModel
from core.redacted import RedactedModel
from core.store.figures import Figures
from core.store.jobs import JobRuns
from core.watching import Course, Watch
from models.llama import HostedModel, LlamaModel
from models.llama.statistics import Glance
from models.openrouter import OpenRouterModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observer:
    """Watches the questions of one service. `metrics` hold what it counts."""

    watch: Watch
    metrics: PrometheusMetrics

    def listening(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline, every call of a model told to the watch."""
        return replace(pipeline, journal=replace(pipeline.journal, heard=self.watch.called))


@asynccontextmanager
async def observing(settings: Settings, clock: Clock, level: int = logging.INFO) -> AsyncIterator[Observer]:
    """Watches while the block runs; spans that have not been sent are sent at its end.

    The end of each question is logged at `level`.
    """
    async with open_spans(settings.telemetry.otlp_endpoint, clock) as spans:

        def ended(course: Course) -> None:
            say(level, course)
            spans(course)

        metrics = PrometheusMetrics()
        yield Observer(Watch(metrics, clock, ended), metrics)


def say(level: int, course: Course) -> None:
    """The end of a question in the log."""
    outcome = course.outcome or "nothing to say"
    log.log(level, "a question has ended: %s, route %s, %.1f s", outcome, course.route, course.seconds)


def monitor_of(
    settings: Settings,
    handbook: Handbook,
    pipeline: Pipeline,
    *,
    surfaces: Mapping[str, Reachable],
    observer: Observer,
    clock: Clock,
) -> Monitor | None:
    """The port for monitoring, None where the settings want none."""
    if not settings.web.port:
        return None
    figures, lag = Figures(handbook.database), Lag(clock)
    paused = paused_in(pipeline)
    sources = Sources(
        figures=figures,
        jobs=JobRuns(handbook.database),
        budget=pipeline.writer.budget if Route.API in pipeline.writer.models else None,
        surfaces=surfaces,
        paused=paused,
        model=functools.partial(model_readings, pipeline),
        backed_up=lambda: last_backup(settings.backup.directory),
        directory=settings.data.directory,
        lag=lag,
    )
    readings, readiness = Readings(sources, observer.metrics, clock), Readiness(figures, surfaces, paused)
    return Monitor(settings.web.host, settings.web.port, observer.metrics, readings.read, readiness.parts, lag)


def paused_in(pipeline: Pipeline) -> Callable[[], Mapping[str, bool]]:
    """Tells which back ends are left alone because they failed: "search", and each model by its route."""

    def paused() -> Mapping[str, bool]:
        retriever = pipeline.retriever
        search = {"search": retriever.is_paused} if isinstance(retriever, GuardedRetriever) else {}
        return search | {
            route.value: model.is_paused
            for route, model in ((route, behind(model)) for route, model in pipeline.writer.models.items())
            if isinstance(model, GuardedModel | OpenRouterModel)
        }

    return paused


def behind(model: LanguageModel) -> LanguageModel:
    """The model itself, without the net before it."""
    return model.model if isinstance(model, RedactedModel) else model


async def model_readings(pipeline: Pipeline) -> Sequence[Reading]:
    """How busy the local model is, and what it did since it was opened; nothing where another program runs it."""
    guarded = pipeline.writer.models.get(Route.LOCAL)
    model = guarded.model if isinstance(guarded, GuardedModel) else guarded
    if not isinstance(model, LlamaModel | HostedModel):
        return ()
    try:
        glance = await model.look()
    except ModelUnavailable:  # it is being started again, and what it did begins anew
        return ()
    return readings_of(glance)


def readings_of(glance: Glance) -> Sequence[Reading]:
    load, did = glance.load, glance.statistics
    drafts = [(("drafted",), float(did.drafted)), (("accepted",), float(did.accepted))]
    spent = {"plan": did.plan_seconds, "model": did.model_seconds, "settle": did.settle_seconds}
    phases = [((phase,), seconds) for phase, seconds in spent.items()]
    return (
        Reading.single("sotay_model_slots", "Questions that the local model answers at once at most.", load.slots),
        Reading.single("sotay_model_busy_slots", "Questions that it answers now.", load.busy),
        Reading.single("sotay_model_waiting", "Questions that wait for it.", load.waiting),
        Reading.single("sotay_model_steps_total", "Steps of the local model.", did.steps, grows=True),
        Reading.single("sotay_model_evaluated_tokens_total", "Tokens it has read.", did.evaluated, grows=True),
        Reading.single("sotay_model_drawn_tokens_total", "Tokens it has written.", did.drawn, grows=True),
        Reading("sotay_model_drafts_total", "Tokens that were guessed, and right.", ("state",), drafts, grows=True),
        Reading("sotay_model_seconds_total", "Seconds of its thread, by phase.", ("phase",), phases, grows=True),
    )
