"""What systemd hears of a lifeline over a real database, by a real socket."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bots.announcing import Announcer
from bots.service import Service
from bots.settings import Supervision, supervision
from bots.systemd import Lifeline, Notifier, lifeline
from core.clock import SteadyClock
from core.store.database import Database, open_database
from core.store.pulse import PULSE, Pulse
from tests.bots.locked import locked
from tests.bots.service_manager import ServiceManager, service_manager

SIGN, READY = "WATCHDOG=1", "READY=1"
WATCHDOG = 2.0
PATIENT = 8 * WATCHDOG


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    with service_manager(str(tmp_path / "notify")) as listening:
        yield listening


@asynccontextmanager
async def alive(database: Database, manager: ServiceManager, seconds: float) -> AsyncIterator[Lifeline]:
    clock, pulse = SteadyClock(), Pulse(database)
    async with lifeline(Supervision(manager.address, seconds), lambda: pulse.beat(clock.now()), clock) as line:
        yield line


def test_the_environment_says_who_listens_and_how_patiently() -> None:
    asked = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"}
    assert supervision(asked, 7) == Supervision("/run/notify", 30.0)
    assert supervision(asked | {"WATCHDOG_PID": "7"}, 7) == Supervision("/run/notify", 30.0)
    assert supervision(asked | {"WATCHDOG_PID": "8"}, 7) == Supervision("/run/notify", None)
    for nonsense in ("", "0", "soon", "-1"):
        assert supervision({"WATCHDOG_USEC": nonsense}, 7) == Supervision(None, None)


async def test_the_start_is_prolonged_and_then_the_watchdog_is_fed_and_told_what_is_up(
    tmp_path: Path, manager: ServiceManager
) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/a.sqlite") as database:
        async with alive(database, manager, 0.4) as line:
            assert await manager.next() == ("EXTEND_TIMEOUT_USEC=800000",)
            assert await manager.next() == ("EXTEND_TIMEOUT_USEC=800000",)
            line.ready(lambda: "lên\nrồi")
            assert await manager.until(READY) == (READY, "STATUS=lên rồi", SIGN)
            assert await manager.next() == (SIGN, "STATUS=lên rồi")
        with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
            rows = connection.execute("SELECT count(*) FROM surface_mark WHERE surface = ?", (PULSE,)).fetchone()
    assert rows == (1,)


async def test_a_database_that_takes_no_write_starves_the_watchdog_until_it_takes_one(
    tmp_path: Path, manager: ServiceManager
) -> None:
    file = tmp_path / "a.sqlite"
    async with open_database(f"sqlite+aiosqlite:///{file}") as database, alive(database, manager, WATCHDOG) as line:
        line.ready(str)
        await manager.until(READY)
        with locked(file):
            manager.forget_what_waits()
            assert await manager.hears_nothing(SIGN, 1.5 * WATCHDOG)
        await manager.until(SIGN, PATIENT)


async def test_one_failed_write_leaves_time_for_another(tmp_path: Path, manager: ServiceManager) -> None:
    file = tmp_path / "a.sqlite"
    async with (
        open_database(f"sqlite+aiosqlite:///{file}", lock_wait=0.1) as database,
        alive(database, manager, WATCHDOG) as line,
    ):
        line.ready(str)
        await manager.until(READY)
        await manager.until(SIGN, PATIENT)
        fed = time.monotonic()
        with locked(file):
            assert await manager.hears_nothing(SIGN, 0.6 * WATCHDOG)
        await manager.until(SIGN, PATIENT)
    assert time.monotonic() - fed < WATCHDOG


async def test_a_blocked_event_loop_starves_the_watchdog_until_it_runs_again(
    tmp_path: Path, manager: ServiceManager
) -> None:
    """The service runs in a thread, so that this one can go on listening."""
    release, blocked, ended = threading.Event(), threading.Event(), threading.Event()

    async def service() -> None:
        def block() -> None:
            blocked.set()
            release.wait(60)

        async with (
            open_database(f"sqlite+aiosqlite:///{tmp_path}/a.sqlite") as database,
            alive(database, manager, 0.4) as line,
        ):
            line.ready(str)
            asyncio.get_running_loop().call_soon(block)
            await asyncio.to_thread(ended.wait, 60)

    serving = asyncio.to_thread(asyncio.run, service())
    async with asyncio.TaskGroup() as group:
        group.create_task(serving)
        await asyncio.to_thread(blocked.wait, 60)
        manager.forget_what_waits()
        assert await manager.hears_nothing(SIGN, 1.0)
        release.set()
        await manager.until(SIGN, 10)
        ended.set()


async def test_where_nobody_listens_nothing_is_written() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        beats += 1

    async with lifeline(Supervision(None, 0.01), beat, SteadyClock()) as line:
        line.ready(str)
        line.notifier.stopping("")
        await asyncio.to_thread(int)
    assert beats == 0


def test_a_listener_that_is_gone_is_no_fault_of_the_service(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notifier(str(tmp_path / "nobody")).status("x")
    assert "systemd could not be told" in caplog.text


async def test_the_pulse_writes_also_when_the_clock_was_set_back(tmp_path: Path) -> None:
    late, early = datetime(2030, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/a.sqlite") as database:
        for moment in (late, early):
            await Pulse(database).beat(moment)
        with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
            (seen,) = connection.execute("SELECT seen_at FROM surface_mark WHERE surface = ?", (PULSE,)).fetchone()
    assert str(seen).startswith("2020")


@dataclass
class Platform:
    """A platform that is there or away."""

    is_healthy: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, stopping: asyncio.Event) -> None:
        await stopping.wait()


async def test_the_status_tells_where_questions_are_answered_and_where_not(manager: ServiceManager) -> None:
    slack, telegram = Platform(), Platform()
    async with lifeline(Supervision(manager.address), nothing, SteadyClock()) as line:
        announcer = Announcer(line, Service(cast("Any", None), {"Slack": slack, "Telegram": telegram}), "en")
        assert announcer.status() == "Not reached: Slack, Telegram"
        slack.is_healthy = True
        assert announcer.status() == "Answering on: Slack; not reached: Telegram"
        telegram.is_healthy = True
        announcer.reached()
        assert await manager.until(READY) == (READY, "STATUS=Answering on: Slack, Telegram", SIGN)
        announcer.stopping()
        assert await manager.until("STOPPING=1") == ("STOPPING=1", "STATUS=Stopping: answers under way may end")


async def nothing() -> None:
    """A beat that costs nothing."""
