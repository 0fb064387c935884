"""A chat-completions server on a real socket that misbehaves as it is told, one behaviour a request.

It speaks HTTP/1.1 and server-sent events by hand, so that it can also break both. It counts connections, keeps what it
was asked, and notices when the client hangs up. What generations have cost it tells as `costs` says.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

MODEL = "openai/gpt-4o-mini-2024-07-18"
USAGE = {"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38, "cost": 0.0000125}
DRIP_SECONDS = 0.01
COMPLETIONS, GENERATION = "POST /api/v1/chat/completions HTTP/1.1", "GET /api/v1/generation?id="


@dataclass
class Exchange:
    """One request and the socket to answer it on."""

    headers: Mapping[str, str]
    body: Mapping[str, Any]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    generation_id: str = ""
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int = 200, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {v}" for name, v in headers.items())]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def open_stream(self) -> None:
        await self.head(content_type="text/event-stream", transfer_encoding="chunked")

    async def part(self, data: bytes) -> None:
        """One HTTP chunk."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def event(self, data: object) -> None:
        await self.part(b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n")

    async def end(self) -> None:
        await self.send(b"0\r\n\r\n")

    async def wait_for_hang_up(self) -> None:
        if not await self.reader.read(1):
            self.hung_up.set()

    async def drip(self, data: bytes) -> None:
        """A byte at a time, until the client has had enough."""
        for i in range(len(data)):
            await self.send(data[i : i + 1])
            with suppress(TimeoutError):
                async with asyncio.timeout(DRIP_SECONDS):
                    await self.wait_for_hang_up()
            if self.hung_up.is_set():
                return


Behaviour = Callable[[Exchange], Awaitable[None]]


def chunk(
    text: str | None = None, *, finish: str | None = None, logprobs: Sequence[float] = (), **beside: object
) -> dict[str, object]:
    """A chunk of a streamed completion; what is given `beside` goes beside its choice or takes its place."""
    choice = {
        "index": 0,
        "delta": {"content": text},
        "finish_reason": finish,
        "logprobs": {"content": [{"token": "t", "logprob": logprob} for logprob in logprobs]},
    }
    return {
        "id": "gen-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [choice],
    } | beside


def events(*data: object, done: bool = True) -> Behaviour:
    """A stream of events, ended properly; without `[DONE]` unless `done`."""

    async def behave(exchange: Exchange) -> None:
        await exchange.open_stream()
        for item in data:
            await exchange.event(item)
        if done:
            await exchange.event(b"[DONE]")
        await exchange.end()

    return behave


def answer(*texts: str, usage: object = USAGE, finish: str = "stop") -> Behaviour:
    """A good answer, with OpenRouter's comment before it."""

    async def behave(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.part(b": OPENROUTER PROCESSING\n\n")
        for text in texts:
            await exchange.event(chunk(text, logprobs=[-0.5, -0.1]))
        await exchange.event(chunk("", finish=finish))
        await exchange.event(chunk(choices=[], usage=usage))
        await exchange.event(b"[DONE]")
        await exchange.end()

    return behave


def refuse(status: int, body: object = None, **headers: str) -> Behaviour:
    """An answer in one piece: an object as JSON, text as a page."""

    async def behave(exchange: Exchange) -> None:
        page = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        kind = "text/html; charset=utf-8" if isinstance(body, str) else "application/json"
        await exchange.head(status, content_type=kind, content_length=str(len(page)), **headers)
        await exchange.send(page)

    return behave


def error(code: object, message: str = "no", **metadata: object) -> dict[str, object]:
    """An error as OpenRouter writes it."""
    return {"error": {"code": code, "message": message} | ({"metadata": metadata} if metadata else {})}


async def hang_up(_: Exchange) -> None:
    """Closes without a word."""


async def stay_silent(exchange: Exchange) -> None:
    await exchange.wait_for_hang_up()


def cut_after(*texts: str) -> Behaviour:
    """Breaks the connection in the middle of the stream."""

    async def behave(exchange: Exchange) -> None:
        await exchange.open_stream()
        for text in texts:
            await exchange.event(chunk(text))

    return behave


def stall_after(*texts: str) -> Behaviour:
    """Goes quiet in the middle of the stream, the connection still open."""

    async def behave(exchange: Exchange) -> None:
        await cut_after(*texts)(exchange)
        await exchange.wait_for_hang_up()

    return behave


async def cut_in_error_body(exchange: Exchange) -> None:
    await exchange.head(500, content_type="application/json", content_length="500")
    await exchange.send(b'{"error": ')


async def drip_comment(exchange: Exchange) -> None:
    """Never quiet for long, never a whole event."""
    await exchange.head(content_type="text/event-stream")
    await exchange.drip(b": OPENROUTER PROCESSING " * 1000)


async def drip_head(exchange: Exchange) -> None:
    await exchange.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 1000)


class OpenRouterServer:
    """`async with OpenRouterServer(...) as server`: behaves in the order given, the last behaviour for ever after."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours: Sequence[Behaviour] = behaviours
        self.requests: list[Exchange] = []
        self.costs: Mapping[str, Behaviour | float] = {}
        self.looked_up: list[Exchange] = []
        self.connections = 0
        self._handlers: set[asyncio.Task[Any]] = set()

    @property
    def base_url(self) -> str:
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}/api/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        handler = asyncio.current_task()
        assert handler
        self._handlers.add(handler)
        try:
            await self._answer(await _read(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left before it had asked
        finally:
            self._handlers.discard(handler)
            writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        if exchange.generation_id:
            self.looked_up.append(exchange)
            behave = costing(self.costs.get(exchange.generation_id), exchange.generation_id)
        else:
            behave = self.behaviours[min(len(self.requests), len(self.behaviours) - 1)]
            self.requests.append(exchange)
        try:
            await behave(exchange)
        except ConnectionError:
            exchange.hung_up.set()


def costing(cost: Behaviour | float | None, generation_id: str) -> Behaviour:
    """How OpenRouter tells of a generation; None is one that it does not know."""
    if cost is None:
        return refuse(404, error(404, f"Generation {generation_id} not found"))
    if callable(cost):
        return cost
    return refuse(200, {"data": {"id": generation_id, "total_cost": cost, "cancelled": False}})


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    if head[0].startswith(GENERATION):
        return Exchange(headers, {}, reader, writer, head[0].removeprefix(GENERATION).partition(" ")[0])
    assert head[0] == COMPLETIONS
    body = await reader.readexactly(int(headers["content-length"]))
    return Exchange(headers, json.loads(body), reader, writer)
