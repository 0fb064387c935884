"""The console beside the platforms of one service: who ends what there, the person or the service."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bots.console import Chat
from bots.keyboard import ReadLine
from bots.margin import Margin
from bots.stopping import until_stopped
from bots.terminal import UNREADABLE, Ended
from core.first_error import first_error

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Turns:
    """Whose turn it is at the console: the person's, to type, or an answer's, to be shown whole.

    Ctrl-C stops the answer that has its turn. At the prompt it is typed, not sent, and becomes the signal that it
    stands for: the service's own handler decides. `margin` is held while an answer has its turn.
    """

    read: ReadLine
    margin: Margin | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _answer: asyncio.Task[Ended] | None = field(default=None, init=False)

    @property
    def is_closing(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        """The service stops: an answer may end, and nothing is asked any more."""
        self._closing.set()

    def interrupt(self) -> bool:
        """Stops the answer under way; False where there is none."""
        return self._answer is not None and self._answer.cancel()

    @contextmanager
    def answering(self, answer: asyncio.Task[Ended]) -> Iterator[None]:
        """As `Chat.answering`. The margin is held until the next line is read: then the answer stands there whole."""
        self._answer = answer
        if self.margin is not None:
            self.margin.hold()
        try:
            yield
        finally:
            self._answer = None

    async def next_line(self) -> str:
        """The next line. Raises EOFError when there is none, or when the service stops."""
        if self.margin is not None:
            self.margin.release()
        line = None if self.is_closing else await self._line_unless_closing()
        if line is None or self.is_closing:
            raise EOFError
        return line

    async def _line_unless_closing(self) -> str | None:
        with first_error():
            async with asyncio.TaskGroup() as group:
                reading, closing = group.create_task(self._line()), group.create_task(self._closing.wait())
                await asyncio.wait([reading, closing], return_when=asyncio.FIRST_COMPLETED)
                reading.cancel()
                closing.cancel()
        return None if reading.cancelled() else reading.result()

    async def _line(self) -> str | None:
        """The next line, None after the last. No KeyboardInterrupt gets out: it would end the event loop."""
        try:
            return await self.read()
        except EOFError:
            return None
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGINT)
            await self._closing.wait()
            return None


@dataclass(frozen=True, slots=True)
class ConsoleAdapter:
    """One terminal, ready to run: `chat` reads from `turns`. `left` is called when the console has ended by itself.

    `ready` is set once lines are read.
    """

    chat: Chat
    turns: Turns
    left: Callable[[], None]
    ready: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @property
    def is_healthy(self) -> bool:
        """Whether somebody can ask here."""
        return not self.turns.is_closing

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`. When the person leaves, or nobody can read, the console alone has ended."""
        await until_stopped(stopping, self._talk())

    async def _talk(self) -> None:
        self.ready.set()
        try:
            await self.chat.run()
        except UNREADABLE as error:
            log.warning("nobody reads the console any more: %r", error)
        if not self.turns.is_closing:
            self.left()
