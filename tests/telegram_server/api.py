"""The HTTP side: methods and file downloads; with faults where they were asked for."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from tests.telegram_server import arguments
from tests.telegram_server.calls import Call
from tests.telegram_server.faults import DROP_AFTER, DROP_BEFORE, FLOOD, HANG, Fault, Faults
from tests.telegram_server.intake import Intake
from tests.telegram_server.methods import BY_LOWER_NAME, METHODS
from tests.telegram_server.rates import EVERYWHERE, Rates
from tests.telegram_server.refusals import Json, Refused
from tests.telegram_server.world import World

TOKEN = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{3,}")
DOWNLOAD = "file"
"""The name of downloads among calls and faults."""
Work = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it was made, `given` as the client wrote it: `error` is None when it was granted.

    `at` is on the server's monotonic clock.
    """

    method: str
    given: Json
    error: str | None
    at: float

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(eq=False)
class Api:
    world: World
    rates: Rates
    intake: Intake
    token: str
    faults: Faults = field(default_factory=Faults)
    calls: list[Called] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def routes(self) -> list[web.RouteDef]:
        return [
            *(web.route(verb, "/bot{token:[^/]+}/{method}", self._method) for verb in ("GET", "POST")),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._file),
        ]

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = BY_LOWER_NAME.get(request.match_info["method"].lower(), request.match_info["method"])
        given: Json = {}
        try:
            given = await arguments.given_to(request)
            self._check_token(request)
            _check_method(name)
        except Refused as refused:
            return self._refuse(name, given, refused)

        async def work() -> web.Response:
            result = await self._run(name, given)
            self._note(name, given, None)
            return web.json_response({"ok": True, "result": result})

        return await self._faulty(request, name, given, work)

    def _check_token(self, request: web.Request) -> None:
        """A token that is none is not found, one that is somebody else's is unauthorized."""
        token = request.match_info["token"]
        if not TOKEN.fullmatch(token):
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        if token != self.token:
            raise Refused(HTTPStatus.UNAUTHORIZED, "Unauthorized")

    async def _run(self, name: str, given: Json) -> object:
        method = METHODS[name]
        for stray in sorted(arguments.unknown(method.takes, given)):
            self.world.violations.append(f"{name}: takes no {stray}")
        if not method.run:
            return await self.intake.run(name, given)
        attached = {key: value for key, value in given.items() if isinstance(value, arguments.Upload)}
        return method.run(Call(name, attached | arguments.taken(method.takes, given), self.world, self.rates))

    async def _faulty(self, request: web.Request, name: str, given: Json, work: Work) -> web.StreamResponse:
        """The work, with the fault that waits for it."""
        fault = self.faults.next(name)
        if fault.delay:
            await self.world.clock.sleep(fault.delay)
        if fault.what in {DROP_BEFORE, HANG}:
            self._note(name, given, str(fault.what))
            if fault.what == HANG:
                await self.closing.wait()
            return _drop(request)
        try:
            self._refuse_as(fault, name, given)
            response = await work()
        except Refused as refused:
            response = self._refuse(name, given, refused)
        return _drop(request) if fault.what == DROP_AFTER else response

    def _refuse_as(self, fault: Fault, name: str, given: Json) -> None:
        """A flood closes the chat of the call, so that who goes on is told to wait longer."""
        if refusal := fault.refusal():
            raise refusal
        if fault.what == FLOOD:
            chat = str(given.get("chat_id", EVERYWHERE))
            key = int(chat) if chat.lstrip("-").isdigit() else EVERYWHERE
            raise self.rates.ban(name, key, fault.retry_after, self.world.clock.monotonic())

    def _refuse(self, name: str, given: Json, refused: Refused) -> web.Response:
        self._note(name, given, refused.description)
        return web.json_response(refused.answer, status=refused.code)

    def _note(self, name: str, given: Json, error: str | None) -> None:
        self.calls.append(Called(name, given, error, self.world.clock.monotonic()))
        self.world.changed()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a path that `getFile` gave, while it is good."""
        path, now = request.match_info["path"], self.world.clock.monotonic()
        given: Json = {"path": path}

        async def work() -> web.Response:
            self._check_token(request)
            file = next((f for f in self.world.files.values() if f.path == path and now <= f.until), None)
            if not file:
                raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
            self._note(DOWNLOAD, given, None)
            return web.Response(body=file.data, content_type="application/octet-stream")

        return await self._faulty(request, DOWNLOAD, given, work)


def _check_method(name: str) -> None:
    if name not in METHODS:
        raise Refused(HTTPStatus.NOT_FOUND, "Not Found: method not found")


def _drop(request: web.Request) -> web.Response:
    """Closes the connection instead of an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
