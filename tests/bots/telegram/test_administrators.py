"""What the administrators' chat is told, what goes back into conversations, and what happens when that fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots.telegram.administrators import LOOK_AGAIN, NOWHERE
from bots.telegram.ids import person_of
from core.corrections import Correction, CorrectionState
from tests.bots.telegram.bench import Bench, a_bench
from tests.bots.telegram.furniture import Shown, labels
from tests.manual_clock import ManualClock
from tests.telegram_server.messages import Message

RIGHT = "Là 15 ngày, từ năm 2026."


class QuickClock(ManualClock):
    """Pauses between tries are over at once; the wait for news, of which `rests` counts the beginnings, is not."""

    def __init__(self) -> None:
        super().__init__()
        self.paused: list[float] = []
        self.rests = 0
        self._resting = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == LOOK_AGAIN:
            self.rests += 1
            self._resting.set()
            await super().sleep(seconds)
        else:
            self.paused.append(seconds)
            await asyncio.sleep(0)

    async def at_rest(self) -> None:
        """Until there is nothing to do."""
        await asyncio.wait_for(self._resting.wait(), 10)
        self._resting.clear()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        bench.administrators.clock = QuickClock()
        yield bench


def clock_of(bench: Bench) -> QuickClock:
    assert isinstance(bench.administrators.clock, QuickClock)
    return bench.administrators.clock


@asynccontextmanager
async def at_work(bench: Bench) -> AsyncIterator[None]:
    """At the end everything is done that was to be done."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.administrators.run(stopping))
        yield
        await clock_of(bench).at_rest()
        stopping.set()


async def proposed(bench: Bench, chat: int | None = None) -> tuple[Shown, Correction]:
    shown = await bench.answered(chat=chat)
    correction = await bench.corrections.propose(shown.answer.id, person_of(bench.an), RIGHT, bench.clock.now())
    return shown, correction


async def accepted(bench: Bench, chat: int | None = None) -> Shown:
    shown, correction = await proposed(bench, chat)
    await bench.corrections.announced(correction.id, "x/1")
    await bench.corrections.decide(correction.id, person_of(bench.lan), accept=True, now=bench.clock.now())
    return shown


async def said(bench: Bench, chat: int, count: int = 1) -> list[Message]:
    await bench.telegram.until(lambda telegram: len(telegram.said(chat)) >= count)
    return list(bench.telegram.said(chat))


async def test_a_correction_is_shown_once(bench: Bench) -> None:
    await proposed(bench)
    async with at_work(bench):
        [card] = await said(bench, bench.office)
        await clock_of(bench).at_rest()
        bench.administrators.wake()
    assert RIGHT in card.text
    assert labels(card) == ["Chấp nhận", "Không dùng"]
    async with at_work(bench):
        pass
    assert len(bench.telegram.said(bench.office)) == 1
    assert not await bench.corrections.unannounced("telegram")


async def test_from_the_reply_to_the_note_under_the_answer(bench: Bench) -> None:
    shown = await bench.answered()
    await bench.press(bench.an, shown.chat, shown.message, "👎")
    async with at_work(bench):
        await bench.tell(bench.an, RIGHT, reply_to=bench.last(shown.chat).id)
        [card] = await said(bench, bench.office)
        await clock_of(bench).at_rest()
        before = len(bench.telegram.said(shown.chat))
        await bench.press(bench.lan, bench.office, card.id, "Chấp nhận")
        note = (await said(bench, shown.chat, before + 1))[-1]
    assert note.reply_to == shown.message
    assert note.text.startswith("Câu trả lời đã được sửa")
    assert RIGHT in note.text


async def test_a_note_goes_into_the_group_of_the_answer(bench: Bench) -> None:
    shown = await accepted(bench, bench.group)
    async with at_work(bench):
        note = (await said(bench, bench.group, 2))[-1]
    assert note.reply_to == shown.message


async def test_what_is_refused_for_now_is_tried_again(bench: Bench) -> None:
    await proposed(bench)
    bench.telegram.fail("sendMessage", 502, times=2)
    async with at_work(bench):
        [card] = await said(bench, bench.office)
    assert RIGHT in card.text
    assert clock_of(bench).paused == [1.0, 2.0]


async def test_the_wait_that_telegram_asks_for_is_kept(bench: Bench) -> None:
    await proposed(bench)
    bench.telegram.fail("sendMessage", "flood", retry_after=7)
    assert await bench.administrators._round() == [7.0]


async def test_the_store_may_be_away(bench: Bench) -> None:
    await proposed(bench)
    await bench.close_store()
    assert await bench.administrators._round() == [0.0]
    await bench.open_store()
    assert await bench.administrators._round() == []
    assert len(bench.telegram.said(bench.office)) == 2


async def test_a_card_whose_word_was_lost_is_sent_once_more(bench: Bench) -> None:
    await proposed(bench)
    bench.telegram.fail("sendMessage", "drop_after")
    async with at_work(bench):
        cards = await said(bench, bench.office, 2)
    assert len(cards) == 2
    assert not await bench.corrections.unannounced("telegram")


async def test_a_conversation_that_is_closed_is_noted_as_such(bench: Bench) -> None:
    shown = await accepted(bench)
    bench.telegram.moves.block(bench.an)
    async with at_work(bench):
        await bench.telegram.until(lambda telegram: telegram.called("sendMessage"))
    assert len(bench.telegram.said(shown.chat)) == 1
    assert not await bench.corrections.unreturned("telegram")
    correction = await newest(bench)
    assert (correction.returned_id, correction.state) == (NOWHERE, CorrectionState.ACCEPTED)


async def newest(bench: Bench) -> Correction:
    async with bench.database.reading() as connection:
        found = await connection.exec_driver_sql("select id from correction")
        correction = await bench.corrections.get(str(found.scalar_one()))
    assert correction is not None
    return correction


async def test_without_a_chat_nothing_is_announced_and_notes_go_back(bench: Bench) -> None:
    bench.administrators.chat = None
    await accepted(bench)
    shown, _ = await proposed(bench)
    async with at_work(bench):
        await said(bench, shown.chat, 3)
    assert len(await bench.corrections.unannounced("telegram")) == 1


async def test_a_withdrawn_correction_is_not_announced(bench: Bench) -> None:
    shown, listed = await proposed(bench)
    await bench.corrections.propose(shown.answer.id, person_of(bench.an), "Là 16 ngày.", bench.clock.now())
    await bench.administrators._announce(listed)
    assert not bench.telegram.said(bench.office)


async def test_an_alarm_is_told(bench: Bench) -> None:
    bench.administrators.alarms.raised("alarm.failed", "q1", "/start @ai https://x.vn")
    async with at_work(bench):
        [told] = await said(bench, bench.office)
    assert "q1" in told.text
    assert not {"mention", "url", "bot_command"} & {entity["type"] for entity in told.entities}


async def test_an_alarm_is_told_after_refusals(bench: Bench) -> None:
    bench.telegram.fail("sendMessage", 502, times=2)
    bench.administrators.alarms.raised("alarm.failed", None, "")
    async with at_work(bench):
        assert len(await said(bench, bench.office)) == 1


async def test_the_chat_that_became_a_supergroup_is_followed(bench: Bench) -> None:
    old = bench.telegram.people.add_group("Ban quản trị", [bench.lan])
    bench.administrators.chat = old
    new = bench.telegram.moves.migrate(old, by=bench.lan)
    bench.administrators.moved(bench.group, 5)
    assert bench.administrators.chat == old
    bench.administrators.moved(old, new)
    await proposed(bench)
    async with at_work(bench):
        [card] = await said(bench, new)
    assert RIGHT in card.text
