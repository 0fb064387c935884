"""Slack, put together: what comes in, what goes out, and what runs beside."""

import asyncio
import functools
import zoneinfo
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bots.first_use import FirstUse, Kept
from bots.memory import Memory
from bots.slack import controls
from bots.slack.administrators import Administrators, Marked
from bots.slack.api import SlackApi
from bots.slack.app import (
    bolt_app,
    listen_for_commands,
    listen_for_events,
    listen_for_ingesting,
    on_action,
    on_view,
)
from bots.slack.audience import Audience
from bots.slack.budgets import MethodBudgets
from bots.slack.catchup import CatchUp
from bots.slack.commands import Commands
from bots.slack.corrections import Cards, Decisions, Explanations
from bots.slack.events import Confirmation, Events, stop_answer_in
from bots.slack.files import SlackFiles
from bots.slack.first_use import first_use_of
from bots.slack.home import Health, HomePages
from bots.slack.http import HttpMode
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE
from bots.slack.ingesting import Ingesting, Library
from bots.slack.linking import Linking
from bots.slack.owners import OwnerOf, Owners
from bots.slack.render import LinkOf, Renderer
from bots.slack.socket import SocketMode
from bots.slack.streams import Streams
from bots.slack.surface import SlackSurface
from bots.slack.telling import Telling
from bots.slack.threads import Threads
from bots.slack.views import REASON_VIEW
from bots.slack.votes import SAY_WHY, Thanks, Votes
from core.clock import Clock
from core.conversation import Language, Person
from core.documents import Space
from core.inbox import Inbox
from core.store.threads import ThreadBook

TIMEOUT = aiohttp.ClientTimeout(total=20)
"""Seconds for one call. The core waits less (`Rates.call_seconds`); this is for everything else."""


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """The settings of the adapter: with an `app_token` Socket Mode, else HTTP. `largest_file` is in bytes.

    One that does not listen takes no deliveries: it only lets a worker write.
    """

    bot_token: str
    app_token: str | None = None
    signing_secret: str | None = None
    api_url: str = "https://slack.com/api/"
    host: str = "127.0.0.1"
    port: int = 3000
    path: str = "/slack/events"
    members_group: str | None = None
    admin_channel: str | None = None
    streaming: bool = True
    largest_file: int = 50_000_000
    language: Language = Language.VIETNAMESE
    timezone: str = "Asia/Ho_Chi_Minh"
    listens: bool = True
    kept: Kept | None = None
    """What people are told with their first question; without it, nothing."""


