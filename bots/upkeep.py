"""What is done at fixed times: the jobs of one office, and what each of them does."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bots.asked_jobs import AskedJobs
from bots.backups import back_up
from bots.bootstrap import Handbook, sources_of
from bots.folders import FolderWatch, local_folders
from bots.rereading import WISH, Rereading
from bots.restoring import verify
from bots.schedule import Schedule, cron
from bots.service import Beside
from bots.settings import Settings
from core.budget import MONEY
from core.clock import Clock
from core.conversation import Route
from core.deadline import Deadline
from core.digest import LISTED, Week, digest
from core.errors import SotayError
from core.feedback import Kind
from core.jobs import Job, Worker
from core.money import as_usd
from core.pipeline import Pipeline
from core.ports import CompletionRequest, Message
from core.privacy import Clearance, Reach
from core.retention import Limits, purge
from core.store.digest import DigestFigures
from core.store.figures import Figures
from core.store.jobs import JobRuns
from core.store.wishes import Wishes

Tell = Callable[[str, str, str], None]
"""Told of what administrators should know: kind, question, detail."""
OFF = "off"
JOBS = ("reread", "backup", "retention", "budget", "digest", "export", "health")
Times = Callable[[datetime], datetime | None]
"""From a moment to the next one at which a job is due."""
WEEK = timedelta(days=7)
STALE = timedelta(days=730)
"""A document that was not changed for so long, and is still answered from, is named in the digest."""
HEALTH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The work of the jobs. Each gives what is to be said of it, in English, and raises `SotayError`."""

    settings: Settings
    handbook: Handbook
    pipeline: Pipeline
    tell: Tell
    clock: Clock

    async def reread(self) -> str:
        """Asks whoever has the index to read the folders again."""
        await Wishes(self.handbook.database).ask(WISH, self.clock.now())
        return "asked for"

    async def backup(self) -> str:
        """A backup, unpacked and looked at again: the integrity of the database is checked on the copy."""
        made = await back_up(self.settings)
        await verify(self.settings, made.path)
        return f"{made.path.name}, {len(made.removed)} older ones removed"

    async def retention(self) -> str:
        kept = self.settings.retention
        days = (timedelta(days=days) for days in (kept.question_days, kept.answer_days, kept.event_days))
        purged = await purge(self.handbook.database, Limits(*days), self.clock.now())
        return f"{purged.total} rows emptied or removed"

    async def budget(self) -> str:
        """Says what is used of each cap; the budget itself tells administrators of one that is nearly spent."""
        budget = self.pipeline.writer.budget
        used = await budget.used()
        parts = (
            f"{cap.value} {as_usd(amount):.2f} of {as_usd(budget.caps[cap]):.2f}"
            if cap in MONEY
            else f"{cap.value} {amount} of {budget.caps[cap]}"
            for cap, amount in used.items()
        )
        return ", ".join(parts)

    async def digest(self) -> str:
        """Tells the administrators how the week went."""
        self.tell("alarm.digest", "", digest(self.settings.office.language, await self.week()))
        return "told"

    async def week(self) -> Week:
        """The figures of the last seven days."""
        since = self.clock.now() - WEEK
        today = await Figures(self.handbook.database).today(since)
        more = DigestFigures(self.handbook.database)
        return Week(
            questions=today.questions,
            answered=today.answered,
            not_found=today.not_found,
            failed=today.failed,
            up=today.up,
            down=today.down,
            cost_usd=today.cost_usd,
            unanswered=await more.unanswered(since, LISTED),
            stale=await more.stale(since, STALE, LISTED),
        )

    async def export(self) -> str:
        """Votes and corrections as training data; nothing of confidential spaces."""
        folder = self.settings.data.directory / "exports"
        target = folder / f"feedback-{self.clock.now():%Y-%m-%d}.jsonl"
        try:
            await asyncio.to_thread(partial(folder.mkdir, parents=True, exist_ok=True))
            with target.open("w", encoding="utf-8") as out:
                summary = await self.handbook.feedback.export(Kind.SFT, out, confidential=False)
        except OSError as error:
            raise SotayError("feedback.cannot_write", path=target, reason=error.strerror) from error
        return f"{summary.written} samples in {target.name}"

    async def health(self) -> str:
        """One word of the local model."""
        message = (Message("user", "OK?"),)
        request = CompletionRequest(message, Clearance(Reach.OFFICE), Deadline.after(HEALTH_SECONDS), max_tokens=1)
        model = self.pipeline.writer.models[Route.LOCAL]
        begun = self.clock.monotonic()
        async with aclosing(model.stream(request)) as items:
            async for _ in items:
                pass
        return f"{model.name} answered in {self.clock.monotonic() - begun:.1f} s"

    def jobs(self) -> Sequence[Job]:
        """Those that the settings want. Raises `SettingsError` for a time that never comes."""
        works = {
            "reread": (self.reread, timedelta(minutes=20)),
            "backup": (self.backup, timedelta(hours=20)),
            "retention": (self.retention, timedelta(hours=20)),
            "budget": (self.budget, timedelta(minutes=30)),
            "digest": (self.digest, timedelta(days=3)),
            "export": (self.export, timedelta(days=3)),
            "health": (self.health, timedelta(minutes=5)),
        }
        return [Job(name, times, *works[name]) for name, times in times_of(self.settings).items()]

    def worker(self) -> Worker:
        """Does the jobs, and tells the administrators of one that failed."""
        return Worker(JobRuns(self.handbook.database), lambda name, note: self.tell("alarm.job", "", f"{name}: {note}"))

    def schedule(self) -> Schedule:
        """All of it beside a service."""
        database = self.handbook.database
        return Schedule(self.jobs(), JobRuns(database), self.worker(), self.clock, database.serves_one_process)


def upkeep_beside(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, tell: Tell, clock: Clock
) -> Sequence[Beside]:
    """What runs beside a service: the schedule, whoever reads folders again, and what watches them where wanted."""
    upkeep, wishes = Upkeep(settings, handbook, pipeline, tell, clock), Wishes(handbook.database)
    asked = AskedJobs(upkeep.jobs(), upkeep.worker(), wishes, clock)
    beside = (upkeep.schedule(), Rereading(handbook, clock), asked)
    if not settings.schedule.watch:
        return beside
    sources = [source for name in settings.spaces for source in sources_of(settings, name)]
    return (*beside, FolderWatch(local_folders(sources), wishes, clock))


def times_of(settings: Settings) -> Mapping[str, Times]:
    """When each job is due that the settings want. Raises `SettingsError` for a time that never comes."""
    zone, chosen = ZoneInfo(settings.office.timezone), settings.schedule
    lines = {name: getattr(chosen, name) for name in JOBS}
    return {name: cron(line, zone) for name, line in lines.items() if line != OFF}
