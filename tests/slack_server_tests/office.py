"""The office that the tests of the local Slack play in: an app's manifest, and the real clients connected to it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import Json, SlackServer

SCOPES = [
    *("app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands"),
    *("files:read", "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history"),
    *("mpim:read", "reactions:read", "reactions:write", "team:read", "users:read", "users:read.email"),
]
EVENTS = [
    *("agent_session_stopped", "app_home_opened", "app_mention", "file_shared", "member_joined_channel"),
    *("member_left_channel", "message.channels", "message.groups", "message.im", "message.mpim"),
    *("message_stream_stopped", "reaction_added", "reaction_removed"),
]
PING_SECONDS = 0.2


def manifest(*, scopes: list[str] | None = None, events: list[str] | None = None, **settings: object) -> Json:
    """A manifest with everything on, but for what is given."""
    return {
        "display_information": {"name": "Sổ Tay"},
        "features": {
            "bot_user": {"display_name": "Sổ Tay"},
            "agent_view": {"agent_description": "Sổ tay nhân viên"},
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "slash_commands": [{"command": "/hoi", "description": "Hỏi sổ tay"}],
            "shortcuts": [
                {"name": "Hỏi", "type": "message", "callback_id": "ask_about", "description": "Hỏi về tin này"},
                {"name": "Hỏi", "type": "global", "callback_id": "ask", "description": "Hỏi sổ tay"},
            ],
        },
        "oauth_config": {"scopes": {"bot": SCOPES if scopes is None else scopes}},
        "settings": {
            "event_subscriptions": {"bot_events": EVENTS if events is None else events},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        }
        | settings,
    }


def client_of(slack: SlackServer, **options: Any) -> AsyncWebClient:  # noqa: ANN401
    """The real Web API client; it repeats nothing unless `retry_handlers` say so."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, **({"retry_handlers": []} | options))


def app_of(slack: SlackServer) -> AsyncApp:
    return AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)


@asynccontextmanager
async def connected(app: AsyncApp, slack: SlackServer) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app on Socket Mode, until the end."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=PING_SECONDS)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def refusal(call: Awaitable[object]) -> str:
    """The error of a call that must be refused."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])
