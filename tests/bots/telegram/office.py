"""An office with the real adapter: the real client over real sockets to a local Telegram, a real database, one worker.

Time flies for all of them alike, so that the budgets of groups, which are of minutes, are kept and not waited for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from bots.logs import QUIET
from bots.memory import Memory
from bots.service import working
from bots.telegram.adapter import TelegramConfig, telegram_adapter, telegram_surface
from bots.telegram.line import open_bot
from bots.telegram.surface import TelegramSurface
from core.alarms import Alarms
from core.clock import Clock
from core.conversation import Answer, Citation
from core.delivery import Channel
from core.documents import Space
from core.inbox import Capacity, Inbox
from core.intake import InboxLimits
from core.pacing import Pacer
from core.pipeline import Pipeline
from core.ports import AttachmentReader
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.spaces import SpaceRepository
from tests.bots.slack.script_lines import HOURS, HOUSE, LEAVE, RULES, Prompter
from tests.bots.telegram.crew import Crew
from tests.bots.telegram.deliveries import FastClock
from tests.bots.telegram.scene import Office
from tests.core.desk import language_of, pipeline_over
from tests.core.store.databases import fresh_database
from tests.fakes import ListRetriever
from tests.telegram_server import TelegramServer
from tests.telegram_server.server import TOKEN

LIMITS = InboxLimits(join_seconds=0.0, lease_seconds=600.0, deadline_seconds=3600.0)
OWNER = "Phòng Nhân sự"


@dataclass(frozen=True)
class Plan:
    """What a test changes about its office."""

    attachments: AttachmentReader | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    spaces: Sequence[Space] = (RULES, HOUSE)
    owner: str | None = OWNER


def a_link(answer: Answer, citation: Citation) -> str | None:
    del answer
    return f"https://files.example/{citation.document}"


@contextmanager
def no_token_in(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everything is logged, but for what `bots.logs` leaves out, and the token in no line of it."""
    for name in QUIET:
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)
    logging.getLogger(__name__).debug("what is said from now on is looked through")
    yield
    records = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    said = [f"{record.getMessage()} {record.exc_info} {record.exc_text}" for record in records]
    assert said
    assert [line for line in said if TOKEN.partition(":")[2] in line] == []


@asynccontextmanager
async def a_place(folder: Path) -> AsyncIterator[tuple[Database, TelegramServer]]:
    """A new database, and a Telegram on which time flies."""
    async with TelegramServer(clock=FastClock()) as telegram, fresh_database("sqlite", folder) as database:
        yield database, telegram


@asynccontextmanager
async def open_office(database: Database, telegram: TelegramServer, plan: Plan | None = None) -> AsyncIterator[Office]:
    """The adapter at work over `telegram`; at the end all is reckoned up."""
    plan, crew = plan or Plan(), Crew(telegram)
    await SpaceRepository(database).sync([(space, ()) for space in plan.spaces])
    config = crew.config(plan.config)
    async with open_bot(config.token, config.api_url, config.file_url) as bot:
        office = office_over(database, crew, config, bot, plan)
        async with running(office.adapter.run), working(office.inbox):
            await office.until(telegram.commands)
            yield office
            await office.calm()
    await office.reckon()


@asynccontextmanager
async def an_office(folder: Path, caplog: pytest.LogCaptureFixture, plan: Plan) -> AsyncIterator[Office]:
    """An office in a new place, with an eye on what is logged."""
    with no_token_in(caplog):
        async with a_place(folder) as (database, telegram), open_office(database, telegram, plan) as office:
            yield office


def office_over(database: Database, crew: Crew, config: TelegramConfig, bot: Bot, plan: Plan) -> Office:
    clock, model, retriever = crew.telegram.world.clock, Prompter(), ListRetriever([LEAVE, HOURS])
    memory = Memory.of(database, crew.directory(), Alarms(clock))
    surface = telegram_surface(config, bot, a_link)
    pipeline = replace(
        pipeline_over(database, model, retriever),
        attachments=plan.attachments,
        documents_in=memory.figures.documents_in,
    )
    inbox = inbox_over(database, surface, pipeline, memory, clock)
    adapter = telegram_adapter(config, surface, inbox, memory, clock=clock, owner_of=lambda _space, _path: plan.owner)
    return Office(crew.telegram, database, memory, inbox, adapter, model, retriever, crew)


def inbox_over(database: Database, surface: TelegramSurface, pipeline: Pipeline, memory: Memory, clock: Clock) -> Inbox:
    claims = Claims(database, LIMITS, "w1", [surface.name], clock.now())
    channel = Channel(surface, Pacer(surface.rates, clock), claims, clock)
    return Inbox(
        Intake(database, LIMITS),
        claims,
        answering=pipeline,
        channels={surface.name: channel},
        directory=memory.directory,
        language_of=language_of,
        clock=clock,
        capacity=Capacity(4, 100.0),
        alarm=memory.alarm,
        links=memory.admission.links,
    )


@asynccontextmanager
async def running(run: Callable[[asyncio.Event], Any]) -> AsyncIterator[None]:
    """The adapter runs while the block does."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(stopping))
        try:
            yield
        finally:
            stopping.set()
