"""What is said beside a console on the same terminal: notes and log lines, which must not break into an answer."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from typing import TextIO

Write = Callable[[], None]


class Margin(io.StringIO):
    """Takes the place of `target`, the standard error of a terminal on which answers are shown.

    While it is held, what is written waits: a log line in the middle of an answer is read as a part of it. After that
    it is handed to `above`, which calls it back in the event loop when it may write, over the prompt where one stands
    (`prompt_toolkit.application.run_in_terminal`). Any thread may write.
    """

    def __init__(self, target: TextIO, above: Callable[[Write], object]) -> None:
        super().__init__()
        self._target = target
        self._above = above
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._is_held = False

    def hold(self) -> None:
        """From now on everything waits."""
        self._is_held = True

    def release(self) -> None:
        """What has waited is written at once, and from now on everything is written when it comes."""
        self._is_held = False
        self._write_out()

    def write(self, text: str) -> int:
        with self._lock:
            super().write(text)
        self._loop.call_soon_threadsafe(self._pass_on)
        return len(text)

    def isatty(self) -> bool:
        return self._target.isatty()

    def _pass_on(self) -> None:
        if not self._is_held and self.getvalue():
            self._above(self._write_out)

    def _write_out(self) -> None:
        if self._is_held:
            return
        with self._lock:
            text = self.getvalue()
            self.seek(0)
            self.truncate()
        with suppress(OSError):  # the terminal has gone, and there is nobody to say so to
            self._target.write(text)
            self._target.flush()


@contextmanager
def standard_error_beside(above: Callable[[Write], object]) -> Iterator[Margin]:
    """Standard error is a margin while the block runs, for the log too; what waits at the end is written then.

    Within a running event loop.
    """
    margin, before = Margin(sys.stderr, above), sys.stderr
    logs = [log for log in logging.getLogger().handlers if isinstance(log, logging.StreamHandler)]
    logs = [log for log in logs if log.stream is before]
    for log in logs:
        log.setStream(margin)
    try:
        with redirect_stderr(margin):
            yield margin
    finally:
        for log in logs:
            log.setStream(before)
        margin.release()
