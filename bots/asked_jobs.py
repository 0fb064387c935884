"""Runs a job that another process asks for: beside a service, which the index belongs to, `sotay jobs run` cannot."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import Clock, wait_at_most
from core.errors import StoreError
from core.jobs import Job, Worker
from core.store.wishes import Wishes

log = logging.getLogger(__name__)

WISH = "job:"
"""Before the name of the job that is asked for."""
LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class AskedJobs:
    """Looks for such wishes beside a service; several jobs may run at once."""

    jobs: Sequence[Job]
    worker: Worker
    wishes: Wishes
    clock: Clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; what is under way is broken off then."""
        async with asyncio.TaskGroup() as group:
            tasks: list[asyncio.Task[None]] = []
            while not await wait_at_most(self.clock, stopping, LOOK_SECONDS):
                tasks = [task for task in tasks if not task.done()]
                tasks += [group.create_task(self._do(job)) for job in await self._asked()]
            for task in tasks:
                task.cancel()

    async def _do(self, job: Job) -> None:
        try:
            await self.worker.run_now(job, self.clock.now())
        except StoreError as error:  # the service goes on without its database for a while, and so does this
            log.warning("job %s was asked for and could not be noted: %s", job.name, error)

    async def _asked(self) -> Sequence[Job]:
        try:
            wanted = await self.wishes.open()
            return [job for job in self.jobs if WISH + job.name in wanted and await self.wishes.take(WISH + job.name)]
        except StoreError as error:
            log.warning("nobody knows which jobs were asked for: %s", error)
            return []
