"""A terminal with a process on it, and a person who types and reads."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.bots.office import ROOT, Office

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|\r")
ROWS, COLUMNS = 50, 300
PATIENCE = 60.0


@dataclass
class Screen:
    """What is printed on it. `before` are its settings at the start."""

    process: asyncio.subprocess.Process
    keys: int
    printed: asyncio.StreamReader
    before: list[object]
    sent: bytes = b""
    seen: int = 0

    @property
    def text(self) -> str:
        """All that has been printed, without the codes that steer the terminal."""
        return ESCAPES.sub("", self.sent.decode(errors="replace"))

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    async def until(self, text: str) -> None:
        """Returns once this has been printed, after all that was waited for before."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (place := self.text.find(text, self.seen)) < 0:
                    await self._more()
        except TimeoutError:
            raise TimeoutError(f"no {text!r} in {self.text[self.seen :]!r}") from None
        self.seen = place + len(text)

    async def prompted(self) -> None:
        """Returns once the next prompt stands there."""
        await self.until("\n>")

    async def ends(self) -> int:
        """The exit status, when it has come."""
        async with asyncio.timeout(PATIENCE):
            with suppress(EOFError):
                while True:
                    await self._more()
            return await self.process.wait()

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal echoes and edits lines as it did at the start."""
        return termios.tcgetattr(self.keys)[:4] == self.before[:4]

    async def _more(self) -> None:
        """Waits for more to be printed. `EOFError` tells what stood there when the process had ended."""
        try:
            piece = await self.printed.read(65_536)
        except OSError:  # what Linux says of a terminal that nobody has open any more
            piece = b""
        if not piece:
            raise EOFError(self.text[self.seen :])
        self.sent += piece


@asynccontextmanager
async def on_a_terminal(office: Office, *arguments: str, **environment: str) -> AsyncIterator[Screen]:
    """The command with a terminal for all its streams; killed at the end if it still runs."""
    keys, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bots", "--config", str(office.folder / "sotay.toml"), *arguments,
        cwd=ROOT, env=known | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | environment,
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    printed, before = asyncio.StreamReader(), termios.tcgetattr(keys)
    os.close(terminal)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(os.dup(keys), "rb", buffering=0)
    )
    try:
        yield Screen(process, keys, printed, before)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        transport.close()
        os.close(keys)
