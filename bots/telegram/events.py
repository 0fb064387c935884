"""What Telegram delivers becomes durable here, before it is confirmed. Raises StoreError where it could not."""

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bots.reading import Payload, mapping, word
from bots.telegram.addressing import Call, Message, call_of, message_of, question_of
from bots.telegram.conversations import Conversations
from bots.telegram.ids import SURFACE, Account
from bots.telegram.presses import After, Where, under
from bots.telegram.typed import Command, command_of, whole
from core.intake import Incoming, Receipt, Verdict
from core.texts import translate

log = logging.getLogger(__name__)

LATE = timedelta(minutes=10)
"""How long after its message an edit may make a question of it. Later edits change what was asked, and nothing else."""
OPEN_TO_ALL = frozenset({"start", "help", "xoadulieu"})
"""Commands that strangers may use: codes come with the first; who may not ask any more may still be forgotten."""
TOLD = {Call.PICTURE: "telegram.picture_alone", Call.VOICE: "telegram.voice_alone", Call.ODD: "telegram.odd_alone"}
"""What is said to what cannot be answered."""


class Accepting(Protocol):
    """`core.inbox.Inbox` as the events need it."""

    async def accept(self, message: Incoming) -> Receipt: ...

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None: ...


class Door(Protocol):
    """Who may ask: `bots.telegram.admission.Door`."""

    async def admits(self, chat: int, user: int) -> bool: ...

    def turned_away(self, message: Message) -> After | None: ...


class Commands(Protocol):
    """What is done for commands; questions that come by one have been accepted before.

    Nothing happens twice where the same update comes twice. `take` raises StoreError.
    """

    async def take(self, command: Command, message: Message) -> After | None: ...


class Pressed(Protocol):
    """What is done for a button: the callback query, the number of the update. `take` raises StoreError."""

    async def take(self, query: Payload, update_id: int) -> After | None: ...


class Telling(Protocol):
    """Says sentences: `bots.telegram.telling.Telling`."""

    async def language(self, user: int, language_code: str = "", fallback: str | None = None) -> str: ...

    async def say(self, where: Where, text: str) -> object: ...


React = Callable[[Payload, int], Awaitable[After | None]]
"""Keeps a reaction as a vote: the reaction, the number of the update."""
Explained = Callable[[Payload, Message], Awaitable[After | None]]
"""Takes what replies to our asking what is wrong with an answer, or an edit of that: as it came, and as it was read.

None for any other message, which is a question.
"""
Moved = Callable[[int, int], Awaitable[None]]
"""`bots.telegram.relocation.Relocation.moved`: the old id of a group, and the new one."""
Canonical = Callable[[str], Awaitable[str]]
"""The person whom an id names on all surfaces: `core.admission.Admission.canonical`."""


