"""One process as it runs in an office: the real adapter, inbox and pipeline over SQLite, with a model that is played.

python -m benchmarks.telegram.worker OPTIONS      as JSON, see `Options`
"""

import asyncio
import json
import logging
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from benchmarks.slack.script import PASSAGE, PlayedModel
from benchmarks.slack.worker import LIMITS, leave_with
from bots.memory import Memory
from bots.service import serve_until_stopped
from bots.telegram.adapter import TelegramConfig, telegram_adapter, telegram_surface
from bots.telegram.line import open_bot
from bots.telegram.surface import RATES, TelegramSurface
from core.access import Directory
from core.admission import Admission
from core.alarms import Alarms
from core.clock import Clock, SteadyClock
from core.delivery import Channel
from core.inbox import Capacity, Inbox
from core.pacing import Pacer
from core.ports import LanguageModel
from core.store.claims import Claims
from core.store.database import Database, open_database
from core.store.intake import Intake
from tests.bots.telegram.outbox import a_link
from tests.core.desk import LEAVE, language_of, pipeline_over
from tests.fakes import ListRetriever

UNLIMITED = 1e6
CALM = replace(
    RATES,
    place_burst=UNLIMITED,
    place_per_second=UNLIMITED,
    burst=UNLIMITED,
    per_second=UNLIMITED,
    preview_seconds=0.1,
)
"""A Telegram that bears everything: the runs are of what is done, not of the limits."""

SAID = replace(LEAVE, text=PASSAGE)

Traced = Callable[[str, str], None]
"""Told the points in the life of each question."""


def unheard(_point: str, _question_id: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Options:
    """One process. `allowed` are the ids of the people and chats that may ask."""

    url: str
    origin: str
    token: str
    allowed: tuple[int, ...] = ()
    model_seconds: float = 0.5
    slots: int = 8
    drain_seconds: float = 20.0

    @classmethod
    def read(cls, text: str) -> "Options":
        return cls(**json.loads(text))

    def written(self) -> str:
        return json.dumps(asdict(self))

    @property
    def config(self) -> TelegramConfig:
        return TelegramConfig(self.token, self.origin, f"{self.origin}/file", tuple(self.allowed))


def open_inbox(
    options: Options,
    database: Database,
    surface: TelegramSurface,
    memory: Memory,
    *,
    model: LanguageModel,
    clock: Clock,
    traced: Traced = unheard,
) -> Inbox:
    claims = Claims(database, LIMITS, uuid.uuid4().hex, (surface.name,), clock.now())
    return Inbox(
        Intake(database, LIMITS),
        claims,
        answering=pipeline_over(database, model, ListRetriever([SAID])),
        channels={surface.name: Channel(surface, Pacer(CALM, clock), claims, clock, traced)},
        directory=memory.directory,
        language_of=language_of,
        clock=clock,
        capacity=Capacity(options.slots, options.drain_seconds),
        alarm=memory.alarm,
        links=Admission(database).links,
    )


def owner_of(space: str, path: str) -> str | None:
    """Nobody looks after any document."""
    del space, path
    return None


async def main(options: Options) -> None:
    clock, parent, stopping, config = SteadyClock(), os.getppid(), asyncio.Event(), options.config
    async with (
        open_database(options.url) as database,
        open_bot(config.token, config.api_url, config.file_url) as bot,
    ):
        memory = Memory.of(database, Directory({}), Alarms(clock))
        surface = telegram_surface(config, bot, a_link)
        model = PlayedModel(options.model_seconds)
        inbox = open_inbox(options, database, surface, memory, model=model, clock=clock)
        adapter = telegram_adapter(config, surface, inbox, memory, clock=clock, owner_of=owner_of)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(adapter.run(stopping))
            orphaned = group.create_task(leave_with(parent))
            await serve_until_stopped(inbox, stopping.set)
            orphaned.cancel()
            await running


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    asyncio.run(main(Options.read(sys.argv[1])))
