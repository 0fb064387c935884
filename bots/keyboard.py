"""Lines that are typed: by a person at a terminal, or into a pipe."""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import HTML

PIECE = 65_536  # bytes that are read at once

ReadLine = Callable[[], Awaitable[str]]
"""The next line. Raises EOFError when there will be none, and KeyboardInterrupt for Ctrl-C at the prompt."""


def line_reader(*, is_guest: bool = False) -> ReadLine:
    """Lines from a person at a terminal, with editing and history, or from a pipe.

    A guest leaves SIGINT and the faults of the event loop to the service in whose process it reads: the prompt would
    else take them over, and give back a loop that hears no SIGINT any more.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return PipedLines(None if sys.stdin is None else sys.stdin.fileno()).read
    prompt: PromptSession[str] = PromptSession()
    return lambda: prompt.prompt_async(
        HTML("<b>&gt; </b>"), handle_sigint=not is_guest, set_exception_handler=not is_guest
    )


class PipedLines:
    """Lines of a pipe, a file or whatever else standard input is (`descriptor`; None where it is closed), as UTF-8.

    A daemon thread waits for each. The event loop could watch a pipe by itself, but neither a file nor /dev/null, and
    it would have to make the descriptor non-blocking, for everybody who shares it. A thread of the loop's own pool
    holds up the end of the process until a line comes; nobody waits for a daemon. It reads the descriptor and not
    `sys.stdin`, whose lock the interpreter wants at its end.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._rest = b""

    async def read(self) -> str:
        """The next line. Raises EOFError after the last. It is called once at a time, and not again once cancelled."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[str] = loop.create_future()
        threading.Thread(target=self._bring, args=(loop, arrived), name="stdin", daemon=True).start()
        line = await arrived
        if not line:
            raise EOFError
        return line

    def _bring(self, loop: asyncio.AbstractEventLoop, arrived: asyncio.Future[str]) -> None:
        line = self._line()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(_settle, arrived, line)

    def _line(self) -> str:
        """The next line with its end, if it has one; empty after the last."""
        while b"\n" not in self._rest and (piece := self._piece()):
            self._rest += piece
        line, end, self._rest = self._rest.partition(b"\n")
        return (line + end).decode("utf-8", "replace")

    def _piece(self) -> bytes:
        """What has come, as soon as anything has; nothing when nothing will, also where the terminal has gone."""
        if self._descriptor is None:
            return b""
        try:
            return os.read(self._descriptor, PIECE)
        except OSError:
            return b""


def _settle(arrived: asyncio.Future[str], line: str) -> None:
    if not arrived.done():
        arrived.set_result(line)
