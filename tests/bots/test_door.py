"""The service's door over a real socket, a real inbox behind it: who comes, who leaves, and what they are told."""

import asyncio
import logging
import socket
import stat
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bots.console import MAX_QUESTION
from bots.door import MOST_VISITORS, Door
from bots.door_socket import LONGEST_PATH, listening, listens
from bots.door_surface import DoorSurface
from bots.door_words import (
    LONGEST_REQUEST,
    LONGEST_WORD,
    Errand,
    Explained,
    Failed,
    Finished,
    Noted,
    Refused,
    Request,
    Shown,
    Word,
    request_line,
    word_of,
)
from core.intake import InboxLimits
from core.ports import LanguageModel
from core.store import tables
from core.store.database import Database, open_database
from core.store.intake import Intake
from core.store.spaces import SpaceRepository
from tests.core.desk import ANSWER, GOOD, QUESTION, Desk, pipeline_over
from tests.core.makers import SPACES
from tests.fakes import GatedModel, HangingModel, ScriptedModel

STEPS = Explained({"kind": "office"}, {"kind": "office", "plan": None})


@dataclass
class House:
    """A service with a door, and what it has done. `traced` is told of each step of each question."""

    path: Path
    database: Database
    desk: Desk
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    points: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def reached(self, point: str) -> None:
        """Returns once a question has got there."""
        while await self.points.get() != point:
            pass

    async def states(self) -> list[str]:
        async with self.database.reading() as connection:
            return list(await connection.scalars(select(tables.inbox.c.state).order_by(tables.inbox.c.number)))


