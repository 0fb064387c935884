"""A door before a server on this machine: shut, connections are refused, and those that stood have broken."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE = 65_536


class Relay:
    """`async with Relay(server.origin) as relay`: clients get `relay.origin`, which leads to the server while open."""

    def __init__(self, origin: str) -> None:
        address = urlsplit(origin)
        self._target = (address.hostname or "127.0.0.1", address.port or 80)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._quiet = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shut()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Always at the same address."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Nobody gets through any more, and nobody is on the way when this returns."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        async with self._quiet:
            await self._quiet.wait_for(lambda: not self._writers)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(*self._target), (reader, writer)
        self._writers |= {writer, there[1]}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(here[0], there[1]))
                group.create_task(_pump(there[0], here[1]))
        finally:
            async with self._quiet:
                self._writers -= {writer, there[1]}
                self._quiet.notify_all()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
