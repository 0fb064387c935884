"""Any OpenAI-compatible server as a language model: vLLM, llama-server, and OpenRouter underneath its own rules.

Three things are promised here and nowhere else: nothing is sent without the privacy gate's pass, every wait ends with
the request's deadline, and everything that a server can do wrong arrives as one of `core.errors`.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx2
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AsyncStream,
    DefaultAsyncHttpxClient,
    Omit,
    Timeout,
    omit,
)
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from core.deadline import Deadline
from core.errors import ModelError, ModelTimeout, ModelUnavailable, NotCleared, SettingsError
from core.ports import Completion, CompletionRequest, Delta, Meter
from core.privacy import Reach
from models.faults import Fault, as_model_error, fault_in
from models.reply import Piece, Reply, Usage

T = TypeVar("T")
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
"""What goes wrong before a request has left."""
GENERATION = "x-generation-id"
"""The header in which OpenRouter names a generation before its first chunk does."""
NO_KEY = "none"
"""What is sent where no key is set: servers of the office take any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One model on one server. Times are in seconds; `read_timeout` is the longest silence between two chunks.

    `reach` says where the server stands. `logprobs` asks for the log-probability of every token, `ask_usage` for the
    count of tokens on the last chunk. `proxy` is a URL; proxies and other settings of the environment are not read.
    """

    base_url: str
    model: str
    reach: Reach = Reach.OFFICE
    api_key: str = field(default="", repr=False)
    logprobs: bool = False
    ask_usage: bool = True
    connect_timeout: float = 3.0
    read_timeout: float = 20.0
    proxy: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, object] = field(default_factory=dict)

    @property
    def server(self) -> str:
        """Host and port, for messages; never user or password of the URL."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


class OpenAIModel:
    """A `LanguageModel` on an OpenAI-compatible server. Raises `SettingsError` for a key that no header can carry."""

    def __init__(self, endpoint: Endpoint) -> None:
        if not (endpoint.api_key.isascii() and endpoint.api_key.isprintable() and " " not in endpoint.api_key):
            raise SettingsError("model.api.key_shape", server=endpoint.server)
        self._endpoint = endpoint
        self._client = _client(endpoint)

    @property
    def name(self) -> str:
        return self._endpoint.model

    @property
    def reach(self) -> Reach:
        return self._endpoint.reach

    async def aclose(self) -> None:
        """Closes the connections that are kept open between requests."""
        await self._client.close()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion, None]:
        """See `LanguageModel.stream`. Raises `NotCleared` before any connection is made."""
        request.meter.begin()
        self.require_pass(request)
        reply = Reply(server=self._endpoint.server, model=self.name, started=time.monotonic())
        async with aclosing(self._chunks(request)) as chunks:
            async for chunk in chunks:
                piece = self._read(chunk)
                await request.meter.named(piece.generation_id)
                if text := reply.take(piece):
                    yield Delta(text)
        yield reply.completion(free=self.reach <= Reach.OFFICE)

    def require_pass(self, request: CompletionRequest) -> None:
        """Raises `NotCleared` where the gate's pass falls short, `ModelTimeout` where the deadline has passed."""
        if request.clearance.reach < self._endpoint.reach:
            raise NotCleared("model.api.not_cleared", server=self._endpoint.server)
        if request.deadline.has_passed:
            raise ModelTimeout("model.api.timeout", server=self._endpoint.server)

    async def _chunks(self, request: CompletionRequest) -> AsyncGenerator[ChatCompletionChunk, None]:
        """The stream's chunks; the connection is closed however this ends."""
        await request.meter.sent()
        try:
            stream = await self._wait(request.deadline, self._open(request), lost="model.api.unreachable")
        except ModelError as error:
            _tell(request.meter, error.__cause__)
            raise
        try:
            await request.meter.named(stream.response.headers.get(GENERATION, ""))
            await self._wait(request.deadline, self._require_events(stream))
            while (chunk := await self._wait(request.deadline, anext(stream, None))) is not None:
                yield chunk
        finally:
            await stream.close()

    async def look_up(self, path: str, deadline: Deadline, **query: str) -> object:
        """The JSON that the server tells of this path; nothing of a prompt goes with it. Raises like `stream`."""
        asking = self._client.get(path, cast_to=object, options={"params": dict(query)})
        return await self._wait(deadline, asking, lost="model.api.unreachable")

    async def _open(self, request: CompletionRequest) -> AsyncStream[ChatCompletionChunk]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        return await self._client.chat.completions.create(
            model=self._endpoint.model,
            messages=cast("list[ChatCompletionMessageParam]", messages),
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            stop=list(request.stop) or omit,
            logprobs=self._endpoint.logprobs or omit,
            stream=True,
            stream_options={"include_usage": True} if self._endpoint.ask_usage else omit,
            extra_body=dict(self._endpoint.extra_body),
        )

    async def _require_events(self, stream: AsyncStream[ChatCompletionChunk]) -> None:
        """Status 200 may still bring an error as JSON, or the page of whoever stands in between."""
        headers: Mapping[str, str] = stream.response.headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.endswith("html"):
            raise self._broken("model.api.not_an_api")
        if kind.endswith("json"):
            body = json.loads(await stream.response.aread())
            if not (isinstance(body, dict) and body.get("error")):
                raise self._broken("model.api.unreadable")
            fault = fault_in(body["error"], None, headers=headers, secret=self._endpoint.api_key)
            raise self._refusal(fault) from fault

    async def _wait(self, deadline: Deadline, work: Awaitable[T], lost: str = "model.api.cut") -> T:
        """What `work` brings, by the deadline; the one place where the SDK's errors become ours.

        `lost` names the text for a connection that breaks or is never made.
        """
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await work
        except (TimeoutError, APITimeoutError, httpx2.TimeoutException) as error:
            raise ModelTimeout("model.api.timeout", server=self._endpoint.server) from error
        except (OSError, APIConnectionError, httpx2.HTTPError) as error:
            raise self._broken(lost) from error
        except APIError as error:
            # The SDK's own text may repeat the key; a fault without it stands in as the cause.
            fault = self._fault(error)
            raise self._refusal(fault) from fault
        except (ValueError, TypeError) as error:  # JSON or UTF-8 that is none, or an event that is no chunk
            raise self._broken("model.api.unreadable") from error

    def _fault(self, error: APIError) -> Fault:
        secret = self._endpoint.api_key
        if isinstance(error, APIStatusError):
            return fault_in(error.body, error.status_code, headers=error.response.headers, secret=secret)
        return fault_in(error.body, None, headers={}, secret=secret)  # an event in the middle of a stream

    def _refusal(self, fault: Fault) -> ModelError:
        return as_model_error(fault, server=self._endpoint.server, model=self._endpoint.model)

    def _broken(self, message_id: str) -> ModelUnavailable:
        return ModelUnavailable(message_id, server=self._endpoint.server)

    def _read(self, chunk: ChatCompletionChunk) -> Piece:
        try:
            return _piece(chunk)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise self._broken("model.api.unreadable") from error


