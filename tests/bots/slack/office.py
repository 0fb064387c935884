"""An office with the real adapter: Bolt and the SDK over real sockets to a local Slack, a real database, one worker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from bots.memory import Memory
from bots.service import working
from bots.slack import manifest
from bots.slack.adapter import SlackConfig, Surroundings, open_client, slack_adapter, slack_surface
from bots.slack.ingesting import Added
from bots.slack.surface import SlackSurface
from core.access import ADMINISTRATORS, Directory
from core.alarms import Alarms
from core.clock import Clock, SteadyClock
from core.conversation import Answer, Citation
from core.delivery import Channel
from core.documents import Label, Space
from core.inbox import Capacity, Inbox
from core.intake import InboxLimits
from core.pacing import Pacer
from core.pipeline import Pipeline
from core.ports import AttachmentReader, LanguageModel, Retriever
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.spaces import SpaceRepository
from tests.core.desk import LEAVE, language_of, pipeline_over
from tests.fakes import ScriptedModel
from tests.slack_server import SlackServer

MANIFEST: Mapping[str, Any] = yaml.safe_load(manifest.text())
WORDS = ("Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1].")
ANSWER = "".join(WORDS)
QUESTION = "Tôi có bao nhiêu ngày nghỉ phép năm?"
STAFF = "staff"


@dataclass
class Shelf:
    """`bots.slack.ingesting.Library` that keeps what it is given."""

    added: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def add(self, space: str, name: str, data: bytes) -> Added:
        self.added.append((space, name, data))
        return Added(1)


@dataclass
class Office:
    """A running adapter with all that a test may want to look at. `an` and `binh` are staff, `chi` administers."""

    slack: SlackServer
    database: Database
    memory: Memory
    inbox: Inbox
    surface: SlackSurface
    shelf: Shelf
    pipeline: Pipeline
    an: str
    binh: str
    chi: str
    channel: str
    admin_channel: str

    async def answered(self, channel: str, ts: str, text: str = ANSWER, count: int = 1) -> str:
        """Waits until the thread holds so many finished answers of ours, the last with this text; its ts."""

        def ours(slack: SlackServer) -> list[str]:
            thread = slack.thread(channel, ts)[1:]
            return [m.ts for m in thread if m.user == slack.app.bot_user and m.metadata and text in m.seen()]

        await self.slack.until(lambda slack: len(ours(slack)) >= count)
        return ours(self.slack)[-1]

    async def ask(self, text: str = QUESTION, *, user: str = "", thread_ts: str | None = None) -> str:
        """A mention in the channel; its ts."""
        return self.slack.people.ask(user or self.an, self.channel, text, thread_ts=thread_ts)


@dataclass(frozen=True)
class Plan:
    """What a test changes about its office."""

    model: LanguageModel = field(default_factory=lambda: ScriptedModel(WORDS))
    retriever: Retriever | None = None
    attachments: AttachmentReader | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    limits: InboxLimits = field(default_factory=lambda: InboxLimits(join_seconds=0.0))
    slots: int = 4
    clock: Clock = field(default_factory=SteadyClock)
    spaces: Sequence[Space] = (Space(LEAVE.space, Label.INTERNAL, frozenset({STAFF})),)
    owner_of: Callable[[str, str], str | None] = lambda _space, _path: "Phòng Nhân sự"
    http: bool = False


def a_link(answer: Answer, citation: Citation) -> str | None:
    del answer
    return f"https://files.example/{citation.document}"


async def all_is_well() -> Sequence[tuple[str, bool, str]]:
    return [("index", True, "312")]


@asynccontextmanager
async def open_office(database: Database, slack: SlackServer, plan: Plan | None = None) -> AsyncIterator[Office]:
    """The adapter at work over `slack`, connected."""
    plan = plan or Plan()
    people = slack.people
    an, binh, chi = (people.add_user(name) for name in ("An", "Bình", "Chi"))
    channel = people.add_channel("chung", [an, binh, chi])
    admin_channel = people.add_channel("quan-tri", [chi], is_private=True)
    await SpaceRepository(database).sync([(space, ()) for space in plan.spaces])
    config = slack_config(slack, admin_channel, plan)
    memory = Memory.of(database, Directory({ADMINISTRATORS: frozenset({f"slack:{chi}"})}), Alarms(plan.clock))
    async with open_client(config) as client:
        surface = slack_surface(config, client, memory.threads, a_link, plan.clock)
        pipeline = replace(
            pipeline_over(database, plan.model, plan.retriever),
            attachments=plan.attachments,
            documents_in=memory.figures.documents_in,
        )
        inbox = inbox_over(database, surface, pipeline, memory, plan)
        shelf = Shelf()
        adapter = slack_adapter(config, surface, inbox, memory, Surroundings(shelf, plan.owner_of, all_is_well))
        async with running(adapter.run, slack), working(inbox):
            yield Office(
                slack, database, memory, inbox, surface, shelf, pipeline, an, binh, chi, channel, admin_channel
            )


@asynccontextmanager
async def running(run: Callable[[asyncio.Event], Any], slack: SlackServer) -> AsyncIterator[None]:
    """The adapter runs while the block does, from its first hello on."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(stopping))
        await slack.until(lambda slack: slack.sockets.open)
        yield
        stopping.set()


def slack_config(slack: SlackServer, admin_channel: str, plan: Plan) -> SlackConfig:
    usual: dict[str, Any] = {
        "bot_token": slack.bot_token,
        "app_token": slack.app_token,
        "api_url": slack.api_url,
        "members_group": STAFF,
        "admin_channel": admin_channel,
    }
    return SlackConfig(**usual | dict(plan.config))


def inbox_over(database: Database, surface: SlackSurface, pipeline: Pipeline, memory: Memory, plan: Plan) -> Inbox:
    claims = Claims(database, plan.limits, "w1", [surface.name], plan.clock.now())
    channel = Channel(surface, Pacer(surface.rates, plan.clock), claims, plan.clock)
    return Inbox(
        Intake(database, plan.limits),
        claims,
        answering=pipeline,
        channels={surface.name: channel},
        directory=memory.directory,
        language_of=language_of,
        clock=plan.clock,
        capacity=Capacity(plan.slots, 5.0),
        alarm=memory.alarm,
    )
