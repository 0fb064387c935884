"""The surface alone over a local Telegram: what an answer goes through, call by call."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bots.telegram.api import Migrated, TelegramApi, unheard
from bots.telegram.controls import Action as Pressed
from bots.telegram.controls import read
from bots.telegram.drafts import Drafts
from bots.telegram.files import TelegramFiles
from bots.telegram.ids import Spot, chat_and_message, person_of
from bots.telegram.line import open_bot
from bots.telegram.render import Renderer
from bots.telegram.surface import TelegramSurface
from core.conversation import Answer, Citation, Language, Outcome, Route
from core.surfaces import Part, Posting
from tests.telegram_server import Message, TelegramServer

QUESTION = "Tôi có bao nhiêu ngày nghỉ phép năm?"
TEXT = "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
READ_SECONDS = 1.0


def a_link(answer: Answer, citation: Citation) -> str | None:
    del answer
    return f"https://files.example/{citation.document}"


def an_answer(text: str = TEXT, question_id: str = "q1") -> Answer:
    return Answer(
        id="a" * 32,
        question_id=question_id,
        text=text,
        outcome=Outcome.ANSWERED,
        language=Language.VIETNAMESE,
        query="nghỉ phép",
        route=Route.LOCAL,
        citations=(Citation(1, "c1", "so-tay.pdf", "Sổ tay nhân viên", 2, "Điều 5", "Nghỉ phép năm là 14 ngày."),),
        timings={"total": 1_200.0},
    )


def long_text(parts: int = 3) -> str:
    """An answer that takes so many messages."""
    return "\n\n".join(f"Điều {number}. Người lao động được nghỉ." for number in range(1, 90 * parts))


def buttons(message: Message) -> list[Pressed]:
    return [read(button["callback_data"]).action for button in message.buttons]


@asynccontextmanager
async def a_surface(
    telegram: TelegramServer,
    migrated: Migrated = unheard,
    rooms: Mapping[int, str] | None = None,
    *,
    drafts: bool = True,
) -> AsyncIterator[TelegramSurface]:
    line = open_bot(telegram.token, telegram.origin, f"{telegram.origin}/file", read_seconds=READ_SECONDS)
    async with line as bot:
        api = TelegramApi(bot, migrated)
        files = TelegramFiles(bot, 1_000_000)
        yield TelegramSurface(api, Renderer(a_link), Drafts(api, drafts), files, "vi", rooms or {})


@dataclass
class Outbox:
    """`an` has started the bot; `group` is a small group, `office` a supergroup."""

    telegram: TelegramServer
    surface: TelegramSurface
    moved: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        people = self.telegram.people
        self.an = people.add_user("An", started=True)
        self.binh = people.add_user("Bình")
        self.group = people.add_group("Nhóm nhỏ", [self.an, self.binh])
        self.office = people.add_group("Phòng Nhân sự", [self.an, self.binh], supergroup=True)

    def asked(self, chat: int = 0, question_id: str = "q1", *, part: int = 0) -> Posting:
        """A question of An's in the chat, in private where none is named."""
        chat = chat or self.an
        asked = self.telegram.people.say(self.an, chat, QUESTION)
        spot = Spot(self.telegram.bot.id, chat, asked)
        return Posting(question_id, part, spot.name, spot.place, spot.name, person_of(self.an))

    def parts(self, answer: Answer) -> Sequence[Part]:
        return self.surface.render(answer)

    async def finish(self, posting: Posting, name: str, answer: Answer) -> None:
        await self.surface.finish(posting, name, answer, self.parts(answer)[posting.part])

    def message(self, name: str) -> Message:
        return self.telegram.message(*chat_and_message(name))

    def called(self) -> list[str]:
        return [call.method for call in self.telegram.calls]


@asynccontextmanager
async def an_outbox(telegram: TelegramServer, rooms: Mapping[int, str] | None = None) -> AsyncIterator[Outbox]:
    moved: list[tuple[int, int]] = []

    async def note(old: int, new: int) -> None:
        moved.append((old, new))

    async with a_surface(telegram, note, rooms) as surface:
        yield Outbox(telegram, surface, moved)
