"""One call of the Bot API, and what becomes of each way in which it may go wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import InlineKeyboardMarkup

from bots.telegram.api import TelegramApi
from bots.telegram.controls import stop_keyboard
from bots.telegram.line import CONNECT_SECONDS, POOL_SECONDS, READ_SECONDS, WRITE_SECONDS, open_bot
from bots.telegram.presses import Where
from bots.telegram.refusals import CLOSED, GONE, MARKUP
from bots.telegram.surface import RATES
from core.surfaces import (
    MarkupRefused,
    MessageGone,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)
from tests.bots.telegram.outbox import Outbox, an_outbox
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server.server import TOKEN

Call = Callable[[TelegramApi], Awaitable[object]]
STOP = stop_keyboard("vi", "q1")


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
async def outbox(telegram: TelegramServer) -> AsyncIterator[Outbox]:
    async with an_outbox(telegram) as opened:
        yield opened


@asynccontextmanager
async def answering(body: str, status: int = 200) -> AsyncIterator[TelegramApi]:
    """A server that says the same to everything."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with open_bot(TOKEN, f"http://{host}:{port}") as bot:
            yield TelegramApi(bot)
    finally:
        await runner.cleanup()


async def failure(api: TelegramApi, call: Call | None = None) -> SurfaceError:
    with pytest.raises(SurfaceError) as caught:
        await (call(api) if call else api.post(Where(7001), "Xin chào"))
    return caught.value


@pytest.mark.parametrize(
    ("phrases", "kind"),
    [(GONE, MessageGone), (MARKUP, MarkupRefused), (CLOSED, Undeliverable), (("something new",), SurfaceUnavailable)],
)
async def test_every_refusal_has_its_kind(outbox: Outbox, phrases: tuple[str, ...], kind: type[SurfaceError]) -> None:
    for phrase in phrases:
        for said in (phrase, phrase.upper(), f"{phrase}: and more of it"):
            outbox.telegram.fail("sendMessage", f"Bad Request: {said}")
            assert type(await failure(outbox.surface.api)) is kind


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("drop_before", SurfaceSilent),
        ("drop_after", SurfaceSilent),
        ("hang", SurfaceSilent),
        (500, SurfaceSilent),
        (502, SurfaceSilent),
        ("Forbidden: bot was blocked by the user", Undeliverable),
        ("Forbidden: bot was kicked from the supergroup chat", Undeliverable),
        ("Unauthorized", SurfaceUnavailable),
        ("Not Found", SurfaceUnavailable),
        ("Conflict: terminated by other getUpdates request", SurfaceUnavailable),
    ],
)
async def test_every_failure_has_its_kind(outbox: Outbox, fault: str | int, kind: type[SurfaceError]) -> None:
    outbox.telegram.fail("sendMessage", fault)
    assert type(await failure(outbox.surface.api)) is kind


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("<html>", 200, SurfaceSilent),
        ("{}", 200, SurfaceSilent),
        ("[]", 200, SurfaceSilent),
        ('{"ok": true, "result": 7}', 200, SurfaceSilent),
        ("<html>", 502, SurfaceSilent),
        ("<html>", 400, SurfaceSilent),
        ("<html>", 403, SurfaceSilent),
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_word(body: str, status: int, kind: type[SurfaceError]) -> None:
    async with answering(body, status) as api:
        assert type(await failure(api)) is kind


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ('{"ok": false, "parameters": {"retry_after": 17}}', 17.0),
        ('{"ok": false, "parameters": {"retry_after": 0}}', 1.0),
        ('{"ok": false, "parameters": {"retry_after": "x"}}', 1.0),
        ("[]", 1.0),
        ("<html>", 1.0),
    ],
)
async def test_a_flood_says_how_long_to_wait_in_this_chat(body: str, seconds: float) -> None:
    async with answering(body, 429) as api:
        busy = await failure(api)
    assert isinstance(busy, SurfaceBusy)
    assert (busy.retry_after, busy.everywhere) == (seconds, False)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with TelegramServer() as server:
        origin = server.origin
    async with open_bot(TOKEN, origin) as bot:
        assert type(await failure(TelegramApi(bot))) is SurfaceUnavailable


def test_the_steps_of_a_call_take_less_than_the_call() -> None:
    assert RATES.call_seconds > POOL_SECONDS + CONNECT_SECONDS + WRITE_SECONDS + READ_SECONDS


async def test_a_text_that_stands_there_already_is_a_success(outbox: Outbox) -> None:
    api = outbox.surface.api
    sent = await api.post(Where(outbox.an), "<b>Xin</b> chào", is_html=True, keyboard=STOP)
    for _ in range(2):
        await api.rewrite(sent.chat, sent.message, "<i>Xin</i> chào", is_html=True, keyboard=STOP)
    message = outbox.telegram.message(outbox.an, sent.message)
    assert (message.text, [entity["type"] for entity in message.entities]) == ("Xin chào", ["italic"])