@dataclass
class Visitor:
    """Somebody at the door."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, line: bytes) -> None:
        self.writer.write(line)
        await self.writer.drain()

    async def ask(self, text: str = QUESTION) -> None:
        await self.say(request_line(Request(Errand.ASK, text, "lan", uuid.uuid4().hex)))

    async def hear(self) -> Word:
        return word_of(await self.reader.readline())

    async def hears(self, kind: type[Word]) -> Word:
        """The next word of this kind."""
        while not isinstance(word := await self.hear(), kind):
            pass
        return word

    async def hears_all(self) -> Sequence[Word]:
        """Everything, until the other side hangs up."""
        return [word_of(line) async for line in self.reader]

    def leave(self) -> None:
        self.writer.close()


@asynccontextmanager
async def visiting(house: House) -> AsyncIterator[Visitor]:
    reader, writer = await asyncio.open_unix_connection(house.path, limit=LONGEST_WORD)
    try:
        yield Visitor(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def open_house(folder: Path, model: LanguageModel, limits: InboxLimits | None = None) -> AsyncIterator[House]:
    path, surface = folder / "service.sock", DoorSurface()
    async with open_database(f"sqlite+aiosqlite:///{folder}/sotay.db") as database:
        await SpaceRepository(database).sync([(space, ()) for space in SPACES.values()])
        desk = Desk(database, pipeline_over(database, model), limits=limits or InboxLimits(join_seconds=0.0))
        house = House(path, database, desk)
        desk.on_trace = house.points.put_nowait
        inbox = desk.worker(surface=surface)

        async def explain(_request: Request) -> Explained:
            return STEPS

        async def abandon() -> None:
            now = datetime.now(UTC)
            await Intake(database, desk.limits).abandon(surface.name, now, now)

        with listening(path) as made:
            assert made is not None
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                group.create_task(inbox.serve())
                door = group.create_task(Door(made, surface, inbox, explain, abandon).run(house.stopping))
                yield house
                house.stopping.set()
                await door
                inbox.drain()


async def test_a_question_gets_notes_previews_and_its_answer_with_sources_and_without_the_prompt(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, ScriptedModel(GOOD)) as house, visiting(house) as visitor:
        await visitor.ask()
        words = await visitor.hears_all()
    assert {type(word) for word in words} <= {Noted, Shown, Finished}
    (done,) = (word for word in words if isinstance(word, Finished))
    assert words[-1] is done
    assert (done.answer.text, done.answer.citations[0].n) == (ANSWER, 1)
    assert (done.answer.prompt, [passage.text for passage in done.answer.passages]) == ((), [""])


async def test_an_explanation_is_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, ScriptedModel(GOOD)) as house, visiting(house) as visitor:
        await visitor.say(request_line(Request(Errand.EXPLAIN, QUESTION, "lan")))
        assert await visitor.hears_all() == [STEPS]


@pytest.mark.parametrize(
    ("line", "message_id"),
    [
        (b"x" * 3 * LONGEST_REQUEST + b"\n", "console.long_question"),
        (request_line(Request(Errand.ASK, "x" * (MAX_QUESTION + 1))), "console.long_question"),
        (request_line(Request(Errand.ASK, "  ")), "console.empty_question"),
        (request_line(Request(Errand.STOP)), "beside.unknown_request"),
        (b'{"do": "sing"}\n', "beside.unknown_request"),
        (b'{"do": "ask", "question": "a", "thread": "slack:C1"}\n', "beside.unknown_request"),
        (b"\xff\n", "beside.unknown_request"),
    ],
)
async def test_what_is_no_question_is_refused_and_the_next_visitor_is_served(
    tmp_path: Path, line: bytes, message_id: str
) -> None:
    async with open_house(tmp_path, ScriptedModel(GOOD)) as house:
        async with visiting(house) as visitor:
            await visitor.say(line)
            said = await visitor.hear()
            assert isinstance(said, Refused)
            assert said.message_id == message_id
        async with visiting(house) as visitor:
            await visitor.ask()
            await visitor.hears(Finished)


def test_the_longest_question_fits_a_line() -> None:
    assert len(request_line(Request(Errand.ASK, "\0" * MAX_QUESTION, "x" * 100, "0" * 32))) < LONGEST_REQUEST


def test_halves_of_signs_become_question_marks() -> None:
    assert b'"?"' in request_line(Request(Errand.ASK, "\udcff"))


async def test_who_hangs_up_in_the_middle_wants_no_answer_any_more(tmp_path: Path) -> None:
    model = HangingModel()
    async with open_house(tmp_path, model) as house:
        async with visiting(house) as visitor:
            await visitor.ask()
            await model.started.wait()
        await model.stopped.wait()
        await house.reached("finished")
        assert await house.states() == ["cancelled"]
        assert house.desk.alarms == []
        assert listens(house.path)


async def test_who_says_so_hears_that_the_answer_was_stopped(tmp_path: Path) -> None:
    model = HangingModel()
    async with open_house(tmp_path, model) as house, visiting(house) as visitor:
        await visitor.ask()
        await visitor.hears(Shown)
        await visitor.say(request_line(Request(Errand.STOP)))
        said = await visitor.hears(Failed)
        await house.reached("finished")
        assert isinstance(said, Failed)
        assert "dừng" in said.text
        assert await house.states() == ["cancelled"]


async def test_who_does_not_read_holds_nothing_up_and_finds_the_end(tmp_path: Path) -> None:
    pieces = [f"{number:04} " * 800 for number in range(100)]
    async with open_house(tmp_path, ScriptedModel(pieces)) as house, visiting(house) as visitor:
        await visitor.ask()
        await house.reached("finished")
        words = await visitor.hears_all()
    assert isinstance(words[-1], Finished | Failed)
    assert sum(isinstance(word, Shown) for word in words) < len(pieces) / 2


async def test_one_question_too_many_is_refused_at_once_however_often(tmp_path: Path) -> None:
    model = GatedModel(GOOD)
    limits = InboxLimits(join_seconds=0.0, per_person=1)
    async with open_house(tmp_path, model, limits) as house, visiting(house) as first:
        await first.ask()
        await model.reached(1)
        for _ in range(3):
            async with visiting(house) as other:
                await other.ask()
                assert await other.hear() == Refused("beside.too_many", {})
        model.gate.set()
        await first.hears(Finished)


async def test_one_visitor_too_many_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path, ScriptedModel(GOOD)) as house:
        idle = [await asyncio.open_unix_connection(house.path) for _ in range(MOST_VISITORS)]
        async with visiting(house) as visitor:
            assert await visitor.hears_all() == [Refused("beside.too_many", {})]
        for _, writer in idle:
            writer.close()


async def test_who_still_waits_when_the_service_ends_hears_so_and_is_answered_by_nobody(tmp_path: Path) -> None:
    model = HangingModel()
    async with open_house(tmp_path, model) as house, visiting(house) as visitor, visiting(house) as idle:
        await visitor.ask()
        await visitor.hears(Shown)
        house.stopping.set()
        assert await visitor.hears(Refused) == Refused("beside.stopped", {})
        assert await idle.hears_all() == []
        await model.stopped.wait()
        assert await house.states() == ["cancelled"]


class TestSocket:
    """The file that stands for the door."""

    def test_only_its_owner_may_open_it_and_it_goes_with_the_service(self, tmp_path: Path) -> None:
        path = tmp_path / "service.sock"
        with listening(path) as made:
            assert made is not None
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert listens(path)
        assert not path.exists()
        assert not listens(path)

    def test_what_a_dead_service_left_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "service.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        assert path.is_socket()
        assert not listens(path)
        with listening(path) as made:
            assert made is not None
            assert listens(path)

    def test_of_two_that_live_the_first_keeps_it(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = tmp_path / "service.sock"
        caplog.set_level(logging.INFO)
        with listening(path):
            with listening(path) as second:
                assert second is None
            assert listens(path)
        assert "another service listens" in caplog.text

    def test_another_file_in_its_place_stays(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = tmp_path / "service.sock"
        path.write_text("kept", encoding="utf-8")
        with listening(path) as made:
            assert made is None
        assert path.read_text(encoding="utf-8") == "kept"
        assert "no door for commands" in caplog.text

    def test_a_socket_that_has_taken_its_place_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "service.sock"
        with socket.socket(socket.AF_UNIX) as other:
            with listening(path):
                path.unlink()
                other.bind(str(path))
            assert path.is_socket()

    def test_a_path_too_long_is_done_without(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = tmp_path / ("x" * LONGEST_PATH) / "service.sock"
        path.parent.mkdir()
        with listening(path) as made:
            assert made is None
        assert not listens(path)
        assert str(LONGEST_PATH) in caplog.text

    def test_without_its_folder_it_is_done_without(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with listening(tmp_path / "nowhere" / "service.sock") as made:
            assert made is None
        assert "no door for commands" in caplog.text
