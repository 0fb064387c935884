"""A Telegram of one bot on this machine, for the real clients to talk to."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from core.clock import Clock, SteadyClock
from tests.telegram_server.api import Api, Called
from tests.telegram_server.faults import Fault
from tests.telegram_server.intake import Intake
from tests.telegram_server.messages import Message
from tests.telegram_server.moves import Moves
from tests.telegram_server.people import People
from tests.telegram_server.places import User
from tests.telegram_server.rates import Rates
from tests.telegram_server.refusals import Json
from tests.telegram_server.updates import Update, Updates
from tests.telegram_server.webhooks import Webhook
from tests.telegram_server.world import Draft, Settings, World, nobody_listens

TOKEN = "900001:local-test-token"
PATIENCE = 10.0


class TelegramServer:
    """`async with TelegramServer() as telegram`: `people` write, `moves` is what else they do, the rest is looked at.

    The real clients get `telegram.base_url`, `base_file_url` and `token`. Limits and waits are those of `clock`; a
    `ManualClock` stops them.
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        rates: Rates | None = None,
        clock: Clock | None = None,
        token: str = TOKEN,
        username: str = "sotay_bot",
        port: int = 0,
    ) -> None:
        self.token, self.settings, self.rates = token, settings or Settings(), rates or Rates()
        bot = User(int(token.partition(":")[0]), "Sổ Tay", username, is_bot=True)
        self.world = World(bot, clock or SteadyClock(), self.settings)
        self.updates = Updates(self.world)
        self.webhook = Webhook(self.world, self.updates)
        self.people = People(self.world)
        self.moves = Moves(self.world, self.people)
        intake = Intake(self.updates, self.webhook, self.world.violations)
        self.api = Api(self.world, self.rates, intake, token)
        self._port, self._origin = port, ""
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=2**26)
        application.add_routes(self.api.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        host, port = runner.addresses[0][:2]
        self._origin = f"http://{host}:{port}"
        self.world.feed = self.updates.add
        group = await self._open.enter_async_context(asyncio.TaskGroup())
        session = await self._open.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)))
        self._bringing = group.create_task(self.webhook.run(session))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.feed = nobody_listens
        self.api.closing.set()
        self.updates.close()
        self._bringing.cancel()
        await self._open.aclose()

    @property
    def origin(self) -> str:
        """Where the server listens, as `http://127.0.0.1:1234`."""
        return self._origin

    @property
    def base_url(self) -> str:
        return f"{self._origin}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self._origin}/file/bot"

    @property
    def bot(self) -> User:
        return self.world.bot

    def fail(
        self, method: str, what: str | int | None, *, times: int = 1, delay: float = 0.0, retry_after: int = 1
    ) -> None:
        """The next calls of the method go wrong; see `faults.Fault`. Downloads are the method `file`."""
        self.api.faults.plan(method, Fault(what, delay, retry_after), times)

    async def until(self, condition: "Callable[[TelegramServer], object]", seconds: float = PATIENCE) -> None:
        """Waits until the condition holds, looked at after every change. `TimeoutError` names the last calls."""
        try:
            async with asyncio.timeout(seconds):
                await self.world.until(lambda: condition(self))
        except TimeoutError:
            last = [(called.method, called.error) for called in self.calls[-10:]]
            raise TimeoutError(f"not in {seconds} s; last calls {last}, waiting {len(self.unconfirmed)}") from None

    @property
    def calls(self) -> list[Called]:
        return self.api.calls

    def called(self, method: str) -> list[Called]:
        return [called for called in self.calls if called.method == method]

    @property
    def limited(self) -> Counter[str]:
        """Refusals for writing too often, by method."""
        return self.rates.limited

    @property
    def violations(self) -> list[str]:
        """What Telegram lets pass, or punishes later, and a bot should not do."""
        early = [f"{method}: called during a wait, chat {chat}" for method, chat in self.rates.too_early]
        return self.world.violations + early

    @property
    def unconfirmed(self) -> list[Update]:
        return self.updates.waiting()

    @property
    def lost(self) -> list[Update]:
        """What was dropped, or waited for more than a day."""
        self.updates.waiting()
        return [update for update in self.updates.all if update.fate in {"dropped", "expired"}]

    @property
    def unheard(self) -> list[tuple[str, Json]]:
        """(kind, body) of what the bot would have been told, had it asked for the kind."""
        return self.updates.unheard

    def messages(self, chat: int) -> Sequence[Message]:
        """Everything that stands in the chat, oldest first."""
        return list(self.world.chat(chat).messages.values())

    def said(self, chat: int) -> Sequence[Message]:
        """What the bot wrote there and still stands, oldest first."""
        return [message for message in self.messages(chat) if message.sender_id == self.bot.id]

    def message(self, chat: int, message: int) -> Message:
        return self.people.found(chat, message)

    @property
    def deleted(self) -> Sequence[Message]:
        """What the bot has deleted."""
        return self.world.deleted

    def drafts(self, chat: int, topic: int | None = None) -> Sequence[Draft]:
        """The drafts that were shown there, oldest first, with every text that they had."""
        return self.world.drafts.get((chat, topic), [])

    def draft(self, chat: int, topic: int | None = None) -> str | None:
        """The text of the draft that is shown now, `""` for "Thinking…"."""
        now = self.world.clock.monotonic()
        return next((draft.text for draft in self.drafts(chat, topic)[-1:] if draft.until > now), None)

    def action(self, chat: int, topic: int | None = None) -> str | None:
        """What the bot seems to be doing there now, as `typing`."""
        action, until = self.world.actions.get((chat, topic), ("", 0.0))
        return action if action and until > self.world.clock.monotonic() else None

    def commands(self, scope: str = "default", language_code: str = "") -> Sequence[Json]:
        """The commands of a scope, which is a word as `all_private_chats` or `chat:-1001`."""
        return self.world.commands.get((scope, language_code), [])
