"""Sentences for people: their language, and what happens when Telegram does not take them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram.ids import person_of
from bots.telegram.presses import Press, Where, moment, press_of, topic_of
from bots.telegram.telling import MOST_KEYS, Recently
from core.surfaces import Part, SurfaceError
from tests.bots.telegram.bench import SLACK_BOSS, Bench, a_bench
from tests.manual_clock import ManualClock
from tests.telegram_server.refusals import Json


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize(
    ("chosen", "fallback", "code", "language"),
    [
        ("en", "vi", "vi", "en"),
        (None, "en", "vi", "en"),
        (None, None, "en-GB", "en"),
        (None, None, "fr", "vi"),
        (None, None, "", "vi"),
    ],
)
async def test_the_language_is_the_nearest_that_is_known(
    bench: Bench, chosen: str | None, fallback: str | None, code: str, language: str
) -> None:
    await bench.people.choose_language(person_of(bench.an), chosen)
    assert await bench.telling.language(bench.an, code, fallback) == language


async def test_a_linked_person_has_chosen_on_slack(bench: Bench) -> None:
    await bench.people.choose_language(SLACK_BOSS, "en")
    code = await bench.admission.link_code(SLACK_BOSS, bench.clock.now())
    await bench.admission.link(code, person_of(bench.an), bench.clock.now())
    assert await bench.telling.language(bench.an, "vi") == "en"


@pytest.mark.parametrize("what", ["Forbidden: bot was blocked by the user", 502, "flood", "drop_before", "drop_after"])
async def test_what_telegram_does_not_take_is_no_error(bench: Bench, what: str | int) -> None:
    for method in ("sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery"):
        bench.telegram.fail(method, what)
    press = Press("q1", bench.an, 1, bench.an, "", bench.clock.now())
    assert await bench.telling.say(Where(bench.an), "chào") is None
    await bench.telling.change(press, "chào")
    await bench.telling.take_away(bench.an, 1)
    assert not await bench.telling.toast(press, "chào")


async def test_who_must_know_is_told(bench: Bench) -> None:
    bench.telegram.fail("sendMessage", 502)
    with pytest.raises(SurfaceError):
        await bench.telling.send(Where(bench.an), "chào")


async def test_markup_that_is_refused_goes_as_plain_text(bench: Bench) -> None:
    message = await bench.telling.say(Where(bench.an), Part("<b>chào", "chào"))
    assert message is not None
    assert bench.telegram.message(bench.an, message).text == "chào"
    await bench.telling.rewrite(bench.an, message, Part("<i>tạm", "tạm biệt"))
    assert bench.telegram.message(bench.an, message).text == "tạm biệt"


async def test_a_long_toast_is_cut(bench: Bench) -> None:
    message = await bench.telling.say(Where(bench.an), "chào", [])
    assert message is not None
    shown = await bench.answered()
    data = str(bench.telegram.message(shown.chat, shown.message).buttons[0]["callback_data"])
    press = bench.telegram.people.press(bench.an, shown.chat, shown.message, data)
    read = Press(press.id, shown.chat, shown.message, bench.an, data, bench.clock.now())
    assert await bench.telling.toast(read, "dài " * 100)
    assert 150 < len(press.text) <= 200


def test_something_is_done_once_in_a_while() -> None:
    clock = ManualClock()
    recently = Recently.within(clock, 60)
    assert [recently.may("a"), recently.may("a"), recently.may("b")] == [True, False, True]
    clock.advance(60)
    assert recently.may("a")


def test_it_holds_a_limited_number_of_keys() -> None:
    clock = ManualClock()
    recently = Recently.within(clock, 60)
    assert all(recently.may(number) for number in range(MOST_KEYS))
    assert not recently.may("one more")
    clock.advance(60)
    assert recently.may("one more")


QUERY: Json = {
    "id": "q1",
    "from": {"id": 7001, "is_bot": False, "language_code": "vi"},
    "message": {"message_id": 5, "chat": {"id": -1001, "type": "supergroup"}, "message_thread_id": 4},
    "data": "v1:up:a1",
}


def test_a_press_is_read() -> None:
    now = ManualClock().now()
    press = press_of(QUERY, 7, now)
    assert press == Press("q1", -1001, 5, 7001, "v1:up:a1", moment(int(now.timestamp()), 7), None, "vi")
    assert press is not None
    assert press.where == Where(-1001, None, 5)


@pytest.mark.parametrize(
    "changes", [{"id": 5}, {"from": {}}, {"message": {}}, {"message": None}, {"message": {"message_id": True}}]
)
def test_what_is_no_press_is_none(changes: Json) -> None:
    assert press_of(QUERY | changes, 7, ManualClock().now()) is None


def test_only_a_topic_is_one() -> None:
    assert topic_of({"message_thread_id": 4}) is None
    assert topic_of({"message_thread_id": 4, "is_topic_message": True}) == 4
