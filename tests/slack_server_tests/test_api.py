"""Who may call what, how calls are read, and how they go wrong on demand."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import Rates, SlackServer
from tests.slack_server_tests.office import client_of, manifest, refusal


async def test_the_bot_is_told_who_it_is(slack: SlackServer, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (slack.app.bot_user, slack.app.bot_id, "T1")


@pytest.mark.parametrize(
    ("token", "error"),
    [("xoxb-other", "invalid_auth"), ("xapp-1-app", "not_allowed_token_type"), ("", "not_authed")],
)
async def test_other_tokens_are_refused(slack: SlackServer, token: str, error: str) -> None:
    assert await refusal(AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[]).auth_test()) == error


async def test_sockets_are_opened_with_the_apps_token(slack: SlackServer, client: AsyncWebClient) -> None:
    assert (await client.apps_connections_open(app_token=slack.app_token))["url"].startswith("ws://127.0.0.1:")
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token="xapp-other")) == "invalid_auth"


async def test_a_missing_scope_is_named() -> None:
    scopes = ["chat:write", "users:read"]
    async with SlackServer(manifest(scopes=scopes, events=[]) | {"features": {}}) as slack:
        lan = slack.people.add_user("Lan")
        general = slack.people.add_channel("chung", [lan])
        client = client_of(slack)
        with pytest.raises(SlackApiError) as refused:
            await client.conversations_info(channel=general)
        assert refused.value.response["error"] == "missing_scope"
        assert (refused.value.response["needed"], refused.value.response["provided"]) == (
            "channels:read",
            "chat:write,users:read",
        )
        assert "email" not in (await client.users_info(user=lan))["user"]["profile"]


def test_a_manifest_cannot_subscribe_without_the_scope() -> None:
    with pytest.raises(ValueError, match=r"message\.im without the scope im:history"):
        SlackServer(manifest(scopes=["commands", "chat:write"], events=["message.im"]))


async def test_unknown_methods_and_arguments_are_refused(client: AsyncWebClient, general: str) -> None:
    assert await refusal(client.api_call("chat.shout")) == "unknown_method"
    assert await refusal(client.chat_postMessage(channel=general, text="a", colour="red")) == "invalid_arguments"
    assert await refusal(client.api_call("chat.postMessage", json={"text": "a"})) == "invalid_arguments"
    assert await refusal(client.api_call("conversations.history", params={"channel": general, "limit": "x"})) == (
        "invalid_arguments"
    )


async def test_writing_takes_forms_and_json_but_reading_no_json(client: AsyncWebClient, general: str) -> None:
    blocks = '[{"type": "divider"}]'
    form = await client.api_call("chat.postMessage", data={"channel": general, "text": "a", "blocks": blocks})
    assert form["message"]["blocks"][0]["type"] == "divider"
    assert (await client.chat_postMessage(channel=general, text="a", blocks=[{"type": "divider"}]))["ok"]
    assert await refusal(client.api_call("conversations.info", json={"channel": general})) == "invalid_arguments"


async def test_what_a_guest_is_stands_in_users_info(slack: SlackServer, client: AsyncWebClient) -> None:
    guest = slack.people.add_user("Khách", is_ultra_restricted=True, is_stranger=True, email="khach@ngoai.vn")
    user = (await client.users_info(user=guest, include_locale=True))["user"]
    assert (user["is_ultra_restricted"], user["is_stranger"], user["locale"]) == (True, True, "vi-VN")
    assert user["profile"]["email"] == "khach@ngoai.vn"
    assert await refusal(client.users_info(user="U9")) == "user_not_found"


async def test_a_file_needs_the_token_or_is_a_page_to_sign_in(slack: SlackServer, lan: str, general: str) -> None:
    ts = slack.people.upload(lan, general, "nội quy.txt", b"12", mimetype="text/plain")
    url = slack.message(ts).files[0].to_json()["url_private_download"]
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as page:
            assert (page.status, page.content_type) == (200, "text/html")
        async with session.get(url, headers={"Authorization": f"Bearer {slack.bot_token}"}) as file:
            assert (file.content_type, await file.read()) == ("text/plain", b"12")


async def test_a_file_may_only_say_to_ask(slack: SlackServer, client: AsyncWebClient, lan: str, general: str) -> None:
    ts = slack.people.upload(lan, general, "a.pdf", b"1", mimetype="application/pdf", access="check_file_info")
    told = slack.message(ts).to_json()["files"][0]
    assert told.keys() == {"id", "created", "timestamp", "file_access"}
    assert (await client.files_info(file=told["id"]))["file"]["name"] == "a.pdf"


async def test_faults_come_once_each_and_in_order(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.fail("auth.test", "internal_error")
    slack.fail("auth.test", 503)
    assert await refusal(client.auth_test()) == "internal_error"
    with pytest.raises(SlackApiError) as broken:
        await client.auth_test()
    assert broken.value.response.status_code == 503
    assert (await client.auth_test())["ok"]
    assert [called.error for called in slack.called("auth.test")] == ["internal_error", "internal_error", None]


async def test_a_lost_answer_makes_the_sdk_post_twice(slack: SlackServer, general: str) -> None:
    """What the SDK's own handler does; the server must have done the work before it hung up."""
    slack.fail("chat.postMessage", "drop_after")
    client = client_of(slack, retry_handlers=[AsyncConnectionErrorRetryHandler()])
    await client.chat_postMessage(channel=general, text="Mười hai ngày.")
    assert [message.text for message in slack.messages(general)] == ["Mười hai ngày."] * 2


async def test_a_dropped_call_did_nothing(slack: SlackServer, client: AsyncWebClient, general: str) -> None:
    slack.fail("chat.postMessage", "drop_before")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel=general, text="a")
    assert not slack.messages(general)


async def test_a_hanging_call_hangs_until_the_client_gives_up(slack: SlackServer) -> None:
    slack.fail("auth.test", "hang")
    async with asyncio.TaskGroup() as group:
        call = group.create_task(client_of(slack).auth_test())
        await slack.until(lambda s: s.called("auth.test"))
        assert not call.done()
        call.cancel()


async def test_calls_are_limited_unless_told_otherwise() -> None:
    async with SlackServer(manifest(), rates=Rates(special={"auth.test": 1})) as slack:
        client = client_of(slack)
        await client.auth_test()
        assert await refusal(client.auth_test()) == "ratelimited"
        assert slack.limited["auth.test"] == 1
