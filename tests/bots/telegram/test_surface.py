"""Telegram as the core's surface: messages, their last text, who reads along, and the way back to what was lost."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.footers import footer_of
from bots.telegram.controls import Action as Pressed
from bots.telegram.controls import read
from bots.telegram.ids import Spot, chat_and_message
from bots.telegram.surface import RATES
from core.surfaces import Action, MessageGone, Posting, SurfaceSilent, Undeliverable
from tests.bots.telegram.outbox import TEXT, Outbox, an_answer, an_outbox, buttons, long_text
from tests.manual_clock import ManualClock
from tests.telegram_server import Rates, TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(rates=Rates(on=False), clock=ManualClock()) as server:
        yield server


@pytest.fixture
async def outbox(telegram: TelegramServer) -> AsyncIterator[Outbox]:
    async with an_outbox(telegram) as opened:
        yield opened
        assert telegram.violations == []


def question_of(posting: Posting) -> int:
    return int(posting.reply_to.rpartition(":")[2])


async def test_what_is_not_finished_can_be_stopped_and_shows_no_markup(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    message = outbox.message(name)
    assert (message.text, message.reply_to) == ("Đang tìm ...", question_of(posting))
    assert [read(button["callback_data"]).id for button in message.buttons] == ["q1"]
    await outbox.surface.edit(posting, name, "Bạn <b>được **nghỉ")
    assert message.text.startswith("Bạn <b>được")
    assert (message.entities, buttons(message)) == ([], [Pressed.STOP])


async def test_the_last_text_has_its_markup_its_sources_and_its_buttons(outbox: Outbox) -> None:
    posting, answer = outbox.asked(), an_answer("Bạn được **14 ngày** [1].")
    name = await outbox.surface.open_answer(posting, "Bạn")
    await outbox.finish(posting, name, answer)
    message = outbox.message(name)
    assert "Bạn được 14 ngày" in message.text
    assert "Sổ tay nhân viên" in message.text
    assert footer_of(answer) in message.text
    assert {"bold", "italic"} <= {entity["type"] for entity in message.entities}
    assert buttons(message) == [Pressed.UP, Pressed.DOWN, Pressed.SOURCES]
    assert message.link_preview == {"is_disabled": True}


async def test_the_buttons_stand_under_the_last_part_alone(outbox: Outbox) -> None:
    posting, answer = outbox.asked(), an_answer(long_text())
    parts = outbox.parts(answer)
    assert len(parts) >= 3
    names = []
    for number in range(len(parts)):
        names.append(await outbox.surface.post_part(replace(posting, part=number), "Điều"))
        assert outbox.message(names[-1]).text == "…"
        await outbox.finish(replace(posting, part=number), names[-1], answer)
    assert [bool(buttons(outbox.message(name))) for name in names] == [False] * (len(parts) - 1) + [True]


async def test_refused_markup_is_shown_as_plain_text(outbox: Outbox) -> None:
    posting, answer = outbox.asked(), an_answer("**14** ngày")
    name = await outbox.surface.open_answer(posting, "14")
    (part,) = outbox.parts(answer)
    await outbox.surface.finish(posting, name, answer, replace(part, is_refused=True))
    message = outbox.message(name)
    assert (message.text, message.entities) == (part.plain, [])
    assert buttons(message)


async def test_a_failure_says_so_and_has_no_buttons(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    outbox.telegram.fail("editMessageText", "Bad Request: can't parse entities: whatever")
    await outbox.surface.fail(posting, name, "Rất tiếc, tôi chưa trả lời được.")
    message = outbox.message(name)
    assert (message.text, message.keyboard) == ("Rất tiếc, tôi chưa trả lời được.", None)


async def test_the_same_text_is_not_sent_twice(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Bạn")
    for text in ("Bạn", "Bạn được", "Bạn được"):
        await outbox.surface.edit(posting, name, text)
    assert outbox.called() == ["sendMessage", "editMessageText"]


async def test_a_preview_that_is_lost_may_be_shown_again(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Bạn")
    outbox.telegram.fail("editMessageText", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.edit(posting, name, "Bạn được")
    await outbox.surface.edit(posting, name, "Bạn")
    assert outbox.message(name).text == "Bạn"


@pytest.mark.parametrize("action", ["finish", "fail", "remove"])
async def test_what_is_done_twice_changes_nothing_more(outbox: Outbox, action: str) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, TEXT[:20])
    seen = []
    for _ in range(2):
        match action:
            case "finish":
                await outbox.finish(posting, name, an_answer())
            case "fail":
                await outbox.surface.fail(posting, name, "Rất tiếc.")
            case _:
                await outbox.surface.remove(posting, name)
        seen.append([(message.text, message.keyboard) for message in outbox.telegram.said(outbox.an)])
    assert seen[0] == seen[1]


async def test_a_message_that_somebody_took_away_is_gone(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Bạn")
    await outbox.surface.remove(posting, name)
    with pytest.raises(MessageGone):
        await outbox.finish(posting, name, an_answer())


async def test_what_telegram_does_not_delete_any_more_stays(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Bạn")
    outbox.telegram.fail("deleteMessage", "Bad Request: message can't be deleted for everyone")
    with pytest.raises(Undeliverable):
        await outbox.surface.remove(posting, name)


async def test_an_answer_in_a_topic_stays_in_it(outbox: Outbox) -> None:
    people = outbox.telegram.people
    forum = people.add_group("Diễn đàn", [outbox.an], forum=True)
    topic = people.add_topic(outbox.an, forum, "Nhân sự")
    asked = people.ask(outbox.an, forum, "Nghỉ phép?", topic=topic)
    place = Spot(outbox.telegram.bot.id, forum)
    conversation = Spot(place.bot, forum, topic=topic).name
    posting = Posting("q1", 0, conversation, place.place, Spot(place.bot, forum, asked).name)
    message = outbox.message(await outbox.surface.post_placeholder(posting, "Đang tìm ..."))
    assert (message.thread, message.reply_to) == (topic, asked)


async def test_the_answer_to_a_deleted_question_stands_by_itself(outbox: Outbox) -> None:
    posting = outbox.asked()
    outbox.telegram.people.delete(outbox.an, outbox.an, question_of(posting))
    assert outbox.message(await outbox.surface.post_placeholder(posting, "Đang tìm ...")).reply_to is None


async def test_a_group_that_has_moved_is_answered_where_it_is(outbox: Outbox) -> None:
    posting = outbox.asked(outbox.group)
    first = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    new = outbox.telegram.moves.migrate(outbox.group, by=outbox.an)
    with pytest.raises(MessageGone):
        await outbox.finish(posting, first, an_answer())
    name = await outbox.surface.post_part(posting, TEXT)
    assert chat_and_message(name)[0] == new
    await outbox.finish(posting, name, an_answer())
    assert TEXT in outbox.message(name).text
    assert outbox.message(name).reply_to is None
    assert set(outbox.moved) == {(outbox.group, new)}


async def test_only_private_chats_have_no_other_readers(telegram: TelegramServer) -> None:
    async with an_outbox(telegram, {-5: "staff"}) as outbox:
        surface = outbox.surface
        assert await surface.readers("telegram:900:7001") == frozenset()
        assert await surface.readers("telegram:900:-6") is None
        readers = await surface.readers("telegram:900:-5")
        assert readers is not None
        assert [await surface.groups(reader) for reader in readers] == [frozenset({"staff"})]


@pytest.mark.parametrize("person", ["telegram:7001", "telegram:*:board", "telegram:*:", "staff", "slack:U1"])
async def test_telegram_vouches_for_nobody_else(telegram: TelegramServer, person: str) -> None:
    async with an_outbox(telegram, {-5: "staff"}) as outbox:
        assert await outbox.surface.groups(person) == frozenset()
        assert await outbox.surface.remarks("telegram:900:7001:1", "telegram:900:7001:1") == ()


async def test_a_group_pays_by_the_minute_a_private_chat_by_the_second(outbox: Outbox) -> None:
    costs = {
        chat: {action: outbox.surface.cost(action, f"telegram:900:{chat}") for action in Action} for chat in (-5, 7001)
    }
    assert set(costs[7001].values()) == {1.0, 2.0}
    pair = costs[-5][Action.PLACEHOLDER] + costs[-5][Action.FINISH]
    pairs, rest = divmod(RATES.place_burst + 60 * RATES.place_per_second, pair)
    assert 2 * pairs + (rest >= costs[-5][Action.PLACEHOLDER]) <= 20
    assert costs[-5][Action.EDIT] / RATES.place_per_second >= 4.0
    assert costs[-5][Action.EDIT] <= RATES.place_burst
