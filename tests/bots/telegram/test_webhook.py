"""The webhook: what Telegram brings to our port, and what others might."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from telegram import Bot

from bots.telegram.ids import Account
from bots.telegram.updates import KINDS, UpdateQueue
from bots.telegram.webhook import LARGEST_BODY, SECRET_HEADER, Webhook
from core.errors import SotayError
from tests.bots.telegram.pollers import Heard, Keeper
from tests.manual_clock import ImpatientClock
from tests.telegram_server import Rates, Settings, TelegramServer
from tests.telegram_server_tests.office import connected_bot

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
PATH, SECRET = "/telegram/updates", "bi-mat_1"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Porch:
    telegram: TelegramServer
    bot: Bot
    keeper: Keeper
    alarm: Heard
    webhook: Webhook

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        async with asyncio.timeout(15), asyncio.TaskGroup() as group:
            group.create_task(self.webhook.run(stopping))
            try:
                await self.telegram.until(lambda t: t.webhook.url)
                yield
            finally:
                stopping.set()

    async def post(self, body: bytes, secret: str | None = SECRET, path: str = PATH) -> int:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        url = f"http://127.0.0.1:{self.webhook.bound_port}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=io.BytesIO(body), headers=headers) as reply,
        ):
            return reply.status


@pytest.fixture
async def porch() -> AsyncIterator[Porch]:
    settings = Settings(webhook_waits=(0.01,))
    async with TelegramServer(rates=Rates(on=False), settings=settings) as telegram, connected_bot(telegram) as bot:
        keeper, alarm, port = Keeper(telegram), Heard(), free_port()
        webhook = Webhook(
            bot,
            Account(0),
            UpdateQueue(keeper),
            alarm,
            ImpatientClock(),
            host="127.0.0.1",
            port=port,
            path=PATH,
            url=f"http://127.0.0.1:{port}{PATH}",
            secret=SECRET,
        )
        yield Porch(telegram, bot, keeper, alarm, webhook)


async def test_updates_are_brought_and_kept(porch: Porch) -> None:
    an = porch.telegram.people.add_user("An")
    porch.telegram.people.tell(an, "khi bot nghỉ")
    async with porch.open():
        porch.telegram.people.tell(an, "hai")
        await porch.telegram.until(lambda t: not t.unconfirmed)
        assert porch.webhook.is_healthy
    assert porch.keeper.kept == ["khi bot nghỉ", "hai"]
    assert not porch.webhook.is_healthy
    assert porch.webhook.account.username == "sotay_bot"


async def test_telegram_is_told_what_we_want_and_by_what_we_know_it(porch: Porch) -> None:
    async with porch.open():
        pass
    hook = porch.telegram.webhook
    assert (hook.secret, hook.max_connections) == (SECRET, 1)
    assert porch.telegram.updates.allowed == frozenset(KINDS)
    assert (hook.url, porch.telegram.violations) == (porch.webhook.url, [])  # it stays when we go


async def test_what_cannot_be_kept_is_brought_again(porch: Porch) -> None:
    an = porch.telegram.people.add_user("An")
    porch.keeper.is_away = True
    async with porch.open():
        porch.telegram.people.tell(an, "một")
        await porch.telegram.until(lambda _: porch.keeper.tries >= 2)
        porch.keeper.is_away = False
        await porch.telegram.until(lambda t: not t.unconfirmed)
    assert porch.keeper.kept == ["một"]
    statuses = [attempt.status for attempt in porch.telegram.webhook.attempts]
    assert statuses[-1] == 200
    assert set(statuses[:-1]) == {503}


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], f"{SECRET}x", "bí mật"])
async def test_who_does_not_know_the_secret_is_refused(porch: Porch, secret: str | None) -> None:
    async with porch.open():
        assert await porch.post(b'{"update_id": 1, "message": {}}', secret) == 403
    assert porch.keeper.tries == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"\xff\xfe\xfa", 400), (b"[" * 100_000, 400), (b"[]", 200), (b'{"update_id": 1}', 200)],
)
async def test_bodies_of_any_shape_are_borne(porch: Porch, body: bytes, status: int) -> None:
    async with porch.open():
        assert await porch.post(body) == status


async def test_bodies_too_large_and_other_paths_are_refused(porch: Porch) -> None:
    async with porch.open():
        assert await porch.post(b" " * (LARGEST_BODY + 1)) == 413
        assert await porch.post(b"{}", path="/other") == 404
    assert porch.keeper.tries == 0


async def test_telegram_is_told_until_it_has_heard(porch: Porch) -> None:
    porch.telegram.fail("setWebhook", 502, times=2)
    async with porch.open():
        pass
    assert porch.alarm.alarms == [("alarm.telegram_down", "", "NetworkError")]


async def test_an_address_that_telegram_does_not_take_ends_it(porch: Porch) -> None:
    porch.webhook.url = "http://handbook.example/x"
    with pytest.raises(SotayError) as refused:
        await porch.webhook.run(asyncio.Event())
    assert refused.value.message_id == "telegram.bad_webhook"
    assert "url must be provided" in str(refused.value)
    assert porch.webhook.bound_port is None


async def test_a_port_that_is_taken_or_cannot_be_had_ends_it(porch: Porch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        porch.webhook.port = other.getsockname()[1]
        with pytest.raises(SotayError) as refused:
            await porch.webhook.run(asyncio.Event())
    assert refused.value.message_id == "telegram.port_taken"
    porch.webhook.host, porch.webhook.port = "192.0.2.1", 1
    with pytest.raises(SotayError) as refused:
        await porch.webhook.run(asyncio.Event())
    assert refused.value.message_id == "telegram.no_port"