@dataclass(frozen=True, slots=True)
class Events:
    """The updates of one bot."""

    account: Account
    inbox: Accepting
    conversations: Conversations
    door: Door
    commands: Commands
    pressed: Pressed
    react: React
    explained: Explained
    moved: Moved
    canonical: Canonical
    telling: Telling
    is_first: Callable[[object], bool]
    """Whether something is seen for the first time lately: the pictures of one album are spoken of once."""

    async def take(self, update: Payload) -> After | None:
        """Makes one update durable, and says what is to be done after that; what is none of ours is passed over."""
        update_id = whole(update.get("update_id")) or 0
        for kind in ("message", "edited_message"):
            if told := mapping(update.get(kind)):
                return await self._take_message(told, update_id, is_edit=kind == "edited_message")
        if query := mapping(update.get("callback_query")):
            return await self.pressed.take(query, update_id)
        if reaction := mapping(update.get("message_reaction")):
            return await self.react(reaction, update_id)
        if standing := mapping(update.get("my_chat_member")):
            _note_standing(standing)
        return None

    async def _take_message(self, told: Payload, update_id: int, *, is_edit: bool) -> After | None:
        await self._follow_move(told)
        message = message_of(told, update_id, self.account, is_edit=is_edit)
        if message is None:
            return None
        call = call_of(message, self.account)
        if is_edit:
            return await self._take_edit(told, message, call)
        if call is Call.NOTHING:
            return None
        command = command_of(message.said, self.account)
        is_open = call is Call.COMMAND and command is not None and command.name in OPEN_TO_ALL
        if not is_open and not await self._may_ask(message):
            return self.door.turned_away(message)
        if call is Call.COMMAND and command is not None:
            return await self.commands.take(command, message)
        return await self._explanation(told, message, call) or await self._answer(message, call)

    async def _may_ask(self, message: Message) -> bool:
        return message.user is not None and await self.door.admits(message.spot.chat, message.user)

    async def _explanation(self, told: Payload, message: Message, call: Call) -> After | None:
        is_reply = call in {Call.QUESTION, Call.STOP} and message.reply_to is not None
        return await self.explained(told, message) if is_reply else None

    async def _answer(self, message: Message, call: Call) -> After | None:
        """What is done about a message of somebody who may ask."""
        if call is Call.QUESTION:
            await self._ask(message, await self.conversations.of(message))
        elif call is Call.STOP:
            return await self._stop(message)
        elif self.is_first((message.spot.place, message.album or message.spot.message)):
            return functools.partial(self._say, message, TOLD[call])
        return None

    async def _take_edit(self, told: Payload, message: Message, call: Call) -> After | None:
        """An edit of what was asked or explained; or of what becomes a question by it, soon after it was written."""
        if not await self._may_ask(message):
            return None
        known = await self.conversations.known(message)
        explained = await self._explanation(told, message, call) if known is None else None
        if explained is not None:
            return explained
        edited_after = message.version - message.sent_at.timestamp()
        if known is not None or (call is Call.QUESTION and edited_after <= LATE.total_seconds()):
            await self._ask(message, known or await self.conversations.of(message))
        return None

    async def _ask(self, message: Message, conversation: str) -> None:
        """Hands the question on; one that an edit has emptied is taken back."""
        text = question_of(message, self.account)
        asked = Incoming(
            surface=SURFACE,
            key=message.spot.name,
            event=message.event,
            conversation=conversation,
            place=message.spot.place,
            person=await self.canonical(message.person),
            text=None if message.is_edit and not (text or message.files) else text,
            sent_at=message.sent_at,
            version=message.version,
            files=message.files,
        )
        await self.inbox.accept(asked)

    async def _stop(self, message: Message) -> After | None:
        person = await self.canonical(message.person)
        receipt = await stop_newest(self.inbox, self.conversations, message, person)
        is_told = receipt is None or receipt.verdict is Verdict.CANCELLED
        return None if is_told else functools.partial(self._say, message, "telegram.nothing_to_stop")

    async def _say(self, message: Message, text_id: str) -> None:
        language = await self.telling.language(message.user or 0, message.language_code)
        await self.telling.say(under(message), translate(language, text_id))

    async def _follow_move(self, told: Payload) -> None:
        """A group that became a supergroup has another id from then on; both chats tell of it."""
        here = whole(mapping(told.get("chat")).get("id"))
        new, old = whole(told.get("migrate_to_chat_id")), whole(told.get("migrate_from_chat_id"))
        if here and (new or old):
            await self.moved(old or here, new or here)


async def stop_newest(inbox: Accepting, conversations: Conversations, message: Message, person: str) -> Receipt | None:
    """Stops the person's newest question in the chat that is not yet answered; None where that was done before."""
    return await inbox.stop_newest(await conversations.candidates(message), person, message.event)


def _note_standing(standing: Payload) -> None:
    """We were added somewhere, blocked or thrown out: nothing is to be done, who reads the log may want to know."""
    chat, status = mapping(standing.get("chat")), word(mapping(standing.get("new_chat_member")).get("status"))
    log.info("chat %s: the bot is now %s", whole(chat.get("id")), status[:20] or "?")
