"""The port for monitoring on this machine: `/metrics`, `/healthz`, `/readyz`. It tells no texts and no names."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field

from aiohttp import web

from bots.readiness import Part, is_ready
from bots.web.lag import Lag
from bots.web.metrics import CONTENT_TYPE, PrometheusMetrics, Reading

log = logging.getLogger(__name__)

LAST_REQUESTS_SECONDS = 2.0
"""Seconds for requests under way at the end."""


@dataclass(slots=True)
class Monitor:
    """Listens on `host` and `port`; with `port` 0 the system chooses one: `bound_port`."""

    host: str
    port: int
    metrics: PrometheusMetrics
    read: Callable[[], Awaitable[Sequence[Reading]]]
    parts: Callable[[], Awaitable[Sequence[Part]]]
    lag: Lag
    bound_port: int | None = field(default=None, init=False)
    _bound: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self, stopping: asyncio.Event) -> None:
        """Listens until `stopping`. A port that cannot be had is said in the log, and nothing else suffers."""
        server = web.Application()
        server.add_routes([
            web.get("/metrics", self._metrics),
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
        ])  # fmt: skip
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=LAST_REQUESTS_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            log.warning("no metrics on %s port %d: %s", self.host, self.port, error)
        else:
            self.bound_port = runner.addresses[0][1]
            self._bound.set()
            await self.lag.run(stopping)
        finally:
            self.bound_port = None
            await runner.cleanup()

    async def bound(self) -> int:
        """The port, once it is open."""
        await self._bound.wait()
        return self.bound_port or 0

    async def _metrics(self, _request: web.Request) -> web.Response:
        readings = await self.read()
        return web.Response(body=self.metrics.text(readings), headers={"Content-Type": CONTENT_TYPE})

    async def _healthz(self, _request: web.Request) -> web.Response:
        """Whoever gets this has reached a process whose event loop turns."""
        return web.json_response({"alive": True, "loop_lag_seconds": round(self.lag.seconds, 3)})

    async def _readyz(self, _request: web.Request) -> web.Response:
        parts = await self.parts()
        ready = is_ready(parts)
        body = {"ready": ready, "parts": [asdict(part) for part in parts]}
        return web.json_response(body, status=200 if ready else 503)
