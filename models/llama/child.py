"""What runs in the child process: a model, and a desk that takes orders from the parent and sends replies.

The child ends when it is told to, or at once when its parent is gone. Signals that end the parent's group leave it
alone: answers may still be under way while the parent stops. What it logs or llama.cpp prints goes to the parent's log.
"""

import asyncio
import contextlib
import faulthandler
import logging
import os
import select
import signal
import socket
import sys
import threading
from contextlib import aclosing

from core.errors import ModelError, ModelUnavailable
from core.faults import at_length
from core.following import followed, following
from models.llama.frames import (
    Ask,
    Cancel,
    Close,
    Count,
    Done,
    Failed,
    Given,
    Look,
    Open,
    Opened,
    Refused,
    Reply,
    Seen,
    Warm,
    frame,
    read_frame,
    sendable,
)
from models.llama.model import LlamaModel, open_llama

log = logging.getLogger(__name__)


class LogLines(logging.Formatter):
    """`LEVEL logger [question]: message`, once for each line of the message and of what is known of an error.

    The parent reads them (`models/llama/process.py`) and logs them again.
    """

    def format(self, record: logging.LogRecord) -> str:
        question = f" [{followed()}]" if followed() else ""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text = f"{text}\n{at_length(record.exc_info[1])}"
        return "\n".join(f"{record.levelname} {record.name}{question}: {line}" for line in text.splitlines() or [""])


class Desk:
    """Takes orders, each worked on by a task of its own, until it is told to close."""

    def __init__(self, model: LlamaModel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._model = model
        self._reader = reader
        self._writer = writer
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not isinstance(order := await read_frame(self._reader), Close | None):
                if isinstance(order, Cancel):
                    self._cancel(order.number)
                elif isinstance(order, Ask | Warm | Count | Look):
                    self._begin(group, order)
            for number in self._tasks:
                self._cancel(number)

    def _begin(self, group: asyncio.TaskGroup, order: Ask | Warm | Count | Look) -> None:
        task = self._tasks[order.number] = group.create_task(self._work(order))
        task.add_done_callback(lambda _: self._tasks.pop(order.number))

    def _cancel(self, number: int) -> None:
        if number in self._tasks:
            self._tasks[number].cancel()

    async def _work(self, order: Ask | Warm | Count | Look) -> None:
        with following(order.question if isinstance(order, Ask) else ""):
            try:
                await self._carry_out(order)
            except ModelError as error:
                await self._reply(Failed(order.number, sendable(error)))
            except Exception:  # one odd request must not end the others with it
                log.exception("a request to the model failed")
                await self._reply(Failed(order.number, ModelUnavailable("model.failed")))

    async def _carry_out(self, order: Ask | Warm | Count | Look) -> None:
        match order:
            case Ask():
                async with aclosing(self._model.stream(order.received())) as items:
                    async for item in items:
                        await self._reply(Given(order.number, item))
            case Warm():
                await self._model.warm(order.messages)
                await self._reply(Done(order.number))
            case Count():
                await self._reply(Done(order.number, self._model.count_tokens(order.messages)))
            case Look():
                await self._reply(Seen(order.number, await self._model.look()))

    async def _reply(self, reply: Reply) -> None:
        """Sends, and waits while the parent has not read what was sent before."""
        self._writer.write(frame(reply))
        await self._writer.drain()


async def serve(connection: socket.socket) -> None:
    """Opens the model that the first frame names, says how that went, and serves until the parent closes."""
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    with contextlib.closing(writer):
        order = await read_frame(reader)
        if not isinstance(order, Open):
            return
        handler = logging.StreamHandler()
        handler.setFormatter(LogLines())
        logging.basicConfig(level=order.log_level, handlers=[handler], force=True)
        try:
            async with open_llama(order.config) as model:
                writer.write(frame(Opened(model.name)))
                await Desk(model, reader, writer).serve()
        except ModelError as error:
            writer.write(frame(Refused(sendable(error))))
            await writer.drain()


def end_with_the_parent(connection: int) -> None:
    """Blocks until the other end of the connection is closed, then ends this process, whatever it is doing."""
    hangup = select.poll()
    hangup.register(connection, 0)  # a hang-up is reported always
    hangup.poll()
    os._exit(0)


def main() -> None:
    """`sys.argv[1]` is the file descriptor of a socket to the parent."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    faulthandler.enable()
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(False)
    watching = os.dup(connection.fileno())
    threading.Thread(target=end_with_the_parent, args=(watching,), daemon=True).start()
    asyncio.run(serve(connection))
