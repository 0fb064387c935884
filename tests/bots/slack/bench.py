"""A workplace for tests of what people do with answers: a local Slack, a real database, answers that stand in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
from slack_bolt.async_app import AsyncApp
from sqlalchemy import text

from bots.reading import Payload
from bots.slack.adapter import SlackConfig, open_client
from bots.slack.api import SlackApi
from bots.slack.app import After, Keep, bolt_app, on_action, on_view
from bots.slack.budgets import MethodBudgets
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, message_id, person_of
from bots.slack.render import Renderer
from bots.slack.socket import SocketMode
from bots.slack.telling import Telling
from core.clock import SteadyClock
from core.conversation import Answer, Language, Outcome
from core.corrections import Corrections
from core.documents import Passage
from core.errors import StoreError
from core.feedback import Feedback, FeedbackBook
from core.people import People
from core.store.database import Database
from core.store.journal import Journal
from core.store.threads import ThreadBook
from tests.bots.slack.reception import Counter, our_manifest, running
from tests.core.desk import QUESTION
from tests.core.store.databases import fresh_database
from tests.core.store.lobby import Lobby
from tests.manual_clock import ManualClock
from tests.slack_server import Json, SlackServer
from tests.slack_server import views as server_views
from tests.slack_server.hands import Outcome as Pressed
from tests.slack_server.messages import Message
from tests.slack_server.rates import Rates
from tests.slack_server.workspace import Settings

TEAM = "T1"
KEPT = "Trang chủ"
"""Of the sentence that votes are kept."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it stands in Slack: the question's `asked_ts`, and the message's own `ts`."""

    answer: Answer
    channel: str
    asked_ts: str
    ts: str

    @property
    def message_id(self) -> str:
        return message_id(self.channel, self.ts)


@dataclass
class Underway:
    """Counts what has come in and is not done with, so that nothing is closed under it."""

    count: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._idle.set()

    def wrapped(self, keep: Keep, after: After) -> tuple[Keep, After]:
        async def counted_keep(body: Payload) -> object:
            self._add(1)
            try:
                kept = await keep(body)
            except StoreError:
                self._add(-1)
                raise
            if isinstance(kept, dict):
                self._add(-1)
            return kept

        async def counted_after(body: Payload, kept: object) -> None:
            try:
                await after(body, kept)
            finally:
                self._add(-1)

        return counted_keep, counted_after

    def _add(self, change: int) -> None:
        self.count += change
        if self.count:
            self._idle.clear()
        else:
            self._idle.set()

    async def idle(self) -> None:
        await self._idle.wait()


