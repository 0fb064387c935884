"""HTTP mode: what Slack posts to us, and what others might."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bots.slack.http import LARGEST_BODY, HttpMode
from core.errors import SotayError
from tests.bots.slack.reception import Counter, Door, our_manifest, running
from tests.slack_server import Rates, Settings, SlackServer
from tests.slack_server.http_carrier import signature

PATH = "/slack/events"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(our_manifest(), settings=Settings(retries=()), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
def door(slack: SlackServer) -> Door:
    return Door(slack)


@pytest.fixture
async def posted() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@asynccontextmanager
async def listening(door: Door, port: int = 0) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The address that the app listens on, and what stops it."""
    opened = Counter()
    mode = HttpMode(door.app, "127.0.0.1", port, PATH, opened)
    assert not mode.is_healthy
    async with running(mode.run) as stopping:
        await opened.until(1)
        assert mode.is_healthy
        yield f"http://127.0.0.1:{mode.bound_port}{PATH}", stopping
    assert not mode.is_healthy


def body(**fields: object) -> str:
    event = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1700000000.000100", "text": "<@U0BOT> a?"}
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event} | fields)


async def test_events_come_signed_and_are_acknowledged(slack: SlackServer, door: Door) -> None:
    async with listening(door) as (url, _):
        await slack.deliver_to(url)
        lan = slack.people.add_user("Lan")
        slack.people.ask(lan, slack.people.add_channel("chung", [lan]), "nghỉ phép?")
        await slack.settled()
    assert [event["type"] for event in door.heard] == ["message", "app_mention"]
    assert not slack.unacknowledged


@pytest.mark.parametrize(("secret", "age"), [("another secret", 0), ("signing-secret", 301), ("signing-secret", -301)])
async def test_what_is_not_signed_by_slack_just_now_is_refused(
    door: Door, posted: aiohttp.ClientSession, secret: str, age: int
) -> None:
    async with listening(door) as (url, _):
        headers = JSON | signature(secret, body(), time.time() - age)
        async with posted.post(url, data=body(), headers=headers) as response:
            assert response.status == 401
    assert not door.heard


async def test_a_changed_body_is_refused(door: Door, posted: aiohttp.ClientSession) -> None:
    async with listening(door) as (url, _):
        headers = JSON | signature("signing-secret", body())
        async with posted.post(url, data=body(event_id="Ev2"), headers=headers) as response:
            assert response.status == 401
        async with posted.post(url, data=body(), headers=JSON) as response:
            assert response.status == 401
        async with posted.post(url, data=body(), headers=headers) as response:
            assert response.status == 200
    assert len(door.heard) == 1


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'"a"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"authorizations": [1]}', "application/json"),
        (b'{"authorizations": 7}', "application/json"),
        (b'{"authorizations": {"a": 1}}', "application/json"),
        (b'{"enterprise": 7}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"payload={", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"{}", "application/json; charset=nonsense"),
    ],
)
async def test_what_nobody_can_read_is_refused_and_breaks_nothing(
    door: Door, posted: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, data: bytes, kind: str
) -> None:
    async with listening(door) as (url, _), posted.post(url, data=data, headers={"Content-Type": kind}) as response:
        assert response.status == 400
    assert not [record for record in caplog.records if record.exc_info]


async def test_bodies_have_a_size(door: Door, posted: aiohttp.ClientSession) -> None:
    async with listening(door) as (url, _):
        for size, status in ((LARGEST_BODY - len(body(pad="")), 200), (LARGEST_BODY, 413)):
            data = body(pad="x" * size)
            headers = JSON | signature("signing-secret", data)
            async with posted.post(url, data=io.BytesIO(data.encode()), headers=headers) as response:
                assert response.status == status


async def test_only_posts_to_the_path_are_taken(door: Door, posted: aiohttp.ClientSession) -> None:
    async with listening(door) as (url, _):
        async with posted.get(url) as response:
            assert response.status == 405
        data = body()
        headers = JSON | signature("signing-secret", data)
        for other in (f"{url}/more", url.removesuffix(PATH), f"{url}/../x"):
            async with posted.post(other, data=data, headers=headers) as response:
                assert response.status == 404
    assert not door.heard


async def test_what_is_under_way_at_the_end_is_finished_and_nothing_new_is_taken(
    slack: SlackServer, door: Door, posted: aiohttp.ClientSession
) -> None:
    async with listening(door) as (url, stopping):
        await slack.deliver_to(url)
        door.gate.clear()
        lan = slack.people.add_user("Lan")
        im = slack.people.im(lan)
        slack.people.say(lan, im, "nghỉ phép?")
        await door.waiting.wait()
        stopping.set()
        await refused(posted, url)
        door.gate.set()
    await slack.settled()
    assert [delivery.done for delivery in slack.deliveries.all] == [True]


async def refused(posted: aiohttp.ClientSession, url: str) -> None:
    """Returns once the port is closed: until then every request is turned away by its missing signature."""
    try:
        while True:
            async with posted.post(url, data="{}", headers=JSON | {"Connection": "close"}) as response:
                assert response.status == 401
    except aiohttp.ClientConnectorError:
        return


async def test_a_port_in_use_is_said(door: Door) -> None:
    async with listening(door) as (url, _):
        port = int(url.split(":")[2].split("/")[0])
        with pytest.raises(SotayError, match=f"Port {port} on 127") as taken:
            await HttpMode(door.app, "127.0.0.1", port, PATH, Counter()).run(asyncio.Event())
    assert (taken.value.message_id, taken.value.facts) == ("slack.port_taken", {"host": "127.0.0.1", "port": port})


async def test_a_host_that_is_not_ours_is_said(door: Door) -> None:
    with pytest.raises(SotayError, match="cannot be opened") as wrong:
        await HttpMode(door.app, "127.0.0.999", 0, PATH, Counter()).run(asyncio.Event())
    assert wrong.value.message_id == "slack.no_port"


async def test_the_port_is_free_again_afterwards(door: Door) -> None:
    async with listening(door) as (url, _):
        port = int(url.split(":")[2].split("/")[0])
    async with listening(door, port) as (again, _):
        assert again == url
