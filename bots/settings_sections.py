"""The tables of the settings about the office, its documents and its chats. `docs/settings.md` is made from them."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bots.settings_fields import Name, Number, Place, Secret, Section, Source, Url, Whole, Word, Words
from bots.settings_values import checked_database, checked_timezone
from core.conversation import Language
from core.documents import Label, Space

DEFAULT_GROUPS: dict[Name, Words] = {"staff": ("console",)}


class Office(Section):
    """Who runs this handbook."""

    name: Word = Field(default="Sổ Tay", description="The name that people see in greetings and on pages.")
    language: Language = Field(
        default=Language.VIETNAMESE, description="The language of texts where the language of the asker is not known."
    )
    timezone: Annotated[Word, AfterValidator(checked_timezone)] = Field(
        default="Asia/Ho_Chi_Minh", description="The time zone of schedules and of dates in answers."
    )


class Data(Section):
    """Where the handbook keeps what it knows."""

    directory: Place = Field(
        default=Path("var"),
        description="Folder of the database, the index and the models.",
    )
    index: Place = Field(
        default=Path("{data.directory}"),
        description="Folder of the search index. Of several processes on one PostgreSQL each needs its own; what one "
        "reads into the database the others find within two minutes.",
    )
    database_url: Annotated[Word, AfterValidator(checked_database)] = Field(
        default="sqlite+aiosqlite:///{data.directory}/sotay.sqlite",
        description="The database: SQLite, or PostgreSQL as `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`.",
    )

    @property
    def is_sqlite(self) -> bool:
        """Whether one process does everything."""
        return self.database_url.startswith("sqlite")


class SpaceSettings(Section):
    """One space: folders with one audience and one label."""

    sources: tuple[Source, ...] = Field(
        default=(),
        description="Folders with the documents: paths, relative to the settings file, or fsspec URLs such as `s3://bucket/folder`.",
    )
    label: Label = Field(
        default=Label.INTERNAL,
        description="How far the content may travel: `public` may be sent to a model outside the office and is "
        "read by everybody, `internal` and `confidential` stay.",
    )
    audience: tuple[Name, ...] = Field(default=("staff",), description="The groups that may read this space.")
    may_leave: bool | None = Field(
        default=None,
        description="`true` allows passages of this space to be sent to a model outside the office. "
        "Left out, only a public space's may.",
    )

    strategy: Literal["local", "hybrid", "api"] | None = Field(
        default=None,
        description="Which model answers from these documents; left out, `routing.strategy`. The strictest of the "
        "spaces that an answer draws on counts, and none lets out what the privacy gate holds.",
    )
    owner: Word | None = Field(
        default=None,
        description="Who answers for these documents: words such as `Phòng Nhân sự`, or `slack:U123`. Named to people "
        "for whom nothing was found.",
    )
    owners: dict[Word, Word] = Field(
        default={}, description='The same for single documents, by pattern: `"phep/*.pdf" = "slack:U123"`.'
    )
    link: Word | None = Field(
        default=None,
        description="Address of a document for people's browsers, `{path}` being its path: "
        "`https://files.example/handbook/{path}`. Left out, sources have no links.",
    )

    @field_validator("link")
    @classmethod
    def _links(cls, link: str | None) -> str | None:
        if link is not None and not (link.startswith(("https://", "http://")) and "{path}" in link):
            raise PydanticCustomError("settings.bad_link", "not a link with a path")
        return link

    @field_validator("may_leave")
    @classmethod
    def _public_may(cls, may_leave: bool | None, info: ValidationInfo) -> bool | None:
        if may_leave is False and info.data.get("label") is Label.PUBLIC:
            raise PydanticCustomError("settings.public_kept", "a public space may leave")
        return may_leave

    def space(self, name: str) -> Space:
        """This space as the core knows it."""
        return Space(name, self.label, frozenset(self.audience), may_leave=bool(self.may_leave))


class Console(Section):
    """The terminal as a chat surface."""

    person: Word = Field(default="console", description="The person who asks in the terminal, an id as in the groups.")
    language: Literal["vi", "en", "auto"] = Field(
        default="auto",
        description="The language of the terminal; `auto` takes that of the office. Answers follow each question.",
    )


class Slack(Section):
    """The Slack adapter."""

    bot_token: Secret | None = Field(default=None, description="Bot token, `xoxb-...`.")
    app_token: Secret | None = Field(default=None, description="App-level token, `xapp-...`, for mode `socket`.")
    signing_secret: Secret | None = Field(default=None, description="Signing secret, for mode `http`.")
    mode: Literal["socket", "http"] = Field(
        default="socket", description="How events come in: `socket` needs no public address, `http` a reverse proxy."
    )
    host: Word = Field(default="127.0.0.1", description="Address to listen on, for mode `http`.")
    port: Whole = Field(default=3000, ge=1, le=65535, description="Port to listen on, for mode `http`.")
    path: Word = Field(default="/slack/events", description="Path of the request URL, for mode `http`.")
    members_group: Name | None = Field(
        default="staff",
        description="The group of all full members of the workspace; guests and outsiders are in none. A group "
        "that no space is for gives nobody anything.",
    )
    admin_channel: Word | None = Field(
        default=None,
        description="Id of the channel (`C...`) where corrections are decided and errors are told. The people of the "
        "group `administrators` may decide.",
    )
    streaming: bool = Field(
        default=True, description="Whether answers grow by Slack's own streams where it takes them."
    )
    api_url: Url = Field(
        default="https://slack.com/api/", description="Base URL of Slack's API, for proxies and tests."
    )

    @property
    def needed(self) -> Literal["app_token", "signing_secret"]:
        """The secret that the mode cannot do without."""
        return "app_token" if self.mode == "socket" else "signing_secret"


class Telegram(Section):
    """The Telegram adapter."""

    token: Secret | None = Field(default=None, description="Bot token from BotFather.")
    mode: Literal["polling", "webhook"] = Field(
        default="polling", description="How updates come in: `polling` needs no public address, `webhook` one with TLS."
    )
    allowed: tuple[Whole, ...] = Field(
        default=(),
        description="Ids of people and groups that may ask; others need an invitation or a linked Slack account.",
    )
    groups: dict[Word, Name] = Field(
        default={},
        description='Whose members a group chat has, by its id: `"-1001234" = "staff"`. Without that, answers there '
        "draw on public spaces only, since Telegram does not say who reads along.",
    )
    admin_chat: Whole | None = Field(
        default=None, description="Id of the chat where corrections of Telegram answers are decided and errors told."
    )
    drafts: bool = Field(default=True, description="Whether private chats see drafts while an answer is sought.")
    url: Url | None = Field(default=None, description="The public address of the webhook, for mode `webhook`.")
    secret: Secret | None = Field(
        default=None, description="What Telegram sends with each update, for mode `webhook`: letters, digits, `_`, `-`."
    )
    host: Word = Field(default="127.0.0.1", description="Address to listen on, for mode `webhook`.")
    port: Whole = Field(default=3001, ge=1, le=65535, description="Port to listen on, for mode `webhook`.")
    path: Word = Field(default="/telegram", description="Path of the webhook, for mode `webhook`.")
    api_url: Url = Field(
        default="https://api.telegram.org", description="Base URL of the Bot API, for proxies and tests."
    )
    file_url: Url = Field(default="https://api.telegram.org/file", description="Base URL of files that people send.")

    @field_validator("groups")
    @classmethod
    def _chats(cls, groups: dict[str, str]) -> dict[str, str]:
        if not all(chat.removeprefix("-").isdecimal() for chat in groups):
            raise PydanticCustomError("settings.bad_chat", "not the id of a chat")
        return groups


class Search(Section):
    """How passages are found."""

    passages: Whole = Field(default=5, ge=1, le=50, description="Passages given to the model.")
    candidates: Whole = Field(
        default=100, ge=1, le=1000, description="Hits of each half of the search that are weighed."
    )
    reranked: Whole = Field(default=20, ge=1, le=200, description="Passages that the reranker reads, where one is set.")


class Ingest(Section):
    """How documents are read."""

    max_file_mb: Number = Field(
        default=50, ge=0.001, le=10_000, description="Files larger than this are refused, in MB."
    )
    file_timeout_seconds: Number = Field(default=60, ge=0.1, le=3600, description="Longest time for reading one file.")


class AnswerSettings(Section):
    """How questions are answered."""

    deadline_seconds: Number = Field(
        default=120, ge=1, le=3600, description="A question is answered or failed by then."
    )
    history_turns: Whole = Field(
        default=3, ge=0, le=50, description="Earlier turns of a thread that a question may lean on."
    )


class InboxSettings(Section):
    """How questions are accepted and worked off."""

    queue: Whole = Field(
        default=200, ge=1, le=100_000, description="Questions that may wait or be answered at one time, in all."
    )
    per_person: Whole = Field(default=5, ge=1, le=10_000, description="The same for one person.")
    slots: Whole | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Answers that are written at the same time; left out, as many as the local model serves at once "
        "(`models.slots`), and 4 where a server is the local model.",
    )
    join_seconds: Number = Field(
        default=1.0,
        ge=0,
        le=30,
        description="How long a short message waits for the rest of its sentence in the next one; 0 joins nothing.",
    )
    attempts: Whole = Field(
        default=3, ge=1, le=20, description="A question during which the process died so many times is given up."
    )
    lease_seconds: Number = Field(
        default=15,
        ge=1,
        le=600,
        description="A worker that gives no sign of life for so long is taken for dead; several need PostgreSQL.",
    )
    drain_seconds: Number = Field(
        default=20, ge=0, le=600, description="How long answers may still be written when the service is told to stop."
    )
