"""The methods that read: conversations, users, files, reactions, the team."""

from collections.abc import Sequence

from tests.slack_server import events
from tests.slack_server.calls import Call
from tests.slack_server.messages import TEAM, Message
from tests.slack_server.places import SCOPE_OF, TYPE_OF, Channel
from tests.slack_server.refusals import Json, Refused, misshaped


def auth_test(call: Call) -> Json:
    app = call.workspace.app
    who = {"team": "Office", "user": app.name, "team_id": TEAM, "user_id": app.bot_user, "bot_id": app.bot_id}
    return who | {"url": "https://office.slack.com/", "is_enterprise_install": False}


def team_info(call: Call) -> Json:
    del call
    return {"team": {"id": TEAM, "name": "Office", "domain": "office", "email_domain": "example.vn"}}


def conversations_info(call: Call) -> Json:
    channel = call.channel(scope="read")
    counted = {"num_members": len(channel.members)} if call.given.get("include_num_members") else {}
    return {"channel": channel.to_json(call.workspace.app.bot_user) | counted}


def conversations_members(call: Call) -> Json:
    channel = call.channel(scope="read")
    part, cursor = call.page(channel.members)
    return {"members": channel.members[part]} | _next(cursor)


def conversations_history(call: Call) -> Json:
    """Top-level messages, newest first."""
    channel = _readable(call)
    found = [message for message in channel.top_level() if _is_asked_for(call, message)]
    return _messages(call, channel, found)


def conversations_replies(call: Call) -> Json:
    """The parent and what stands under it, oldest first. The parent comes whatever `oldest` says."""
    channel = _readable(call)
    parent = channel.messages.get(call.given["ts"])
    if not parent:
        raise Refused("thread_not_found")
    if parent.is_reply:
        return _messages(call, channel, [parent])
    found = [reply for reply in channel.replies(parent.ts) if _is_asked_for(call, reply)]
    return _messages(call, channel, [parent, *found], default=1000)


def _readable(call: Call) -> Channel:
    channel = call.channel(scope="history")
    if call.workspace.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _is_asked_for(call: Call, message: Message) -> bool:
    """Between `oldest` and `latest`, the ends themselves with `inclusive`."""
    ts, oldest, latest = (
        _number(t) for t in (message.ts, call.given.get("oldest", "0"), call.given.get("latest", "9" * 12))
    )
    return oldest <= ts <= latest if call.given.get("inclusive") else oldest < ts < latest


def _number(ts: str) -> int:
    seconds, _, micro = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micro.ljust(6, "0"))


def _messages(call: Call, channel: Channel, found: Sequence[Message], default: int = 100) -> Json:
    part, cursor = call.page(found, default)
    with_metadata = bool(call.given.get("include_all_metadata"))
    listed = [channel.json_of(message, with_metadata=with_metadata) for message in found[part]]
    return {"messages": listed, "has_more": bool(cursor)} | _next(cursor)


def conversations_open(call: Call) -> Json:
    call.need("im:write", "mpim:write")
    users = call.given.get("users", [])
    if len(users) != 1:
        raise misshaped("this server opens direct messages with one user")
    if users[0] not in call.workspace.users:
        raise Refused("user_not_found")
    return {"channel": {"id": call.workspace.im_with(users[0]).id}}


def users_conversations(call: Call) -> Json:
    """Conversations that `user`, or else the app, is in; those of another user only where the app may look."""
    types = call.given.get("types", ["public_channel"])
    kinds = [kind for kind, name in TYPE_OF.items() if name in types]
    if len(kinds) != len(types):
        raise Refused("invalid_types")
    for kind in kinds:
        call.need(f"{SCOPE_OF[kind]}:read")
    bot = call.workspace.app.bot_user
    who = call.user().id if "user" in call.given else bot
    found = [c for c in call.workspace.channels.values() if c.kind in kinds and who in c.members and _shared(c, bot)]
    found = [c for c in found if not (c.is_archived and call.given.get("exclude_archived"))]
    part, cursor = call.page(found)
    return {"channels": [channel.to_json(bot) for channel in found[part]]} | _next(cursor)


def _shared(channel: Channel, bot: str) -> bool:
    return channel.kind == "channel" or bot in channel.members


def users_info(call: Call) -> Json:
    return {"user": _user(call, call.user().id)}


def users_list(call: Call) -> Json:
    everybody = list(call.workspace.users)
    part, cursor = call.page(everybody)
    return {"members": [_user(call, id_) for id_ in everybody[part]], "cache_ts": 1} | _next(cursor)


def _user(call: Call, id_: str) -> Json:
    with_email = "users:read.email" in call.workspace.app.scopes
    with_locale = bool(call.given.get("include_locale"))
    return call.workspace.users[id_].to_json(with_email=with_email, with_locale=with_locale)


def files_info(call: Call) -> Json:
    file = call.workspace.files.get(call.given["file"])
    if not file or call.workspace.app.bot_user not in call.workspace.channels[file.channel].members:
        raise Refused("file_not_found")
    return {"file": file.to_json(in_full=True), "comments": []} | _next("")


def reactions_get(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "timestamp")
    return {"type": "message", "channel": channel.id, "message": channel.json_of(message)}


def reactions_add(call: Call) -> Json:
    message, bot = call.message(call.channel(), "timestamp"), call.workspace.app.bot_user
    users = message.reactions.setdefault(call.given["name"], [])
    if bot in users:
        raise Refused("already_reacted")
    users.append(bot)
    call.workspace.changed()
    events.reacted(call.workspace, message, bot, call.given["name"], "reaction_added")
    return {}


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}
