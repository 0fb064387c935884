"""An app at the door of the local Slack: it hands every event on, and can be held up while it does."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bots.reading import Payload
from bots.slack import manifest
from tests.slack_server import Json, SlackServer


def our_manifest() -> Json:
    parsed: Json = yaml.safe_load(manifest.text())
    return parsed


def client_of(slack: SlackServer) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@dataclass
class Door:
    """`heard` are the events handed on; while `gate` is cleared they wait, not acknowledged; `waiting` says so."""

    slack: SlackServer
    hand_on: Callable[[Payload], Awaitable[object]] | None = None
    heard: list[Json] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self.app = AsyncApp(client=client_of(self.slack), signing_secret=self.slack.signing_secret)
        self.app.use(self._take)
        self.app.event(re.compile(".*"))(_nothing)

    async def _take(self, req: AsyncBoltRequest, next_: Any) -> Any:  # noqa: ANN401
        self.waiting.set()
        await self.gate.wait()
        self.heard.append(req.body["event"])
        if self.hand_on:
            await self.hand_on(req.body)
        return await next_()


async def _nothing() -> None:
    """What every event needs to be acknowledged: a listener."""


@dataclass
class Counter:
    """A callback, and a way to wait until it has been called so often."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, *arguments: str) -> None:
        self.calls.append(arguments)
        self._news.set()

    async def until(self, count: int, seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while len(self.calls) < count:
                self._news.clear()
                await self._news.wait()


Run = Callable[[asyncio.Event], Awaitable[None]]


@asynccontextmanager
async def running(run: Run) -> AsyncIterator[asyncio.Event]:
    """Runs until the end of the block, or until the event that it gives is set; then it must end by itself."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_all_of(run, stopping))
        try:
            yield stopping
        finally:
            stopping.set()
            async with asyncio.timeout(10):
                await asyncio.wait([task])


async def _all_of(run: Run, stopping: asyncio.Event) -> None:
    await run(stopping)
