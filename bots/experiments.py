"""The experiment of the settings: whose arm is which, and the shadow answers where they are wanted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bots.settings import Settings
from core.clock import Clock
from core.experiments import Experiment
from core.pipeline import Pipeline
from core.routing import Strategy
from core.shadow import Shadows
from core.store.database import Database
from core.store.experiments import ExperimentBook
from core.store.figures import Figures


def experiment_of(settings: Settings) -> Experiment | None:
    """From the first moment of its first day at the office to the end of its last; None where none is enabled."""
    chosen, zone = settings.experiment, ZoneInfo(settings.office.timezone)
    if not chosen.enabled or chosen.name is None or chosen.since is None or chosen.until is None:
        return None
    starts, ends = (datetime.combine(day, time(), zone) for day in (chosen.since, chosen.until + timedelta(days=1)))
    shares = {Strategy.LOCAL: chosen.local, Strategy.HYBRID: chosen.hybrid, Strategy.API: chosen.api}
    return Experiment(chosen.name, shares, starts, ends)


def undisturbed() -> None:
    """Nothing runs that a question could disturb."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """The pipeline, and what goes on beside it; `disturb` is to be called when something happens to a question."""

    pipeline: Pipeline
    beside: tuple[Shadows, ...] = ()
    disturb: Callable[[], None] = undisturbed


def comparing(settings: Settings, database: Database, pipeline: Pipeline, clock: Clock) -> Comparing:
    """The pipeline with its shadow answers, where the settings want them and there is a model outside."""
    if pipeline.experiment is None or not settings.experiment.shadow:
        return Comparing(pipeline)

    async def open_questions() -> int:
        return (await Figures(database).queue()).open

    shadows = Shadows(pipeline, ExperimentBook(database), open_questions, clock, settings.answer.deadline_seconds)
    return Comparing(replace(pipeline, heard=shadows.offer), (shadows,), shadows.disturb)