async def test_buttons_that_are_there_already_tell_a_message_from_others(outbox: Outbox) -> None:
    api = outbox.surface.api
    sent = await api.post(Where(outbox.an), "Đang tìm ...", keyboard=STOP)
    assert await api.put_buttons(sent.chat, sent.message, STOP) is None
    changed = await api.put_buttons(sent.chat, sent.message, stop_keyboard("vi", "q2"))
    assert changed is not None
    assert isinstance(changed.reply_markup, InlineKeyboardMarkup)
    theirs = outbox.telegram.people.say(outbox.an, outbox.an, "Tôi hỏi")
    for number in (theirs, theirs + 99):
        assert type(await failure(api, lambda api, n=number: api.put_buttons(outbox.an, n, STOP))) is MessageGone  # type: ignore[misc]


async def test_what_is_gone_need_not_be_deleted_and_what_stays_is_told(outbox: Outbox) -> None:
    api = outbox.surface.api
    sent = await api.post(Where(outbox.an), "Đang tìm ...")
    for _ in range(2):
        await api.take_away(sent.chat, sent.message)
    assert outbox.telegram.said(outbox.an) == []
    theirs = outbox.telegram.people.say(outbox.binh, outbox.office, "Họp lúc 9 giờ")
    assert type(await failure(api, lambda api: api.take_away(outbox.office, theirs))) is Undeliverable


async def test_a_note_is_remembered_as_none_of_the_answers(outbox: Outbox) -> None:
    api = outbox.surface.api
    note = await api.say(Where(outbox.an), "Xin chào!")
    answer = await api.post(Where(outbox.an), "Bạn được nghỉ 14 ngày.")
    assert [api.is_note(outbox.an, number) for number in (note, answer.message)] == [True, False]


async def test_the_group_that_moved_is_told_of_once_a_call_and_written_to(outbox: Outbox) -> None:
    api, people = outbox.surface.api, outbox.telegram.people
    asked = [people.ask(outbox.an, outbox.group, "Nghỉ phép?") for _ in range(5)][-1]
    old = await api.post(Where(outbox.group), "Đang tìm ...")
    new = outbox.telegram.moves.migrate(outbox.group, by=outbox.an)
    for number in range(10):
        people.say(outbox.binh, new, f"Câu {number}")
    assert asked in outbox.telegram.world.chat(new).messages
    sent = await api.post(Where(outbox.group, reply_to=asked), "Xin chào")
    assert (sent.chat, outbox.moved) == (new, [(outbox.group, new)])
    assert outbox.telegram.message(new, sent.message).reply_to is None
    gone: list[Call] = [
        lambda api: api.rewrite(old.chat, old.message, "Bạn"),
        lambda api: api.put_buttons(old.chat, old.message, STOP),
    ]
    for call in gone:
        assert type(await failure(api, call)) is MessageGone
    await api.take_away(old.chat, old.message)
    assert len(outbox.moved) == 4


async def test_a_group_that_moves_again_meanwhile_is_tried_later(outbox: Outbox) -> None:
    outbox.telegram.moves.migrate(outbox.group, by=outbox.an)
    outbox.surface.api.migrated = _blind
    async with answering('{"ok": false, "description": "x", "parameters": {"migrate_to_chat_id": -1009}}', 400) as api:
        assert isinstance(await failure(api), SurfaceUnavailable)


async def _blind(_old: int, _new: int) -> None:
    return


async def test_a_press_is_answered(outbox: Outbox) -> None:
    api, people = outbox.surface.api, outbox.telegram.people
    sent = await api.post(Where(outbox.an), "Đang tìm ...", keyboard=STOP)
    press = people.press(outbox.an, outbox.an, sent.message, STOP[0][0].data)
    await api.answer_press(press.id, "Đã dừng.", is_alert=True)
    assert (press.text, press.is_alert) == ("Đã dừng.", True)
    silent = people.press(outbox.an, outbox.an, sent.message, STOP[0][0].data)
    await api.answer_press(silent.id, "")
    assert (silent.text, silent.answered is None) == ("", False)
    assert isinstance(await failure(api, lambda api: api.answer_press("none", "")), SurfaceUnavailable)


async def test_the_token_is_in_no_error_and_no_line_of_the_log(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    for fault in ("drop_after", "hang", 500, "Unauthorized", "Forbidden: bot was blocked by the user"):
        outbox.telegram.fail("sendMessage", fault)
        error = await failure(outbox.surface.api)
        assert outbox.telegram.token not in repr(error)
    assert outbox.telegram.token not in caplog.text


async def test_a_call_that_is_given_up_leaves_the_line_open_for_the_next(outbox: Outbox) -> None:
    outbox.telegram.fail("sendMessage", "hang")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await outbox.surface.api.post(Where(outbox.an), "Xin chào")
    assert (await outbox.surface.api.post(Where(outbox.an), "Xin chào")).chat == outbox.an
