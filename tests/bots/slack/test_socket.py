"""The line of Socket Mode, on the real Bolt, against a Slack that breaks in every way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from bots.slack.line import Line as SdkLine
from bots.slack.line import Times
from bots.slack.socket import FIRST_PAUSE, LONGEST_PAUSE, SocketMode
from core.clock import Clock, SteadyClock
from core.errors import SotayError
from tests.bots.slack.reception import Counter, Door, our_manifest, running
from tests.manual_clock import ImpatientClock
from tests.slack_server import Rates, Settings, SlackServer

OPEN = "apps.connections.open"
PING = 0.1


@dataclass
class Line:
    """A SocketMode with short times, and all that it says."""

    slack: SlackServer
    clock: Clock = field(default_factory=SteadyClock)
    ping_seconds: float = PING
    connect_seconds: float = 1.0
    greeted: Counter = field(default_factory=Counter)
    alarms: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.door = Door(self.slack)
        self.mode = SocketMode(
            self.door.app,
            self.slack.app_token,
            self.greeted,
            self.alarms,
            self.clock,
            self.ping_seconds,
            self.connect_seconds,
        )


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(our_manifest(), settings=Settings(retries=()), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
def line(slack: SlackServer) -> Line:
    return Line(slack)


def say(slack: SlackServer, text: str = "nghỉ phép?") -> str:
    lan = slack.people.add_user("Lan")
    return slack.people.ask(lan, slack.people.add_channel("chung", [lan]), text)


async def ping(slack: SlackServer) -> None:
    """There and back."""
    (connection,) = slack.sockets.connections
    pongs = connection.pongs
    await slack.sockets.ping()
    await slack.until(lambda _: connection.pongs > pongs)


def left_behind() -> list[str]:
    """The tasks of the SDK's client that are still there."""
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    return [name for c in coroutines if "SocketModeClient" in (name := getattr(c, "__qualname__", ""))]


async def test_what_is_said_is_heard_and_acknowledged(slack: SlackServer, line: Line) -> None:
    assert not line.mode.is_healthy
    async with running(line.mode.run):
        await line.greeted.until(1)
        assert line.mode.is_healthy
        say(slack)
        await slack.settled()
    assert [event["type"] for event in line.door.heard] == ["message", "app_mention"]
    assert not slack.unacknowledged
    assert not line.alarms.calls


async def test_at_the_end_nothing_is_left(slack: SlackServer, line: Line) -> None:
    async with running(line.mode.run):
        await line.greeted.until(1)
        assert left_behind()
    assert not left_behind()
    assert not line.mode.is_healthy
    await slack.until(lambda s: not s.sockets.connections)


async def test_a_closed_line_has_ended_all_that_it_began(slack: SlackServer, line: Line) -> None:
    sdk = SdkLine(line.door.app, slack.app_token, Times(PING, 1.0), line.clock, line.greeted)
    opened = await line.door.app.client.apps_connections_open(app_token=slack.app_token)
    await sdk.open(opened["url"])
    assert (sdk.fault(), len(left_behind())) == (None, 3)
    await sdk.close()
    assert not left_behind()
    assert sdk.fault() == "closed"


async def test_it_can_be_stopped_before_slack_was_ever_reached(slack: SlackServer, line: Line) -> None:
    slack.fail(OPEN, "hang", times=5)
    async with running(line.mode.run):
        await slack.until(lambda s: s.called(OPEN))
    assert not left_behind()


