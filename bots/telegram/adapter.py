"""Telegram, put together: what comes in, what goes out, and what runs beside."""

import asyncio
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from telegram import Bot

from bots.first_use import FirstUse, Kept
from bots.memory import Memory
from bots.telegram.administrators import Administrators
from bots.telegram.admission import Codes, Door, Identities
from bots.telegram.api import TelegramApi
from bots.telegram.choices import Choices
from bots.telegram.commands import Commands, publish
from bots.telegram.conversations import Conversations
from bots.telegram.corrections import Cards, Decisions, Explanations
from bots.telegram.drafts import Drafts
from bots.telegram.events import Events
from bots.telegram.files import TelegramFiles
from bots.telegram.first_use import first_use_of
from bots.telegram.ids import Account
from bots.telegram.paced import Paced
from bots.telegram.polling import Polling, learn
from bots.telegram.pressing import Pressing
from bots.telegram.relocation import Relocation
from bots.telegram.render import Renderer
from bots.telegram.showing import AGAIN as SHOW_AGAIN
from bots.telegram.showing import OwnerOf, Owners, Sources
from bots.telegram.sources import LinkOf
from bots.telegram.surface import TelegramSurface
from bots.telegram.telling import Recently, Telling
from bots.telegram.updates import UpdateQueue
from bots.telegram.votes import AGAIN as ASK_AGAIN
from bots.telegram.votes import Votes
from bots.telegram.webhook import Webhook
from core.clock import Clock, wait_at_most
from core.conversation import Language, Person
from core.documents import Space
from core.inbox import Alarm, Inbox

FIRST_SECONDS = 60.0
"""Seconds in which the same thing is said once in a chat."""
PUBLISH_AGAIN = 60.0
"""Seconds between two tries to tell Telegram the commands."""


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where updates are taken, and how they are told from others'. `url` is the address as Telegram has it."""

    url: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 3001
    path: str = "/telegram"


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """The settings of the adapter: without a `webhook` it polls. `largest_file` is in bytes.

    `rooms` are the groups of the settings whose members a chat has, by the chat's id. One that does not listen takes no
    updates: it only lets a worker write.
    """

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    file_url: str = "https://api.telegram.org/file"
    allowed: tuple[int, ...] = ()
    rooms: Mapping[int, str] = field(default_factory=dict)
    admin_chat: int | None = None
    drafts: bool = True
    webhook: WebhookConfig | None = None
    largest_file: int = 20_000_000
    language: Language = Language.VIETNAMESE
    timezone: str = "Asia/Ho_Chi_Minh"
    listens: bool = True
    kept: Kept | None = None
    """What people are told with their first question; without it, nothing."""


def telegram_surface(config: TelegramConfig, bot: Bot, link_of: LinkOf) -> TelegramSurface:
    """The surface alone: it can be written to before Telegram has been reached for the first time."""
    api = TelegramApi(bot)
    return TelegramSurface(
        api=api,
        renderer=Renderer(link_of),
        drafts=Drafts(api, config.drafts),
        files=TelegramFiles(bot, config.largest_file),
        language=config.language,
        rooms=config.rooms,
    )


