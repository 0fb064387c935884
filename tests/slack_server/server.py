"""A Slack of one workspace on this machine, for the real clients to talk to."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from core.clock import Clock, SteadyClock
from tests.slack_server.api import Api, Called
from tests.slack_server.app import App
from tests.slack_server.deliveries import Deliveries, Delivery, Missed
from tests.slack_server.faults import Fault
from tests.slack_server.hands import Hands, UserError
from tests.slack_server.http_carrier import HttpCarrier
from tests.slack_server.messages import Message
from tests.slack_server.people import People
from tests.slack_server.rates import Rates
from tests.slack_server.refusals import Json
from tests.slack_server.sockets import Sockets
from tests.slack_server.workspace import Settings, View, Workspace, nobody_listens

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-1-bot", "xapp-1-app", "signing-secret"
PATIENCE = 10.0


class SlackServer:
    """`async with SlackServer(manifest) as slack`: `people` act, `hands` press, `sockets` break, the rest is looked at.

    The real clients get `slack.api_url` as their base URL and the two tokens. With a `request_url`, given here or to
    `deliver_to`, events go there signed; without, over Socket Mode. Windows and waits are those of `clock`; a
    `ManualClock` stops them.
    """

    def __init__(
        self,
        manifest: Json,
        *,
        settings: Settings | None = None,
        rates: Rates | None = None,
        clock: Clock | None = None,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        signing_secret: str = SIGNING_SECRET,
        request_url: str | None = None,
        port: int = 0,
    ) -> None:
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.settings, self.rates = settings or Settings(), rates or Rates()
        self.workspace = Workspace(App.of(manifest), clock or SteadyClock(), self.settings)
        self.sockets = Sockets(self.workspace)
        self.deliveries = Deliveries(self.workspace, self.sockets, self._spawn)
        self.people = People(self.workspace, self.deliveries)
        self.hands = Hands(self.workspace, self.deliveries, self.people)
        self.api = Api(self.workspace, self.sockets, self.rates, bot_token, app_token)
        self._request_url, self._port = request_url, port
        self._open = AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=2**24)
        application.add_routes(self.api.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.workspace.origin = f"http://{host}:{port}"
        self.workspace.announce = self.deliveries.announce
        self._group = await self._open.enter_async_context(asyncio.TaskGroup())
        self._session = await self._open.enter_async_context(aiohttp.ClientSession())
        if self._request_url:
            await self.deliver_to(self._request_url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workspace.announce = nobody_listens
        self.api.closing.set()
        self.sockets.drop()
        for task in self._tasks:
            task.cancel()
        await self._open.aclose()

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def deliver_to(self, url: str) -> None:
        """HTTP mode from now on, once the address has passed `url_verification`. Raises `Unheard`."""
        carrier = HttpCarrier(self.workspace, url, self.signing_secret, self._session)
        await carrier.verify()
        self.deliveries.carrier = carrier

    @property
    def api_url(self) -> str:
        return f"{self.workspace.origin}/api/"

    @property
    def app(self) -> App:
        return self.workspace.app

    def fail(
        self, method: str, what: str | int | None, *, times: int = 1, delay: float = 0.0, retry_after: int = 1
    ) -> None:
        """The next calls of the method go wrong; see `faults.Fault`. Also for `files.download`, `response_url`."""
        self.api.faults.plan(method, Fault(what, delay, retry_after), times)

    async def until(self, condition: "Callable[[SlackServer], object]", seconds: float = PATIENCE) -> None:
        """Waits until the condition holds, looked at after every change. `TimeoutError` names the last calls."""
        try:
            async with asyncio.timeout(seconds):
                await self.workspace.until(lambda: condition(self))
        except TimeoutError:
            last = [(called.method, called.error) for called in self.calls[-10:]]
            raise TimeoutError(f"not in {seconds} s; last calls {last}, missed {self.unacknowledged[-3:]}") from None

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Waits until nothing is being delivered any more."""
        await self.until(lambda slack: not slack.deliveries.under_way, seconds)

    @property
    def calls(self) -> list[Called]:
        return self.api.calls

    def called(self, method: str) -> list[Called]:
        return [called for called in self.calls if called.method == method]

    @property
    def limited(self) -> Counter[str]:
        return self.rates.limited

    @property
    def pings(self) -> list[tuple[str, str, str]]:
        """(channel, ts, mention) for everybody whom the app rang."""
        return self.workspace.pings

    @property
    def violations(self) -> list[str]:
        """What Slack lets pass and an app should not do."""
        return self.workspace.violations

    @property
    def unacknowledged(self) -> list[Missed]:
        return self.deliveries.missed

    @property
    def lost(self) -> list[Delivery]:
        """What was never acknowledged, over all its attempts."""
        return [delivery for delivery in self.deliveries.all if delivery.done is False]

    @property
    def user_errors(self) -> list[UserError]:
        return self.hands.errors

    def messages(self, channel: str) -> Sequence[Message]:
        """Everything that stands in the channel, threads too, oldest first."""
        return list(self.workspace.channels[channel].messages.values())

    def thread(self, channel: str, ts: str) -> Sequence[Message]:
        """The message and what stands under it."""
        place = self.workspace.channels[channel]
        return [place.messages[ts], *place.replies(ts)]

    def message(self, ts: str) -> Message:
        return self.people.found(ts)

    def status(self, channel: str, thread_ts: str) -> str:
        """What the status line of the thread says now; `""` for none."""
        status = self.workspace.statuses.get((channel, thread_ts))
        return status.text if status and self.workspace.clock.monotonic() < status.until else ""

    def session(self, channel: str, thread_ts: str) -> str | None:
        return self.workspace.sessions.get((channel, thread_ts))

    def ephemerals(self, user: str) -> Sequence[Message]:
        """What only this user saw, oldest first."""
        return [message for message in self.workspace.ephemerals if message.only_for == user]

    def views(self, user: str) -> Sequence[View]:
        """The user's open modals, the one in front last."""
        return list(self.workspace.modals.get(user, []))

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(user)
