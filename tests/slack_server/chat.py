"""`chat.*` but for streams: posting, changing and deleting what the app says."""

from dataclasses import dataclass

from tests.slack_server import events
from tests.slack_server.blocks import check_message_blocks, named
from tests.slack_server.calls import Call
from tests.slack_server.messages import Message, Stream
from tests.slack_server.places import Channel
from tests.slack_server.refusals import Json, Refused

CUT_AT = 40_000
UPDATE_AT_MOST = 4_000
MARKDOWN_AT_MOST = 12_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a call wants said. Fields that were not given are None."""

    text: str | None
    blocks: list[Json] | None
    metadata: Json | None

    @classmethod
    def of(cls, call: Call) -> "Content":
        """The checked content of the call; `markdown_text` becomes a markdown block, as Slack makes of it."""
        given = call.given
        text, blocks, markdown = given.get("text"), given.get("blocks"), given.get("markdown_text")
        if markdown is not None:
            if text is not None or blocks is not None:
                raise Refused("markdown_text_conflict")
            check_markdown(markdown)
            text, blocks = markdown, [{"type": "markdown", "text": markdown}]
        if blocks is not None:
            check_message_blocks(blocks)
            blocks = named(blocks)
        return cls(text, blocks, checked_metadata(given.get("metadata")))

    def require(self, attachments: list[Json]) -> None:
        if not (self.text and self.text.strip()) and not self.blocks and not attachments:
            raise Refused("no_text")


def check_markdown(markdown: str) -> None:
    if len(markdown) > MARKDOWN_AT_MOST:
        raise Refused("msg_too_long")


def checked_metadata(metadata: Json | None) -> Json | None:
    """The metadata. Anything but an event's type and payload is `invalid_metadata_format`."""
    if metadata is None:
        return None
    payload = metadata.get("event_payload")
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(payload, dict):
        raise Refused("invalid_metadata_format")
    return metadata


def post_message(call: Call) -> Json:
    channel = call.place()
    content = Content.of(call)
    content.require(call.given.get("attachments", []))
    thread_ts = call.thread(channel)
    call.rates.take_post(call.method, channel.id, call.workspace.clock.monotonic())
    message = said_by_app(call, channel, content, thread_ts)
    call.workspace.put(message)
    _heed(call, message, content)
    call.workspace.statuses.pop((channel.id, thread_ts or message.ts), None)
    events.said(call.workspace, message)
    return _answer(message) | {"message": channel.json_of(message)}


def said_by_app(call: Call, channel: Channel, content: Content, thread_ts: str | None) -> Message:
    """A message of the app's, not yet in its place; text beyond 40,000 characters is cut off."""
    app, given = call.workspace.app, call.given
    broadcast = bool(given.get("reply_broadcast")) and thread_ts is not None
    return Message(
        ts=call.workspace.new_ts(),
        channel=channel.id,
        user=app.bot_user,
        text=(content.text or "")[:CUT_AT],
        thread_ts=thread_ts,
        subtype="thread_broadcast" if broadcast else None,
        blocks=content.blocks or [],
        attachments=given.get("attachments", []),
        metadata=content.metadata,
        bot_id=app.bot_id,
        app_id=app.id,
        username=given.get("username"),
        unfurl_links=given.get("unfurl_links"),
        unfurl_media=given.get("unfurl_media"),
        broadcast=broadcast,
    )


def update(call: Call) -> Json:
    """New text keeps the blocks that stand unless blocks come with it; metadata that is not given stays."""
    channel = call.place()
    message = own_message(call, channel)
    content = Content.of(call)
    content.require(call.given.get("attachments", []) or message.blocks)
    if content.text is not None and len(content.text) > UPDATE_AT_MOST and "markdown_text" not in call.given:
        raise Refused("msg_too_long")
    before = channel.json_of(message)
    _rewrite(call, message, content)
    _heed(call, message, content)
    call.workspace.shown(message)
    events.changed(call.workspace, message, before)
    return _answer(message) | {"text": message.text, "message": channel.json_of(message)}


def _rewrite(call: Call, message: Message, content: Content) -> None:
    if content.text is not None:
        message.text, message.stream = content.text, _without_text(message.stream)
    if content.blocks is not None:
        message.blocks, message.stream = content.blocks, _without_text(message.stream)
    message.metadata = content.metadata or message.metadata
    message.attachments = call.given.get("attachments", message.attachments)
    message.edited = {"user": message.user, "ts": call.workspace.new_ts()}


def _without_text(stream: Stream | None) -> Stream | None:
    """An update takes the place of what was streamed."""
    if stream:
        stream.text, stream.chunks = "", []
    return stream


def delete(call: Call) -> Json:
    channel = call.place()
    message = own_message(call, channel, error="cant_delete_message")
    events.delete(call.workspace, message)
    return _answer(message)


def own_message(call: Call, channel: Channel, error: str = "cant_update_message") -> Message:
    """The message of the app's that the call names, which is no live stream."""
    message = call.message(channel)
    if message.user != call.workspace.app.bot_user:
        raise Refused(error)
    if message.stream and not stream_over(call, message.stream):
        raise Refused("streaming_state_conflict")
    return message


def stream_over(call: Call, stream: Stream) -> str | None:
    """Why the stream takes no more: it ends by itself after `stream_seconds`."""
    age = call.workspace.clock.monotonic() - stream.started
    if not stream.over and age >= call.workspace.settings.stream_seconds:
        stream.over = "expired"
    return stream.over


def post_ephemeral(call: Call) -> Json:
    """Seen by one member, in no history."""
    channel, user = call.place(), call.user()
    if user.id not in channel.members:
        raise Refused("user_not_in_channel")
    content = Content.of(call)
    content.require(call.given.get("attachments", []))
    message = said_by_app(call, channel, content, call.thread(channel))
    message.only_for = user.id
    message.show()
    call.workspace.ephemerals.append(message)
    _heed(call, message, content)
    call.workspace.changed()
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"https://office.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _heed(call: Call, message: Message, content: Content) -> None:
    links = bool(call.given.get("link_names")) or call.given.get("parse") == "full"
    call.workspace.heed_pings(message, content.text or "", content.blocks or [], links_names=links)


def _answer(message: Message) -> Json:
    return {"channel": message.channel, "ts": message.ts}
