"""What an app says through a `response_url`, and what it may say in an acknowledgement."""

from tests.slack_server import arguments, events
from tests.slack_server.blocks import check_message_blocks, named
from tests.slack_server.messages import Message
from tests.slack_server.refusals import Json, Refused
from tests.slack_server.workspace import Reply, Workspace

TAKES = (
    "text blocks:list attachments:list response_type replace_original:flag delete_original:flag thread_ts:ts "
    "metadata:object unfurl_links:flag unfurl_media:flag mrkdwn:flag"
)
TYPES = {"ephemeral", "in_channel"}


def respond(workspace: Workspace, name: str, given: Json) -> None:
    """One use of a response URL: a message, or a change of the one that the button stood on."""
    reply = workspace.replies.get(name)
    if not reply:
        raise Refused("no_response_url", status=404)
    if reply.uses <= 0:
        raise Refused("used_url", status=404)
    if workspace.clock.monotonic() > reply.until:
        raise Refused("expired_url", status=404)
    said = arguments.taken(TAKES, given)
    if said.get("response_type", "ephemeral") not in TYPES:
        raise Refused("invalid_response_type", status=400)
    check_message_blocks(said.get("blocks", []))
    reply.uses -= 1
    if reply.message and (said.get("replace_original") or said.get("delete_original")):
        _change(workspace, reply.message, said)
    else:
        say(workspace, reply, said)


def _change(workspace: Workspace, message: Message, said: Json) -> None:
    if said.get("delete_original"):
        if message.only_for:
            workspace.ephemerals.remove(message)
            workspace.changed()
        else:
            events.delete(workspace, message)
        return
    before = message.to_json()
    message.text, message.blocks = said.get("text", ""), named(said.get("blocks", []))
    message.edited = {"user": message.user, "ts": workspace.new_ts()}
    workspace.heed_pings(message, message.text, message.blocks)
    workspace.shown(message)
    if not message.only_for:
        events.changed(workspace, message, before)


def say(workspace: Workspace, reply: Reply, said: Json) -> Message:
    """A message of the app's to the user, or with `in_channel` to everybody there. Empty ones are `no_text`."""
    if not said.get("text") and not said.get("blocks"):
        raise Refused("no_text", status=400)
    app = workspace.app
    message = Message(
        ts=workspace.new_ts(),
        channel=reply.channel,
        user=app.bot_user,
        text=said.get("text", ""),
        blocks=named(said.get("blocks", [])),
        bot_id=app.bot_id,
        app_id=app.id,
        thread_ts=said.get("thread_ts"),
    )
    workspace.heed_pings(message, message.text, message.blocks)
    if said.get("response_type") == "in_channel":
        workspace.put(message)
        events.said(workspace, message)
    else:
        message.only_for = reply.user
        workspace.ephemerals.append(message)
        workspace.shown(message)
    return message