@dataclass(frozen=True, slots=True)
class TelegramAdapter:
    """One bot, ready to run. `surface` is what the inbox writes to."""

    surface: TelegramSurface
    transport: Polling | Webhook
    queue: UpdateQueue
    administrators: Administrators
    first_use: FirstUse
    language: Language
    clock: Clock
    listens: bool = True

    @property
    def ready(self) -> asyncio.Event:
        """Set once Telegram is reached."""
        return self.transport.ready

    @property
    def is_healthy(self) -> bool:
        """Whether Telegram can bring updates now."""
        return self.transport.is_healthy if self.listens else self.ready.is_set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`. Raises `SotayError` where Telegram does not take the token or the address."""
        if not self.listens:
            await self._write_only(stopping)
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self.transport.run(stopping))
            group.create_task(self.queue.run(stopping))
            group.create_task(self.administrators.run(stopping))
            group.create_task(self.first_use.run(stopping))
            group.create_task(self._publish(stopping))

    async def _write_only(self, stopping: asyncio.Event) -> None:
        if await learn(self.surface.api.bot, self.transport.account, self.clock, stopping):
            self.ready.set()
            await stopping.wait()

    async def _publish(self, stopping: asyncio.Event) -> None:
        """The commands, as people find them behind the slash; tried until Telegram has taken them."""
        while not stopping.is_set() and not await publish(self.surface.api.bot, self.language):
            await wait_at_most(self.clock, stopping, PUBLISH_AGAIN)


@dataclass(frozen=True, slots=True)
class _House:
    """What most parts of the adapter share."""

    config: TelegramConfig
    surface: TelegramSurface
    inbox: Inbox
    memory: Memory
    clock: Clock
    account: Account
    identities: Identities
    telling: Telling
    first_use: FirstUse
    conversations: Conversations
    door: Door
    cards: Cards
    administrators: Administrators
    relocation: Relocation


def telegram_adapter(
    config: TelegramConfig, surface: TelegramSurface, inbox: Inbox, memory: Memory, *, clock: Clock, owner_of: OwnerOf
) -> TelegramAdapter:
    """The adapter over an inbox that serves `surface`."""
    house = house_of(config, surface, inbox, memory, clock)
    surface.api.migrated, surface.same_as = house.relocation.moved, house.relocation.same_as
    queue = UpdateQueue(events_of(house, owner_of))
    transport = transport_of(config.webhook, surface.api.bot, house.account, queue, alarm=memory.alarm, clock=clock)
    return TelegramAdapter(
        surface, transport, queue, house.administrators, house.first_use, config.language, clock, config.listens
    )


def house_of(config: TelegramConfig, surface: TelegramSurface, inbox: Inbox, memory: Memory, clock: Clock) -> _House:
    identities = Identities(memory.admission, memory.directory)
    account = Account.of(config.token)
    calls = Paced(surface.api, inbox.pacer(surface.name), surface.cost, clock, account.id)
    telling = Telling(calls, memory.people, memory.admission.canonical, config.language)
    cards = Cards(memory.threads, memory.journal, identities, config.language, zoneinfo.ZoneInfo(config.timezone))
    administrators = Administrators(
        telling, memory.corrections, cards, memory.threads, memory.alarms, clock, config.admin_chat
    )
    named = frozenset({*config.allowed, *config.rooms, *([config.admin_chat] if config.admin_chat else [])})
    relocation = Relocation(
        memory.moves, account.id, named, config.language, alarm=memory.alarm, heard=administrators.moved
    )
    return _House(
        config=config,
        surface=surface,
        inbox=inbox,
        memory=memory,
        clock=clock,
        account=account,
        identities=identities,
        telling=telling,
        first_use=first_use_of(inbox, telling, config.kept),
        conversations=Conversations(memory.threads),
        door=Door.of(identities, telling, clock, config.allowed, relocation.same_as),
        cards=cards,
        administrators=administrators,
        relocation=relocation,
    )


def events_of(house: _House, owner_of: OwnerOf) -> Events:
    """What is done about each update."""
    memory, telling, clock = house.memory, house.telling, house.clock
    sources = Sources(
        memory.threads,
        memory.journal,
        house.conversations,
        telling,
        house.surface.renderer.link_of,
        Recently.within(clock, SHOW_AGAIN),
    )
    choices = choices_of(house.surface, memory, telling, house.identities)
    votes = Votes(memory.feedback, memory.threads, telling, house.door.admits, Recently.within(clock, ASK_AGAIN))
    wake = house.administrators.wake
    explanations = Explanations(
        memory.feedback, memory.corrections, memory.threads, telling, clock, house.account.id, wake
    )
    return Events(
        account=house.account,
        inbox=house.first_use,
        conversations=house.conversations,
        door=house.door,
        commands=Commands(house.inbox, house.conversations, house.door, telling, choices, sources),
        pressed=Pressing(
            inbox=house.inbox,
            door=house.door,
            telling=telling,
            clock=clock,
            votes=votes,
            explanations=explanations,
            sources=sources,
            owners=Owners(memory.threads, memory.journal, telling, owner_of),
            choices=choices,
            codes=Codes(house.identities, telling, clock, lambda: house.account.username),
            decisions=Decisions(memory.corrections, house.cards, telling, clock, wake),
        ),
        react=votes.react,
        explained=explanations.reply,
        moved=house.relocation.moved,
        canonical=memory.admission.canonical,
        telling=telling,
        is_first=Recently.within(clock, FIRST_SECONDS).may,
    )


def transport_of(
    chosen: WebhookConfig | None, bot: Bot, account: Account, queue: UpdateQueue, *, alarm: Alarm, clock: Clock
) -> Polling | Webhook:
    """How updates come in."""
    if chosen is None:
        return Polling(bot, account, queue, alarm, clock)
    return Webhook(
        bot=bot,
        account=account,
        queue=queue,
        alarm=alarm,
        clock=clock,
        host=chosen.host,
        port=chosen.port,
        path=chosen.path,
        url=chosen.url,
        secret=chosen.secret,
    )


def choices_of(surface: TelegramSurface, memory: Memory, telling: Telling, identities: Identities) -> Choices:
    async def spaces() -> Iterable[Space]:
        return (await memory.spaces.all()).values()

    async def readers(place: str) -> frozenset[Person] | None:
        ids = await surface.readers(place)
        if ids is None:
            return None
        return frozenset([memory.directory.person(reader, await surface.groups(reader)) for reader in ids])

    return Choices(telling, identities, spaces, readers)
