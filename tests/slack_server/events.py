"""What the app hears of: the events that a change makes."""

from tests.slack_server.messages import TEAM, Message
from tests.slack_server.places import Channel
from tests.slack_server.refusals import Json
from tests.slack_server.workspace import Workspace


def hear(workspace: Workspace, channel: Channel, event: Json) -> None:
    """A `message` event of any kind, as members of the channel hear it."""
    if workspace.app.bot_user in channel.members:
        about = {"type": "message", "channel": channel.id, "channel_type": channel.kind}
        workspace.announce(about | event, channel.subscription, channel)


def said(workspace: Workspace, message: Message) -> None:
    """A new message; one of the app itself only with `Settings.echo`."""
    channel = workspace.channels[message.channel]
    if _is_heard(workspace, message):
        hear(workspace, channel, channel.json_of(message) | {"event_ts": message.ts})


def mentioned(workspace: Workspace, message: Message, event_ts: str) -> None:
    """The `app_mention` twin of a message in a channel that the app is in; direct messages have none."""
    channel = workspace.channels[message.channel]
    if channel.kind == "im" or workspace.app.bot_user not in channel.members:
        return
    event = channel.json_of(message) | {"type": "app_mention", "channel": channel.id, "event_ts": event_ts}
    event.pop("subtype", None)
    workspace.announce(event, "app_mention", channel)


def changed(workspace: Workspace, message: Message, before: Json) -> None:
    """`message_changed`, with the message as it is and as it was."""
    if not _is_heard(workspace, message):
        return
    channel, ts = workspace.channels[message.channel], workspace.new_ts()
    event = {"subtype": "message_changed", "message": channel.json_of(message), "previous_message": before}
    hear(workspace, channel, event | {"hidden": True, "ts": ts, "event_ts": ts})


def deleted(workspace: Workspace, message: Message) -> None:
    """`message_deleted`, with the message as it was."""
    if not _is_heard(workspace, message):
        return
    channel, ts = workspace.channels[message.channel], workspace.new_ts()
    event = {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": channel.json_of(message)}
    hear(workspace, channel, event | {"hidden": True, "ts": ts, "event_ts": ts})


def reacted(workspace: Workspace, message: Message, user: str, name: str, kind: str) -> None:
    """`reaction_added` or `reaction_removed`."""
    channel = workspace.channels[message.channel]
    if workspace.app.bot_user not in channel.members:
        return
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
    workspace.announce(event | {"event_ts": workspace.new_ts()}, kind, channel)


def moved(workspace: Workspace, channel: Channel, user: str, kind: str) -> None:
    """`member_joined_channel` or `member_left_channel`, where the app is or about itself."""
    if workspace.app.bot_user not in {user, *channel.members}:
        return
    letter = "C" if channel.kind == "channel" else "G"
    event = {"type": kind, "user": user, "channel": channel.id, "channel_type": letter, "team": TEAM}
    workspace.announce(event | {"event_ts": workspace.new_ts()}, kind, channel)


def delete(workspace: Workspace, message: Message) -> None:
    """The message goes; one with replies leaves a tombstone, which is a change, not a deletion."""
    channel = workspace.channels[message.channel]
    if channel.replies(message.ts) and not message.is_reply:
        before = channel.json_of(message)
        message.subtype, message.text, message.blocks = "tombstone", "This message was deleted.", []
        message.files, message.metadata, message.reactions, message.stream = [], None, {}, None
        workspace.shown(message)
        changed(workspace, message, before)
        return
    channel.remove(message)
    workspace.changed()
    deleted(workspace, message)


def _is_heard(workspace: Workspace, message: Message) -> bool:
    return workspace.settings.echo or message.user != workspace.app.bot_user
