"""A poller over the local Telegram, and a server that is none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from telegram import Bot

from bots.reading import Payload
from bots.telegram.ids import Account
from bots.telegram.polling import Polling
from bots.telegram.presses import After
from bots.telegram.updates import UpdateQueue
from core.clock import Clock, SteadyClock
from core.errors import StoreError
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server_tests.office import connected_bot


@dataclass
class Keeper:
    """Keeps updates; while it is away nothing can be kept. `unconfirmed` counts what Telegram held at every try."""

    telegram: TelegramServer
    kept: list[str] = field(default_factory=list)
    unconfirmed: list[int] = field(default_factory=list)
    is_away: bool = False
    tries: int = 0

    async def take(self, update: Payload) -> After | None:
        self.tries += 1
        self.unconfirmed.append(len(self.telegram.unconfirmed))
        self.telegram.world.changed()
        if self.is_away:
            raise StoreError("store.locked", place="test")
        self.kept.append(update.get("message", {}).get("text", ""))
        return None


@dataclass
class Heard:
    alarms: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, kind: str, question_id: str, detail: str) -> None:
        self.alarms.append((kind, question_id, detail))


@dataclass
class Desk:
    """A poller over the local Telegram."""

    telegram: TelegramServer
    bot: Bot
    keeper: Keeper
    alarm: Heard
    clock: Clock
    account: Account = field(default_factory=lambda: Account(0))

    def __post_init__(self) -> None:
        queue = UpdateQueue(self.keeper)
        self.polling = Polling(self.bot, self.account, queue, self.alarm, self.clock)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        async with asyncio.timeout(15), asyncio.TaskGroup() as group:
            group.create_task(self.polling.run(stopping))
            try:
                yield
            finally:
                stopping.set()

    async def until(self, condition: Callable[[], object]) -> None:
        await self.telegram.until(lambda _: condition())


@asynccontextmanager
async def a_desk(clock: Clock | None = None) -> AsyncIterator[Desk]:
    async with TelegramServer(rates=Rates(on=False)) as telegram, connected_bot(telegram) as bot:
        yield Desk(telegram, bot, Keeper(telegram), Heard(), clock or SteadyClock())


@asynccontextmanager
async def a_stranger(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """A server that answers as no Telegram would; where it takes calls."""
    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
    finally:
        await runner.cleanup()
