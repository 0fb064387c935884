"""Who is answered: what a message on Telegram is to us, as far as it tells by itself."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bots.reading import Payload, items, mapping, number, word
from bots.telegram.ids import SURFACE, Account, Spot, person_of
from bots.telegram.typed import Command, Typed, clean, command_of, mentions, opens_with_another, plain, typed, whole
from core.folding import fold
from core.intake import SharedFile

ASKING = frozenset({"hoi", "ask"})
"""Commands whose arguments are a question."""
PICTURES = frozenset({"photo", "live_photo"})
SPOKEN = frozenset({"voice", "audio", "video", "video_note"})
ODD = frozenset({
    "sticker", "animation", "location", "venue", "contact", "poll", "dice", "game", "story", "paid_media", "checklist",
})  # fmt: skip
"""What people send that has no text; all else without text is Telegram's own note."""
LATEST = 32_503_680_000
"""Seconds since 1970 up to the year 3000: no time of a message is later."""
_STOP = re.compile(r"(?:dung|dung lai|huy|thoi|stop|cancel)[.!]*")


class Call(StrEnum):
    """What a message wants of us."""

    NOTHING = "nothing"
    QUESTION = "question"
    COMMAND = "command"
    STOP = "stop"
    PICTURE = "picture"
    """A picture with no question to it."""
    VOICE = "voice"
    """Something spoken or filmed with no question to it."""
    ODD = "odd"
    """A sticker, a place, a contact: nothing that could be answered."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as an update shows it.

    `user` is who wrote it, or the chat in whose name an anonymous administrator did; None for nobody who is answered.
    `topic` is that of a forum. `chain` is the message that the chain of replies began with, where Telegram tells.
    `replied_by` is who wrote the message that this one replies to. `files` are its own, else the document that it
    replies to. `version` is 0 but for an edit, and then its time in seconds since 1970, the later of two edits in one
    second being the larger.
    """

    spot: Spot
    update: int
    user: int | None
    said: Typed
    sent_at: datetime
    version: float = 0.0
    is_private: bool = False
    language_code: str = ""
    topic: int | None = None
    chain: int | None = None
    reply_to: int | None = None
    replied_by: int | None = None
    kinds: frozenset[str] = frozenset()
    files: tuple[SharedFile, ...] = ()
    album: str = ""

    @property
    def person(self) -> str:
        """Who asks, by the id on Telegram; whom that names on other surfaces too, `core.admission` knows."""
        return person_of(self.user or 0)

    @property
    def event(self) -> str:
        return f"{SURFACE}:{self.spot.bot}:update:{self.update}"

    @property
    def is_edit(self) -> bool:
        return self.version > 0


def message_of(told: Payload, update: int, us: Account, *, is_edit: bool = False) -> Message | None:
    """The message that an update tells of; None where it lacks what every message has, and in channels."""
    chat = mapping(told.get("chat"))
    chat_id, message, sent = whole(chat.get("id")), whole(told.get("message_id")), number(told.get("date"))
    kind = word(chat.get("type"))
    if not chat_id or message is None or message <= 0 or kind not in {"private", "group", "supergroup"}:
        return None
    thread, is_topic = whole(told.get("message_thread_id")), told.get("is_topic_message") is True
    replied = mapping(told.get("reply_to_message"))
    return Message(
        spot=Spot(us.id, chat_id, message),
        update=update,
        user=author_of(told),
        said=typed(told),
        sent_at=datetime.fromtimestamp(min(sent, LATEST), UTC),
        version=_version(told, update) if is_edit else 0.0,
        is_private=kind == "private",
        language_code=word(mapping(told.get("from")).get("language_code"))[:16],
        topic=thread if is_topic else None,
        chain=None if is_topic else thread,
        reply_to=whole(replied.get("message_id")),
        replied_by=whole(mapping(replied.get("from")).get("id")),
        kinds=frozenset(kind for kind in PICTURES | SPOKEN | ODD if told.get(kind) is not None),
        files=shared_files(told) or shared_files({"document": replied.get("document")}),
        album=word(told.get("media_group_id")),
    )


def _version(told: Payload, update: int) -> float:
    edited = number(told.get("edit_date")) or number(told.get("date")) or 1
    return min(edited, LATEST) + (update % 1_000_000) / 1_000_000


def author_of(told: Payload) -> int | None:
    """Who wrote it. Neither another bot, nor what came by way of one, nor a channel's posts in its group."""
    sender, in_name_of = mapping(told.get("from")), whole(mapping(told.get("sender_chat")).get("id"))
    if told.get("via_bot") is not None or told.get("is_automatic_forward") is True:
        return None
    if in_name_of is not None:
        return in_name_of
    return None if sender.get("is_bot") is not False else whole(sender.get("id"))


def call_of(message: Message, us: Account) -> Call:
    """What the message wants."""
    if message.user is None or message.user == us.id:
        return Call.NOTHING
    command = command_of(message.said, us)
    if command is not None:
        return _of_command(command, message)
    is_named = mentions(message.said, us) or message.replied_by == us.id
    if not (message.is_private or is_named) or (not message.is_private and opens_with_another(message.said, us)):
        return Call.NOTHING
    text = plain(message.said, us)
    if _STOP.fullmatch(fold(text)):
        return Call.STOP
    return Call.QUESTION if text or mentions(message.said, us) else _without_text(message)


def _of_command(command: Command, message: Message) -> Call:
    if not command.is_ours:
        return Call.NOTHING
    is_asked = command.name in ASKING and (command.arguments or message.files)
    return Call.QUESTION if is_asked else Call.COMMAND


def _without_text(message: Message) -> Call:
    """A document is asked about, and the answer says that a question is missing; others are told of at once."""
    for kinds, call in ((PICTURES, Call.PICTURE), (SPOKEN, Call.VOICE), (ODD, Call.ODD)):
        if message.kinds & kinds:
            return call
    return Call.QUESTION if message.files else Call.NOTHING


def question_of(message: Message, us: Account) -> str:
    """What is asked: the text without the mentions of us, and without the command that asks."""
    command = command_of(message.said, us)
    return command.arguments if command and command.name in ASKING else plain(message.said, us)


def shared_files(told: Payload) -> tuple[SharedFile, ...]:
    """The file of a message: a document; or a picture or something spoken, which will be refused with its reason."""
    pictures = items(told.get("photo"))
    spoken = next((mapping(told.get(kind)) for kind in sorted(SPOKEN) if told.get(kind) is not None), None)
    file = mapping(told.get("document"))
    if whole(file.get("file_size")) is not None or file.get("file_id"):
        return _shared(file, word(file.get("mime_type")), "")
    if pictures:
        return _shared(pictures[-1], "image/jpeg", "photo.jpg")
    return _shared(spoken, word(spoken.get("mime_type")) or "audio/ogg", "voice.ogg") if spoken else ()


def _shared(file: Payload, mime: str, name: str) -> tuple[SharedFile, ...]:
    file_id = word(file.get("file_id"))
    known_as = clean(word(file.get("file_name"))) or name or file_id
    return (SharedFile(file_id, known_as, clean(mime), number(file.get("file_size")), ""),) if file_id else ()
