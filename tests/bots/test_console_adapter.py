"""The console beside the platforms: who ends what, in one process with a real inbox under it."""

import asyncio
import io
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pytest
from rich.console import Console

from bots.console import Chat
from bots.console_adapter import ConsoleAdapter, Turns
from bots.margin import Margin
from bots.service import serve_until_stopped
from bots.terminal import TerminalSurface
from core.feedback import FeedbackBook
from core.ports import LanguageModel
from core.store.database import Database, open_database
from core.store.spaces import SpaceRepository
from tests.core.desk import ANSWER, GOOD, QUESTION, Desk, pipeline_over
from tests.core.makers import LAN, SPACES
from tests.fakes import GatedModel, HangingModel, ScriptedModel


@dataclass
class Keyboard:
    """What is typed at the prompt; errors are raised there. `prompted` is set while nothing has been typed yet."""

    typed: asyncio.Queue[str | BaseException] = field(default_factory=asyncio.Queue)
    prompted: asyncio.Event = field(default_factory=asyncio.Event)

    async def type(self, line: str | BaseException) -> None:
        """Once there is a prompt."""
        await self.prompted.wait()
        self.prompted.clear()
        await self.typed.put(line)

    async def read(self) -> str:
        self.prompted.set()
        line = await self.typed.get()
        if isinstance(line, BaseException):
            raise line
        return line


@dataclass
class Place:
    """A service with a console, and what happened to either."""

    keyboard: Keyboard
    turns: Turns
    screen: TextIO
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shown(self) -> str:
        assert isinstance(self.screen, io.StringIO)
        return self.screen.getvalue()

    def stop(self) -> None:
        self.turns.close()
        self.stopped.set()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await SpaceRepository(opened).sync([(space, ()) for space in SPACES.values()])
        yield opened


@asynccontextmanager
async def serving(
    database: Database, model: LanguageModel, screen: TextIO | None = None, margin: Margin | None = None
) -> AsyncIterator[Place]:
    """A service that serves a console alone. It is told to stop at the end, unless it has been."""
    place = Place(keyboard := Keyboard(), Turns(keyboard.read, margin), screen or io.StringIO())
    console = Console(file=place.screen, soft_wrap=True, highlight=False)
    surface = TerminalSurface(console, "vi")
    inbox = Desk(database, pipeline_over(database, model)).worker(surface=surface)
    chat = Chat(
        inbox, surface, FeedbackBook(database), LAN, console, "vi", place.turns.next_line, place.turns.answering
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(ConsoleAdapter(chat, place.turns, place.left.set).run(place.stopping))
        service = group.create_task(serve_until_stopped(inbox, place.stop, place.turns.interrupt))
        yield place
        if not place.stopped.is_set():
            signal.raise_signal(signal.SIGTERM)
        await service
        place.stopping.set()


async def test_it_answers_and_asks_again_until_the_service_stops(database: Database) -> None:
    async with serving(database, ScriptedModel(GOOD)) as place:
        await place.keyboard.type(QUESTION)
        await place.keyboard.type(QUESTION)
        await place.keyboard.prompted.wait()
    assert place.shown.count(ANSWER) == 2
    assert not place.left.is_set()


@pytest.mark.parametrize("leaving", ["/quit", EOFError()])
async def test_who_leaves_ends_the_console_and_not_the_service(
    database: Database, leaving: str | BaseException
) -> None:
    async with serving(database, ScriptedModel(GOOD)) as place:
        await place.keyboard.type(leaving)
        await place.left.wait()
        assert not place.stopped.is_set()


async def test_ctrl_c_stops_the_answer_and_the_next_one_the_service(database: Database) -> None:
    model = HangingModel()
    async with serving(database, model) as place:
        await place.keyboard.type(QUESTION)
        await model.started.wait()
        signal.raise_signal(signal.SIGINT)
        await place.keyboard.prompted.wait()
        assert model.stopped.is_set()
        assert not place.stopped.is_set()
        signal.raise_signal(signal.SIGINT)
        await place.stopped.wait()
    assert place.shown.rstrip().endswith("Đã dừng theo yêu cầu.")
    assert not place.left.is_set()


async def test_ctrl_c_at_the_prompt_stops_the_service(database: Database) -> None:
    async with serving(database, ScriptedModel(GOOD)) as place:
        await place.keyboard.type(KeyboardInterrupt())
        await place.stopped.wait()
    assert not place.left.is_set()


async def test_sigterm_lets_the_answer_end_and_asks_nothing_more(database: Database) -> None:
    model = GatedModel(GOOD)
    async with serving(database, model) as place:
        await place.keyboard.type(QUESTION)
        await model.reached(1)
        signal.raise_signal(signal.SIGTERM)
        await place.stopped.wait()
        model.gate.set()
    assert ANSWER in place.shown
    assert not place.keyboard.prompted.is_set()


async def test_a_line_that_comes_as_the_service_stops_is_not_asked(database: Database) -> None:
    model = ScriptedModel(GOOD)
    async with serving(database, model) as place:
        await place.keyboard.prompted.wait()
        place.turns.close()
        place.keyboard.typed.put_nowait(QUESTION)
    assert model.requests == []


async def test_a_fault_of_the_reading_is_itself() -> None:
    keyboard = Keyboard()
    keyboard.typed.put_nowait(OSError("the terminal has gone"))
    with pytest.raises(OSError, match="has gone"):
        await Turns(keyboard.read).next_line()


class Deaf(io.StringIO):
    """A screen that has gone when `gone` is put into it."""

    is_gone = False

    def write(self, text: str) -> int:
        if self.is_gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


@pytest.mark.parametrize("line", [QUESTION, "/help"])
async def test_a_screen_that_has_gone_ends_the_console_and_not_the_service(
    database: Database, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    screen = Deaf()
    async with serving(database, ScriptedModel(GOOD), screen) as place:
        await place.keyboard.prompted.wait()
        screen.is_gone = True
        await place.keyboard.type(line)
        await place.left.wait()
        assert not place.stopped.is_set()
    assert "Traceback" not in caplog.text


async def test_a_screen_without_vietnamese_ends_the_console_and_says_so_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with io.TextIOWrapper(io.BytesIO(), encoding="ascii") as screen:
        async with serving(database, ScriptedModel(GOOD), screen) as place:
            await place.left.wait()
            assert not place.stopped.is_set()
    assert "nobody reads the console any more" in caplog.text


async def test_what_is_said_beside_an_answer_stands_after_it(database: Database) -> None:
    screen, model = io.StringIO(), GatedModel(GOOD)
    margin = Margin(screen, lambda write: write())
    async with serving(database, model, screen, margin) as place:
        await place.keyboard.type(QUESTION)
        await model.reached(1)
        margin.write("WARNING: in between\n")
        model.gate.set()
        await place.keyboard.prompted.wait()
        margin.write("WARNING: at the prompt\n")
    shown = screen.getvalue()
    places = [shown.index(part) for part in (ANSWER, "in between", "at the prompt")]
    assert places == sorted(places)
