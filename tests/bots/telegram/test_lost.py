"""The way back to a message whose sending was interrupted, past all others."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.telegram.controls import Action as Pressed
from bots.telegram.ids import Spot
from bots.telegram.lost import MOST_SENDS, REACH
from bots.telegram.presses import Where
from bots.telegram.surface import MOST_SHOWN
from core.surfaces import Posting, SurfaceBusy, SurfaceSilent
from tests.bots.telegram.outbox import TEXT, Outbox, an_answer, an_outbox, buttons
from tests.manual_clock import ManualClock
from tests.telegram_server import Rates, TelegramServer

NOBODY: frozenset[str] = frozenset()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(rates=Rates(on=False), clock=ManualClock()) as server:
        yield server


@pytest.fixture
async def outbox(telegram: TelegramServer) -> AsyncIterator[Outbox]:
    async with an_outbox(telegram) as opened:
        yield opened
        assert telegram.violations == []


@pytest.mark.parametrize("chat", ["an", "group", "office"])
@pytest.mark.parametrize("part", [0, 1])
async def test_a_message_is_found_whose_number_was_lost(outbox: Outbox, chat: str, part: int) -> None:
    posting = outbox.asked(getattr(outbox, chat), part=part)
    outbox.telegram.people.say(outbox.an, getattr(outbox, chat), "Và nữa?")
    outbox.telegram.fail("sendMessage", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    (message,) = outbox.telegram.said(getattr(outbox, chat))
    assert await outbox.surface.find(posting, NOBODY) == f"{message.chat}/{message.id}"
    assert await outbox.surface.find(posting, frozenset({f"{message.chat}/{message.id}"})) is None
    assert (message.text, buttons(message)) == ("Đang tìm ...", [Pressed.STOP])


async def test_nothing_is_found_where_nothing_was_sent(outbox: Outbox) -> None:
    posting = outbox.asked()
    outbox.telegram.fail("sendMessage", "drop_before")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    assert await outbox.surface.find(posting, NOBODY) is None
    assert len(outbox.telegram.called("editMessageReplyMarkup")) == REACH


async def test_the_search_begins_at_what_was_seen_before_the_sending(outbox: Outbox) -> None:
    posting = outbox.asked(part=1)
    for number in range(2 * REACH):
        await outbox.surface.post_placeholder(outbox.asked(question_id=f"p{number}"), "Đang tìm ...")
    outbox.telegram.fail("sendMessage", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.post_part(posting, TEXT)
    lost = outbox.telegram.said(outbox.an)[-1]
    assert await outbox.surface.find(posting, NOBODY) == f"{lost.chat}/{lost.id}"


async def test_after_a_restart_a_later_part_is_looked_for_behind_what_is_known(outbox: Outbox) -> None:
    posting = outbox.asked(part=1)
    known = [await outbox.surface.post_placeholder(replace(posting, part=0), "…")]
    for number in range(REACH):
        outbox.telegram.people.say(outbox.an, outbox.an, f"Câu {number}")
    known.append(await outbox.surface.post_placeholder(outbox.asked(question_id="q2"), "…"))
    async with an_outbox(outbox.telegram) as before:
        lost = await before.surface.post_part(posting, TEXT)
    async with an_outbox(outbox.telegram) as after:
        assert await after.surface.find(posting, frozenset(known)) == lost


async def test_other_messages_of_ours_are_left_as_they_are(outbox: Outbox) -> None:
    posting = outbox.asked()
    finished = await outbox.surface.open_answer(outbox.asked(question_id="q2"), "Bạn")
    await outbox.finish(replace(posting, question_id="q2"), finished, an_answer(question_id="q2"))
    note = await outbox.surface.api.say(Where(outbox.an), "Xin chào!")
    assert await outbox.surface.find(posting, frozenset({finished})) is None
    assert len(buttons(outbox.message(finished))) == 3
    assert buttons(outbox.telegram.message(outbox.an, note)) == []
    assert outbox.telegram.message(outbox.an, note).id not in [
        called.given["message_id"] for called in outbox.telegram.called("editMessageReplyMarkup")
    ]


async def test_a_message_of_ours_that_nobody_knows_keeps_its_text_and_gets_no_button(outbox: Outbox) -> None:
    posting = outbox.asked()
    async with an_outbox(outbox.telegram) as before:
        note = await before.surface.api.say(Where(outbox.an), "Xin chào!")
    lost = await outbox.surface.post_placeholder(outbox.asked(question_id="q2"), "Đang tìm ...")
    async with an_outbox(outbox.telegram) as after:
        assert await after.surface.find(posting, NOBODY) is None
        message = outbox.telegram.message(outbox.an, note)
        assert (message.text, message.keyboard) == ("Xin chào!", None)
        second = replace(posting, question_id="q2", reply_to=posting.place + f":{outbox.message(lost).reply_to}")
        assert await after.surface.find(second, NOBODY) == lost


@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_try_without_a_word_makes_no_message_ours(outbox: Outbox, *, is_ours: bool) -> None:
    posting = outbox.asked()
    async with an_outbox(outbox.telegram) as before:
        note = await before.surface.api.say(Where(outbox.an), "Xin chào!")
        lost = await before.surface.post_placeholder(posting, "Đang tìm ...")
    outbox.telegram.fail("editMessageReplyMarkup", None, times=2 if is_ours else 0)  # the note is tried before
    outbox.telegram.fail("editMessageReplyMarkup", "drop_after")
    async with an_outbox(outbox.telegram) as after:
        with pytest.raises(SurfaceSilent):
            await after.surface.find(posting, NOBODY)
        assert await after.surface.find(posting, NOBODY) == lost
    assert outbox.telegram.message(outbox.an, note).keyboard is None
    assert buttons(outbox.message(lost)) == [Pressed.STOP]


@pytest.mark.parametrize("fault", ["flood", "drop_before", 502])
async def test_a_message_that_could_not_be_cleared_is_not_ours_the_next_time(outbox: Outbox, fault: str | int) -> None:
    posting = outbox.asked()
    async with an_outbox(outbox.telegram) as before:
        note = await before.surface.api.say(Where(outbox.an), "Xin chào!")
    outbox.telegram.fail("editMessageReplyMarkup", None)
    outbox.telegram.fail("editMessageReplyMarkup", fault)
    with pytest.raises((SurfaceSilent, SurfaceBusy)):
        await outbox.surface.find(posting, NOBODY)
    outbox.telegram.world.clock.advance(1.0)  # type: ignore[attr-defined]
    assert await outbox.surface.find(posting, NOBODY) is None
    assert outbox.telegram.message(outbox.an, note).keyboard is None


async def test_what_telegram_has_against_one_number_ends_no_search(outbox: Outbox) -> None:
    posting = outbox.asked()
    outbox.telegram.people.say(outbox.an, outbox.an, "Và nữa?")
    async with an_outbox(outbox.telegram) as before:
        lost = await before.surface.post_placeholder(posting, "Đang tìm ...")
    outbox.telegram.fail("editMessageReplyMarkup", "Bad Request: something new")
    assert await outbox.surface.find(posting, NOBODY) == lost


async def test_in_a_group_that_has_moved_the_search_begins_at_its_beginning(outbox: Outbox) -> None:
    posting = outbox.asked(outbox.group)
    new = outbox.telegram.moves.migrate(outbox.group, by=outbox.an)
    moved = replace(posting, place=Spot(outbox.telegram.bot.id, new).place)
    outbox.telegram.fail("sendMessage", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.post_placeholder(moved, "Đang tìm ...")
    (lost,) = outbox.telegram.said(new)
    assert await outbox.surface.find(moved, NOBODY) == f"{new}/{lost.id}"


async def test_memory_does_not_grow_with_the_messages(outbox: Outbox) -> None:
    for number in range(3):
        await outbox.surface.post_placeholder(outbox.asked(question_id=f"q{number}"), "Đang tìm ...")
    assert len(outbox.surface._shown) == 3
    for number in range(2 * MOST_SHOWN):
        outbox.surface._keep(f"1/{number}", "Bạn")
    assert len(outbox.surface._shown) == MOST_SHOWN
    lost = outbox.surface._lost
    for number in range(2 * MOST_SENDS):
        lost.begin(Posting(f"q{number}", 0, "telegram:9:7:1", "telegram:9:7", "telegram:9:7:1"))
    assert len(lost._sends) == MOST_SENDS


async def test_a_message_whose_number_was_not_stored_is_found_at_once(outbox: Outbox) -> None:
    posting = outbox.asked()
    for _ in range(2 * REACH):
        outbox.telegram.people.say(outbox.an, outbox.an, "Và nữa?")
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    assert await outbox.surface.find(posting, NOBODY) == name
    assert len(outbox.telegram.called("editMessageReplyMarkup")) == 1


async def test_who_must_wait_while_looking_looks_again(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    outbox.telegram.fail("editMessageReplyMarkup", "flood", retry_after=3)
    with pytest.raises(SurfaceBusy) as busy:
        await outbox.surface.find(posting, NOBODY)
    assert (busy.value.retry_after, busy.value.everywhere) == (3.0, False)
    outbox.telegram.world.clock.advance(3.0)  # type: ignore[attr-defined]
    assert await outbox.surface.find(posting, NOBODY) == name
