"""Commands beside a service on the same machine: the index is in its hands, so it answers for them (`bots/door.py`)."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bots.bootstrap import open_store
from bots.commands.running import Session
from bots.console import Chat, typed
from bots.door_socket import door_of, listens
from bots.door_words import (
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
from bots.keyboard import line_reader
from bots.terminal import SURFACE, UNREADABLE, AnswerPrinter, Ended
from core.conversation import Person
from core.errors import SotayError
from core.intake import Incoming, Receipt, Verdict


def door(session: Session) -> Path | None:
    """The door of the service that is at work, before anything is loaded here; None where nobody listens."""
    path = door_of(session.settings)
    return path if listens(path) else None


async def answered(session: Session, door: Path, text: str, person: str | None, *, out: Console) -> Ended:
    """One question; its answer streams to `out`. Raises `SotayError` where the service ends before."""
    asker = Person(person or session.settings.console.person)
    with far_terminal(door, out, session.language) as far:
        receipt = await far.accept(typed(text, asker, far.name, uuid.uuid4().hex))
        return await far.ended(receipt.question_id or "")


async def converse(session: Session, door: Path, person: str | None) -> None:
    """A conversation until the person leaves; votes are written into the database from here."""
    asker, language = Person(person or session.settings.console.person), session.language
    with far_terminal(door, session.out, language) as far:
        async with open_store(session.settings) as feedback:
            await Chat(far, far, feedback, asker, session.out, language, line_reader()).run()


async def explained(session: Session, door: Path, text: str, person: str | None) -> Explained:
    """What becomes of a question. Raises `SotayError` where the service does not say."""
    line = await Line.opened(door)
    try:
        await line.say(Request(Errand.EXPLAIN, text, person or session.settings.console.person))
        word = await line.hear()
    finally:
        line.hang_up()
    if not isinstance(word, Explained):
        raise SotayError("beside.unknown_request")
    return word


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to the door."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def opened(cls, door: Path) -> "Line":
        """Raises `SotayError` where nobody answers any more."""
        try:
            return cls(*await asyncio.open_unix_connection(door, limit=LONGEST_WORD))
        except OSError as error:
            raise SotayError("beside.gone") from error

    async def say(self, request: Request) -> None:
        """What cannot be said any more is not said: `hear` tells why."""
        self.writer.write(request_line(request))
        try:
            await self.writer.drain()
        except OSError:
            return

    async def hear(self) -> Word:
        """The next word. Raises `SotayError` where the service has ended, and for what it refuses."""
        try:
            line = await self.reader.readline()
        except (OSError, ValueError):
            line = b""
        if not line.endswith(b"\n"):
            raise SotayError("beside.stopped")
        word = word_of(line)
        if isinstance(word, Refused):
            raise SotayError(word.message_id, **word.facts)
        return word

    def hang_up(self) -> None:
        self.writer.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question under way, and what is printed of it."""

    line: Line
    printer: AnswerPrinter


class FarTerminal:
    """This terminal as another process serves it: the inbox and the surface of a chat, or of one question.

    `is_closed`: nobody reads any more what is printed.
    """

    def __init__(self, door: Path, console: Console, language: str) -> None:
        self.name = SURFACE
        self.is_closed = False
        self._door = door
        self._console = console
        self._language = language
        self._asked: dict[str, Asked] = {}

    async def accept(self, message: Incoming) -> Receipt:
        """Raises `SotayError` where the service does not answer."""
        line = await Line.opened(self._door)
        self._asked[message.key] = Asked(line, AnswerPrinter(self._console, self._language))
        await line.say(Request(Errand.ASK, message.text or "", message.person, message.conversation))
        return Receipt(Verdict.ACCEPTED, message.key)

    async def stop(self, question_id: str, person: str) -> Receipt:
        """The service says so at the end of the answer."""
        del person
        await self._asked[question_id].line.say(Request(Errand.STOP))
        return Receipt(Verdict.CANCELLED, question_id)

    async def ended(self, question_id: str) -> Ended:
        """How the question ended, once it has, printed as it comes. Who is cancelled may ask again, and goes on.

        Raises `SotayError` where the service ends before, or refuses the question.
        """
        try:
            ended = await self._printed(self._asked[question_id])
        except SotayError:
            self._hang_up(question_id)
            raise
        self._hang_up(question_id)
        return ended

    def close(self) -> None:
        """Hangs up: what is still under way is not wanted any more."""
        for question_id in list(self._asked):
            self._hang_up(question_id)

    async def _printed(self, asked: Asked) -> Ended:
        ended = None
        while ended is None:
            word = await asked.line.hear()
            try:
                ended = _print(asked.printer, word)
            except UNREADABLE:
                self.is_closed, ended = True, Ended("")
        return ended

    def _hang_up(self, question_id: str) -> None:
        self._asked.pop(question_id).line.hang_up()


def _print(printer: AnswerPrinter, word: Word) -> Ended | None:
    """Prints the word; how the question ended where it is the last one."""
    match word:
        case Noted(text):
            printer.note(text)
        case Shown(text):
            printer.show(text)
        case Finished(answer):
            printer.finish(answer)
            return Ended(answer.text, answer)
        case Failed(text):
            if text:
                printer.fail(text)
            return Ended(text)
        case _:
            raise SotayError("beside.unknown_request")
    return None


@contextmanager
def far_terminal(door: Path, console: Console, language: str) -> Iterator[FarTerminal]:
    """Hangs up when the block is left."""
    far = FarTerminal(door, console, language)
    try:
        yield far
    finally:
        far.close()
