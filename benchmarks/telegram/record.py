"""What the local Telegram saw: when what stood on the screen, and what stands there now."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.slack.record import is_status
from benchmarks.slack.script import bare, number_in
from bots.telegram import controls
from bots.telegram.controls import Action
from bots.telegram.surface import DOTS
from core.conversation import Language
from core.texts import translate
from tests.telegram_server import Message, TelegramServer
from tests.telegram_server.api import Called

WRITING = ("sendMessage", "editMessageText")
"""Methods that put a text into a message."""
NOTES = frozenset({"telegram.stopped", "telegram.nothing_to_stop"})
"""What is said to who asks us to stop; whether it is said again after a kill is left to chance."""
Place = tuple[int, int]
"""A message: its chat, and its number there."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours as it stands there now. `number`: the question that its text names, None for no answer's."""

    message: Message
    number: int | None
    actions: frozenset[Action]

    @property
    def place(self) -> Place:
        return self.message.chat, self.message.id

    @property
    def body(self) -> str:
        return self.message.text

    @property
    def asked(self) -> Place:
        """The message that it replies to, 0 for none."""
        return self.message.chat, self.message.reply_to or 0

    @property
    def is_unfinished(self) -> bool:
        return Action.STOP in self.actions or self.body == DOTS or is_status(self.body)

    @property
    def is_last_part(self) -> bool:
        """Whether it is the end of an answer: buttons for votes stand below it, and nowhere else."""
        return Action.UP in self.actions

    @property
    def is_note(self) -> bool:
        return any(self.body == translate(language, name) for language in Language for name in NOTES)

    @property
    def is_notice(self) -> bool:
        """Whether it says why there is no answer."""
        return not self.is_unfinished and not self.is_note and self.number is None

    @property
    def is_ending(self) -> bool:
        return not self.is_unfinished and (self.is_last_part or self.is_notice)


def ours(message: Message) -> Ours:
    data = [str(button["callback_data"]) for button in message.buttons if "callback_data" in button]
    return Ours(message, number_in(message.text), frozenset(controls.read(each).action for each in data))


def all_ours(telegram: TelegramServer) -> Iterator[Ours]:
    """All that we have written and that still stands, in each chat the oldest first."""
    for chat in telegram.world.chats:
        yield from map(ours, telegram.said(chat))


def endings_after(telegram: TelegramServer, asked: Place) -> Iterator[Message]:
    """The finished answers and notices to a question, the newest first."""
    chat, number = asked
    for message in reversed(telegram.world.chat(chat).messages.values()):
        if message.id <= number:
            return
        is_reply = message.sender_id == telegram.bot.id and message.reply_to == number
        if is_reply and ours(message).is_ending:
            yield message


def ending_of(telegram: TelegramServer, asked: Place) -> Message | None:
    return next(endings_after(telegram, asked), None)


def is_whole(parts: list[Ours], answer: str) -> bool:
    """Whether the messages, in the order in which they stand, hold the answer, and below it nothing of an answer.

    Sources and footer stand in the last message, below its text.
    """
    said = bare("".join(one.body for one in parts))
    below = said.removeprefix(bare(answer))
    return below != said and below.startswith(bare(translate(Language.VIETNAMESE, "telegram.sources")))


def written_at(telegram: TelegramServer) -> dict[Place, float]:
    """When the text of a message was last changed, on the server's clock."""
    changes = (call for call in telegram.calls if call.ok and call.method == "editMessageText")
    return {(int(call.given["chat_id"]), int(call.given["message_id"])): call.at for call in changes}


@dataclass(slots=True)
class Seen:
    """What was seen of one question, times on the server's clock; None for what never was.

    `sent_at`: when the question was there for us to be fetched. `placed_at`: its first draft or message. `opened_at`:
    the first words of the answer, `ended_at`: the last writing.
    """

    sent_at: float
    placed_at: float | None = None
    opened_at: float | None = None
    ended_at: float | None = None


@dataclass
class Screens:
    """Reads the calls one after the other: who saw what of the `questions`, whose numbers are by chat and message."""

    questions: Mapping[Place, int]
    seen: dict[Place, Seen] = field(default_factory=dict)
    _newest: dict[int, Place] = field(default_factory=dict)
    _messages: dict[Place, Place] = field(default_factory=dict)

    def read(self, telegram: TelegramServer) -> dict[Place, Seen]:
        """By question; of a draft it is the chat's newest: there one question has to wait for the next."""
        found = (message for chat in telegram.world.chats for message in telegram.said(chat))
        self._messages = {(message.chat, message.id): (message.chat, message.reply_to or 0) for message in found}
        sent = {place: telegram.message(*place).sent_at for place in self.questions}
        self.seen = {place: Seen(at) for place, at in sent.items()}
        to_come = sorted(self.questions, key=lambda place: sent[place])
        for call in telegram.calls:
            while to_come and sent[to_come[0]] <= call.at:
                place = to_come.pop(0)
                self._newest[place[0]] = place
            if call.ok and call.method in {*WRITING, "sendMessageDraft"}:
                self._note(call)
        return self.seen

    def _note(self, call: Called) -> None:
        seen = self.seen.get(self._question(call))
        if seen is None:
            return
        seen.placed_at = seen.placed_at or call.at
        if number_in(str(call.given["text"])) is not None:
            seen.opened_at = seen.opened_at or call.at
        if call.method in WRITING:
            seen.ended_at = call.at

    def _question(self, call: Called) -> Place:
        chat = int(call.given["chat_id"])
        match call.method:
            case "sendMessageDraft":
                return self._newest.get(chat, (chat, 0))
            case "sendMessage":
                return chat, int(json.loads(call.given.get("reply_parameters", "{}")).get("message_id", 0))
            case _:
                return self._messages.get((chat, int(call.given["message_id"])), (chat, 0))
