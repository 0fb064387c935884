"""When scheduled work is due: APScheduler wakes us, `core/jobs.py` decides what runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from core.clock import Clock, wait_at_most
from core.errors import SettingsError, StoreError
from core.jobs import Job, Worker
from core.store.jobs import JobRuns

AGAIN_SECONDS = 60.0
"""Seconds after which a database that failed is tried again."""
LONGEST = timedelta(hours=6)
"""A run of another process that began earlier and has not ended is taken to be broken off."""


def cron(expression: str, zone: ZoneInfo) -> Callable[[datetime], datetime | None]:
    """The moments of a crontab line, in that time zone: minute, hour, day, month, weekday as `mon`.

    Raises `SettingsError` ("schedule.bad_time").
    """
    try:
        trigger = CronTrigger.from_crontab(expression, zone)
    except ValueError as error:
        raise SettingsError("schedule.bad_time", text=expression) from error

    def next_after(moment: datetime) -> datetime | None:
        due: datetime | None = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        return due

    return next_after


@dataclass(frozen=True, slots=True)
class Schedule:
    """Runs its jobs beside a service. `alone`: no other process works on this database."""

    jobs: Sequence[Job]
    runs: JobRuns
    worker: Worker
    clock: Clock
    alone: bool = True

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; a run that is under way is broken off then, and done again at the next start."""
        scheduler = AsyncIOScheduler(timezone=ZoneInfo("UTC"))
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._keep(job, scheduler)) for job in self.jobs]
                await stopping.wait()
                for task in tasks:
                    task.cancel()
        finally:
            scheduler.shutdown(wait=False)

    async def _keep(self, job: Job, scheduler: AsyncIOScheduler) -> None:
        """One job for ever: it waits for its next time, and runs what is due."""
        started = self.clock.now()
        since = await self._surely(partial(self._begin, job, started))
        while (due := job.next_after(since)) is not None:
            await _woken(scheduler, due, self.clock.now())
            since = await self._surely(partial(self._catch_up, job, since))

    async def _begin(self, job: Job, started: datetime) -> datetime:
        await self.runs.break_off(started if self.alone else started - LONGEST)
        return await self.worker.begin(job, self.clock.now())

    async def _catch_up(self, job: Job, since: datetime) -> datetime:
        return await self.worker.catch_up(job, since, self.clock.now())

    async def _surely(self, work: Callable[[], Awaitable[datetime]]) -> datetime:
        """What `work` gives, tried again while the database fails."""
        while True:
            try:
                return await work()
            except StoreError:
                await wait_at_most(self.clock, asyncio.Event(), AGAIN_SECONDS)


async def _woken(scheduler: AsyncIOScheduler, due: datetime, now: datetime) -> None:
    """Until `due`."""
    if due <= now:
        return
    reached = asyncio.Event()

    async def wake() -> None:  # APScheduler calls plain functions in a thread
        reached.set()

    waking = scheduler.add_job(wake, DateTrigger(due), misfire_grace_time=None)
    try:
        await reached.wait()
    finally:
        if not reached.is_set():
            waking.remove()
