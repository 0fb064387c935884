"""The seams: what the core asks of retrieval and models, and the plain values that pass through."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from core.conversation import Attachment, RefusedFile
from core.deadline import Deadline
from core.documents import Passage
from core.privacy import Clearance


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Meter(Protocol):
    """Is told what becomes of a call that costs money. A model that costs none need tell nothing."""

    def begin(self) -> None:
        """From here on every attempt is told: where none is, nothing was sent."""
        ...

    async def sent(self) -> None:
        """An attempt begins, which may cost all it can. Raises `ModelUnavailable` where that cannot be noted."""
        ...

    def unsent(self) -> None:
        """The attempt under way never left the office."""
        ...

    def refused(self) -> None:
        """The attempt under way was refused before any work, so it costs nothing."""
        ...

    async def named(self, generation_id: str) -> None:
        """The provider's name for the attempt under way, by which it tells the cost later."""
        ...

    def completed(self, completion: "Completion") -> None:
        """The whole has come; told by who reads the model's items."""
        ...


@dataclass(frozen=True, slots=True)
class Unmetered:
    """A `Meter` for calls that nobody pays for."""

    def begin(self) -> None:
        pass

    async def sent(self) -> None:
        pass

    def unsent(self) -> None:
        pass

    def refused(self) -> None:
        pass

    async def named(self, generation_id: str) -> None:
        pass

    def completed(self, completion: "Completion") -> None:
        pass


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What a model is asked for. `grammar` is GBNF; a model that cannot follow one ignores it.

    `person` is for whom: a model that serves many lets nobody wait behind the many questions of one. `adapter` names a
    LoRA adapter of the local model; others ignore it. `meter` hears what a paid call comes to.
    """

    messages: tuple[Message, ...]
    clearance: Clearance
    deadline: Deadline
    max_tokens: int = 512
    temperature: float = 0.2
    stop: tuple[str, ...] = ()
    grammar: str | None = None
    person: str = ""
    adapter: str = ""
    meter: Meter = Unmetered()


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a completion's text, whole characters only."""

    text: str


class Finish(StrEnum):
    """Why a completion ended."""

    STOP = "stop"
    LENGTH = "length"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished completion; `text` equals its deltas joined.

    `mean_logprob` and `min_logprob` are natural logarithms over the sampled tokens, None when the model gives none.
    `cost_usd` is what the provider reports, 0.0 for a model of the office, None when unknown. `first_token_ms` counts
    from the call. `generation_id` is the provider's name for it, "" where it gives none. `redacted`
    says what of the prompt was replaced before it left, as in "2 PHONE".
    """

    text: str
    model: str
    finish: Finish
    prompt_tokens: int
    completion_tokens: int
    mean_logprob: float | None = None
    min_logprob: float | None = None
    cost_usd: float | None = None
    first_token_ms: float | None = None
    generation_id: str = ""
    redacted: str = ""


class LanguageModel(Protocol):
    """One model behind the port."""

    @property
    def name(self) -> str: ...

    def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        """Deltas as they come, then exactly one `Completion` as the last item.

        Closing the iterator or cancelling the reader stops the model within one token. Raises `ModelError` or one of
        its kinds (`core.errors`); text that has already come stays with the caller.
        """
        ...


class Typing(StrEnum):
    """How a query was typed; it decides the weights of the search and the language of the answer."""

    ACCENTED = "accented"
    UNACCENTED = "unaccented"
    ENGLISH = "english"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first. `query` is the text searched with, tone marks restored where they were missing.

    `nearness` is the cosine of the best dense hit less the mean cosine of all chunks of its language, and `coverage`
    the share (0..1) of the query's term weight that the best lexical hit holds: together they tell "found something"
    from "found nothing near". `degraded`: half of the index is being rebuilt, so this search saw less than it should.
    `embedding` is the query's, empty where none was made. `weighed` counts the chunks among which the passages are.
    """

    passages: tuple[Passage, ...]
    query: str
    typing: Typing
    nearness: float = 0.0
    coverage: float = 0.0
    degraded: bool = False
    embedding: tuple[float, ...] = ()
    weighed: int = 0


class Retriever(Protocol):
    """Finds passages."""

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        """At most `limit` passages out of `spaces` and out of no other. Raises `IndexUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class AttachmentsRead:
    """Passages of the files, best first for the query, and the files that gave none."""

    passages: tuple[Passage, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


class AttachmentReader(Protocol):
    """Reads the files that came with a question. Nothing of them is kept."""

    async def read(self, query: str, files: Sequence[Attachment], limit: int) -> AttachmentsRead:
        """At most `limit` passages, labelled confidential, in the space `ATTACHED`; `document` is the file's name.

        What is wrong with a file is a value, never an error. A `SotayError` says that none of them can be read.
        """
        ...


class Embedder(Protocol):
    """Text to vectors of unit length. Blocking: callers enter a thread.

    `name` identifies model and version; vectors of different names are never mixed.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_query(self, text: str) -> list[float]: ...

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]: ...


class Reranker(Protocol):
    """How well passages answer a question, each read together with it. Blocking: callers enter a thread."""

    @property
    def name(self) -> str: ...

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """A score (0..1) for each passage in their order: higher is better. Raises `ModelError`."""
        ...
