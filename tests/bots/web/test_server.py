"""The port for monitoring: what it answers, and that it never stands in the way of the service."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from bots.readiness import Kind, Part
from bots.web.lag import Lag
from bots.web.metrics import PrometheusMetrics, Reading
from bots.web.server import Monitor
from core.clock import SteadyClock
from tests.bots.logbook import logbook
from tests.bots.web.reading import samples

UP = (Part(Kind.DATABASE, "database", is_up=True), Part(Kind.INDEX, "search", is_up=True, detail="3 documents"))
SLACK = Part(Kind.SURFACE, "Slack", is_up=True)


@dataclass
class Office:
    """What the port tells of."""

    parts: Sequence[Part] = (*UP, SLACK)
    figures: PrometheusMetrics = field(default_factory=PrometheusMetrics)

    async def asked(self) -> Sequence[Part]:
        return self.parts

    async def read(self) -> Sequence[Reading]:
        return [Reading.single("sotay_queue_depth", "Open.", 3)]

    def monitor(self, port: int = 0) -> Monitor:
        return Monitor("127.0.0.1", port, self.figures, self.read, self.asked, Lag(SteadyClock()))


@asynccontextmanager
async def listening(monitor: Monitor) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the port; the port is closed with the block."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(monitor.run(stopping))
        async with aiohttp.ClientSession(f"http://127.0.0.1:{await monitor.bound()}") as session:
            yield session
        stopping.set()


async def test_metrics_are_read_when_they_are_asked_for() -> None:
    async with listening(Office().monitor()) as session, session.get("/metrics") as reply:
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert samples(await reply.text())["sotay_queue_depth", ()] == 3


async def test_health_is_that_the_loop_answers() -> None:
    async with listening(Office().monitor()) as session, session.get("/healthz") as reply:
        assert (reply.status, (await reply.json())["alive"]) == (200, True)


async def test_ready_with_database_index_and_one_surface() -> None:
    office = Office((*UP, SLACK, Part(Kind.SURFACE, "Telegram", is_up=False), Part(Kind.MODEL, "local", is_up=False)))
    async with listening(office.monitor()) as session:
        async with session.get("/readyz") as reply:
            assert reply.status == 200
            body = await reply.json()
        assert body["ready"] is True
        assert body["parts"][1] == {"kind": "index", "name": "search", "is_up": True, "detail": "3 documents"}
        assert [part["name"] for part in body["parts"] if not part["is_up"]] == ["Telegram", "local"]
        for missing in (*UP, SLACK):
            office.parts = [part for part in (*UP, SLACK) if part is not missing]
            async with session.get("/readyz") as reply:
                assert reply.status == 503
                assert (await reply.json())["ready"] is False


async def test_a_port_that_is_taken_is_a_warning_and_no_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, logbook(level="WARNING") as book:
        monitor = Office().monitor(taken.getsockname()[1])
        async with asyncio.timeout(10):
            await monitor.run(asyncio.Event())
    (said,) = book.entries
    assert said["message"].startswith("no metrics on 127.0.0.1 port ")
    assert "use" in said["message"]


async def test_the_port_is_free_again_at_the_end() -> None:
    monitor = Office().monitor()
    async with listening(monitor):
        port = monitor.bound_port
    assert monitor.bound_port is None
    with socket.create_server(("127.0.0.1", port or 0)):
        pass


@dataclass
class LateClock(SteadyClock):
    """Every sleep ends at once on this clock, and takes longer than was asked for, by `late`; the last one stops."""

    late: list[float]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds + self.late.pop(0)
        if not self.late:
            self.stopping.set()


@pytest.mark.parametrize(("late", "lag"), [([0.0], 0.0), ([2.5], 2.5), ([2.5, 0.25], 0.25)])
async def test_the_lag_is_how_much_too_late_the_last_look_came(late: list[float], lag: float) -> None:
    clock = LateClock(late)
    looking = Lag(clock)
    async with asyncio.timeout(10):
        await looking.run(clock.stopping)
    assert looking.seconds == pytest.approx(lag)
