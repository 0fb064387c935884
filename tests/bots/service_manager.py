"""What systemd is to a service: a datagram socket that hears of it. Kept as it came, in order."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

LONGEST_MESSAGE = 4096


@dataclass
class ServiceManager:
    """Listens at `address`, as NOTIFY_SOCKET names it."""

    address: str
    line: socket.socket = field(repr=False)
    heard: list[tuple[str, ...]] = field(default_factory=list)

    async def next(self) -> tuple[str, ...]:
        """The next message, its lines."""
        data = await asyncio.get_running_loop().sock_recv(self.line, LONGEST_MESSAGE)
        self.heard.append(tuple(data.decode().split("\n")))
        return self.heard[-1]

    async def until(self, beginning: str, seconds: float = 60.0) -> tuple[str, ...]:
        """The first message from now on with a line that begins so. `TimeoutError` where there is none in time."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.next()
                if any(line.startswith(beginning) for line in message):
                    return message

    async def hears_nothing(self, beginning: str, seconds: float) -> bool:
        """Whether no such message comes in so many seconds."""
        with suppress(TimeoutError):
            await self.until(beginning, seconds)
            return False
        return True

    def forget_what_waits(self) -> None:
        """What has been sent until now is of no interest."""
        with suppress(BlockingIOError):
            while True:
                self.line.recv(LONGEST_MESSAGE)

    def has_heard(self, beginning: str) -> bool:
        return any(line.startswith(beginning) for message in self.heard for line in message)


@contextmanager
def service_manager(address: str) -> Iterator[ServiceManager]:
    """One that listens at a path, or at an abstract name, which begins with `@`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.bind("\0" + address[1:] if address.startswith("@") else address)
        yield ServiceManager(address, line)
