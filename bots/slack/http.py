"""HTTP mode: Slack delivers to a port of ours."""

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from core.errors import SotayError

log = logging.getLogger(__name__)

LARGEST_BODY = 1024**2
"""Bytes of a request at most; what Slack sends is far below."""
LAST_REQUESTS_SECONDS = 10.0
"""Seconds for requests under way at the end; Slack itself hangs up after three."""


@dataclass(slots=True)
class HttpMode:
    """Takes what Slack posts to `path`. Bolt checks its signature, by the app's signing secret.

    `connected` is called once the port is open. With `port` 0 the system chooses one: `bound_port`.
    """

    app: AsyncApp
    host: str
    port: int
    path: str
    connected: Callable[[], None]
    bound_port: int | None = field(default=None, init=False)

    @property
    def is_healthy(self) -> bool:
        """Whether the port is open."""
        return self.bound_port is not None

    async def run(self, stopping: asyncio.Event) -> None:
        """Listens until `stopping`, then takes no more and lets requests under way finish.

        Raises `SotayError` when the port cannot be had.
        """
        server = web.Application(client_max_size=LARGEST_BODY)
        server.add_routes([web.post(self.path, self._take)])
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=LAST_REQUESTS_SECONDS)
        await runner.setup()
        try:
            await self._listen(runner)
            self.connected()
            await stopping.wait()
        finally:
            self.bound_port = None
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SotayError("slack.no_port", host=self.host, port=self.port, error=error.strerror) from error
            raise SotayError("slack.port_taken", host=self.host, port=self.port) from error
        self.bound_port = runner.addresses[0][1]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        parsed = await parse(request)
        if parsed is None:
            return web.Response(status=400)
        return await to_aiohttp_response(await self.app.async_dispatch(parsed))


async def parse(request: web.Request) -> AsyncBoltRequest | None:
    """The request as Bolt takes it; None where the body cannot be Slack's.

    Bolt reads the body before it checks the signature, so whatever a stranger may send must be borne here.
    """
    try:
        return await to_bolt_request(request)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        log.info("a request that cannot be Slack's: %r", error)
        return None
