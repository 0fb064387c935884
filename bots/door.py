"""The service's door: `sotay ask`, `chat` and `route` on the same machine, which the index and the model are not free
for, come here. The service answers them as it answers everybody, with what it has loaded.

Who may open the socket is the service's own user, or root: whoever they ask as, they could read the database itself.
"""

import asyncio
import functools
import logging
import socket
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bots.bootstrap import Handbook
from bots.console import MAX_QUESTION, check_question, typed
from bots.door_surface import DoorSurface, Outbox
from bots.door_words import (
    LONGEST_REQUEST,
    Errand,
    Explained,
    Request,
    Word,
    refused,
    request_of,
    word_line,
)
from bots.explained import decided, record, steps
from bots.service import Beside
from bots.settings import Settings
from core.conversation import Person, Route
from core.errors import SotayError, StoreError
from core.first_error import first_error
from core.inbox import Inbox
from core.intake import InboxLimits, Verdict
from core.pipeline import Pipeline
from core.store.intake import Intake

log = logging.getLogger(__name__)

MOST_VISITORS = 64
REQUEST_SECONDS = 10.0
"""Who opens the door is to say by then what for."""
LAST_SECONDS = 2.0
"""What visitors get to hear the last word, when the service stops or they have said too much."""


@dataclass(frozen=True, slots=True)
class Door:
    """Serves who comes through `listening`. `explain` tells of a request; `abandon` ends what nobody waits for."""

    listening: socket.socket
    surface: DoorSurface
    inbox: Inbox
    explain: Callable[[Request], Awaitable[Explained]]
    abandon: Callable[[], Awaitable[object]]
    visits: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`: answers under way have ended then, and who still waits hears that the service stops."""
        async with asyncio.TaskGroup() as group:
            admit = functools.partial(self._admit, group)
            server = await asyncio.start_unix_server(admit, sock=self.listening, limit=LONGEST_REQUEST)
            try:
                await stopping.wait()
            finally:
                server.close()
            self.surface.close()
            if self.visits:
                await asyncio.wait(self.visits, timeout=LAST_SECONDS)
            for visit in self.visits:
                visit.cancel()
        try:
            await self.abandon()
        except StoreError as error:
            log.warning("what was asked at the door is left to the next start: %s", error)

    def _admit(self, group: asyncio.TaskGroup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self.visits) >= MOST_VISITORS:
            writer.write(word_line(refused(SotayError("beside.too_many"))))
            writer.close()
            return
        visit = group.create_task(self._visit(reader, writer))
        self.visits.add(visit)
        visit.add_done_callback(self.visits.discard)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end. Nothing that goes wrong with a visitor reaches the service."""
        try:
            await self._receive(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        except OSError as error:
            log.debug("a visitor has left: %r", error)
            writer.transport.abort()
        except Exception:
            log.exception("a visitor could not be served")
        finally:
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _requested(reader)
            if request is None:
                return
            check_question(request.question)
            if request.do is Errand.ASK:
                await self._ask(request, reader, writer)
            else:
                await _say(writer, await self.explain(request))
        except SotayError as error:
            await _say(writer, refused(error))
            await _heard(reader)

    async def _ask(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A question through the inbox; who leaves before its end wants no answer any more."""
        thread = request.thread or uuid.uuid4().hex
        message = typed(request.question, Person(request.person), self.surface.name, thread)
        with self.surface.visited(message.key) as outbox:
            receipt = await self.inbox.accept(message)
            if receipt.verdict is Verdict.REFUSED or receipt.question_id is None:
                raise SotayError("beside.too_many")
            stop = functools.partial(self.inbox.stop, receipt.question_id, request.person)
            try:
                await _attend(outbox, reader, writer, stop)
            except OSError as error:
                log.debug("a visitor left in the middle of an answer: %r", error)
            if not outbox.is_said:
                await stop()


async def _attend(
    outbox: Outbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stop: Callable[[], Awaitable[object]]
) -> None:
    """Says what is in the outbox until its end, or until the visitor has hung up. Raises OSError."""
    with first_error():
        async with asyncio.TaskGroup() as group:
            tasks = group.create_task(outbox.say_to(writer)), group.create_task(_listen(reader, stop))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()


async def _listen(reader: asyncio.StreamReader, stop: Callable[[], Awaitable[object]]) -> None:
    """Until the visitor hangs up, or says what makes no sense; stops the answer where they ask for that."""
    try:
        while (line := await reader.readline()) and request_of(line).do is Errand.STOP:
            await stop()
    except (ValueError, SotayError) as error:
        log.debug("a visitor said what makes no sense, or could not be obeyed: %s", error)


async def _requested(reader: asyncio.StreamReader) -> Request | None:
    """What the visitor wants; None for who only looks whether somebody is there. Raises `SotayError`."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            line = await reader.readline()
    except ValueError as error:  # a line beyond the limit
        raise SotayError("console.long_question", limit=MAX_QUESTION) from error
    request = request_of(line) if line else None
    if request is not None and request.do is Errand.STOP:
        raise SotayError("beside.unknown_request")
    return request


async def _say(writer: asyncio.StreamWriter, word: Word) -> None:
    writer.write(word_line(word))
    async with asyncio.timeout(LAST_SECONDS):
        await writer.drain()


async def _heard(reader: asyncio.StreamReader) -> None:
    """Until the visitor hangs up, for a moment: what they are still saying would else be cut off, and our word too."""
    async with asyncio.timeout(LAST_SECONDS):
        while await reader.read(LONGEST_REQUEST):
            pass


def door_beside(
    settings: Settings,
    handbook: Handbook,
    pipeline: Pipeline,
    inbox: Inbox,
    limits: InboxLimits,
    *,
    surface: DoorSurface,
    listening: socket.socket | None,
) -> list[Beside]:
    """The door of a service, where it could get one."""
    if listening is None:
        return []

    async def explain(request: Request) -> Explained:
        person = await inbox.asker(request.person, surface.name)
        has_remote = Route.API in pipeline.writer.models
        found = await decided(settings, handbook, request.question, person, has_remote=has_remote)
        return Explained(steps(found), record(found))

    async def abandon() -> None:
        now = datetime.now(UTC)
        await Intake(handbook.database, limits).abandon(surface.name, now, now)

    return [Door(listening, surface, inbox, explain, abandon)]
