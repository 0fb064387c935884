"""The app as its manifest declares it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.slack_server.refusals import Json

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""Scopes that Slack asks for before an event can be subscribed to."""


@dataclass(frozen=True, slots=True)
class App:
    """What the manifest allows. Subscribing to an event without its scope is a `ValueError`: Slack saves none."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]
    shortcuts: Mapping[str, str] = field(default_factory=dict)
    interactive: bool = False
    socket_mode: bool = False
    agent: bool = False
    home_tab: bool = False
    messages_tab: bool = False
    takes_messages: bool = False
    id: str = "A1"
    bot_id: str = "B1"
    bot_user: str = "U0BOT"
    name: str = "sotay"

    def __post_init__(self) -> None:
        for event in self.events:
            needed = EVENT_SCOPES.get(event)
            if needed and needed not in self.scopes:
                raise ValueError(f"the manifest subscribes to {event} without the scope {needed}")
        if self.commands and "commands" not in self.scopes:
            raise ValueError("the manifest has slash commands without the scope commands")

    @classmethod
    def of(cls, manifest: Json) -> "App":
        """`manifest`: a Slack app manifest, as its JSON or YAML reads."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        home = features.get("app_home", {})
        return cls(
            scopes=frozenset(manifest["oauth_config"]["scopes"]["bot"]),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands=frozenset(command["command"] for command in features.get("slash_commands", ())),
            shortcuts={shortcut["callback_id"]: shortcut["type"] for shortcut in features.get("shortcuts", ())},
            interactive=settings.get("interactivity", {}).get("is_enabled", False),
            socket_mode=settings.get("socket_mode_enabled", False),
            agent="agent_view" in features or "assistant_view" in features,
            home_tab=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", False),
            takes_messages=home.get("messages_tab_enabled", False)
            and not home.get("messages_tab_read_only_enabled", False),
        )
