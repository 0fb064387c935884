"""Updates brought to an address of the bot's."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from urllib.parse import urlsplit

import aiohttp

from tests.telegram_server.refusals import Json, bad
from tests.telegram_server.updates import Update, Updates
from tests.telegram_server.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
"""Hosts that may do without HTTPS, which Telegram lets nobody."""


@dataclass(frozen=True, slots=True)
class Brought:
    """One attempt; `status` is None when no answer came."""

    update: int
    url: str
    status: int | None


@dataclass(eq=False)
class Webhook:
    """The address, `""` for none, and what became of the attempts to reach it."""

    world: World
    updates: Updates
    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    attempts: list[Brought] = field(default_factory=list)
    _error: tuple[int, str] | None = None

    def set(self, url: str, secret: str | None, max_connections: int) -> None:
        if url and urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOOPBACK:
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        self.url, self.secret, self.max_connections, self._error = url, secret, max_connections, None
        self.world.changed()

    def info(self) -> Json:
        """As `getWebhookInfo` tells."""
        about: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.waiting()),
            "allowed_updates": sorted(self.updates.allowed),
        }
        if self.url:
            about |= {"max_connections": self.max_connections, "ip_address": "127.0.0.1"}
        if self._error:
            about |= {"last_error_date": self._error[0], "last_error_message": self._error[1]}
        return about

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Brings one update after the other, each until it is taken; it ends when it is cancelled."""
        while True:
            await self.world.until(lambda: self.url and self.updates.waiting())
            await self._bring(session, self.updates.waiting()[0])

    async def _bring(self, session: aiohttp.ClientSession, update: Update) -> None:
        url = self.url
        for attempt in count():
            if self.url != url or update.fate != "waiting":
                return
            if await self._try(session, url, update):
                self.updates.settle(update)
                return
            waits = self.world.settings.webhook_waits
            await self.world.clock.sleep(waits[min(attempt, len(waits) - 1)])

    async def _try(self, session: aiohttp.ClientSession, url: str, update: Update) -> bool:
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        update.sent += 1
        status: int | None = None
        problem = "Connection failed"
        try:
            async with session.post(url, json=update.to_json(), headers=headers) as answer:
                status = answer.status
                problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError):
            pass
        is_taken = status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        self._error = self._error if is_taken else (self.world.date, problem)
        self.attempts.append(Brought(update.id, url, status))
        self.world.changed()
        return is_taken
