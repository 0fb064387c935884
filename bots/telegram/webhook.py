"""Webhook: Telegram delivers to a port of ours."""

import asyncio
import errno
import hmac
import json
import logging
from dataclasses import dataclass, field

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bots.reading import mapping
from bots.telegram.answered import readable
from bots.telegram.ids import Account
from bots.telegram.polling import DOWN, FIRST_PAUSE, LONGEST_PAUSE, REFUSED, Alarm, learn
from bots.telegram.updates import KINDS, UpdateQueue
from core.clock import Clock, wait_at_most
from core.errors import SotayError, StoreError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header
LARGEST_BODY = 1024**2
"""Bytes of an update at most; Telegram's are far below."""
LAST_REQUESTS_SECONDS = 10.0
"""Seconds for requests under way at the end."""


@dataclass(slots=True)
class Webhook:
    """Takes what Telegram posts to `path`, told apart from others by `secret`. `url` is the address as Telegram has it.

    With `port` 0 the system chooses one: `bound_port`. `ready` is set once Telegram knows the address.
    """

    bot: Bot = field(repr=False)
    account: Account
    queue: UpdateQueue
    alarm: Alarm
    clock: Clock
    host: str
    port: int
    path: str
    url: str
    secret: str = field(repr=False)
    bound_port: int | None = field(default=None, init=False)
    ready: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _is_set: bool = field(default=False, init=False)

    @property
    def is_healthy(self) -> bool:
        """Whether the port is open and Telegram knows of it."""
        return self.bound_port is not None and self._is_set

    async def run(self, stopping: asyncio.Event) -> None:
        """Listens until `stopping`. Telegram keeps the address: what it cannot bring meanwhile waits there for a day.

        Raises `SotayError` when the port cannot be had, or when Telegram takes the token or the address not.
        """
        if not await learn(self.bot, self.account, self.clock, stopping):
            return
        server = web.Application(client_max_size=LARGEST_BODY)
        server.add_routes([web.post(self.path, self._take)])
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=LAST_REQUESTS_SECONDS)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._announce(stopping)
            await stopping.wait()
        finally:
            self.bound_port, self._is_set = None, False
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SotayError("telegram.no_port", host=self.host, port=self.port, error=error.strerror) from error
            raise SotayError("telegram.port_taken", host=self.host, port=self.port) from error
        self.bound_port = runner.addresses[0][1]

    async def _announce(self, stopping: asyncio.Event) -> None:
        """Tells Telegram where to deliver, until it has heard. One delivery at a time keeps them in order."""
        pause = FIRST_PAUSE
        while not (self._is_set or stopping.is_set()):
            try:
                with readable():
                    await self.bot.set_webhook(
                        self.url, secret_token=self.secret, allowed_updates=KINDS, max_connections=1
                    )
            except REFUSED:
                raise SotayError("telegram.bad_token") from None
            except BadRequest as error:
                raise SotayError("telegram.bad_webhook", error=error.message) from error
            except TelegramError as error:
                if pause == FIRST_PAUSE:
                    log.warning("Telegram does not know the webhook yet: %s", type(error).__name__)
                    self.alarm(DOWN, "", type(error).__name__)
                await wait_at_most(self.clock, stopping, pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._is_set = True
                self.ready.set()

    async def _take(self, request: web.Request) -> web.Response:
        """200 once the update is durable; with anything else Telegram brings it again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            return web.Response(status=403)
        try:
            update = mapping(json.loads(await request.read()))
        except (ValueError, RecursionError):
            return web.Response(status=400)
        try:
            await self.queue.put(update)
        except StoreError as error:
            log.warning("an update could not be kept, and will be brought again: %s", error)
            return web.Response(status=503)
        return web.Response()