def _client(endpoint: Endpoint) -> AsyncOpenAI:
    timeout = Timeout(endpoint.read_timeout, connect=endpoint.connect_timeout)
    return AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or NO_KEY,
        max_retries=0,
        timeout=timeout,
        # The SDK would send an organisation and a project that it finds in the environment.
        default_headers={**endpoint.headers, "OpenAI-Organization": Omit(), "OpenAI-Project": Omit()},  # type: ignore[dict-item]
        # A redirect would carry the prompt to a server that nobody has named.
        http_client=DefaultAsyncHttpxClient(
            timeout=timeout, follow_redirects=False, trust_env=False, proxy=endpoint.proxy
        ),
    )


def _tell(meter: Meter, cause: BaseException | None) -> None:
    """What a request costs that brought no stream: nothing, where that is certain."""
    if isinstance(cause, Fault) and cause.is_before_work:
        meter.refused()
    elif isinstance(cause, APIConnectionError) and isinstance(cause.__cause__, UNSENT):
        meter.unsent()


def _piece(chunk: ChatCompletionChunk) -> Piece:
    """What a chunk brings. Its types are hopes: the SDK builds chunks of any JSON, unchecked."""
    choice = chunk.choices[0] if chunk.choices else None
    tokens = choice.logprobs.content if choice and choice.logprobs else None
    text = choice.delta.content or "" if choice else ""
    if not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return Piece(
        text=text,
        model=str(chunk.model or ""),
        finish=choice.finish_reason if choice else None,
        logprobs=[float(token.logprob) for token in tokens or ()],
        usage=_usage(chunk.usage) if chunk.usage else None,
        generation_id=str(chunk.id or ""),
    )


def _usage(usage: CompletionUsage) -> Usage:
    cost = getattr(usage, "cost", None)  # OpenRouter's own field
    return Usage(
        prompt_tokens=int(getattr(usage, "prompt_tokens", None) or 0),
        completion_tokens=int(getattr(usage, "completion_tokens", None) or 0),
        cost_usd=None if cost is None else float(cost),
    )