@dataclass
class Bench:
    slack: SlackServer
    database: Database
    api: SlackApi
    clock: SteadyClock = field(default_factory=SteadyClock)

    def __post_init__(self) -> None:
        self.underway = Underway()
        self.identity = Identity(self.slack.app.bot_user, TEAM, self.slack.app.bot_id)
        self.identity._is_known.set()
        self.people, self.feedback = People(self.database), FeedbackBook(self.database)
        self.threads, self.journal = ThreadBook(self.database), Journal(self.database)
        self.corrections = Corrections(self.database)
        self.telling = Telling(self.api, self.people, "vi")
        self.lobby = Lobby(self.database, clock=ManualClock(datetime.now(UTC)))
        self.an, self.lan = self.slack.people.add_user("An"), self.slack.people.add_user("Lan")
        self.channel = self.slack.people.add_channel("chung", [self.an, self.lan])
        self.office = self.slack.people.add_channel("quan-tri", [self.lan], is_private=True)

    def is_administrator(self, person: str) -> bool:
        return person == person_of(self.lan)

    async def answered(
        self,
        outcome: Outcome = Outcome.ANSWERED,
        *,
        channel: str = "",
        language: Language = Language.VIETNAMESE,
        passages: tuple[Passage, ...] = (),
    ) -> Shown:
        """An answer to An, shown in its thread."""
        channel = channel or self.channel
        asked_ts = self.slack.people.ask(self.an, channel, QUESTION)
        spot = Spot(TEAM, channel, asked_ts)
        where = {"key": spot.name, "event": spot.name, "conversation": spot.name, "place": spot.place}
        await self.lobby.ask(QUESTION, surface=SURFACE, person=person_of(self.an), **where)
        claims = self.lobby.claims(surfaces=(SURFACE,))
        claim = await claims.claim(self.lobby.now, room=True)
        assert claim is not None
        made = await self.lobby.an_answer(claim, outcome)
        answer = replace(made, language=language, passages=passages)
        claim = await claims.keep_answer(claim, answer)
        ts = await self.post(answer, channel, asked_ts)
        await claims.posted(claim, 0, message_id(channel, ts))
        await claims.finish(claim, self.lobby.now)
        return Shown(answer, channel, asked_ts, ts)

    async def post(self, answer: Answer, channel: str, thread_ts: str | None = None) -> str:
        """The answer as a message, which nobody has noted down; its ts."""
        renderer = Renderer(lambda _answer, _citation: None)
        part = renderer.parts(answer)[-1]
        blocks = renderer.blocks(answer, 0, part)
        reply = await self.api.call(
            "chat.postMessage", channel=channel, thread_ts=thread_ts, text=part.plain, blocks=blocks
        )
        return str(reply["ts"])

    async def given(self, shown: Shown, user: str) -> Feedback | None:
        return await self.feedback.given(shown.answer.id, person_of(user))

    async def told(self, user: str, count: int = 1) -> Message:
        """The `count`-th sentence that only this person sees, once it is there."""
        await self.slack.until(lambda slack: len(slack.ephemerals(user)) >= count)
        return self.slack.ephemerals(user)[count - 1]

    async def written(self, user: str, count: int = 1) -> list[Message]:
        """The direct messages to this person, once there are so many."""
        channel = self.slack.people.im(user)
        await self.slack.until(lambda slack: len(slack.messages(channel)) >= count)
        return list(self.slack.messages(channel))

    async def modal(self, user: str) -> Json:
        await self.slack.until(lambda slack: slack.views(user))
        return self.slack.views(user)[-1].json

    async def submit(self, user: str, states: Mapping[str, Json]) -> Pressed:
        """Sends the modal in front; `states` by block, as Slack reports what was filled in."""
        hands, view = self.slack.hands, self.slack.views(user)[-1]
        values = {"state": {"values": {block: {"value": state} for block, state in states.items()}}}
        described = server_views.described(self.slack.workspace, view) | values
        payload = hands._payload("view_submission", user) | {"view": described, "response_urls": []}
        pressed = await hands._interact(user, "submit", payload)
        if pressed.acknowledged:
            hands._apply(user, view, pressed.payload)
        return pressed

    def on_action(self, app: AsyncApp, action_id: str, keep: Keep, after: After) -> None:
        """As `bots.slack.app.on_action`; `listening` ends when what was clicked has been done."""
        on_action(app, action_id, *self.underway.wrapped(keep, after))

    def on_view(self, app: AsyncApp, callback_id: str, keep: Keep, after: After) -> None:
        """The same of `bots.slack.app.on_view`."""
        on_view(app, callback_id, *self.underway.wrapped(keep, after))

    @asynccontextmanager
    async def listening(self, register: Callable[[AsyncApp], None]) -> AsyncIterator[None]:
        """Bolt at work over a socket, with what `register` puts into it."""
        app, connected = bolt_app(self.api.client, None), Counter()
        register(app)
        mode = SocketMode(app, self.slack.app_token, connected, Counter(), self.clock)
        async with running(mode.run):
            await connected.until(1)
            yield
            await self.underway.idle()

    async def close_store(self) -> None:
        """The store takes nothing more."""
        async with self.database.writing() as connection:
            await connection.execute(text("PRAGMA query_only=ON"))

    async def open_store(self) -> None:
        """It does again. No transaction can be begun for that: the connection is spoken to below SQLAlchemy."""
        lent = await self.database.writer.raw_connection()
        assert isinstance(lent.driver_connection, aiosqlite.Connection)
        await (await lent.driver_connection.execute("PRAGMA query_only=OFF")).close()
        lent.close()


@asynccontextmanager
async def a_bench(folder: Path) -> AsyncIterator[Bench]:
    settings = Settings(ack_seconds=1.0)
    async with SlackServer(our_manifest(), settings=settings, rates=Rates(on=False)) as slack:
        config = SlackConfig(slack.bot_token, slack.app_token, api_url=slack.api_url)
        async with fresh_database("sqlite", folder) as database, open_client(config) as client:
            yield Bench(slack, database, SlackApi(client, MethodBudgets(SteadyClock(), {})))
