"""The HTTP side: Web API, file downloads, response URLs; with faults where they were asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.slack_server import arguments
from tests.slack_server.calls import Call
from tests.slack_server.faults import DROP_AFTER, DROP_BEFORE, HANG, Fault, Faults
from tests.slack_server.methods import METHODS, Method
from tests.slack_server.rates import Rates, too_many
from tests.slack_server.refusals import Json, Refused
from tests.slack_server.response_urls import respond
from tests.slack_server.sockets import Sockets
from tests.slack_server.workspace import Workspace

OPEN = "apps.connections.open"
SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in to Office | Slack</title></head><body>Sign in</body></html>"
Work = Callable[[Json], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it was made: `error` is None when it was granted; `at` on the server's monotonic clock."""

    method: str
    given: Json
    error: str | None
    at: float

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(eq=False)
class Api:
    workspace: Workspace
    sockets: Sockets
    rates: Rates
    bot_token: str
    app_token: str
    faults: Faults = field(default_factory=Faults)
    calls: list[Called] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def routes(self) -> list[web.RouteDef]:
        return [
            *(web.route(verb, "/api/{method}", self._method) for verb in ("GET", "POST")),
            web.get("/link/", self.sockets.handle),
            web.get("/files/{id}/{name}", self._file),
            web.post("/actions/{team}/{name}", self._response_url),
        ]

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        method = METHODS.get(name)
        try:
            given = await arguments.given_to(request, reads=bool(method and method.reads))
        except Refused as refused:
            return self._refuse(name, {}, refused)
        token = _bearer(request) or str(given.pop("token", ""))
        given.pop("token", None)

        async def work(given: Json) -> web.Response:
            answer = self._open(token) if name == OPEN else self._run(name, method, token, given)
            self._note(name, given, None)
            scopes = {"X-OAuth-Scopes": ",".join(sorted(self.workspace.app.scopes))}
            return web.json_response({"ok": True} | answer, headers=scopes)

        return await self._faulty(request, name, given, work)

    async def _faulty(self, request: web.Request, name: str, given: Json, work: Work) -> web.StreamResponse:
        """The work, with the fault that waits for it."""
        fault = self.faults.next(name)
        if fault.delay:
            await self.workspace.clock.sleep(fault.delay)
        if fault.what in {DROP_BEFORE, HANG}:
            self._note(name, given, str(fault.what))
            if fault.what == HANG:
                await self.closing.wait()
            return _drop(request)
        try:
            _refuse_as(fault)
            response = await work(given)
        except Refused as refused:
            response = self._refuse(name, given, refused)
        return _drop(request) if fault.what == DROP_AFTER else response

    def _refuse(self, name: str, given: Json, refused: Refused) -> web.Response:
        self._note(name, given, refused.error)
        return web.json_response(refused.answer, status=refused.status, headers=refused.headers)

    def _note(self, name: str, given: Json, error: str | None) -> None:
        self.calls.append(Called(name, given, error, self.workspace.clock.monotonic()))
        self.workspace.changed()

    def _open(self, token: str) -> Json:
        """Socket Mode's door, for the app's own token."""
        if not token:
            raise Refused("not_authed")
        if token != self.app_token:
            raise Refused("not_allowed_token_type" if token == self.bot_token else "invalid_auth")
        if not self.workspace.app.socket_mode:
            raise Refused("socket_mode_not_enabled")
        self.rates.take(OPEN, 1, self.workspace.clock.monotonic())
        return {"url": self.sockets.new_url()}

    def _run(self, name: str, method: Method | None, token: str, given: Json) -> Json:
        if not method:
            raise Refused("unknown_method", req_method=name)
        if not token:
            raise Refused("not_authed")
        if token != self.bot_token:
            raise Refused("not_allowed_token_type" if token == self.app_token else "invalid_auth")
        self.rates.take(name, method.tier, self.workspace.clock.monotonic())
        Call(name, {}, self.workspace, self.rates).need(*method.scopes)
        call = Call(name, arguments.taken(method.takes, given), self.workspace, self.rates)
        return method.run(call)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """The bytes for who may read files, and for everybody else a page to sign in, with status 200 as well."""
        file = self.workspace.files.get(request.match_info["id"])
        may = _bearer(request) == self.bot_token and "files:read" in self.workspace.app.scopes

        async def work(given: Json) -> web.Response:
            self._note("files.download", given, None if may and file else "sign_in")
            if not file or not may:
                return web.Response(text=SIGN_IN, content_type="text/html")
            return web.Response(body=file.data, content_type=file.mimetype.split(";")[0])

        return await self._faulty(request, "files.download", {"file": request.match_info["id"]}, work)

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        async def work(given: Json) -> web.Response:
            respond(self.workspace, request.match_info["name"], given)
            self._note("response_url", given, None)
            return web.Response(text="ok", content_type="text/html")

        try:
            given = await arguments.given_to(request, reads=False)
        except Refused as refused:
            return self._refuse("response_url", {}, refused)
        return await self._faulty(request, "response_url", given, work)


def _bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


def _refuse_as(fault: Fault) -> None:
    if isinstance(fault.what, int):
        raise Refused("internal_error", status=fault.what)
    if fault.what == "ratelimited":
        raise too_many(fault.retry_after)
    if fault.what and fault.what != DROP_AFTER:
        raise Refused(fault.what)


def _drop(request: web.Request) -> web.Response:
    """Closes the connection instead of an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
