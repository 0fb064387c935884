"""What people do on Telegram: start the bot, write, edit, send files, press buttons."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.telegram_server import events
from tests.telegram_server.entities import finished, units
from tests.telegram_server.messages import Message
from tests.telegram_server.places import Chat, Status, User
from tests.telegram_server.refusals import Impossible, Json
from tests.telegram_server.sending import media_of
from tests.telegram_server.world import Press, World

FIRST_GROUP, FIRST_SUPERGROUP = -1000, -1_001_000_000_000


@dataclass(eq=False)
class People:
    """Users and chats are named by their ids, messages by chat and id. What nobody can do is `Impossible`."""

    world: World

    @property
    def mention(self) -> str:
        return f"@{self.world.bot.username}"

    def add_user(
        self,
        first_name: str,
        *,
        username: str | None = None,
        language_code: str | None = "vi",
        last_name: str | None = None,
        is_bot: bool = False,
        started: bool = False,
    ) -> int:
        """A new account; its id, which is that of the private chat too. With `started`, the bot may write to it."""
        user = User(7000 + self.world.new_number(), first_name, username, language_code, is_bot, last_name)
        self.world.users[user.id] = user
        if started:
            self._open(user)
        self.world.changed()
        return user.id

    def _open(self, user: User) -> Chat:
        user.started = True
        return self.world.chats.get(user.id) or self.world.open_private(user)

    def add_group(
        self,
        title: str,
        members: Iterable[int],
        *,
        admin: bool = False,
        with_bot: bool = True,
        supergroup: bool = False,
        forum: bool = False,
        reads_all: bool | None = None,
        username: str | None = None,
    ) -> int:
        """A new group, its first member the creator; its id. `admin` is about the bot.

        A forum is a supergroup. `reads_all` is privacy mode turned off, as the settings say when it is None.
        """
        people = list(members)
        standing: dict[int, Status] = {user: "creator" if user == people[0] else "member" for user in people}
        if with_bot:
            standing[self.world.bot.id] = "administrator" if admin else "member"
        number = self.world.new_number()
        is_super = supergroup or forum
        id_ = FIRST_SUPERGROUP - number if is_super else FIRST_GROUP - number
        chat = self.world.open_chat(id_, "supergroup" if is_super else "group", title, standing)
        chat.is_forum, chat.username = forum, username
        chat.reads_all = chat.reads_all if reads_all is None else reads_all
        return id_

    def add_channel(self, title: str, owner: int, *, with_bot: bool = True, username: str | None = None) -> int:
        """A new channel, with the bot as an administrator; its id."""
        standing: dict[int, Status] = {owner: "creator"}
        if with_bot:
            standing[self.world.bot.id] = "administrator"
        chat = self.world.open_chat(FIRST_SUPERGROUP - self.world.new_number(), "channel", title, standing)
        chat.username = username
        return chat.id

    def add_topic(self, user: int, chat: int, name: str) -> int:
        """A new topic of a forum; its id, which is that of the service message that opens it."""
        place = self.place(user, chat)
        if not place.is_forum:
            raise Impossible(f"{chat} is no forum")
        created = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = self._message(user, place, "", None, None)
        message.thread, message.is_topic_message, message.beside = message.id, True, created
        place.topics[message.id] = name
        return self._put(message)

    def start(self, user: int, payload: str = "") -> int:
        """Presses Start in the private chat, with a deep link's payload; the message's id."""
        return self.tell(user, f"/start {payload}".strip())

    def tell(self, user: int, text: str, *, reply_to: int | None = None) -> int:
        """Writes to the bot in private; the message's id. The first time opens the chat."""
        return self.say(user, user, text, reply_to=reply_to)

    def say(
        self,
        user: int,
        chat: int,
        text: str,
        *,
        reply_to: int | None = None,
        topic: int | None = None,
        entities: Iterable[Json] = (),
    ) -> int:
        """Writes a message; its id. Mentions, commands and links are found by themselves, `entities` come on top."""
        message = self._message(user, self.place(user, chat), text, reply_to, topic)
        message.text, message.entities = finished(text, entities)
        if not message.text:
            raise Impossible("nobody can send an empty message")
        return self._put(message)

    def ask(self, user: int, chat: int, text: str, *, reply_to: int | None = None, topic: int | None = None) -> int:
        """Writes a message that mentions the bot first."""
        return self.say(user, chat, f"{self.mention} {text}", reply_to=reply_to, topic=topic)

    def point_at(self, user: int, chat: int, text: str) -> int:
        """Writes a message that begins with the bot's first name as a mention of its account."""
        bot = self.world.bot
        entity: Json = {"type": "text_mention", "offset": 0, "length": units(bot.first_name), "user": bot.to_json()}
        return self.say(user, chat, f"{bot.first_name} {text}", entities=[entity])

    def post(self, channel: int, text: str) -> int:
        """A post of the channel; its id."""
        place = self.world.chat(channel)
        message = Message(self.world.new_message_id(place), channel, None, self.world.date)
        message.text, message.entities = finished(text, ())
        message.beside = {"sender_chat": place.to_json()}
        return self._put(message)

    def send_file(
        self,
        user: int,
        chat: int,
        name: str,
        data: bytes,
        *,
        kind: str = "document",
        mime_type: str = "application/octet-stream",
        caption: str = "",
        size: int | None = None,
        reply_to: int | None = None,
        topic: int | None = None,
        album: str | None = None,
    ) -> int:
        """Sends a `document`, `photo` or `voice`; the message's id. `size` may claim more than there is.

        Files of one `album` are messages of their own that belong together.
        """
        message = self._message(user, self.place(user, chat), "", reply_to, topic)
        message.media = media_of(kind, self.world.new_file(data, name, mime_type, size))
        message.text, message.entities = finished(caption, ())
        message.beside = {"media_group_id": album} if album else {}
        return self._put(message)

    def send_odd(self, user: int, chat: int, fields: Json) -> int:
        """Sends something without text, as `STICKER` or `LOCATION`; the message's id."""
        message = self._message(user, self.place(user, chat), "", None, None)
        message.beside = fields
        return self._put(message)

    def _message(self, user: int, place: Chat, text: str, reply_to: int | None, topic: int | None) -> Message:
        if reply_to is not None and reply_to not in place.messages:
            raise Impossible(f"there is no message {reply_to} in {place.id}")
        if topic is not None and topic not in place.topics:
            raise Impossible(f"there is no topic {topic} in {place.id}")
        world = self.world
        thread, is_topic = world.thread_of(place, reply_to, topic)
        message = Message(world.new_message_id(place), place.id, world.user(user).to_json(), world.date, text)
        message.reply_to = reply_to if reply_to or not is_topic else topic
        message.thread, message.is_topic_message = thread, is_topic
        return message

    def place(self, user: int, chat: int) -> Chat:
        """The chat, if the user is in it; the private one is opened by its first message."""
        if user == chat:
            account = self.world.user(user)
            if account.blocked:
                raise Impossible(f"{user} has blocked the bot")
            return self._open(account)
        place = self.world.chat(chat)
        if user not in place.present() or place.migrated_to:
            raise Impossible(f"{user} is not in {chat}")
        return place

    def _put(self, message: Message) -> int:
        self.world.put(message)
        events.said(self.world, message)
        return message.id

    def found(self, chat: int, message: int) -> Message:
        messages = self.world.chat(chat).messages
        if message not in messages:
            raise Impossible(f"there is no message {message} in {chat}")
        return messages[message]

    def edit(self, user: int, chat: int, message: int, text: str) -> None:
        """Rewrites the user's own message, or its caption."""
        edited = self._own(user, chat, message)
        edited.text, edited.entities = finished(text, ())
        edited.edit_date = self.world.date
        self.world.shown(edited)
        events.said(self.world, edited, "edited_message")

    def delete(self, user: int, chat: int, message: int) -> None:
        """Takes the user's own message away, of which nobody tells the bot."""
        deleted = self._own(user, chat, message)
        del self.world.chat(chat).messages[deleted.id]
        self.world.changed()

    def _own(self, user: int, chat: int, message: int) -> Message:
        found = self.found(chat, message)
        if found.sender_id != user:
            raise Impossible(f"{message} is not by {user}")
        return found

    def press(self, user: int, chat: int, message: int, data: str) -> Press:
        """Presses the inline button with this `callback_data`; what the bot answers will stand in the `Press`."""
        self.place(user, chat)
        found = self.found(chat, message)
        if data not in {button.get("callback_data") for button in found.buttons}:
            raise Impossible(f"message {message} has no button {data!r}")
        world = self.world
        until = world.clock.monotonic() + world.settings.callback_seconds
        press = Press(f"query-{world.new_number()}", user, chat, message, data, until)
        world.presses[press.id] = press
        world.changed()
        instance = {"chat_instance": str(abs(chat) * 7), "data": data}
        about: Json = {"id": press.id, "from": world.user(user).to_json(), "message": world.json_of(found)}
        world.feed("callback_query", about | instance)
        return press
