"""HTTP mode: the real Bolt behind an address of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from tests.slack_server import Json, Rates, Settings, SlackServer, Unheard
from tests.slack_server.http_carrier import signature
from tests.slack_server_tests.office import app_of, manifest

HTTP = manifest(socket_mode_enabled=False)


@asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    """The application on a port of its own; its address."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/slack/events"
    finally:
        await runner.cleanup()


def bolt_of(slack: SlackServer, bodies: list[Json]) -> AsyncApp:
    app = app_of(slack)

    async def take(body: Json) -> None:
        bodies.append(body)

    async def ask(ack: Callable[..., object], body: Json) -> None:
        bodies.append(body)
        await ack(text=f"Đang tìm: {body['text']}")  # type: ignore[misc]

    app.event("message")(take)
    app.event("app_mention")(take)
    app.command("/hoi")(ask)
    return app


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    settings = Settings(retries=(0.0, 0.0))
    async with SlackServer(HTTP, settings=settings, rates=Rates(on=False)) as server:
        yield server


async def test_bolt_takes_what_is_signed(slack: SlackServer, lan: str, general: str) -> None:
    bodies: list[Json] = []
    async with serving(bolt_of(slack, bodies).web_app("/slack/events")) as url:
        await slack.deliver_to(url)
        slack.people.ask(lan, general, "nghỉ phép?")
        await slack.settled()
        outcome = await slack.hands.command(lan, general, "/hoi", "a & b")
    assert {body["event"]["type"] for body in bodies if "event" in body} == {"message", "app_mention"}
    assert (outcome.acknowledged, outcome.payload["text"]) == (True, "Đang tìm: a & b")
    assert not slack.unacknowledged


async def test_another_secret_is_refused_by_bolt(slack: SlackServer) -> None:
    app = bolt_of(slack, []).web_app("/slack/events")
    slack.signing_secret = "another"
    async with serving(app) as url:
        with pytest.raises(Unheard):
            await slack.deliver_to(url)


def test_the_signature_is_the_one_that_slack_checks() -> None:
    assert SignatureVerifier("geheim").is_valid_request("Đúng", signature("geheim", "Đúng"))
    assert not SignatureVerifier("geheim").is_valid_request("Sai", signature("geheim", "Đúng"))
    assert not SignatureVerifier("geheim").is_valid_request("Đúng", signature("geheim", "Đúng", at=1.0))


@asynccontextmanager
async def failing(slack: SlackServer, answer: web.HTTPException | None) -> AsyncIterator[list[tuple[str, str]]]:
    """An address that passes the verification and then fails as told, or hangs; its (retry number, reason)s."""
    tries: list[tuple[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        if "challenge" in body:
            return web.json_response({"challenge": body["challenge"]})
        tries.append((request.headers.get("X-Slack-Retry-Num", ""), request.headers.get("X-Slack-Retry-Reason", "")))
        if answer is None:
            await asyncio.Event().wait()
        return web.Response(status=answer.status if answer else 200, headers=answer.headers if answer else None)

    application = web.Application()
    application.router.add_post("/slack/events", handle)
    async with serving(application) as url:
        await slack.deliver_to(url)
        yield tries


async def test_errors_are_repeated_with_the_reason(slack: SlackServer, lan: str, general: str) -> None:
    async with failing(slack, web.HTTPInternalServerError()) as tries:
        slack.people.say(lan, general, "a")
        await slack.settled()
    assert tries == [("", ""), ("1", "http_error"), ("2", "http_error")]
    assert len(slack.lost) == 1


async def test_the_app_may_ask_for_no_repeat(slack: SlackServer, lan: str, general: str) -> None:
    async with failing(slack, web.HTTPBadRequest(headers={"X-Slack-No-Retry": "1"})) as tries:
        slack.people.say(lan, general, "a")
        await slack.settled()
    assert len(tries) == 1


async def test_silence_is_repeated_after_the_deadline(slack: SlackServer, lan: str, general: str) -> None:
    async with failing(slack, None) as tries:
        slack.settings.ack_seconds = 0.05
        slack.people.say(lan, general, "a")
        await slack.settled()
    assert tries == [("", ""), ("1", "http_timeout"), ("2", "http_timeout")]


async def test_an_address_where_nobody_is_fails(slack: SlackServer) -> None:
    async with serving(web.Application()) as url:
        pass
    with pytest.raises(Unheard, match="connection_failed"):
        await slack.deliver_to(url)
