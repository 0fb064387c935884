"""A workplace for tests of what people do with answers: a local Telegram, a real database, answers that stand in it."""

import zoneinfo
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
from sqlalchemy import text

from bots.telegram.administrators import Administrators
from bots.telegram.admission import Codes, Door, Identities
from bots.telegram.api import TelegramApi
from bots.telegram.choices import Choices
from bots.telegram.commands import Commands
from bots.telegram.conversations import Conversations
from bots.telegram.corrections import Cards, Decisions, Explanations
from bots.telegram.events import Events
from bots.telegram.ids import SURFACE, Account, Spot, message_id, person_of
from bots.telegram.line import open_bot
from bots.telegram.presses import After, Where
from bots.telegram.pressing import Pressing
from bots.telegram.relocation import Relocation
from bots.telegram.render import Renderer
from bots.telegram.showing import AGAIN, Owners, Sources
from bots.telegram.telling import Recently, Telling
from bots.telegram.votes import AGAIN as ASK_AGAIN
from bots.telegram.votes import Votes
from core.access import ADMINISTRATORS, Directory
from core.admission import Admission
from core.alarms import Alarms
from core.clock import SteadyClock
from core.conversation import Answer, Citation, Language, Outcome, Person
from core.corrections import Corrections
from core.documents import Label, Passage, Space
from core.feedback import Feedback, FeedbackBook
from core.inbox import unheard
from core.people import People
from core.store.database import Database
from core.store.journal import Journal
from core.store.moves import Moves
from core.store.threads import ThreadBook
from tests.bots.telegram.furniture import Desk, Shown
from tests.core.desk import QUESTION
from tests.core.store.databases import fresh_database
from tests.core.store.lobby import Lobby
from tests.manual_clock import ManualClock
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server.messages import Message as Stands
from tests.telegram_server.world import Press

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]
SLACK_BOSS = "slack:U1"
PUBLIC = Space("chung", Label.PUBLIC, frozenset())
STAFF = Space("nhan-su", Label.INTERNAL, frozenset({"staff"}))


