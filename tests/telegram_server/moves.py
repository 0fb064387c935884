"""What people do besides writing: come and go, block, react, rule, and turn a group into a supergroup."""

from dataclasses import dataclass

from tests.telegram_server import events
from tests.telegram_server.entities import finished
from tests.telegram_server.messages import Message
from tests.telegram_server.people import FIRST_SUPERGROUP, People
from tests.telegram_server.places import Chat, Status, User
from tests.telegram_server.reactions import ALLOWED
from tests.telegram_server.refusals import Impossible, Json
from tests.telegram_server.world import World

STICKER: Json = {
    "sticker": {
        "file_id": "sticker-1",
        "file_unique_id": "sticker-unique-1",
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": "👍",
    }
}
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
LOCATION: Json = {"location": {"latitude": 21.0285, "longitude": 105.8542}}


@dataclass(eq=False)
class Moves:
    world: World
    people: People

    def speak_as_group(self, chat: int, text: str, *, reply_to: int | None = None) -> int:
        """An administrator who stays anonymous writes; the message's id.

        It comes from a bot of Telegram's, in the name of the group, and is heard all the same.
        """
        place, world = self.world.chat(chat), self.world
        message = Message(world.new_message_id(place), chat, ANONYMOUS, world.date)
        message.text, message.entities = finished(text, ())
        message.reply_to, message.beside = reply_to, {"sender_chat": place.to_json()}
        world.put(message)
        events.said(world, message)
        return message.id

    def react(self, user: int, chat: int, message: int, emoji: str) -> None:
        """One reaction in the place of the user's last one."""
        self._react(user, chat, message, [emoji])

    def unreact(self, user: int, chat: int, message: int) -> None:
        """Takes the user's reaction back."""
        self._react(user, chat, message, [])

    def _react(self, user: int, chat: int, message: int, emoji: list[str]) -> None:
        self.people.place(user, chat)
        found = self.people.found(chat, message)
        old = found.reactions.get(user, [])
        if old == emoji or not set(emoji) <= ALLOWED:
            raise Impossible(f"{user} cannot change {old} into {emoji}")
        found.reactions[user] = emoji
        if not emoji:
            del found.reactions[user]
        self.world.changed()
        events.reacted(self.world, found, self.world.user(user), old)

    def react_anonymously(self, chat: int, message: int, emoji: str) -> None:
        """A reaction of nobody in particular, as under channel posts."""
        found = self.people.found(chat, message)
        found.anonymous[emoji] = found.anonymous.get(emoji, 0) + 1
        self.world.changed()
        events.counted(self.world, found)

    def block(self, user: int) -> None:
        """Blocks the bot in private."""
        events.block(self.world, self._private(user), blocked=True)

    def unblock(self, user: int) -> None:
        events.block(self.world, self._private(user), blocked=False)

    def _private(self, user: int) -> Chat:
        if user not in self.world.chats:
            raise Impossible(f"{user} has never started the bot")
        return self.world.chats[user]

    def join(self, user: int, chat: int, *, by: int | None = None) -> None:
        """The user, or the bot by its own id, comes into the group; added by somebody, or by themselves."""
        place, account = self.world.chat(chat), self.world.user(user)
        if events.is_present(place, user):
            raise Impossible(f"{user} is in {chat}")
        if account is self.world.bot:
            place.reads_all = not self.world.settings.privacy
        self._move(place, account, "member", by)
        self._tell(place, by or user, {"new_chat_members": [account.to_json()]})

    def leave(self, user: int, chat: int, *, by: int | None = None) -> None:
        """The user, or the bot, goes; with `by`, they are thrown out, which others than the bot hear as leaving."""
        place, account = self.world.chat(chat), self.world.user(user)
        if not events.is_present(place, user):
            raise Impossible(f"{user} is not in {chat}")
        self._tell(place, by or user, {"left_chat_member": account.to_json()})
        self._move(place, account, "left" if by is None else "kicked", by)

    def promote(self, user: int, chat: int, *, by: int) -> None:
        """Makes the user, or the bot, an administrator."""
        self._move(self.world.chat(chat), self.world.user(user), "administrator", by)

    def demote(self, user: int, chat: int, *, by: int) -> None:
        self._move(self.world.chat(chat), self.world.user(user), "member", by)

    def _move(self, place: Chat, account: User, status: Status, by: int | None) -> None:
        actor = account if by is None else self.world.user(by)
        events.move(self.world, place, account, status, by=actor)

    def _tell(self, place: Chat, by: int, fields: Json) -> None:
        """A service message."""
        world = self.world
        message = Message(world.new_message_id(place), place.id, world.user(by).to_json(), world.date)
        message.beside = fields
        world.put(message)
        events.said(world, message)

    def migrate(self, chat: int, *, by: int) -> int:
        """The group becomes a supergroup, whose id this is; whoever writes to the old one is told of it."""
        old, world = self.world.chat(chat), self.world
        if old.kind != "group" or old.migrated_to:
            raise Impossible(f"{chat} is no group")
        new_id = FIRST_SUPERGROUP - world.new_number()
        new = world.open_chat(new_id, "supergroup", old.title, dict(old.members))
        new.reads_all = old.reads_all
        self._tell(old, by, {"migrate_to_chat_id": new_id})
        old.migrated_to = new_id
        self._tell(new, by, {"migrate_from_chat_id": chat})
        return new_id

    def deliver(self, update: Json) -> None:
        """An update with any fields, as if Telegram had thought of it: its kind and body, without an id."""
        for kind, body in update.items():
            self.world.feed(kind, body)
