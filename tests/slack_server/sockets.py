"""Socket Mode: the websockets that the app holds open, and everything that can go wrong with them."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from core.clock import wait_at_most
from tests.slack_server.deliveries import Unheard, Way
from tests.slack_server.refusals import Json
from tests.slack_server.workspace import Workspace


@dataclass(eq=False)
class Waiting:
    """An envelope that was sent: `answered` is set by its acknowledgement, or when its socket is lost."""

    payload: Json
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Json | None = None


@dataclass(eq=False)
class Connection:
    """One websocket. While `flowing` is cleared nothing that comes in is read, not even pings."""

    socket: web.WebSocketResponse
    request: web.Request
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    pongs: int = 0

    @property
    def is_open(self) -> bool:
        transport = self.request.transport
        return transport is not None and not transport.is_closing() and not self.socket.closed

    def drop(self) -> None:
        """Without a word of goodbye."""
        if self.request.transport:
            self.request.transport.abort()
        self.flowing.set()

    async def send(self, message: Json) -> None:
        try:
            await self.socket.send_str(json.dumps(message))
        except ConnectionError as error:
            raise Unheard("connection_failed") from error


@dataclass(eq=False)
class Sockets:
    """`deliveries.Carrier` over websockets. `late` holds payloads whose acknowledgement came after the deadline."""

    workspace: Workspace
    connections: list[Connection] = field(default_factory=list)
    refusing: bool = False
    opened: int = 0
    late: list[Json] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _overdue: dict[str, Json] = field(default_factory=dict)

    @property
    def open(self) -> list[Connection]:
        return [connection for connection in self.connections if connection.is_open]

    def new_url(self) -> str:
        """Where one websocket may be opened, once."""
        ticket = self.workspace.new_id("ticket")
        self._tickets.add(ticket)
        return f"{self.workspace.origin.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self.workspace.app.id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self.refusing:
            return web.Response(status=503)
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        connection = Connection(web.WebSocketResponse(autoping=False), request)
        connection.flowing.set()
        await connection.socket.prepare(request)
        await self._serve(connection)
        return connection.socket

    async def _serve(self, connection: Connection) -> None:
        if len(self.open) >= self.workspace.settings.max_sockets:
            await connection.send(_goodbye("too_many_websockets"))
            await connection.socket.close()
            return
        self.connections.append(connection)
        self.opened += 1
        await connection.send(self._hello())
        self.workspace.changed()
        try:
            await self._read(connection)
        except ConnectionError:
            pass  # the app left in the middle of an answer to its ping
        finally:
            self.connections.remove(connection)
            for waiting in connection.waiting.values():
                waiting.answered.set()
            self.workspace.changed()

    def _hello(self) -> Json:
        about = {"num_connections": len(self.open), "connection_info": {"app_id": self.workspace.app.id}}
        return {"type": "hello", "debug_info": {"host": "local", "approximate_connection_time": 18060}} | about

    async def _read(self, connection: Connection) -> None:
        while True:
            message = await connection.socket.receive()
            await connection.flowing.wait()
            if message.type == WSMsgType.TEXT:
                self._acknowledge(connection, message.data)
            elif message.type == WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type == WSMsgType.PONG:
                connection.pongs += 1
                self.workspace.changed()
            else:
                return

    def _acknowledge(self, connection: Connection, text: str) -> None:
        answer = json.loads(text)
        envelope = answer.get("envelope_id")
        waiting = connection.waiting.get(envelope)
        if not waiting and envelope in self._overdue:
            self.late.append(self._overdue.pop(envelope))
        elif not waiting or waiting.answered.is_set():
            self.workspace.violations.append(f"acknowledged an unknown envelope: {text}")
        else:
            waiting.answer = answer.get("payload") or {}
            waiting.answered.set()
        self.workspace.changed()

    async def carry(self, way: Way, payload: Json, attempt: int, reason: str) -> Json:
        """To the next open socket in turn. A socket lost before the answer is a failed attempt."""
        if not self.open:
            raise Unheard("connection_failed")
        connection = self.open[0]
        self.connections.remove(connection)
        self.connections.append(connection)
        envelope, waiting = self.workspace.new_id("envelope-"), Waiting(payload)
        connection.waiting[envelope] = waiting
        about = {"type": way, "envelope_id": envelope, "accepts_response_payload": way != "events_api"}
        try:
            await connection.send(about | {"payload": payload, "retry_attempt": attempt, "retry_reason": reason})
            await wait_at_most(self.workspace.clock, waiting.answered, self.workspace.settings.ack_seconds)
        finally:
            del connection.waiting[envelope]
        return self._answer(way, envelope, waiting)

    def _answer(self, way: Way, envelope: str, waiting: Waiting) -> Json:
        if waiting.answer is None:
            self._overdue[envelope] = waiting.payload
            raise Unheard("connection_failed" if waiting.answered.is_set() else "timeout")
        if way == "events_api" and waiting.answer:
            self.workspace.violations.append(f"an event was acknowledged with a payload: {waiting.answer}")
        return waiting.answer

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks the app to leave its sockets: `warning`, `refresh_requested`, `link_disabled`."""
        for connection in self.open:
            await connection.send(_goodbye(reason))

    async def ping(self) -> None:
        for connection in self.open:
            await connection.socket.ping(b"Ping from the server")

    def drop(self) -> None:
        """Every socket breaks."""
        for connection in list(self.connections):
            connection.drop()

    def freeze(self) -> None:
        """The sockets that are open now fall silent and stay open."""
        for connection in self.connections:
            connection.flowing.clear()

    def thaw(self) -> None:
        for connection in self.connections:
            connection.flowing.set()

    def refuse(self, *, refusing: bool = True) -> None:
        """New sockets are turned away, until `refuse(refusing=False)`."""
        self.refusing = refusing


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
