"""One call of Slack's Web API, and what becomes of each way in which it may go wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bots.slack.adapter import SlackConfig, open_client
from bots.slack.api import CLOSED, GONE, MARKUP, UNSURE, Refused, SlackApi, surface_error
from bots.slack.budgets import MethodBudgets
from core.clock import SteadyClock
from core.surfaces import (
    MarkupRefused,
    MessageGone,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)
from tests.bots.slack.strange import Handler, serving
from tests.slack_server import SlackServer


@asynccontextmanager
async def api_of(url: str, **per_minute: int) -> AsyncIterator[SlackApi]:
    async with open_client(SlackConfig("xoxb-1-bot", api_url=url)) as client:
        budgets = {name.replace("_", "."): most for name, most in per_minute.items()}
        yield SlackApi(client, MethodBudgets(SteadyClock(), budgets))


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[SlackApi]:
    async with serving(handler) as url, api_of(url) as api:
        yield api


def always(body: str, status: int = 200, kind: str = "application/json", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(text=body, status=status, content_type=kind, headers=named)

    return handler


async def failure(api: SlackApi, method: str = "chat.postMessage") -> Exception:
    with pytest.raises((Refused, SurfaceError)) as caught:
        await api.call(method, channel="C1")
    return caught.value


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (GONE, MessageGone),
        (MARKUP, MarkupRefused),
        (CLOSED, Undeliverable),
        (UNSURE, SurfaceSilent),
        ({"token_revoked", "something_new"}, SurfaceUnavailable),
    ],
)
def test_every_refusal_is_told_to_the_core_in_its_own_words(codes: frozenset[str], kind: type[SurfaceError]) -> None:
    for code in codes:
        error = surface_error(Refused("chat.update", code))
        assert type(error) is kind
        assert str(error) == f"chat.update: {code}"


def test_no_refusal_is_of_two_kinds() -> None:
    kinds = (GONE, MARKUP, CLOSED, UNSURE)
    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))


async def test_a_refusal_comes_with_slacks_word_for_it() -> None:
    async with answering(always('{"ok": false, "error": "not_in_channel"}')) as api:
        refused = await failure(api)
    assert isinstance(refused, Refused)
    assert (refused.code, str(refused)) == ("not_in_channel", "chat.postMessage: not_in_channel")


@pytest.mark.parametrize(
    ("handler", "seconds"),
    [
        (always('{"ok": false, "error": "ratelimited"}', 429, Retry_After="7"), 7.0),
        (always("", 429, "text/html", Retry_After="30"), 30.0),
        (always('{"ok": false, "error": "ratelimited"}', 429), 1.0),
        (always('{"ok": false, "error": "ratelimited"}', 429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 1.0),
        (always('{"ok": false, "error": "ratelimited"}'), 1.0),
        (always('{"ok": false, "error": "rate_limited"}', Retry_After="4"), 4.0),
    ],
)
async def test_who_calls_too_often_is_told_how_long_to_wait(handler: Handler, seconds: float) -> None:
    async with answering(handler) as api:
        busy = await failure(api)
    assert isinstance(busy, SurfaceBusy)
    assert busy.retry_after == seconds


@pytest.mark.parametrize(
    "handler",
    [
        always('{"ok": false, "error": "internal_error"}', 500),
        always("Bad gateway", 502, "text/plain"),
        always("<html>Sign in to the guest network</html>", 200, "text/html"),
        always('{"ok": true, "ts": "17', 200),
        always("[]", 200),
        always('["ok"]', 200),
        always("fine", 200, "text/plain"),
        always("", 200),
        always("", 404, "text/html"),
    ],
)
async def test_what_is_no_verdict_of_slacks_may_have_been_done(handler: Handler) -> None:
    async with answering(handler) as api:
        assert isinstance(await failure(api), SurfaceSilent)


async def test_a_lost_answer_may_have_been_done_and_is_asked_once(slack: SlackServer) -> None:
    user = slack.people.add_user("An")
    channel = slack.people.add_channel("chung", [user])
    slack.fail("chat.postMessage", "drop_after")
    async with api_of(slack.api_url) as api:
        with pytest.raises(SurfaceSilent):
            await api.call("chat.postMessage", channel=channel, text="xin chào")
    assert len(slack.messages(channel)) == 1
    assert len(slack.called("chat.postMessage")) == 1


async def test_where_nobody_listens_nothing_was_done() -> None:
    async with serving(always("{}")) as url:
        pass
    async with api_of(url) as api:
        assert isinstance(await failure(api), SurfaceUnavailable)


async def test_a_budget_that_is_spent_asks_nothing_of_slack(slack: SlackServer) -> None:
    async with api_of(slack.api_url, auth_test=1) as api:
        await api.call("auth.test")
        busy = await failure(api, "auth.test")
    assert isinstance(busy, SurfaceBusy)
    assert 60.0 < busy.retry_after <= 61.0
    assert len(slack.called("auth.test")) == 1


async def test_a_preview_without_room_makes_nobody_wait(slack: SlackServer) -> None:
    async with api_of(slack.api_url, auth_test=2) as api:
        await api.call("auth.test", preview=True)
        with pytest.raises(SurfaceUnavailable):
            await api.call("auth.test", preview=True)
        await api.call("auth.test")
    assert len(slack.called("auth.test")) == 2


async def test_reading_asks_by_the_address_and_writing_by_json() -> None:
    asked: list[Any] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append((request.method, dict(request.query), await request.json() if request.can_read_body else None))
        return web.json_response({"ok": True})

    async with answering(handler) as api:
        await api.call("conversations.replies", channel="C1", include_all_metadata=True, inclusive=False, oldest=None)
        await api.call("chat.update", channel="C1", unfurl_links=False, blocks=[{"type": "divider"}], thread_ts=None)
    assert asked == [
        ("GET", {"channel": "C1", "include_all_metadata": "1", "inclusive": "0"}, None),
        ("POST", {}, {"channel": "C1", "unfurl_links": False, "blocks": [{"type": "divider"}]}),
    ]


async def test_a_listing_is_read_page_after_page(slack: SlackServer) -> None:
    slack.settings.page_size = 3
    users = [slack.people.add_user(f"Người {n}") for n in range(8)]
    channel = slack.people.add_channel("chung", users)
    async with api_of(slack.api_url) as api:
        found = [user async for user in api.pages("conversations.members", "members", channel=channel, limit=200)]
    assert found == [*users, slack.app.bot_user]
    assert len(slack.called("conversations.members")) == 3
