"""An office in this process: the real adapter over the local Telegram, a real SQLite, a model that is played."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from benchmarks.slack.desk import PATIENCE
from benchmarks.slack.script import Wording
from benchmarks.telegram.record import Place, ending_of
from benchmarks.telegram.stage import prepare
from benchmarks.telegram.worker import Options, open_inbox, owner_of
from bots.memory import Memory
from bots.service import working
from bots.telegram.adapter import telegram_adapter, telegram_surface
from bots.telegram.ids import Spot
from bots.telegram.line import open_bot
from core.access import Directory
from core.alarms import Alarms
from core.clock import SteadyClock
from core.ports import LanguageModel
from core.store import tables
from core.store.database import Database, open_database
from tests.bots.telegram.outbox import a_link
from tests.telegram_server import Rates, TelegramServer


@dataclass
class Desk:
    """Questions are numbered; `asked` holds them by chat and message."""

    telegram: TelegramServer
    database: Database
    groups: list[int]
    people: list[int]
    accepted: dict[str, float]
    """When questions had become durable, by their ids, on the monotonic clock."""
    asked: dict[Place, Wording] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def ask(self, *, directly: bool = False) -> Place:
        """The next question, by the next person, in private or in the next group; where it stands."""
        number = next(self._numbers)
        person, wording = self.people[number % len(self.people)], Wording(number)
        chat = person if directly else self.groups[number % len(self.groups)]
        say = self.telegram.people.say if directly else self.telegram.people.ask
        place = chat, say(person, chat, wording.text)
        self.asked[place] = wording
        return place

    async def answered(self, *asked: Place) -> None:
        """Returns when all these questions have an ending. Raises TimeoutError."""
        left = set(asked)

        def is_done(telegram: TelegramServer) -> bool:
            left.difference_update([place for place in left if ending_of(telegram, place)])
            return not left

        await self.telegram.until(is_done, PATIENCE)

    async def accepted_at(self) -> dict[Place, float]:
        """The same by chat and message."""
        message = tables.inbox_message
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(message.c.key, message.c.question_id))).all()
        spots = [(Spot.of(row.key), row.question_id) for row in rows]
        return {(spot.chat, spot.message or 0): self.accepted[question_id] for spot, question_id in spots}


@asynccontextmanager
async def open_desk(model: LanguageModel, *, slots: int, people: int, groups: int) -> AsyncIterator[Desk]:
    """So many people, in groups of all of them; nobody is limited, and Telegram is polled."""
    with tempfile.TemporaryDirectory(prefix="sotay-telegram-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/store.sqlite"
        await prepare(url)
        async with TelegramServer(rates=Rates(on=False)) as telegram:
            everybody = [telegram.people.add_user(f"person {number}", started=True) for number in range(people)]
            rooms = [
                telegram.people.add_group(f"group {number}", everybody, supergroup=True) for number in range(groups)
            ]
            options = Options(url, telegram.origin, telegram.token, (*everybody, *rooms), slots=slots)
            accepted: dict[str, float] = {}
            async with at_work(options, model, telegram, accepted) as database:
                yield Desk(telegram, database, rooms, everybody, accepted)


@asynccontextmanager
async def at_work(
    options: Options, model: LanguageModel, telegram: TelegramServer, accepted: dict[str, float]
) -> AsyncIterator[Database]:
    """The adapter and its worker serve while the block runs. `accepted` is filled with times, by question."""

    def traced(point: str, question_id: str) -> None:
        if point == "accepted":
            accepted[question_id] = clock.monotonic()

    clock, config, stopping = SteadyClock(), options.config, asyncio.Event()
    async with (
        open_database(options.url) as database,
        open_bot(config.token, config.api_url, config.file_url) as bot,
    ):
        memory = Memory.of(database, Directory({}), Alarms(clock))
        surface = telegram_surface(config, bot, a_link)
        inbox = open_inbox(options, database, surface, memory, model=model, clock=clock, traced=traced)
        adapter = telegram_adapter(config, surface, inbox, memory, clock=clock, owner_of=owner_of)
        async with asyncio.TaskGroup() as group, working(inbox):
            group.create_task(adapter.run(stopping))
            await telegram.until(lambda telegram: telegram.updates.polling)
            yield database
            stopping.set()
