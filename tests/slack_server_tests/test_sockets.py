"""Socket Mode, with the real Bolt at the other end."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from tests.manual_clock import ImpatientClock
from tests.slack_server import Json, Settings, SlackServer
from tests.slack_server_tests.office import app_of, connected, manifest


@dataclass
class Office:
    """A Slack and an app: it answers mentions in their thread, and keeps every event and its retry number."""

    slack: SlackServer
    heard: list[tuple[Json, str]] = field(default_factory=list)
    slow: asyncio.Event | None = None

    def app(self) -> AsyncApp:
        app = app_of(self.slack)

        @app.middleware
        async def keep(req: AsyncBoltRequest, next_: Any) -> None:  # noqa: ANN401
            self.heard.append((req.body, req.headers["x-slack-retry-num"][0]))
            if self.slow:
                await self.slow.wait()
            await next_()

        @app.event("app_mention")
        async def answer(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401
            await say(text="Mười hai ngày.", thread_ts=event.get("thread_ts") or event["ts"])

        @app.event("message")
        async def hear(event: dict[str, Any]) -> None:
            del event

        return app


@pytest.fixture
def office(slack: SlackServer) -> Office:
    return Office(slack)


async def test_a_mention_is_answered_in_its_thread(slack: SlackServer, office: Office, lan: str, general: str) -> None:
    async with connected(office.app(), slack):
        ts = slack.people.ask(lan, general, "nghỉ phép mấy ngày?")
        await slack.until(lambda s: len(s.thread(general, ts)) == 2)
        answer = slack.thread(general, ts)[1]
        assert (answer.text, answer.thread_ts, answer.bot_id) == ("Mười hai ngày.", ts, slack.app.bot_id)
        await slack.settled()
    assert not slack.unacknowledged
    assert not slack.violations


async def test_a_mention_comes_twice_with_the_same_ts(
    slack: SlackServer, office: Office, lan: str, general: str
) -> None:
    async with connected(office.app(), slack):
        ts = slack.people.ask(lan, general, "nghỉ phép?")
        await slack.settled()
    message, mention = (body for body, _ in office.heard[:2])
    assert (message["event"]["type"], mention["event"]["type"]) == ("message", "app_mention")
    assert message["event"]["ts"] == mention["event"]["ts"] == ts
    assert message["event"]["client_msg_id"] == mention["event"]["client_msg_id"]
    assert message["event_id"] != mention["event_id"]


async def test_the_app_hears_itself_unless_told_otherwise(
    slack: SlackServer, office: Office, lan: str, general: str
) -> None:
    async with connected(office.app(), slack):
        slack.people.ask(lan, general, "nghỉ phép?")
        await slack.until(lambda s: any(d.event.get("bot_id") for d in s.deliveries.all))
        slack.settings.echo = False
        told = len(slack.deliveries.all)
        await app_of(slack).client.chat_postMessage(channel=general, text="a")
        assert len(slack.deliveries.all) == told
        await slack.settled()


async def test_what_nobody_listens_to_comes_again_three_times(slack: SlackServer, lan: str, general: str) -> None:
    """Bolt acknowledges no event that has no listener."""
    slack.settings.ack_seconds = 0.05
    office = Office(slack)
    async with connected(office.app(), slack):
        ts = slack.people.say(lan, general, "xin chào")
        await slack.settled()
        slack.people.react(lan, ts, "+1")
        await slack.settled()
    bodies = [(body["event_id"], retry) for body, retry in office.heard if body["event"]["type"] == "reaction_added"]
    assert [retry for _, retry in bodies] == ["0", "1", "2", "3"]
    assert len({event_id for event_id, _ in bodies}) == 1
    assert [missed.reason for missed in slack.unacknowledged] == ["timeout"] * 4
    assert [delivery.event["type"] for delivery in slack.lost] == ["reaction_added"]


async def test_a_late_acknowledgement_does_not_count(slack: SlackServer, lan: str, general: str) -> None:
    slack.settings.ack_seconds, slack.settings.retries = 0.05, ()
    office = Office(slack, slow=asyncio.Event())
    async with connected(office.app(), slack):
        slack.people.say(lan, general, "xin chào")
        await slack.until(lambda s: s.lost)
        assert not slack.sockets.late
        assert office.slow
        office.slow.set()
        await slack.until(lambda s: s.sockets.late)
    assert slack.sockets.late[0]["event"]["text"] == "xin chào"


async def test_events_wait_for_the_app_as_long_as_slack_does(lan: str, general: str) -> None:
    del lan, general
    clock = ImpatientClock()
    async with SlackServer(manifest(), clock=clock) as slack:
        binh = slack.people.add_user("Bình")
        slack.people.say(binh, slack.people.im(binh), "có ai không?")
        await slack.settled()
        assert clock.slept == [0.0, 60.0, 300.0]
        assert [missed.reason for missed in slack.unacknowledged] == ["connection_failed"] * 4


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_the_app_moves_when_asked_to(
    slack: SlackServer, office: Office, lan: str, general: str, reason: str
) -> None:
    async with connected(office.app(), slack):
        await slack.sockets.disconnect(reason)
        await slack.until(lambda s: s.sockets.opened == 2 and len(s.sockets.open) == 1)
        ts = slack.people.ask(lan, general, "nghỉ phép?")
        await slack.until(lambda s: len(s.thread(general, ts)) == 2)


async def test_the_app_comes_back_after_a_broken_socket(
    slack: SlackServer, office: Office, lan: str, general: str
) -> None:
    async with connected(office.app(), slack):
        slack.sockets.drop()
        await slack.until(lambda s: s.sockets.opened == 2)
        ts = slack.people.ask(lan, general, "nghỉ phép?")
        await slack.until(lambda s: len(s.thread(general, ts)) == 2)


async def test_a_socket_lost_before_the_answer_sends_the_event_again(
    slack: SlackServer, lan: str, general: str
) -> None:
    office = Office(slack, slow=asyncio.Event())
    slack.settings.retries = (0.5,)
    async with connected(office.app(), slack):
        slack.people.say(lan, general, "xin chào")
        await slack.until(lambda s: s.deliveries.all[0].attempts)
        slack.sockets.drop()
        await slack.until(lambda s: s.sockets.opened == 2)
        assert office.slow
        office.slow.set()
        await slack.until(lambda s: s.deliveries.all[0].done)
    assert [missed.reason for missed in slack.unacknowledged] == ["connection_failed"]


async def test_a_frozen_socket_is_left_by_the_app(slack: SlackServer, office: Office, lan: str, general: str) -> None:
    async with connected(office.app(), slack):
        slack.sockets.freeze()
        await slack.until(lambda s: s.sockets.opened == 2)
        ts = slack.people.ask(lan, general, "nghỉ phép?")
        await slack.until(lambda s: len(s.thread(general, ts)) == 2)


async def test_sockets_may_be_refused_for_a_while(slack: SlackServer, office: Office) -> None:
    async with connected(office.app(), slack):
        slack.sockets.refuse()
        slack.sockets.drop()
        await slack.until(lambda s: len(s.called("apps.connections.open")) >= 2)
        assert not slack.sockets.open
        slack.sockets.refuse(refusing=False)
        await slack.until(lambda s: s.sockets.open)


async def test_pings_are_answered(slack: SlackServer, office: Office) -> None:
    async with connected(office.app(), slack):
        await slack.sockets.ping()
        await slack.until(lambda s: s.sockets.open[0].pongs == 1)


async def test_a_ticket_opens_one_socket(slack: SlackServer) -> None:
    url = slack.sockets.new_url()
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
        assert refused.value.status == 403


async def test_ten_sockets_are_enough() -> None:
    async with (
        SlackServer(manifest(), settings=Settings(max_sockets=1)) as slack,
        aiohttp.ClientSession() as session,
        session.ws_connect(slack.sockets.new_url()),
        session.ws_connect(slack.sockets.new_url()) as second,
    ):
        assert (await second.receive_json())["reason"] == "too_many_websockets"


async def test_strange_acknowledgements_are_noted(slack: SlackServer, lan: str, general: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(slack.sockets.new_url()) as socket:
        await socket.receive_json()
        await socket.send_json({"envelope_id": "made-up"})
        slack.people.say(lan, general, "a")
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "a"}})
        await slack.settled()
    assert [violation.partition(":")[0] for violation in slack.violations] == [
        "acknowledged an unknown envelope",
        "an event was acknowledged with a payload",
    ]
