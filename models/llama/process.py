"""One child process with a model, as its parent sees it: started, asked, listened to, ended."""

import asyncio
import itertools
import logging
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from core.errors import ModelBusy, ModelTimeout, ModelUnavailable
from core.following import following
from models.llama.config import LlamaConfig
from models.llama.frames import (
    Cancel,
    Close,
    Done,
    Failed,
    Given,
    Open,
    Opened,
    Order,
    Refused,
    Reply,
    Seen,
    frame,
    read_frame,
)
from models.llama.statistics import Glance

log = logging.getLogger(__name__)

START = "import sys; sys.path[:] = sys.argv[2:]; from models.llama.child import main; main()"
"""The child imports what its parent would, wherever both were started; -P keeps the working directory out of it."""
CLOSE_SECONDS = 5.0
"""Time for a child to end when it is told to: one step of the model and freeing its memory."""
MOST_CALLS = 1_000
"""Calls under way; the child itself refuses far fewer, this bounds what waits for one that no longer reads."""
LOG_SECONDS = 1.0
"""Time for its last words; a debugger that it called may hold its output open."""
LONGEST_LINE = 2**20
LOGGED = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ([\w.]+)(?: \[(\w+)\])?: (.*)")


class Call:
    """The replies to one order. The mailbox holds at most one item per token of the answer."""

    def __init__(self) -> None:
        self.mailbox: asyncio.Queue[Reply] = asyncio.Queue()

    async def item(self, seconds: float) -> Given:
        """The next item of a stream. Raises what the child raised, `ModelTimeout` after `seconds` without any."""
        try:
            async with asyncio.timeout(seconds):
                while not isinstance(reply := await self._next(), Given):
                    pass
        except TimeoutError:
            raise ModelTimeout("model.timeout") from None
        return reply

    async def done(self) -> int:
        """The tokens that the order came to. Raises what the child raised."""
        while not isinstance(reply := await self._next(), Done):
            pass
        return reply.tokens

    async def seen(self) -> Glance:
        """What the child sees when it looks at its model. Raises what the child raised."""
        while not isinstance(reply := await self._next(), Seen):
            pass
        return reply.glance

    async def _next(self) -> Given | Done | Seen:
        reply = await self.mailbox.get()
        if isinstance(reply, Failed):
            raise reply.error
        return reply


class ChildProcess:
    """A child with its connection. `name` is the model's, once it is open."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.name = ""
        self._process = process
        self._reader = reader
        self._writer = writer
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count(1)
        self._ended_by: str | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def open(self, config: LlamaConfig) -> None:
        """Has the model loaded. Raises as `open_llama`, and `ModelUnavailable` where the child ends over it."""
        self._writer.write(frame(Open(config, log.getEffectiveLevel())))
        reply = await read_frame(self._reader)
        if isinstance(reply, Refused):
            raise reply.error
        if not isinstance(reply, Opened):
            await self._reap()
            raise ModelUnavailable("model.child_no_start", how=self._how())
        self.name = reply.name

    @contextmanager
    def call(self, order: Callable[[int], Order]) -> Iterator[Call]:
        """Sends an order; leaving the block tells the child at once that nobody waits any more.

        Raises `ModelUnavailable` where the child is gone, `ModelBusy` where it answers nobody.
        """
        if self._ended_by is not None:
            raise ModelUnavailable(self._ended_by)
        if len(self._calls) >= MOST_CALLS:
            raise ModelBusy("model.busy", waiting=len(self._calls))
        number = self.send(order)
        call = self._calls[number] = Call()
        try:
            yield call
        finally:
            self._calls.pop(number, None)
            self.send(lambda _: Cancel(number))

    def send(self, order: Callable[[int], Order]) -> int:
        """Sends `order(number)`, whose replies nobody reads but in `call`; a child that is gone is sent nothing."""
        number = next(self._numbers)
        if not self._writer.is_closing():
            self._writer.write(frame(order(number)))
        return number

    async def listen(self) -> None:
        """Hands out replies until the child is gone; then all calls under way fail with `ModelUnavailable`."""
        while isinstance(reply := await read_frame(self._reader), Given | Done | Seen | Failed):
            if reply.number in self._calls:
                self._calls[reply.number].mailbox.put_nowait(reply)
        self._fail_calls("model.child_ended")

    async def end(self) -> None:
        """Ends the child: an open one is asked to and given `CLOSE_SECONDS`, otherwise it is killed."""
        self._fail_calls("model.closed")
        try:
            if self.name:
                self.send(lambda _: Close())
                await self._reap()
        finally:
            self._kill()
            await self._process.wait()
        if self._ended_by == "model.child_ended":
            log.error("the model's process ended by itself (%s)", self._how())

    def _fail_calls(self, message_id: str) -> None:
        self._ended_by = self._ended_by or message_id
        for number, call in self._calls.items():
            call.mailbox.put_nowait(Failed(number, ModelUnavailable(self._ended_by)))

    async def _reap(self) -> None:
        """Waits for a child that is about to end; one that does not is killed."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            log.warning("the model's process does not end and is killed")
            self._kill()
            await self._process.wait()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    def _how(self) -> str:
        code = self._process.returncode or 0
        return f"status {code}" if code >= 0 else signal.Signals(-code).name


async def pass_on_logs(output: asyncio.StreamReader) -> None:
    """What the child logs, into the same loggers here; what else it prints (llama.cpp before it dies) as warnings."""
    while True:
        try:
            line = await output.readline()
        except ValueError:
            continue  # a line longer than anybody reads; it has been thrown away
        except ConnectionError:
            return
        if not line:
            return
        text = line.decode("utf-8", "replace").rstrip()
        if found := LOGGED.fullmatch(text):
            with following(found[3] or ""):
                logging.getLogger(found[2]).log(getattr(logging, found[1]), "%s", found[4])
        elif text:
            log.warning("the model's process says: %s", text)


@asynccontextmanager
async def socket_pair() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, socket.socket]]:
    """A connection to a child to be, and the other end of it, which the child takes over."""
    ours, theirs = socket.socketpair()
    with theirs:
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=LONGEST_LINE)
        try:
            yield reader, writer, theirs
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def start(connection: socket.socket, output: socket.socket) -> asyncio.subprocess.Process:
    """The process, with its ends of both pairs, in a session of its own: Ctrl-C is for its parent."""
    socket_number, log_number = connection.fileno(), output.fileno()
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", START, str(socket_number), *sys.path,
            pass_fds=(socket_number,), stdin=asyncio.subprocess.DEVNULL, stdout=log_number, stderr=log_number,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ModelUnavailable("model.child_no_start", how=error.strerror) from error
    finally:
        connection.close()
        output.close()


@asynccontextmanager
async def started(config: LlamaConfig) -> AsyncIterator[ChildProcess]:
    """A child with its model loaded, ended with the block.

    Raises as `open_llama`, and `ModelUnavailable` where no process can be started or it ends over the file. An error
    in the block leaves it as itself.
    """
    async with socket_pair() as (reader, writer, theirs), socket_pair() as (output, _, printed):
        child = ChildProcess(await start(theirs, printed), reader, writer)
        try:
            async with asyncio.TaskGroup() as group:
                logs = group.create_task(pass_on_logs(output))
                try:
                    await child.open(config)
                    yield child
                finally:
                    await child.end()
                    await asyncio.wait([logs], timeout=LOG_SECONDS)
                    logs.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