@dataclass
class WatchedClock(SteadyClock):
    """Tells when somebody is woken who slept: the line is let go in the same moment."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        super().__init__()

    async def sleep(self, seconds: float) -> None:
        try:
            await super().sleep(seconds)
        except asyncio.CancelledError:
            self.woken.set()
            raise


async def test_what_is_being_handled_at_the_end_is_acknowledged_and_nothing_new_is_taken(slack: SlackServer) -> None:
    clock = WatchedClock()
    line = Line(slack, clock)
    async with running(line.mode.run) as stopping:
        await line.greeted.until(1)
        line.door.gate.clear()
        say(slack)
        await line.door.waiting.wait()
        stopping.set()
        await clock.woken.wait()
        taken = len(slack.deliveries.all)
        say(slack, "muộn?")
        for _ in range(2):  # what was sent before a ping has come before its pong
            await ping(slack)
        line.door.gate.set()
    await slack.settled()
    early, late = slack.deliveries.all[:taken], slack.deliveries.all[taken:]
    assert [delivery.done for delivery in early] == [True] * len(early)
    assert [delivery.done for delivery in late] == [False] * len(late)
    assert len(line.door.heard) == len(early)


async def test_what_cannot_be_handled_does_not_hold_up_the_end(slack: SlackServer, line: Line) -> None:
    async with running(line.mode.run):
        await line.greeted.until(1)
        line.door.gate.clear()
        say(slack)
        await line.door.waiting.wait()
    assert not left_behind()
    await slack.until(lambda s: len(s.lost) == 2)


@pytest.mark.parametrize(("token", "error"), [("xapp-2", "invalid_auth"), ("xoxb-1-bot", "not_allowed_token_type")])
async def test_a_token_that_opens_nothing_is_said_at_once(slack: SlackServer, token: str, error: str) -> None:
    line = Line(slack)
    line.mode.app_token = token
    with pytest.raises(SotayError, match=r"slack\.app_token") as refused:
        await line.mode.run(asyncio.Event())
    assert (refused.value.message_id, refused.value.facts) == ("slack.bad_app_token", {"error": error})
    assert len(slack.called(OPEN)) == 1
    assert not left_behind()


async def test_a_token_taken_away_later_is_an_alarm(slack: SlackServer, line: Line) -> None:
    async with running(line.mode.run):
        await line.greeted.until(1)
        slack.fail(OPEN, "invalid_auth", times=2)
        slack.sockets.drop()
        await line.greeted.until(2)
    assert len(line.alarms.calls) == 1


@pytest.mark.parametrize("fault", ["drop_before", "internal_error", 503, "ratelimited", "hang"])
async def test_a_slack_that_cannot_be_reached_at_first_is_tried_again(
    slack: SlackServer, line: Line, caplog: pytest.LogCaptureFixture, fault: str | int
) -> None:
    slack.fail(OPEN, fault, times=2)
    with caplog.at_level(logging.WARNING, "bots.slack"):
        async with running(line.mode.run):
            await line.alarms.until(1)
            assert not line.mode.is_healthy
            await line.greeted.until(1)
    ((kind, question, why),) = line.alarms.calls
    assert (kind, question) == ("alarm.slack_down", "")
    assert why
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["no line to Slack", "Slack is back"]


async def test_attempts_become_rarer_and_never_stop(slack: SlackServer) -> None:
    clock = ImpatientClock()
    line = Line(slack, clock)
    slack.fail(OPEN, "drop_before", times=8)
    slack.fail(OPEN, "ratelimited", retry_after=30)
    slack.fail(OPEN, "ratelimited", retry_after=3000)
    async with running(line.mode.run):
        await line.greeted.until(1)
    doubled = [0.5, 1.0, 2.0, 4.0, *[LONGEST_PAUSE] * 4]
    assert doubled[0] == FIRST_PAUSE
    assert clock.slept[:10] == [*doubled, 30.0, 60.0]
    assert len(line.alarms.calls) == 1


async def test_a_dropped_line_is_replaced(slack: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    line = Line(slack, connect_seconds=60.0)
    with caplog.at_level(logging.WARNING):
        async with running(line.mode.run):
            for count in (1, 2, 3):
                await line.greeted.until(count)
                assert line.mode.is_healthy
                say(slack)
                await slack.settled()
                if count < 3:
                    slack.sockets.drop()
    assert len(line.door.heard) == 6
    assert [kind for kind, _, _ in line.alarms.calls] == ["alarm.slack_down"] * 2
    assert sum("Slack is back" in record.getMessage() for record in caplog.records) == 2


async def test_a_line_that_slack_closes_without_a_word_is_a_loss_as_well(slack: SlackServer, line: Line) -> None:
    async with running(line.mode.run):
        await line.greeted.until(1)
        await slack.sockets.connections[0].socket.close()
        await line.greeted.until(2)
    assert [why for _, _, why in line.alarms.calls] == ["closed"]


async def test_a_slack_that_turns_us_away_for_a_while_is_tried_until_it_does_not(
    slack: SlackServer, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with running(line.mode.run):
            await line.greeted.until(1)
            slack.sockets.refuse()
            slack.sockets.drop()
            await slack.until(lambda s: len(s.called(OPEN)) == 3)
            assert not line.mode.is_healthy
            slack.sockets.refuse(refusing=False)
            await line.greeted.until(2)
    assert len(line.alarms.calls) == 1
    assert not [record for record in caplog.records if record.exc_info]


async def test_why_no_line_comes_about_is_said(slack: SlackServer, line: Line) -> None:
    slack.sockets.refuse()
    async with running(line.mode.run):
        await line.alarms.until(1)
    assert "503" in line.alarms.calls[0][2]


async def test_a_frozen_line_is_noticed_in_time_with_the_times_of_every_day(slack: SlackServer) -> None:
    """Nothing is read any more, no ping is answered, and TCP stays open."""
    line = Line(slack, ping_seconds=3.0, connect_seconds=10.0)
    async with running(line.mode.run):
        await line.greeted.until(1)
        slack.sockets.freeze()
        await line.alarms.until(1, seconds=15)
        await line.greeted.until(2)
        say(slack)
        await slack.until(lambda s: any(delivery.done for delivery in s.deliveries.all))


async def test_slack_may_ask_for_another_line(slack: SlackServer, line: Line) -> None:
    async with running(line.mode.run):
        await line.greeted.until(1)
        await slack.sockets.disconnect("refresh_requested")
        await line.greeted.until(2)
        await slack.until(lambda s: len(s.sockets.open) == 1)
        say(slack)
        await slack.settled()
    assert not slack.unacknowledged
    assert not line.alarms.calls


async def test_another_line_that_does_not_come_about_is_a_loss(slack: SlackServer, line: Line) -> None:
    """The SDK hangs while it asks for the new address."""
    async with running(line.mode.run):
        await line.greeted.until(1)
        slack.fail(OPEN, "hang")
        await slack.sockets.disconnect("warning")
        await slack.until(lambda s: len(s.called(OPEN)) == 2)
        slack.sockets.drop()
        await line.alarms.until(1)
        await line.greeted.until(2)
    assert line.alarms.calls[0][2] == "no new address"


async def test_a_line_that_speaks_and_does_not_listen_is_dead(slack: SlackServer, line: Line) -> None:
    """Slack's own pings still come, ours are not answered: to aiohttp that is a living connection."""
    async with running(line.mode.run):
        await line.greeted.until(1)
        slack.sockets.freeze()
        frozen = slack.sockets.connections[0]
        async with asyncio.timeout(10):
            while not line.alarms.calls:
                await frozen.socket.ping()
                with suppress(TimeoutError):
                    await line.alarms.until(1, seconds=PING / 4)
        await line.greeted.until(2)
    assert line.alarms.calls[0][2] == "no pong"
