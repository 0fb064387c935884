"""OpenRouter as a language model: its own rules on top of the OpenAI-compatible protocol.

Every request forbids collecting data and, by default, keeping it; it names a price limit and a list of models to fall
back on. The cost and the model that really answered come back with the completion. One retry, one breaker, one total
time.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from core.breaker import Breaker
from core.deadline import Deadline
from core.errors import ModelRejected, ModelTimeout, ModelUnavailable, SettingsError
from core.ports import Completion, CompletionRequest, Delta
from core.privacy import Reach
from models.openai_api import Endpoint, OpenAIModel

BASE_URL = "https://openrouter.ai/api/v1"
ATTEMPTS = 2
"""Requests that one question may become."""
LOOK_UP_TIME = 10.0
"""Seconds for asking what a generation has cost."""
ACCOUNT = frozenset({"model.api.key_refused", "model.api.no_credit", "model.api.forbidden"})
"""The refusals that are about the account, not about one prompt."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; as a limit, the most that may be asked."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model that OpenRouter offers. `list_price` is None where no source that we trust states it."""

    name: str
    list_price: Price | None = None


KNOWN_MODELS = (
    RemoteModel("openai/gpt-4o-mini", Price(0.15, 0.60)),
    RemoteModel("google/gemini-2.5-flash"),
    RemoteModel("qwen/qwen3-vl-8b-instruct"),
    RemoteModel("x-ai/grok-4-fast"),
    RemoteModel("openai/gpt-oss-120b"),
)
"""The models that the project has been discussed with. The price is the list price of autumn 2026."""

PRICE_LIMIT = Price(1.0, 5.0)
"""Our own ceiling, not a list price: it keeps small models in and stops a mistyped name from costing a fortune."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRouterConfig:
    """Off until a key is set and `enabled` is True.

    `models` are tried in their order by OpenRouter itself. `zero_data_retention` asks for endpoints that keep no data;
    without it, what is sent may still be collected by nobody. Times are in seconds; `total_time` bounds a question
    with its retry. `referer` and `title` are shown in the account's lists at OpenRouter.
    """

    api_key: str = field(default="", repr=False)
    enabled: bool = False
    models: tuple[str, ...] = ("openai/gpt-4o-mini", "google/gemini-2.5-flash")
    base_url: str = BASE_URL
    zero_data_retention: bool = True
    max_price: Price = PRICE_LIMIT
    allow_fallbacks: bool = True
    referer: str | None = None
    title: str | None = "So Tay"
    proxy: str | None = field(default=None, repr=False)
    connect_timeout: float = 3.0
    read_timeout: float = 20.0
    total_time: float = 30.0
    retry_wait: float = 0.5

    @property
    def is_on(self) -> bool:
        return self.enabled and bool(self.api_key)


class OpenRouterModel:
    """A `LanguageModel` outside the office. Raises `SettingsError` when the configuration is not on."""

    def __init__(self, config: OpenRouterConfig, clock: Callable[[], float] = time.monotonic) -> None:
        if not config.is_on:
            raise SettingsError("openrouter.off")
        if not config.models:
            raise SettingsError("openrouter.no_models")
        self._config = config
        self._model = OpenAIModel(_endpoint(config))
        self._breaker = Breaker(_paused, clock)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def reach(self) -> Reach:
        return self._model.reach

    @property
    def is_paused(self) -> bool:
        """Whether the breaker holds requests back, so that a router need not try."""
        return self._breaker.is_open

    async def aclose(self) -> None:
        await self._model.aclose()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion, None]:
        """See `LanguageModel.stream`. One more attempt is made after `ModelUnavailable`, if no text has come yet."""
        request.meter.begin()
        ends = min(request.deadline.at, Deadline.after(self._config.total_time).at)
        request = replace(request, deadline=Deadline(ends))
        started = False
        try:
            async with aclosing(self._attempt(request)) as items:
                async for item in items:
                    started = True
                    yield item
        except ModelUnavailable as error:
            wait = self._config.retry_wait if error.retry_after is None else error.retry_after
            if started or self._breaker.is_open or wait >= request.deadline.remaining():
                raise
        else:
            return
        await asyncio.sleep(wait)
        async with aclosing(self._attempt(request)) as items:
            async for item in items:
                yield item

    async def cost_of(self, generation_id: str) -> float | None:
        """US dollars that a generation of the past was billed with; None where OpenRouter does not know it (yet).

        Raises `ModelError`. Whether the breaker is open plays no part.
        """
        try:
            told = await self._model.look_up("/generation", Deadline.after(LOOK_UP_TIME), id=generation_id)
        except ModelRejected as error:
            if error.facts.get("status") == HTTPStatus.NOT_FOUND:
                return None
            raise
        data = told.get("data") if isinstance(told, dict) else None
        cost = data.get("total_cost") if isinstance(data, dict) else None
        return float(cost) if isinstance(cost, int | float) else None

    async def _attempt(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion, None]:
        self._model.require_pass(request)
        ticket = self._breaker.admit()
        try:
            async with aclosing(self._model.stream(request)) as items:
                async for item in items:
                    if isinstance(item, Completion):
                        self._breaker.succeeded(ticket)
                    yield item
        except (ModelUnavailable, ModelTimeout):
            self._breaker.failed(ticket)
            raise
        except ModelRejected as error:
            self._settle_rejection(ticket, error)
            raise
        finally:
            self._breaker.abandoned(ticket)

    def _settle_rejection(self, ticket: int, error: ModelRejected) -> None:
        """A refusal of the account opens the breaker; a refusal of one prompt shows that the service is well."""
        if error.message_id in ACCOUNT:
            self._breaker.account_refused(ticket)
        else:
            self._breaker.succeeded(ticket)


def _endpoint(config: OpenRouterConfig) -> Endpoint:
    headers = {"HTTP-Referer": config.referer, "X-Title": config.title}
    return Endpoint(
        base_url=config.base_url,
        model=config.models[0],
        reach=Reach.OUTSIDE,
        api_key=config.api_key,
        ask_usage=False,  # OpenRouter always reports it
        connect_timeout=config.connect_timeout,
        read_timeout=config.read_timeout,
        proxy=config.proxy,
        headers={name: value for name, value in headers.items() if value},
        extra_body=_rules(config),
    )


def _rules(config: OpenRouterConfig) -> Mapping[str, object]:
    """What goes beside the prompt. Whether it may be collected is no setting."""
    return {
        "models": list(config.models),
        "provider": {
            "zdr": config.zero_data_retention,
            "data_collection": "deny",
            "allow_fallbacks": config.allow_fallbacks,
            "max_price": {"prompt": config.max_price.prompt, "completion": config.max_price.completion},
        },
    }


def _paused(wait: float) -> ModelUnavailable:
    return ModelUnavailable("openrouter.paused", retry_after=wait, seconds=math.ceil(wait))
