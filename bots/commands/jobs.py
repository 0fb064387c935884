"""`sotay jobs`: what is done at fixed times, how it went, and one of them at once."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.table import Table

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.running import Session
from bots.upkeep import Upkeep, times_of
from core.clock import SteadyClock
from core.errors import SettingsError
from core.jobs import RunOutcome
from core.pipeline import Pipeline
from core.store.database import open_database
from core.store.jobs import JobRuns
from core.texts import translate

COLUMNS = ("jobs.name", "jobs.next", "jobs.last", "jobs.outcome", "jobs.note")


async def list_jobs(session: Session) -> int:
    """Prints every job with its next time and its last run; a service may be at work meanwhile."""
    now = datetime.now(UTC)
    table = Table(*(translate(session.language, column) for column in COLUMNS), box=None, pad_edge=False)
    async with open_database(session.settings.data.database_url) as database:
        for name, next_after in times_of(session.settings).items():
            due, last = next_after(now), await JobRuns(database).last(name)
            began = _shown(session, last.started_at) if last else "-"
            outcome = "-" if last is None else translate(session.language, f"jobs.{_key(last.outcome)}")
            table.add_row(name, _shown(session, due) if due else "-", began, outcome, last.note if last else "")
    session.out.print(table)
    return 0


async def run_job(session: Session, name: str) -> int:
    """Runs the job at once; 0 where it is done."""
    async with open_handbook(session.settings) as handbook, open_pipeline(session.settings, handbook) as pipeline:
        upkeep = upkeep_of(session, handbook, pipeline)
        jobs = {job.name: job for job in upkeep.jobs()}
        if name not in jobs:
            raise SettingsError("jobs.unknown", name=name, names=", ".join(jobs))
        outcome = await upkeep.worker().run_now(jobs[name], upkeep.clock.now())
        last = await JobRuns(handbook.database).by_hand(name)
    session.say("jobs.ran", name=name, outcome=translate(session.language, f"jobs.{_key(outcome)}"), note=last)
    return 0 if outcome is RunOutcome.DONE else 1


def upkeep_of(session: Session, handbook: Handbook, pipeline: Pipeline) -> Upkeep:
    """The jobs of this office; what administrators would be told is said here."""

    def told(kind: str, _question_id: str, detail: str) -> None:
        session.out.print(translate(session.language, kind))
        session.out.print(detail)

    return Upkeep(session.settings, handbook, pipeline, told, SteadyClock())


def _shown(session: Session, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(session.settings.office.timezone)):%Y-%m-%d %H:%M}"


def _key(outcome: RunOutcome | None) -> str:
    return "running" if outcome is None else outcome.name.lower()
