"""The platform's side of the sockets: delivers at least once, and does what workers ask for."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.crash.chat import Chat, Event, LastWord, Refused
from benchmarks.crash.wire import Line, read_lines, to_line, write_line

LOOK = 0.1
"""Seconds between two looks for events that are due again."""
SLOWEST = 0.006
"""Seconds that the word on a call takes at most, after the call has been done."""


class Server:
    """Workers come and go; with several, each event goes to one of them."""

    def __init__(self, chat: Chat, chance: random.Random) -> None:
        self.chat = chat
        self._chance = chance
        self._workers: set[asyncio.StreamWriter] = set()
        self._news = asyncio.Event()

    @property
    def connections(self) -> int:
        return len(self._workers)

    def deliver_soon(self) -> None:
        self._news.set()

    async def deliver(self) -> None:
        """Sends what is due, until cancelled."""
        while True:
            for event in self.chat.due(time.monotonic()) if self._workers else ():
                self._send(event)
            self._news.clear()
            try:
                async with asyncio.timeout(LOOK):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One worker, until it is gone."""
        self._workers.add(writer)
        self.deliver_soon()
        try:
            async with asyncio.TaskGroup() as group:
                async for line in read_lines(reader):
                    if "ack" in line:
                        self.chat.acknowledge(line["ack"])
                    else:
                        group.create_task(self._reply(writer, line))
        finally:
            self._workers.discard(writer)
            self.chat.hang_up(writer)
            self.deliver_soon()
            writer.close()

    def _send(self, event: Event) -> None:
        worker = self._chance.choice(list(self._workers))
        event.sent_at, event.via = time.monotonic(), worker
        write_line(worker, {"event": to_line(event.incoming)})

    async def _reply(self, writer: asyncio.StreamWriter, line: Line) -> None:
        """Does at once what is asked for, and says so a little later: a worker may die in between."""
        try:
            said: Line = {"value": done(self.chat, line)}
        except Refused as refused:
            said = {"error": str(refused)}
        await asyncio.sleep(self._chance.uniform(0, SLOWEST))
        write_line(writer, {"reply": line["call"], **said})


def done(chat: Chat, line: Line) -> str | None:
    """Does one call. Raises Refused."""
    where, owner = (line["surface"], line["place"]), (line["question_id"], line["part"])
    match line["do"]:
        case "post":
            return chat.post(*where, *owner)
        case "find":
            return chat.find(*where, owner, frozenset(line["known"]))
        case "edit":
            chat.edit(*where, line["message_id"])
        case "remove":
            chat.remove(*where, line["message_id"])
        case "finish" | "fail" as ending:
            word = LastWord(line["key"], line["part"], line["text"], ending == "fail", time.monotonic())
            chat.end(*where, line["message_id"], word)
    return None


@asynccontextmanager
async def serving(chat: Chat, socket: Path, chance: random.Random) -> AsyncIterator[Server]:
    """The platform at this address, for as long as the block lasts."""
    server = Server(chat, chance)
    listener = await asyncio.start_unix_server(server.attend, socket)
    async with listener, asyncio.TaskGroup() as group:
        delivering = group.create_task(server.deliver())
        yield server
        delivering.cancel()
