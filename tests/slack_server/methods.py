"""The table of Web API methods: arguments, scopes, tier."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.slack_server import chat, reading, streams, views
from tests.slack_server.calls import Call
from tests.slack_server.refusals import Json

POST = "text blocks:list attachments:list markdown_text as_user:flag link_names:flag parse username icon_emoji icon_url"
PAGE = "cursor limit:number"
SPAN = f"{PAGE} oldest:ts latest:ts inclusive:flag include_all_metadata:flag"
STREAM = "markdown_text chunks:list"
UNFURLS = "unfurl_links:flag unfurl_media:flag"
RECIPIENT = "recipient_user_id recipient_team_id"
FACE = "username icon_emoji icon_url"


@dataclass(frozen=True, slots=True)
class Method:
    """`takes` is a spec for `arguments.taken`; one of `scopes` is needed; `tier` is Slack's, None for unlimited.

    Methods that `reads` take no JSON body.
    """

    run: Callable[[Call], Json]
    takes: str
    scopes: tuple[str, ...] = ()
    tier: int | None = 3
    reads: bool = False


def _read(run: Callable[[Call], Json], takes: str, *scopes: str, tier: int = 3) -> Method:
    return Method(run, takes, scopes, tier, reads=True)


def _write(run: Callable[[Call], Json], takes: str, *scopes: str, tier: int = 3) -> Method:
    return Method(run, takes, scopes, tier)


METHODS: Mapping[str, Method] = {
    "agents.sessions.setStatus": _write(
        streams.set_session_status,
        f"channel_id! thread_ts:ts! status! title initiator_user_id {FACE}",
        "chat:write",
    ),
    "assistant.threads.setStatus": _write(
        streams.set_status,
        f"channel_id! thread_ts:ts! status! loading_messages:list {FACE}",
        "chat:write",
        "assistant:write",
    ),
    "assistant.threads.setSuggestedPrompts": _write(
        streams.set_suggested_prompts, "channel_id! prompts:list! title thread_ts:ts", "assistant:write"
    ),
    "auth.test": _write(reading.auth_test, ""),
    "chat.appendStream": _write(streams.append, f"channel! ts:ts! {STREAM}", "chat:write", tier=4),
    "chat.delete": _write(chat.delete, "channel! ts:ts! as_user:flag", "chat:write"),
    "chat.getPermalink": _read(chat.get_permalink, "channel! message_ts:ts!"),
    "chat.postEphemeral": _write(chat.post_ephemeral, f"channel! user! thread_ts:ts {POST}", "chat:write", tier=4),
    "chat.postMessage": Method(
        chat.post_message,
        f"channel! thread_ts:ts reply_broadcast:flag {UNFURLS} mrkdwn:flag metadata:object {POST}",
        ("chat:write",),
        tier=None,
    ),
    "chat.startStream": _write(
        streams.start,
        f"channel! thread_ts:ts! {RECIPIENT} task_display_mode is_stoppable:flag {STREAM} {FACE}",
        "chat:write",
        tier=2,
    ),
    "chat.stopStream": _write(
        streams.stop,
        f"channel! ts:ts! blocks:list metadata:object session_status {STREAM}",
        "chat:write",
        tier=2,
    ),
    "chat.update": _write(
        chat.update, f"channel! ts:ts! reply_broadcast:flag metadata:object file_ids:names {POST}", "chat:write"
    ),
    "conversations.history": _read(reading.conversations_history, f"channel! {SPAN}"),
    "conversations.info": _read(
        reading.conversations_info, "channel! include_locale:flag include_num_members:flag"
    ),
    "conversations.members": _read(reading.conversations_members, f"channel! {PAGE}", tier=4),
    "conversations.open": _write(reading.conversations_open, "channel users:names return_im:flag"),
    "conversations.replies": _read(reading.conversations_replies, f"channel! ts:ts! {SPAN}"),
    "files.info": _read(reading.files_info, f"file! count:number page:number {PAGE}", "files:read", tier=4),
    "reactions.add": _write(reading.reactions_add, "channel! name! timestamp:ts!", "reactions:write"),
    "reactions.get": _read(reading.reactions_get, "channel! timestamp:ts! full:flag", "reactions:read"),
    "team.info": _read(reading.team_info, "team domain", "team:read"),
    "users.conversations": _read(
        reading.users_conversations, f"user types:names exclude_archived:flag {PAGE}"
    ),
    "users.info": _read(reading.users_info, "user! include_locale:flag", "users:read", tier=4),
    "users.list": _read(reading.users_list, f"include_locale:flag {PAGE}", "users:read", tier=2),
    "views.open": _write(views.open_view, "trigger_id! view:object!", tier=4),
    "views.publish": _write(views.publish, "user_id! view:object! hash", tier=4),
    "views.update": _write(views.update, "view:object! view_id external_id hash", tier=4),
}  # fmt: skip
