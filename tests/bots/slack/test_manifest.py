"""The manifest asks for what is used, and for nothing else."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from bots.slack.app import HANDLED_EVENTS
from bots.slack.commands import ASK_ABOUT
from tests.bots.slack.reception import our_manifest
from tests.slack_server.app import App

SOURCES = sorted((Path(__file__).parents[3] / "bots" / "slack").glob("*.py"))
METHOD = re.compile(r"(?:auth|chat|conversations|users|files|views|reactions|team|assistant|agents|apps)\.[A-Za-z.]+")
EVERY_HISTORY = {"channels:history", "groups:history", "im:history", "mpim:history"}
EVERY_READ = {"channels:read", "groups:read", "im:read", "mpim:read"}
SCOPES_OF_METHODS: dict[str, set[str]] = {
    "assistant.threads.setStatus": {"chat:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "auth.test": set(),
    "chat.appendStream": {"chat:write"},
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.startStream": {"chat:write"},
    "chat.stopStream": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": EVERY_HISTORY,
    "conversations.info": EVERY_READ,
    "conversations.members": EVERY_READ,
    "conversations.open": {"im:write"},
    "conversations.replies": EVERY_HISTORY,
    "files.info": {"files:read"},
    "users.conversations": EVERY_READ,
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""For all kinds of conversations that we are in: with one person (`im`) too."""
SCOPES_OF_EVENTS: dict[str, set[str]] = {
    "agent_session_stopped": {"assistant:write"},
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
    "message_stream_stopped": {"chat:write"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
}
OF_FEATURES = {"assistant:write", "commands"}
"""For `agent_view`; for slash commands and shortcuts."""


@pytest.fixture(scope="module")
def features() -> dict[str, Any]:
    return dict(our_manifest()["features"])


@pytest.fixture(scope="module")
def subscribed() -> set[str]:
    return set(our_manifest()["settings"]["event_subscriptions"]["bot_events"])


def methods_called() -> set[str]:
    """The methods named in the sources, but for tables of them."""
    found: set[str] = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tables = [node for node in ast.walk(tree) if isinstance(node, ast.Set | ast.Dict)]
        listed = {id(entry) for table in tables for entry in ast.walk(table)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in listed:
                found |= {node.value} if METHOD.fullmatch(node.value) else set()
    return found


def test_the_scopes_are_those_that_methods_events_and_features_need(subscribed: set[str]) -> None:
    called = methods_called()
    assert called >= {"chat.postMessage", "conversations.history", "auth.test"}
    needed = set(OF_FEATURES)
    for method in called:
        needed |= SCOPES_OF_METHODS[method]
    for event in subscribed:
        needed |= SCOPES_OF_EVENTS[event]
    scopes = our_manifest()["oauth_config"]["scopes"]
    assert sorted(scopes["bot"]) == scopes["bot"] == sorted(needed)
    assert set(scopes) == {"bot"}


def test_the_events_are_those_that_are_handled(subscribed: set[str]) -> None:
    assert {event.partition(".")[0] for event in subscribed} == HANDLED_EVENTS


def test_slack_would_take_it() -> None:
    app = App.of(our_manifest())
    assert app.commands == {"/hoi", "/ask", "/sotay"}
    assert app.shortcuts == {ASK_ABOUT: "message"}
    assert app.interactive
    assert app.socket_mode
    assert app.agent
    assert app.home_tab
    assert app.messages_tab


def test_it_stays_within_the_lengths_of_slack(features: dict[str, Any]) -> None:
    shown = our_manifest()["display_information"]
    assert 174 <= len(shown["long_description"]) <= 4_000
    assert len(shown["description"]) <= 140
    assert len(shown["name"]) <= 35
    assert len(features["agent_view"]["agent_description"]) <= 300
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in features["slash_commands"]:
        assert command["usage_hint"]
        assert len(command["description"]) <= 2_000


def test_people_may_write_to_it(features: dict[str, Any]) -> None:
    assert features["app_home"]["messages_tab_read_only_enabled"] is False
    assert features["bot_user"] == {"display_name": "Sổ Tay", "always_online": True}
    assert our_manifest()["settings"]["token_rotation_enabled"] is False


def test_it_comes_with_the_package() -> None:
    root = SOURCES[0].parents[2]
    assert 'bots = ["slack/*.yaml"]' in (root / "pyproject.toml").read_text(encoding="utf-8")
