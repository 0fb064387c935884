"""One call of a method, and what the methods ask of it."""

from dataclasses import dataclass
from http import HTTPStatus

from tests.telegram_server.messages import Message
from tests.telegram_server.places import PRESENT, RULING, Chat, User
from tests.telegram_server.rates import Rates
from tests.telegram_server.refusals import Json, Refused, bad, forbidden
from tests.telegram_server.world import World

NO_REPLY = "message to be replied not found"
GENERAL = 1
"""The topic that every forum has, which nobody can write to by its number."""


@dataclass(frozen=True, slots=True)
class Call:
    """`given` holds the checked arguments of `method`."""

    method: str
    given: Json
    world: World
    rates: Rates

    def chat(self, name: str = "chat_id", *, reads: bool = False) -> Chat:
        """The chat that an argument names, if the bot may be in it: a number, or the `@name` of a public one.

        Who only `reads` may look at chats that it cannot write to any more.
        """
        wanted, world = str(self.given[name]), self.world
        if wanted.startswith("@"):
            chat = world.find_chat(wanted[1:])
        else:
            chat = world.chats.get(int(wanted)) if wanted.lstrip("-").isdigit() else None
        if not chat:
            raise self._stranger(wanted)
        if not reads or chat.has_own_ids:
            self._check_presence(chat)
        return chat

    def _stranger(self, wanted: str) -> Refused:
        """Nobody whom the bot has met, or somebody whom it knows from a group alone."""
        user = self.world.users.get(int(wanted)) if wanted.isdigit() else None
        if user and user.is_bot:
            return forbidden("bot can't send messages to bots")
        met = user and any(
            chat.is_group and user.id in chat.present() and self.world.bot.id in chat.present()
            for chat in self.world.chats.values()
        )
        return forbidden("bot can't initiate conversation with a user") if met else bad("chat not found")

    def _check_presence(self, chat: Chat) -> None:
        if chat.migrated_to:
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.user and chat.user.blocked:
            raise forbidden("bot was blocked by the user")
        status = chat.status(self.world.bot.id)
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if status not in PRESENT:
            raise forbidden(f"bot is not a member of the {chat.kind} chat")

    def place(self) -> tuple[Chat, int | None]:
        """Where to write: the chat, and the topic in it."""
        chat = self.chat()
        if chat.kind == "channel" and chat.status(self.world.bot.id) not in RULING:
            raise bad("need administrator rights in the channel chat")
        topic = self.given.get("message_thread_id")
        if topic is None:
            return chat, None
        is_topic = chat.is_forum and topic in chat.topics and topic != GENERAL
        is_chain = chat.kind == "supergroup" and not chat.is_forum and topic in chat.messages
        if not is_topic and not is_chain:
            raise bad("message thread not found")
        return chat, topic

    def reply(self, chat: Chat) -> int | None:
        """The message to reply to; None for none, and for one that is gone where it is allowed to be."""
        given = self.given.get("reply_parameters")
        if not given:
            return None
        replied = chat.messages.get(given.get("message_id", 0))
        if not replied:
            if given.get("allow_sending_without_reply"):
                return None
            raise bad(NO_REPLY)
        if given.get("quote") and given["quote"] not in replied.text:
            raise bad("QUOTE_TEXT_INVALID")
        return replied.id

    def message(self, chat: Chat, purpose: str) -> Message:
        """The message that `message_id` names; `purpose`, as `edit`, is for the error."""
        message = chat.messages.get(self.given["message_id"])
        if not message:
            raise bad(f"message to {purpose} not found")
        return message

    def user(self, chat: Chat) -> User:
        user = self.world.users.get(self.given["user_id"])
        if not user or (user.id not in chat.members and not any(user.id in c.members for c in self._shared())):
            raise bad("PARTICIPANT_ID_INVALID")
        return user

    def _shared(self) -> list[Chat]:
        return [chat for chat in self.world.chats.values() if self.world.bot.id in chat.members]

    def pay(self, chat: Chat) -> None:
        """Counts the call against the limits; a 429 when they are used up."""
        self.rates.take(self.method, chat.id, self.world.clock.monotonic(), is_group=chat.is_group)
