"""What stands in a channel: messages, their streams, and files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.slack_server.refusals import Json

TEAM = "T1"


@dataclass(eq=False)
class File:
    """A file somebody uploaded. `access` is `visible`, or `check_file_info` when only `files.info` tells more."""

    id: str
    name: str
    data: bytes
    mimetype: str
    user: str
    channel: str
    url: str
    created: int
    access: str = "visible"

    def to_json(self, *, in_full: bool = False) -> Json:
        if self.access == "check_file_info" and not in_full:
            return {"id": self.id, "created": self.created, "timestamp": self.created, "file_access": self.access}
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2].lower(),
            "size": len(self.data),
            "user": self.user,
            "user_team": TEAM,
            "mode": "hosted",
            "is_external": False,
            "file_access": "visible",
            "url_private": self.url,
            "url_private_download": f"{self.url}?download",
        }


@dataclass(eq=False)
class Stream:
    """A message that is being written: `started` on the server's clock, `text` so far, `chunks` other than text."""

    started: float
    recipient: str | None
    stoppable: bool
    text: str = ""
    chunks: list[Json] = field(default_factory=list)
    over: str | None = None
    """Why it takes no more: `stopped`, `stopped_by_user`, `expired`; None while it does."""


@dataclass(eq=False)
class Message:
    """One message, or an ephemeral one. `shown` is what its readers have seen, one text after every change."""

    ts: str
    channel: str
    user: str
    text: str = ""
    thread_ts: str | None = None
    subtype: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    edited: Json | None = None
    files: list[File] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    broadcast: bool = False
    stream: Stream | None = None
    only_for: str | None = None
    team: str = TEAM
    shown: list[str] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in {None, self.ts}

    @property
    def is_tombstone(self) -> bool:
        return self.subtype == "tombstone"

    def seen(self) -> str:
        """What a reader sees: the stream and the blocks under it, the blocks, or else the text."""
        streamed = [self.stream.text] if self.stream and self.stream.text else []
        return "\n".join([*streamed, *texts_of(self.blocks)]) or self.text

    def show(self) -> None:
        if not self.shown or self.shown[-1] != self.seen():
            self.shown.append(self.seen())

    def to_json(self, replies: Sequence["Message"] = (), *, with_metadata: bool = False) -> Json:
        """As the Web API and the events carry it; empty fields are left out."""
        optional: Json = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "username": self.username,
            "thread_ts": self.thread_ts or (self.ts if replies else None),
            "blocks": self.blocks,
            "attachments": self.attachments,
            "edited": self.edited,
            "files": [file.to_json() for file in self.files],
            "reactions": [{"name": n, "users": [*u], "count": len(u)} for n, u in self.reactions.items()],
            "metadata": self.metadata if with_metadata else None,
            "user_team": self.team if self.team != TEAM else None,
            "source_team": self.team if self.team != TEAM else None,
            "streaming_state": "in_progress" if self.stream and not self.stream.over else None,
        }
        said = self.stream.text if self.stream and not self.text else self.text
        return (
            {"type": "message", "user": self.user, "text": said, "ts": self.ts, "team": self.team}
            | {name: value for name, value in optional.items() if value}
            | (_thread_of(replies) if replies else {})
        )


def _thread_of(replies: Sequence[Message]) -> Json:
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
    }


def texts_of(blocks: Iterable[Json]) -> Iterator[str]:
    """The texts that blocks show, in their order: titles, paragraphs, buttons, labels."""
    for block in blocks:
        yield from _texts(block)


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for item in part:
            yield from _texts(item)
