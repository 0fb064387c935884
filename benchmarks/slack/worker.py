"""One process as it runs in an office: the real adapter, inbox and pipeline over SQLite, with a model that is played.

python -m benchmarks.slack.worker OPTIONS      as JSON, see `Options`
"""

import asyncio
import json
import logging
import os
import sys
import uuid
from dataclasses import asdict, dataclass, replace

from benchmarks.slack.script import PASSAGE, PlayedModel
from bots.memory import Memory
from bots.service import serve_until_stopped
from bots.slack.adapter import SlackConfig, Surroundings, open_client, slack_adapter, slack_surface
from bots.slack.surface import SlackSurface
from core.access import Directory
from core.alarms import Alarms
from core.clock import Clock, SteadyClock
from core.delivery import Channel
from core.inbox import Capacity, Inbox
from core.intake import InboxLimits
from core.pacing import Pacer
from core.store.claims import Claims
from core.store.database import Database, open_database
from core.store.intake import Intake
from core.surfaces import Rates
from tests.bots.slack.office import STAFF, Shelf, a_link, all_is_well
from tests.core.desk import LEAVE, language_of, pipeline_over
from tests.fakes import ListRetriever

CALM = Rates(
    place_burst=1e6, place_per_second=1e6, burst=1e6, per_second=1e6, reserve=0.0, preview_seconds=0.1, call_seconds=5.0
)
"""A Slack that bears everything, for runs in which the limits are off."""
LIMITS = InboxLimits(queue=10**6, per_person=10**6, join_seconds=0.0)


@dataclass(frozen=True, slots=True)
class Options:
    """One process. `is_limited`: it counts its calls as Slack's limits ask; else nothing is counted."""

    url: str
    api_url: str
    bot_token: str
    app_token: str
    is_limited: bool
    model_seconds: float = 0.5
    slots: int = 8
    drain_seconds: float = 20.0

    @classmethod
    def read(cls, text: str) -> "Options":
        return cls(**json.loads(text))

    def written(self) -> str:
        return json.dumps(asdict(self))


SAID = replace(LEAVE, text=PASSAGE)


def open_inbox(options: Options, database: Database, surface: SlackSurface, memory: Memory, clock: Clock) -> Inbox:
    claims = Claims(database, LIMITS, uuid.uuid4().hex, (surface.name,), clock.now())
    pacer = Pacer(surface.rates if options.is_limited else CALM, clock)
    return Inbox(
        Intake(database, LIMITS),
        claims,
        answering=pipeline_over(database, PlayedModel(options.model_seconds), ListRetriever([SAID])),
        channels={surface.name: Channel(surface, pacer, claims, clock)},
        directory=memory.directory,
        language_of=language_of,
        clock=clock,
        capacity=Capacity(options.slots, options.drain_seconds),
        alarm=memory.alarm,
    )


async def main(options: Options) -> None:
    clock, parent, stopping = SteadyClock(), os.getppid(), asyncio.Event()
    config = SlackConfig(options.bot_token, options.app_token, api_url=options.api_url, members_group=STAFF)
    async with open_database(options.url) as database, open_client(config) as client:
        memory = Memory.of(database, Directory({}), Alarms(clock))
        surface = slack_surface(config, client, memory.threads, a_link, clock)
        if not options.is_limited:
            surface.api.budgets.per_minute = {}
        inbox = open_inbox(options, database, surface, memory, clock)
        around = Surroundings(Shelf(), lambda _space, _path: None, all_is_well)
        adapter = slack_adapter(config, surface, inbox, memory, around)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(adapter.run(stopping))
            orphaned = group.create_task(leave_with(parent))
            await serve_until_stopped(inbox, stopping.set)
            orphaned.cancel()
            await running


async def leave_with(parent: int) -> None:
    """Ends this process when the one that plays Slack is gone, and with it the run."""
    while os.getppid() == parent:  # noqa: ASYNC110 (nobody tells an orphan)
        await asyncio.sleep(1.0)
    os._exit(1)


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    asyncio.run(main(Options.read(sys.argv[1])))
