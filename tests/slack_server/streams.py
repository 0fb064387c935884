"""`chat.startStream`, `appendStream`, `stopStream`, the statuses of threads, and agent sessions."""

from collections.abc import Iterator

from tests.slack_server import events
from tests.slack_server.blocks import check_message_blocks, named
from tests.slack_server.calls import Call
from tests.slack_server.chat import Content, check_markdown, checked_metadata, said_by_app, stream_over
from tests.slack_server.messages import Message, Stream
from tests.slack_server.pings import pings_in
from tests.slack_server.places import Channel
from tests.slack_server.refusals import Json, Refused, misshaped
from tests.slack_server.workspace import Status

CHUNK_FIELDS = {
    "markdown_text": {"text"},
    "task_update": {"id", "title", "status"},
    "plan_update": {"title"},
    "blocks": {"blocks"},
}
"""Types of chunks, and what each must hold."""
SESSION_STATUSES = {"active", "processing", "suspended", "closed"}
TITLE_AT_MOST = 200
LOADING_AT_MOST = 10


def start(call: Call) -> Json:
    """A message that is being written, under the message `thread_ts`; in channels somebody must be its recipient."""
    channel, settings = call.place(), call.workspace.settings
    if settings.streams_refused:
        raise Refused(settings.streams_refused)
    _check_recipient(call, channel)
    chunks = list(_chunks(call))
    if call.given.get("is_stoppable") and "message_stream_stopped" not in call.workspace.app.events:
        raise misshaped("is_stoppable needs the event message_stream_stopped")
    message = said_by_app(call, channel, Content(None, None, None), call.thread(channel))
    stoppable = bool(call.given.get("is_stoppable"))
    message.stream = Stream(call.workspace.clock.monotonic(), call.given.get("recipient_user_id"), stoppable)
    _add(call, message, chunks)
    call.workspace.put(message)
    call.workspace.statuses.pop((channel.id, str(message.thread_ts)), None)
    events.said(call.workspace, message)
    return {"channel": channel.id, "ts": message.ts}


def _check_recipient(call: Call, channel: Channel) -> None:
    if channel.kind in {"im", "mpim"}:
        return
    for name in ("recipient_user_id", "recipient_team_id"):
        if not call.given.get(name):
            raise Refused(f"missing_{name}")
    if call.user("recipient_user_id").team != call.given["recipient_team_id"]:
        raise misshaped("recipient_team_id is not the recipient's team")


def append(call: Call) -> Json:
    channel = call.place()
    message, _ = _live(call, channel)
    chunks = list(_chunks(call))
    if not chunks:
        raise Refused("no_text")
    _add(call, message, chunks)
    return {"channel": channel.id, "ts": message.ts}


def stop(call: Call) -> Json:
    """The last text, the blocks below it, and from then on a message like any other."""
    channel = call.place()
    message, stream = _live(call, channel)
    blocks = call.given.get("blocks", [])
    check_message_blocks(blocks)
    metadata, chunks = checked_metadata(call.given.get("metadata")), list(_chunks(call))
    _check_session_status(call)
    before = channel.json_of(message)
    stream.over = "stopped"
    message.blocks, message.metadata = [*message.blocks, *named(blocks)], metadata
    call.workspace.heed_pings(message, "", blocks)
    _add(call, message, chunks)
    if "session_status" in call.given:
        call.workspace.sessions[channel.id, str(message.thread_ts)] = call.given["session_status"]
    call.workspace.shown(message)
    events.changed(call.workspace, message, before)
    return {"channel": channel.id, "ts": message.ts, "message": channel.json_of(message)}


def _live(call: Call, channel: Channel) -> tuple[Message, Stream]:
    message = call.message(channel)
    if not message.stream:
        raise Refused("message_not_in_streaming_state")
    over = stream_over(call, message.stream)
    if over:
        raise Refused("stopped_by_user" if over == "stopped_by_user" else "message_not_in_streaming_state")
    return message, message.stream


