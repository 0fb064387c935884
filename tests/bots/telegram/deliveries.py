"""Questions that are answered over a local Telegram: the real core, a real database, a model that goes step by step."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bots.service import working
from bots.telegram.ids import SURFACE, Spot, person_of
from core.documents import Label, Space
from core.inbox import Inbox
from core.intake import InboxLimits, Incoming
from core.ports import Completion, CompletionRequest, Delta, Finish
from core.store.database import Database
from core.store.spaces import SpaceRepository
from tests.bots.telegram.outbox import QUESTION, a_surface
from tests.core.desk import LEAVE, Desk, pipeline_over
from tests.telegram_server import Message, TelegramServer

PIECES = (
    "Bạn được nghỉ phép năm và hưởng nguyên lương theo quy định, ",
    "mỗi năm là 14 ngày, người lao động được nghỉ phép ",
    "và hưởng nguyên lương [1].",
)
TEXT = "".join(PIECES)
FIRST, SECOND = "Bạn được nghỉ phép năm", "mỗi năm là 14 ngày"
SPEED = 12.0


class FastClock:
    """`core.clock.Clock` on which time flies, that of the platform too."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._wall = datetime(2026, 11, 23, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


@dataclass
class SteppedModel:
    """Says a piece for every `step`; `heard` is set with the first request."""

    script: Sequence[str] = PIECES
    name: str = "stepped"
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    steps: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def step(self) -> None:
        self.steps.release()

    def finish(self) -> None:
        for _ in range(len(self.script) + 1):
            self.step()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        self.heard.set()
        for piece in self.script:
            await self.steps.acquire()
            yield Delta(piece)
        await self.steps.acquire()
        said = "".join(self.script)
        yield Completion(said, self.name, Finish.STOP, 100, len(self.script), -0.1, cost_usd=0.0)


@dataclass
class Office:
    """A worker at work. `an` has started the bot and is in `group`."""

    telegram: TelegramServer
    inbox: Inbox
    an: int
    group: int

    async def ask(self, chat: int) -> int:
        """A question of An's there, accepted; its number."""
        asked = self.telegram.people.say(self.an, chat, QUESTION)
        spot = Spot(self.telegram.bot.id, chat, asked)
        incoming = Incoming(
            SURFACE,
            spot.name,
            f"{SURFACE}:update:{asked}",
            spot.name,
            spot.place,
            person_of(self.an),
            QUESTION,
            self.telegram.world.clock.now(),
        )
        await self.inbox.accept(incoming)
        return asked

    def ours(self, chat: int) -> Sequence[Message]:
        return self.telegram.said(chat)

    async def shown(self, chat: int, text: str) -> None:
        await self.telegram.until(lambda _telegram: any(text in message.text for message in self.ours(chat)), 30.0)

    async def finished(self, chat: int, text: str = TEXT) -> None:
        """Until an answer with this text has its buttons."""
        await self.telegram.until(
            lambda _telegram: any(text in message.text and len(message.buttons) > 1 for message in self.ours(chat)),
            30.0,
        )


@asynccontextmanager
async def an_office(database: Database, telegram: TelegramServer, model: SteppedModel) -> AsyncIterator[Office]:
    an = telegram.people.add_user("An", started=True)
    group = telegram.people.add_group("Nhóm nhỏ", [an], supergroup=True)
    async with serving(database, telegram, model) as inbox:
        yield Office(telegram, inbox, an, group)


@asynccontextmanager
async def serving(database: Database, telegram: TelegramServer, model: SteppedModel) -> AsyncIterator[Inbox]:
    """One process of the bot."""
    await SpaceRepository(database).sync([(Space(LEAVE.space, Label.PUBLIC, frozenset()), ())])
    limits = InboxLimits(join_seconds=0.0, lease_seconds=600.0, deadline_seconds=3600.0)
    desk = Desk(database, pipeline_over(database, model), clock=telegram.world.clock, limits=limits)
    async with a_surface(telegram) as surface:
        inbox = desk.worker(f"w{len(telegram.calls)}", surface)
        async with working(inbox):
            yield inbox