@asynccontextmanager
async def open_client(config: SlackConfig) -> AsyncIterator[AsyncWebClient]:
    """Slack's client over one session. It repeats nothing by itself: who repeats must know what it may."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield AsyncWebClient(token=config.bot_token, base_url=config.api_url, session=session, retry_handlers=[])


def slack_surface(
    config: SlackConfig, client: AsyncWebClient, threads: ThreadBook, link_of: LinkOf, clock: Clock
) -> SlackSurface:
    """The surface alone: it can be written to before Slack has been reached for the first time."""
    api, identity = SlackApi(client, MethodBudgets(clock)), Identity()
    return SlackSurface(
        api=api,
        renderer=Renderer(link_of),
        streams=Streams(api, clock, identity, is_wanted=config.streaming),
        audience=Audience(api, clock, config.members_group, identity),
        threads=Threads(api, identity, threads.questions),
        files=SlackFiles(api, config.largest_file),
        clock=clock,
        identity=identity,
    )


@dataclass(frozen=True, slots=True)
class SlackAdapter:
    """One workspace, ready to run. `surface` is what the inbox writes to. `ready` is set once Slack is reached."""

    surface: SlackSurface
    transport: SocketMode | HttpMode
    catch_up: CatchUp
    administrators: Administrators
    listens: bool
    ready: asyncio.Event
    first_use: FirstUse

    @property
    def is_healthy(self) -> bool:
        """Whether Slack has told who we are, and can deliver now."""
        return self.surface.identity.is_known and (self.transport.is_healthy or not self.listens)

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`. Raises `SotayError` where Slack does not take a token or the port is taken.

        While Slack is away it waits; nothing else of the process does.
        """
        surface = self.surface
        if not await surface.identity.learn(surface.api, surface.clock, stopping):
            return
        if not self.listens:
            self.ready.set()
            await stopping.wait()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self.transport.run(stopping))
            group.create_task(self.catch_up.run(stopping))
            group.create_task(self.administrators.run(stopping))
            group.create_task(self.first_use.run(stopping))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the adapter is given of the rest of the house."""

    library: Library
    owner_of: OwnerOf
    health: Health


def slack_adapter(
    config: SlackConfig, surface: SlackSurface, inbox: Inbox, memory: Memory, around: Surroundings
) -> SlackAdapter:
    """The adapter over an inbox that serves `surface`."""
    api, identity, clock = surface.api, surface.identity, surface.clock
    surface.streams.stop = inbox.stop
    telling = Telling(api, memory.people, config.language)
    votes = Votes(memory.feedback, memory.threads, telling, identity, surface.audience.is_bot)
    stop_message = functools.partial(stop_answer_in, inbox.stop, memory.threads)
    first_use = first_use_of(inbox, telling, config.kept)
    events = Events(first_use, memory.threads, votes.react, surface.audience.changed, identity, clock, stop_message)
    administrators = administrators_of(config, surface, memory)
    home = home_pages(config, surface, memory, telling, around.health)
    app = bolt_app(api.client, config.signing_secret, identity)
    listen_for_events(app, events, functools.partial(say, telling, votes), home.opened)
    listen_for_commands(
        app, Commands(first_use, identity, clock, config.language), functools.partial(say, telling, votes)
    )
    linking = Linking(memory.admission, telling, clock)
    listen_for_ingesting(app, ingesting_of(surface, memory, telling, around.library), linking)
    listen_to_voters(app, votes, explanations_of(memory, telling, clock, administrators))
    decisions = decisions_of(memory, telling, surface, administrators)
    for action_id in (controls.ACCEPT, controls.REJECT):
        on_action(app, action_id, decisions.keep, decisions.after)
    owners = Owners(memory.threads, memory.journal, telling, around.owner_of)
    on_action(app, controls.ASK_OWNER, owners.keep, owners.after)
    for action_id in (controls.LANGUAGE, controls.CONSENT, controls.FORGET):
        on_action(app, action_id, home.keep, home.after)
    transport = transport_of(config, app, memory, clock)
    catch_up = CatchUp(
        api=api,
        events=events,
        marks=memory.marks,
        conversations=functools.partial(memory.conversations, SURFACE),
        identity=identity,
        clock=clock,
        is_healthy=lambda: transport.is_healthy,
    )
    ready = asyncio.Event()

    def connected() -> None:
        ready.set()
        catch_up.connected()

    transport.connected = connected
    return SlackAdapter(surface, transport, catch_up, administrators, config.listens, ready, first_use)


async def say(telling: Telling, votes: Votes, confirmation: Confirmation) -> None:
    """A sentence to one person; thanks for a vote have more to them."""
    if isinstance(confirmation, Thanks):
        await votes.confirm(confirmation)
    else:
        await telling.confirm(confirmation)


def transport_of(config: SlackConfig, app: AsyncApp, memory: Memory, clock: Clock) -> SocketMode | HttpMode:
    """How deliveries come in; who listens for `connected` comes later."""
    if config.app_token is None:
        return HttpMode(app, config.host, config.port, config.path, connected=unheard)
    return SocketMode(app, config.app_token, connected=unheard, alarm=memory.alarm, clock=clock)


def unheard() -> None:
    """Nobody listens yet."""


def administrators_of(config: SlackConfig, surface: SlackSurface, memory: Memory) -> Administrators:
    identity = surface.identity
    cards = Cards(memory.threads, memory.journal, config.language, zoneinfo.ZoneInfo(config.timezone), identity)
    return Administrators(
        marked=Marked(surface.api, identity),
        corrections=memory.corrections,
        cards=cards,
        threads=memory.threads,
        alarms=memory.alarms,
        clock=surface.clock,
        channel=config.admin_channel,
    )


def home_pages(
    config: SlackConfig, surface: SlackSurface, memory: Memory, telling: Telling, health: Health
) -> HomePages:
    async def person(person_id: str) -> Person:
        return memory.directory.person(person_id, await surface.groups(person_id))

    async def spaces() -> Iterable[Space]:
        return (await memory.spaces.all()).values()

    return HomePages(
        telling=telling,
        figures=memory.figures,
        clock=surface.clock,
        timezone=config.timezone,
        person=person,
        spaces=spaces,
        is_administrator=memory.is_administrator,
        health=health,
    )


def explanations_of(memory: Memory, telling: Telling, clock: Clock, administrators: Administrators) -> Explanations:
    return Explanations(memory.feedback, memory.corrections, telling, clock, administrators.wake)


def decisions_of(memory: Memory, telling: Telling, surface: SlackSurface, administrators: Administrators) -> Decisions:
    return Decisions(
        corrections=memory.corrections,
        cards=administrators.cards,
        telling=telling,
        api=surface.api,
        clock=surface.clock,
        is_administrator=memory.is_administrator,
        decided=administrators.wake,
    )


def ingesting_of(surface: SlackSurface, memory: Memory, telling: Telling, library: Library) -> Ingesting:
    async def names() -> Sequence[str]:
        return tuple(await memory.spaces.all())

    return Ingesting(telling, surface.files, library, names, memory.is_administrator)


def listen_to_voters(app: AsyncApp, votes: Votes, explanations: Explanations) -> None:
    on_action(app, controls.VOTE, votes.keep, votes.after)
    on_action(app, SAY_WHY, votes.keep_wish, votes.after)
    on_view(app, REASON_VIEW, explanations.keep, explanations.after)
