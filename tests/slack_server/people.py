"""What people do in Slack: join, write, edit, delete, react, upload."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from tests.slack_server import events, views
from tests.slack_server.deliveries import Deliveries
from tests.slack_server.messages import TEAM, File, Message
from tests.slack_server.places import Channel, Kind, User
from tests.slack_server.refusals import Impossible, Json
from tests.slack_server.rich_text import rich_text
from tests.slack_server.workspace import Workspace


@dataclass(eq=False)
class People:
    """Users and channels are named by their ids, messages by their ts. What nobody can do is `Impossible`."""

    workspace: Workspace
    deliveries: Deliveries

    @property
    def mention(self) -> str:
        """The app's name as a message holds it."""
        return f"<@{self.workspace.app.bot_user}>"

    def add_user(
        self,
        name: str,
        *,
        email: str | None = None,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_stranger: bool = False,
        deleted: bool = False,
        is_bot: bool = False,
        tz: str = "Asia/Ho_Chi_Minh",
        locale: str = "vi-VN",
        team: str = TEAM,
    ) -> str:
        """A new account; its id. Without an `email` it is one made of the name."""
        address = f"{name.lower().replace(' ', '.')}@example.vn" if email is None else email
        user = User(
            self.workspace.new_id("U"),
            name,
            address,
            is_bot,
            is_restricted,
            is_ultra_restricted,
            is_stranger,
            deleted,
            tz,
            locale,
            team,
        )
        self.workspace.users[user.id] = user
        self.workspace.changed()
        return user.id

    def add_channel(
        self,
        name: str,
        members: Iterable[str],
        *,
        with_app: bool = True,
        is_private: bool = False,
        is_ext_shared: bool = False,
    ) -> str:
        """A new channel, with the app in it unless told otherwise; its id."""
        everybody = [*members, *([self.workspace.app.bot_user] if with_app else [])]
        kind: Kind = "group" if is_private else "channel"
        return self.workspace.open_channel(kind, name, everybody, is_ext_shared=is_ext_shared).id

    def add_group_dm(self, members: Iterable[str]) -> str:
        """Direct messages of several, the app among them."""
        return self.workspace.open_channel("mpim", "mpdm-1", [*members, self.workspace.app.bot_user]).id

    def im(self, user: str) -> str:
        """The direct messages of the user and the app."""
        return self.workspace.im_with(self.workspace.user(user).id).id

    def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None, broadcast: bool = False) -> str:
        """Writes a message; its ts. `text` is as Slack hands it on: `<@U…>` for mentions, `&amp;` for an ampersand."""
        message = self._message(user, channel, text, thread_ts)
        if broadcast:
            message.subtype, message.broadcast = "thread_broadcast", True
        return self._put(message)

    def ask(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> str:
        """Writes a message that mentions the app first."""
        return self.say(user, channel, f"{self.mention} {text}", thread_ts=thread_ts)

    def upload(
        self,
        user: str,
        channel: str,
        name: str,
        data: bytes,
        *,
        mimetype: str = "application/octet-stream",
        text: str = "",
        thread_ts: str | None = None,
        access: str = "visible",
    ) -> str:
        """Writes a message with a file, subtype `file_share`; its ts. `access` may be `check_file_info`."""
        workspace, message = self.workspace, self._message(user, channel, text, thread_ts)
        id_ = workspace.new_id("F")
        created = int(float(message.ts))
        url = f"{workspace.origin}/files/{id_}/{name}"
        file = File(id_, name, data, mimetype, user, channel, url, created, access)
        workspace.files[id_] = file
        message.subtype, message.files = "file_share", [file]
        ts = self._put(message)
        about = {"file_id": id_, "file": {"id": id_}, "user_id": user, "channel_id": channel, "event_ts": ts}
        if workspace.app.bot_user in workspace.channels[channel].members:
            workspace.announce({"type": "file_shared"} | about, "file_shared", workspace.channels[channel])
        return ts

    def bot_says(self, channel: str, text: str, *, bot_id: str = "B0OTHER", thread_ts: str | None = None) -> str:
        """A message of another app, with subtype `bot_message`; its ts."""
        message = Message(self.workspace.new_ts(), channel, "", text, thread_ts, "bot_message", bot_id=bot_id)
        message.username = "another bot"
        return self._put(message)

    def _message(self, user: str, channel: str, text: str, thread_ts: str | None) -> Message:
        place, author = self.place(user, channel), self.workspace.user(user)
        if author.deleted:
            raise Impossible(f"{user} has no account any more")
        if place.kind == "im" and not self.workspace.app.takes_messages:
            raise Impossible("the app takes no direct messages")
        if thread_ts is not None and (thread_ts not in place.messages or place.messages[thread_ts].is_reply):
            raise Impossible(f"{thread_ts} is no message that a thread hangs on")
        said = Message(self.workspace.new_ts(), channel, user, text, thread_ts, client_msg_id=str(uuid.uuid4()))
        said.blocks, said.team = rich_text(text), author.team
        return said

    def place(self, user: str, channel: str) -> Channel:
        """The channel, if the user is in it."""
        place = self.workspace.channels.get(channel)
        if not place or user not in place.members:
            raise Impossible(f"{user} is not in {channel}")
        return place

    def _put(self, message: Message) -> str:
        self.workspace.put(message)
        events.said(self.workspace, message)
        if self.mention in message.text:
            events.mentioned(self.workspace, message, message.ts)
        return message.ts

    def found(self, ts: str) -> Message:
        """The message, wherever it stands."""
        for channel in self.workspace.channels.values():
            if ts in channel.messages:
                return channel.messages[ts]
        raise Impossible(f"there is no message {ts}")

    def edit(self, user: str, ts: str, text: str) -> None:
        """Rewrites the user's own message; a mention that comes in that way is an `app_mention` again."""
        message = self._own(user, ts)
        before = self.workspace.channels[message.channel].json_of(message)
        was_mentioned = self.mention in message.text
        message.text, message.blocks = text, rich_text(text)
        message.edited = {"user": user, "ts": self.workspace.new_ts()}
        self.workspace.shown(message)
        events.changed(self.workspace, message, before)
        if self.mention in text and not was_mentioned:
            events.mentioned(self.workspace, message, str(message.edited["ts"]))

    def delete(self, user: str, ts: str) -> None:
        events.delete(self.workspace, self._own(user, ts))

    def _own(self, user: str, ts: str) -> Message:
        message = self.found(ts)
        if message.user != user:
            raise Impossible(f"{ts} is not by {user}")
        return message

    def react(self, user: str, ts: str, name: str) -> None:
        """`name` without colons; with a skin tone as `+1::skin-tone-3`."""
        message = self.found(ts)
        self.place(user, message.channel)
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise Impossible(f"{user} has reacted with {name} already")
        users.append(user)
        self.workspace.changed()
        events.reacted(self.workspace, message, user, name, "reaction_added")

    def unreact(self, user: str, ts: str, name: str) -> None:
        message = self.found(ts)
        users = message.reactions.get(name, [])
        if user not in users:
            raise Impossible(f"{user} has not reacted with {name}")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self.workspace.changed()
        events.reacted(self.workspace, message, user, name, "reaction_removed")

    def join(self, user: str, channel: str) -> None:
        """The user, or the app by its own id, comes into the channel."""
        place = self.workspace.channels[channel]
        place.members.append(user)
        self.workspace.changed()
        events.moved(self.workspace, place, user, "member_joined_channel")

    def leave(self, user: str, channel: str) -> None:
        place = self.place(user, channel)
        place.members.remove(user)
        self.workspace.changed()
        events.moved(self.workspace, place, user, "member_left_channel")

    def open_home(self, user: str, tab: str = "home") -> None:
        """Opens the app's `home` or `messages` tab: `app_home_opened`."""
        app, workspace = self.workspace.app, self.workspace
        if not {"home": app.home_tab, "messages": app.messages_tab}[tab]:
            raise Impossible(f"the app has no tab {tab}")
        event: Json = {"type": "app_home_opened", "user": user, "channel": self.im(user), "tab": tab}
        if tab == "home" and user in workspace.homes:
            event["view"] = views.described(workspace, workspace.homes[user])
        workspace.announce(event | {"event_ts": workspace.new_ts()}, "app_home_opened", None)

    def stop(self, user: str, ts: str) -> None:
        """Presses the stop button of the thread that the message `ts` is in, or of the stream `ts`."""
        message = self.found(ts)
        channel, thread = self.workspace.channels[message.channel], message.thread_ts or ts
        is_working = self.workspace.sessions.get((channel.id, thread)) == "processing"
        live = [m for m in channel.replies(thread) if m.stream and not m.stream.over]
        stopped = [m for m in live if is_working or (m.stream and m.stream.stoppable)]
        if not stopped and not is_working:
            raise Impossible("there is nothing to stop")
        for stream in stopped:
            assert stream.stream
            stream.stream.over = "stopped_by_user"
        self.workspace.changed()
        about: Json = {"channel": channel.id, "thread_ts": thread, "user": user, "event_ts": self.workspace.new_ts()}
        if is_working:
            about["streaming_message_ts"] = [m.ts for m in stopped]
            self.workspace.announce({"type": "agent_session_stopped"} | about, "agent_session_stopped", channel)
        for stream in stopped:
            one = {"type": "message_stream_stopped", "message_ts": stream.ts} | about
            self.workspace.announce(one, "message_stream_stopped", channel)

    def deliver(self, event: Json, subscription: str | None = None) -> None:
        """An event with any fields, as if Slack had thought of it; subscribed to by its type unless told otherwise."""
        self.workspace.announce(event, subscription or str(event["type"]), None)