@dataclass
class Bench:
    """An and Lan have started the bot and are let in, Lan is an administrator; Khách is a stranger."""

    telegram: TelegramServer
    database: Database
    api: TelegramApi
    clock: SteadyClock = field(default_factory=SteadyClock)
    owner: str | None = None
    woken: int = 0
    offset: int = 0

    def __post_init__(self) -> None:
        people = self.telegram.people
        self.an, self.lan = (people.add_user(name, started=True) for name in ("An", "Lan"))
        self.guest = people.add_user("Khách", started=True)
        self.group = people.add_group("Phòng Nhân sự", [self.an, self.lan, self.guest], supergroup=True)
        self.office = people.add_group("Quản trị", [self.lan, self.an], supergroup=True)
        self.lobby = Lobby(self.database, clock=ManualClock(datetime.now(UTC)))
        self.people, self.feedback, self.journal = (
            People(self.database),
            FeedbackBook(self.database),
            Journal(self.database),
        )
        self.threads, self.corrections = ThreadBook(self.database), Corrections(self.database)
        self.admission, self.account = Admission(self.database), Account(self.telegram.bot.id, "sotay_bot")
        groups = {
            ADMINISTRATORS: frozenset({person_of(self.lan), SLACK_BOSS}),
            "staff": frozenset({person_of(self.an)}),
        }
        self.identities = Identities(self.admission, Directory(groups))
        self.telling = Telling(self.api, self.people, self.admission.canonical, "vi")
        self.conversations = Conversations(self.threads)
        self.door = Door.of(self.identities, self.telling, self.clock, (self.an,))
        self.inbox = Desk(self.lobby)
        self._put_together()

    def _put_together(self) -> None:
        telling, threads, clock = self.telling, self.threads, self.clock
        shown = Recently.within(clock, AGAIN)
        self.sources = Sources(threads, self.journal, self.conversations, telling, lambda _a, _c: None, shown)
        self.choices = Choices(telling, self.identities, self._spaces, self._readers)
        self.votes = Votes(self.feedback, threads, telling, self.door.admits, Recently.within(clock, ASK_AGAIN))
        self.explanations = Explanations(
            self.feedback, self.corrections, threads, telling, clock, self.account.id, self._wake
        )
        cards = Cards(threads, self.journal, self.identities, "vi", zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh"))
        self.administrators = Administrators(
            telling, self.corrections, cards, threads, Alarms(clock), clock, self.office
        )
        self.commands = Commands(self.inbox, self.conversations, self.door, telling, self.choices, self.sources)
        self.pressing = Pressing(
            inbox=self.inbox,
            door=self.door,
            telling=telling,
            clock=clock,
            votes=self.votes,
            explanations=self.explanations,
            sources=self.sources,
            owners=Owners(threads, self.journal, telling, lambda _space, _path: self.owner),
            choices=self.choices,
            codes=Codes(self.identities, telling, clock, lambda: self.account.username),
            decisions=Decisions(self.corrections, cards, telling, clock, self._wake),
        )
        relocation = Relocation(
            Moves(self.database), self.account.id, frozenset(), "vi", unheard, self.administrators.moved
        )
        self.events = Events(
            account=self.account,
            inbox=self.inbox,
            conversations=self.conversations,
            door=self.door,
            commands=self.commands,
            pressed=self.pressing,
            react=self.votes.react,
            explained=self.explanations.reply,
            moved=relocation.moved,
            canonical=self.admission.canonical,
            telling=telling,
            is_first=lambda _what: True,
        )

    def _wake(self) -> None:
        self.woken += 1
        self.administrators.wake()

    async def _spaces(self) -> Iterable[Space]:
        return (PUBLIC, STAFF)

    async def _readers(self, place: str) -> frozenset[Person] | None:
        del place
        return None

    async def heed(self, *, again: bool = False) -> list[After | None]:
        """Takes all updates that wait; `again`, each is delivered twice before anything is said about it."""
        afters: list[After | None] = []
        while updates := await self.api.bot.get_updates(self.offset, allowed_updates=ALLOWED_UPDATES):
            for update in updates:
                self.offset = update.update_id + 1
                body = update.to_dict()
                afters += [await self.events.take(body) for _ in range(1 + again)]
        for after in afters:
            if after is not None:
                await after()
        return afters

    async def tell(self, user: int, what: str, *, chat: int | None = None, reply_to: int | None = None) -> list[Stands]:
        """Somebody writes, to the bot or in the group; what the bot wrote then."""
        return await self._after(
            lambda: self.telegram.people.say(user, chat or user, what, reply_to=reply_to), chat or user
        )

    async def press(self, user: int, chat: int, message: int, says: str) -> Press:
        """Presses the button that says so, or part of it; what came of it."""
        buttons = self.telegram.message(chat, message).buttons
        data = next(str(button["callback_data"]) for button in buttons if says in str(button["text"]))
        press = self.telegram.people.press(user, chat, message, data)
        await self.heed()
        return press

    async def react(self, user: int, shown: Shown, *emoji: str) -> list[Stands]:
        """One reaction, or none: what was there is taken back."""
        moves = self.telegram.moves
        if emoji:
            return await self._after(lambda: moves.react(user, shown.chat, shown.message, emoji[0]), shown.chat)
        return await self._after(lambda: moves.unreact(user, shown.chat, shown.message), shown.chat)

    async def _after(self, deed: Callable[[], object], chat: int) -> list[Stands]:
        before = len(self.telegram.said(chat)) if chat in self.telegram.world.chats else 0
        deed()
        await self.heed()
        return list(self.telegram.said(chat))[before:]

    async def asked(self, user: int, chat: int | None = None) -> Spot:
        """A question that has come in; its key."""
        chat = chat or user
        if chat == user:
            return Spot(self.account.id, chat, self.telegram.people.tell(user, QUESTION))
        return Spot(self.account.id, chat, self.telegram.people.ask(user, chat, QUESTION))

    async def answered(
        self,
        outcome: Outcome = Outcome.ANSWERED,
        *,
        chat: int | None = None,
        language: Language = Language.VIETNAMESE,
        passages: tuple[Passage, ...] = (),
        citations: tuple[Citation, ...] = (),
    ) -> Shown:
        """An answer to An, shown in private or in the chat."""
        spot = await self.asked(self.an, chat)
        await self.heed()
        claims = self.lobby.claims(surfaces=(SURFACE,))
        claim = await claims.claim(self.lobby.now, room=True)
        assert claim is not None
        assert claim.reply_to == spot.name
        made = await self.lobby.an_answer(claim, outcome)
        answer = replace(made, language=language, passages=passages, citations=citations)
        claim = await claims.keep_answer(claim, answer)
        message = await self.post(answer, Where(spot.chat, reply_to=spot.message))
        await claims.posted(claim, 0, message_id(spot.chat, message))
        await claims.finish(claim, self.lobby.now)
        assert spot.message is not None
        return Shown(answer, spot.chat, spot.message, message)

    async def post(self, answer: Answer, where: Where) -> int:
        """The answer as a message, which nobody has noted down; its number."""
        renderer = Renderer(lambda _answer, _citation: None)
        part = renderer.parts(answer)[-1]
        return await self.api.say(where, part.text, is_html=True, keyboard=renderer.keyboard(answer))

    async def given(self, shown: Shown, person: str) -> Feedback | None:
        return await self.feedback.given(shown.answer.id, person)

    async def vote(self, shown: Shown, user: int) -> int | None:
        given = await self.given(shown, person_of(user))
        return given.vote if given else None

    def last(self, chat: int) -> Stands:
        """What the bot wrote last there."""
        return self.telegram.said(chat)[-1]

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
    async with TelegramServer(rates=Rates(on=False)) as telegram:
        line = open_bot(telegram.token, telegram.origin, f"{telegram.origin}/file")
        async with fresh_database("sqlite", folder) as database, line as bot:
            await bot.initialize()
            yield Bench(telegram, database, TelegramApi(bot))
