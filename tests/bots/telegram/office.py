"""An office with the real adapter: the real client over real sockets to a local Telegram, a real database, one worker.

Time flies for all of them alike, so that the budgets of groups, which are of minutes, are kept and not waited for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from telegram import Bot

from bots.logs import QUIET
from bots.memory import Memory
from bots.service import working
from bots.telegram import controls
from bots.telegram.adapter import TelegramAdapter, TelegramConfig, telegram_adapter, telegram_surface
from bots.telegram.controls import Action
from bots.telegram.ids import Spot, person_of
from bots.telegram.line import open_bot
from bots.telegram.surface import TelegramSurface
from core.access import ADMINISTRATORS, Directory
from core.alarms import Alarms
from core.clock import Clock
from core.conversation import Answer, Citation
from core.delivery import Channel
from core.documents import Space
from core.inbox import Capacity, Inbox
from core.intake import OPEN, InboxLimits, State
from core.pacing import Pacer
from core.ports import AttachmentReader
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.spaces import SpaceRepository
from tests.bots.slack.script_lines import ANSWERED, HOURS, HOUSE, LEAVE, RULES, STAFF, Prompter
from tests.bots.telegram.deliveries import FastClock
from tests.core.desk import language_of, pipeline_over
from tests.core.store.databases import fresh_database
from tests.fakes import ListRetriever
from tests.telegram_server import Message, Press, TelegramServer
from tests.telegram_server.server import TOKEN

PATIENCE = 10.0
LIMITS = InboxLimits(join_seconds=0.0, lease_seconds=600.0, deadline_seconds=3600.0)
OWNER = "Phòng Nhân sự"


@dataclass(frozen=True)
class Plan:
    """What a test changes about its office."""

    attachments: AttachmentReader | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    spaces: Sequence[Space] = (RULES, HOUSE)
    owner: str | None = OWNER


@dataclass
class Crew:
    """An, Bình and Lan are staff, Chi administers. An and Bình may ask from the beginning, Lan must be let in.

    All but Lan are in the `group`, whose members the settings know; its answers draw on what staff may read.
    """

    telegram: TelegramServer

    def __post_init__(self) -> None:
        people = self.telegram.people
        self.an, self.binh, self.chi = (people.add_user(name, started=True) for name in ("An", "Bình", "Chi"))
        self.lan = people.add_user("Lan")
        self.group = people.add_group("Phòng Nhân sự", [self.an, self.binh, self.chi], supergroup=True)
        self.office = people.add_group("Quản trị", [self.chi], supergroup=True)

    def directory(self) -> Directory:
        staff = frozenset(person_of(user) for user in (self.an, self.binh, self.lan, self.chi))
        return Directory({STAFF: staff, ADMINISTRATORS: frozenset({person_of(self.chi)})})

    def config(self, changes: Mapping[str, object]) -> TelegramConfig:
        usual: dict[str, Any] = {
            "token": self.telegram.token,
            "api_url": self.telegram.origin,
            "file_url": f"{self.telegram.origin}/file",
            "allowed": (self.an, self.binh),
            "rooms": {self.group: STAFF},
            "admin_chat": self.office,
        }
        return TelegramConfig(**usual | dict(changes))


@dataclass
class Office:
    """A running adapter with all that a test may want to look at."""

    telegram: TelegramServer
    database: Database
    memory: Memory
    inbox: Inbox
    surface: TelegramSurface
    adapter: TelegramAdapter
    model: Prompter
    retriever: ListRetriever
    crew: Crew

    async def until(self, condition: Callable[[], object]) -> None:
        await self.telegram.until(lambda _telegram: condition(), PATIENCE)

    def under(self, chat: int, asked: int) -> list[Message]:
        """Our messages that reply to this one."""
        return [said for said in self.telegram.said(chat) if said.reply_to == asked]

    async def answer(self, chat: int, asked: int, text: str = ANSWERED) -> Message:
        """The answer to this message with this text, once it is finished: it has its thumbs."""
        return await self._standing(lambda: [m for m in self.under(chat, asked) if text in m.text and answer_of(m)])

    async def growing(self, chat: int, asked: int, words: str) -> Message:
        """What stands under the question while it is answered, once it shows these words and can be stopped."""
        return await self._standing(
            lambda: [m for m in self.under(chat, asked) if words in m.text and button(m, Action.STOP)]
        )

    async def word(self, chat: int, said_to: int, words: str) -> Message:
        """A message of ours under this one that says these words, and is not worked on any more."""
        return await self._standing(
            lambda: [m for m in self.under(chat, said_to) if words in m.text and not button(m, Action.STOP)]
        )

    async def said(self, chat: int, words: str) -> Message:
        """A message of ours in the chat that says these words."""
        return await self._standing(lambda: [m for m in self.telegram.said(chat) if words in m.text])

    async def _standing(self, found: Callable[[], Sequence[Message]]) -> Message:
        await self.until(found)
        return found()[-1]

    async def press(self, user: int, message: Message, says: str) -> Press:
        """Presses the button that says so, and waits until it rests."""
        data = next(str(each["callback_data"]) for each in message.buttons if says in str(each["text"]))
        press = self.telegram.people.press(user, message.chat, message.id, data)
        await self.until(lambda: press.answered is not None)
        return press

    async def heard(self) -> None:
        """Everything that people did has been taken, and confirmed to Telegram."""
        await self.until(lambda: not self.telegram.unconfirmed)

    def conversation(self, chat: int, message: int) -> str:
        """The conversation that this message begins."""
        return Spot(self.telegram.bot.id, chat, message).name

    async def calm(self) -> None:
        """Nothing is on its way any more."""
        await self.heard()
        await self.until(lambda: not any(button(m, Action.STOP) for m in self.ours()))
        await self.until(lambda: all(press.answered is not None for press in self.telegram.world.presses.values()))

    def ours(self) -> list[Message]:
        return [said for chat in self.telegram.world.chats for said in self.telegram.said(chat)]

    async def reckon(self) -> None:
        """With the office closed: nothing lost, nothing too often, and every question has one finished answer."""
        telegram = self.telegram
        assert telegram.violations == []
        assert not telegram.limited
        assert (telegram.unconfirmed, telegram.lost) == ([], [])
        assert [called.error for called in telegram.calls if called.error and "not modified" in called.error] == []
        states, posts = await self._states(), await self._posts()
        assert not set(states.values()) & set(OPEN)
        answered = {question for question, state in states.items() if state == State.ANSWERED}
        standing = {f"{said.chat}/{said.id}": said for said in self.ours()}
        assert {post for question in answered for post in posts[question]} <= standing.keys()
        shown = [answer_of(said) for said in self.ours() if answer_of(said)]
        assert len(shown) == len(set(shown))
        assert {len(posts[question]) for question in answered} <= {1}

    async def _states(self) -> dict[str, str]:
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.inbox.c.question_id, tables.inbox.c.state))
            return {str(row.question_id): str(row.state) for row in rows}

    async def _posts(self) -> dict[str, list[str]]:
        """The messages of ours for each question."""
        found: dict[str, list[str]] = {}
        post = tables.inbox_post
        async with self.database.reading() as connection:
            for row in await connection.execute(select(post.c.question_id, post.c.message_id)):
                found.setdefault(str(row.question_id), []).append(str(row.message_id))
        return found


def button(message: Message, *actions: Action) -> str:
    """The id behind a button of this kind under the message; empty where there is none."""
    for each in message.buttons:
        try:
            pressed = controls.read(str(each.get("callback_data")))
        except ValueError:
            continue
        if pressed.action in actions:
            return pressed.id
    return ""


def answer_of(message: Message) -> str:
    """The id of the answer that can be voted on there; empty where none can."""
    return button(message, Action.UP)


def entities_of(message: Message) -> Collection[str]:
    return {str(entity["type"]) for entity in message.entities}


def a_link(answer: Answer, citation: Citation) -> str | None:
    del answer
    return f"https://files.example/{citation.document}"


@contextmanager
def no_token_in(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everything is logged, but for what `bots.logs` leaves out, and the token in no line of it."""
    for name in QUIET:
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)
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
            await office.until(lambda: telegram.commands())
            yield office
            await office.calm()
    await office.reckon()


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
    return Office(crew.telegram, database, memory, inbox, surface, adapter, model, retriever, crew)


def inbox_over(database: Database, surface: TelegramSurface, pipeline: Any, memory: Memory, clock: Clock) -> Inbox:  # noqa: ANN401
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
