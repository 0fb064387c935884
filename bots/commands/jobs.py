"""`sotay jobs`: what is done at fixed times, how it went, and one of them at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.table import Table

from bots.asked_jobs import LOOK_SECONDS, WISH
from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.running import Session
from bots.door_socket import door_of, listens
from bots.upkeep import Upkeep, times_of
from core.clock import SteadyClock
from core.errors import IndexUnavailable, SettingsError, SotayError
from core.jobs import Run, RunOutcome
from core.pipeline import Pipeline
from core.store.database import open_database
from core.store.jobs import JobRuns
from core.store.wishes import Wishes
from core.texts import translate

IN_USE = "index.in_use"
PATIENCE = timedelta(seconds=30)
"""After which a process that holds the index and has not taken a job up is taken to run none."""
RESTART = timedelta(seconds=60)
"""After which a service that listened and does so no more is not expected back: it broke the job off."""
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
    """Runs the job at once, or has it run by the service that is at work; 0 where it is done."""
    times = times_of(session.settings)
    if name not in times:
        raise SettingsError("jobs.unknown", name=name, names=", ".join(times))
    try:
        run = await run_here(session, name)
    except IndexUnavailable as error:
        if error.message_id != IN_USE:
            raise
        run = await run_there(session, name)
    session.say("jobs.ran", name=name, outcome=translate(session.language, f"jobs.{_key(run.outcome)}"), note=run.note)
    return 0 if run.outcome is RunOutcome.DONE else 1


async def run_here(session: Session, name: str) -> Run:
    """In this process. Raises `IndexUnavailable` where the index is another's."""
    async with open_handbook(session.settings) as handbook, open_pipeline(session.settings, handbook) as pipeline:
        upkeep = upkeep_of(session, handbook, pipeline)
        (job,) = (job for job in upkeep.jobs() if job.name == name)
        moment = upkeep.clock.now()
        await upkeep.worker().run_now(job, moment)
        run = await JobRuns(handbook.database).by_hand(name)
    return run or Run(name, "", moment)


async def run_there(session: Session, name: str, patience: timedelta = PATIENCE, restart: timedelta = RESTART) -> Run:
    """In the process that holds the index. Raises `SotayError` where it takes nothing up, as a chat does not, and where
    it ends before the job has, and is not back in time: then nobody does the job.
    """
    async with open_database(session.settings.data.database_url) as database:
        wishes, runs, clock = Wishes(database), JobRuns(database), SteadyClock()
        before = await runs.by_hand(name)
        asked_at = clock.now()
        door = Watched(door_of(session.settings), asked_at) if database.serves_one_process else None
        await wishes.ask(WISH + name, asked_at)
        session.say("jobs.asked", name=name)
        while (run := await runs.by_hand(name)) == before or run is None or run.outcome is None:
            await clock.sleep(LOOK_SECONDS)
            if clock.now() - asked_at > patience and await wishes.take(WISH + name):
                raise SotayError("jobs.nobody", name=name)
            if door is not None and door.shut_for(clock.now()) > restart:
                raise SotayError("jobs.service_ended", name=name)
        return run


class Watched:
    """The door of a service, looked at again and again. Nobody was there at first: then nothing is known by it."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._open_at = now if listens(path) else None

    def shut_for(self, now: datetime) -> timedelta:
        """How long it has been shut, after it was open."""
        if self._open_at is None:
            return timedelta()
        if listens(self._path):
            self._open_at = now
        return now - self._open_at


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
