"""What stands in a chat: messages and files."""

from dataclasses import dataclass, field

from tests.telegram_server.refusals import Json

CAPTIONED = frozenset({"photo", "document", "voice"})


@dataclass(eq=False)
class File:
    """A file that the server holds. `path` is where it can be fetched, until `until` on the server's clock."""

    id: str
    unique_id: str
    data: bytes
    name: str
    mime_type: str
    size: int
    path: str = ""
    until: float = 0.0

    def to_json(self) -> Json:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}


@dataclass(eq=False)
class Message:
    """One message. `text` is the caption where there is `media`; `keyboard` the inline one, as `reply_markup`.

    `shown` is what its readers have seen, one text after every change; `sender` is a user's JSON. `beside` holds all
    other fields: service messages, forwards, link preview options.
    """

    id: int
    chat: int
    sender: Json | None
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    media: Json = field(default_factory=dict)
    keyboard: Json | None = None
    reply_to: int | None = None
    thread: int | None = None
    is_topic_message: bool = False
    edit_date: int | None = None
    link_preview: Json | None = None
    parse_mode: str | None = None
    markup: Json | None = None
    """The `reply_markup` as it was given, for keyboards of other kinds."""
    beside: Json = field(default_factory=dict)
    reactions: dict[int, list[str]] = field(default_factory=dict)
    """Emoji by the id of who reacted; the bot's own too."""
    anonymous: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    sent_at: float = 0.0

    @property
    def sender_id(self) -> int | None:
        return self.sender["id"] if self.sender else None

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons, row after row."""
        return [button for row in (self.keyboard or {}).get("inline_keyboard", ()) for button in row]

    def show(self) -> None:
        if not self.shown or self.shown[-1] != self.text:
            self.shown.append(self.text)

    def content(self) -> Json:
        """Its text or caption, with entities and what hangs on it."""
        names = ("caption", "caption_entities") if self.media else ("text", "entities")
        optional: Json = dict(zip(names, (self.text, self.entities), strict=True)) | {
            "reply_markup": self.keyboard,
            "link_preview_options": self.link_preview,
        }
        return self.media | {name: value for name, value in optional.items() if value}

    def to_json(self, chat: Json, reply: "Message | None" = None) -> Json:
        """As answers and updates carry it; one message that it replies to goes along."""
        optional: Json = {
            "from": self.sender,
            "edit_date": self.edit_date,
            "message_thread_id": self.thread,
            "is_topic_message": self.is_topic_message or None,
            "reply_to_message": reply.to_json(chat) if reply else None,
        }
        known = {"message_id": self.id, "date": self.date, "chat": chat}
        return known | {name: value for name, value in optional.items() if value} | self.content() | self.beside