def _chunks(call: Call) -> Iterator[Json]:
    """What a call adds to a stream, checked; `markdown_text` comes as a chunk too."""
    markdown, chunks = call.given.get("markdown_text"), call.given.get("chunks", [])
    if markdown is not None:
        chunks = [{"type": "markdown_text", "text": markdown}, *chunks]
    check_markdown("".join(str(chunk.get("text", "")) for chunk in chunks if isinstance(chunk, dict)))
    for chunk in chunks:
        fields = CHUNK_FIELDS.get(str(chunk.get("type"))) if isinstance(chunk, dict) else None
        if fields is None or not fields <= chunk.keys():
            raise Refused("invalid_chunks")
        if chunk["type"] == "blocks":
            check_message_blocks(chunk["blocks"])
        yield chunk


def _add(call: Call, message: Message, chunks: list[Json]) -> None:
    assert message.stream
    rung = len(pings_in(message.stream.text))
    for chunk in chunks:
        if chunk["type"] == "markdown_text":
            message.stream.text += chunk["text"]
        elif chunk["type"] == "blocks":
            message.blocks = [*message.blocks, *named(chunk["blocks"])]
            call.workspace.heed_pings(message, "", chunk["blocks"])
        else:
            message.stream.chunks.append(chunk)
    for ping in pings_in(message.stream.text)[rung:]:
        call.workspace.heed_pings(message, ping, [])
    call.workspace.shown(message)


def set_status(call: Call) -> Json:
    """The line under a thread; `""` takes it away, as do the app's next message there and two minutes."""
    channel, workspace = call.channel("channel_id"), call.workspace
    thread_ts, text = call.given["thread_ts"], call.given["status"]
    loading = call.given.get("loading_messages", [])
    if len(loading) > LOADING_AT_MOST:
        raise misshaped("loading_messages holds 10 at most")
    if thread_ts not in channel.messages:
        raise Refused("thread_not_found")
    workspace.statuses.pop((channel.id, thread_ts), None)
    if text:
        until = workspace.clock.monotonic() + workspace.settings.status_seconds
        workspace.statuses[channel.id, thread_ts] = Status(text, tuple(loading), until)
    workspace.changed()
    return {}


def set_suggested_prompts(call: Call) -> Json:
    """Under `agent_view` prompts with a `thread_ts` show nowhere, without an error."""
    channel = call.channel("channel_id")
    prompts = call.given["prompts"]
    if not all(isinstance(prompt, dict) and prompt.keys() == {"title", "message"} for prompt in prompts):
        raise misshaped("prompts are objects of a title and a message")
    if "thread_ts" not in call.given:
        call.workspace.prompts[channel.id] = {"title": call.given.get("title"), "prompts": prompts}
        call.workspace.changed()
    return {}


def _check_session_status(call: Call, name: str = "session_status") -> None:
    if call.given.get(name, "active") not in SESSION_STATUSES:
        raise misshaped(f"{name} is one of {sorted(SESSION_STATUSES)}")


def set_session_status(call: Call) -> Json:
    """The session of a thread; only apps that are agents have any."""
    channel, workspace = call.channel("channel_id"), call.workspace
    if workspace.settings.sessions_refused or not workspace.app.agent:
        raise Refused(workspace.settings.sessions_refused or "feature_disabled")
    _check_session_status(call, "status")
    if len(call.given.get("title", "")) > TITLE_AT_MOST:
        raise misshaped(f"title holds {TITLE_AT_MOST} characters at most")
    if call.given["thread_ts"] not in channel.messages:
        raise Refused("thread_not_found")
    workspace.sessions[channel.id, call.given["thread_ts"]] = call.given["status"]
    workspace.changed()
    heard = "agent_session_stopped" in workspace.app.events
    warning = {} if heard else {"warning": "missing_agent_session_stopped_event_subscription"}
    return {"status": call.given["status"], "agent_status": call.given["status"]} | warning
