"""What is shown while there are no words, and how the surface does without it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.telegram.drafts import SECONDS, Drafts, number_of
from bots.telegram.ids import Spot
from bots.telegram.surface import RATES
from core.surfaces import SurfaceBusy, SurfaceError, SurfaceSilent, Undeliverable
from tests.bots.telegram.outbox import Outbox, an_outbox
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


async def test_in_private_a_draft_says_what_is_done_until_the_first_words(outbox: Outbox) -> None:
    posting = outbox.asked()
    for text in ("Đang tìm ...", "Đang tìm trong 312 tài liệu ..."):
        assert await outbox.surface.announce(posting, text)
        assert outbox.telegram.draft(outbox.an) == text
    assert len(outbox.telegram.drafts(outbox.an)) == 1
    assert outbox.telegram.said(outbox.an) == []
    await outbox.surface.open_answer(posting, "Bạn")
    assert outbox.telegram.draft(outbox.an) is None


async def test_a_draft_is_left_to_fade(outbox: Outbox) -> None:
    posting = outbox.asked()
    await outbox.surface.announce(posting, "Đang tìm ...")
    assert await outbox.surface.announce(posting, "")
    assert outbox.called() == ["sendMessageDraft"]
    assert RATES.announce_seconds < SECONDS


async def test_groups_have_no_drafts(outbox: Outbox) -> None:
    for chat in (outbox.group, outbox.office):
        assert not await outbox.surface.announce(outbox.asked(chat), "Đang tìm ...")
    assert outbox.called() == []


async def test_two_questions_have_two_drafts(outbox: Outbox) -> None:
    for question in ("q1", "q2"):
        await outbox.surface.announce(outbox.asked(question_id=question), "Đang tìm ...")
    assert [draft.id for draft in outbox.telegram.drafts(outbox.an)] == [number_of("q1"), number_of("q2")]
    assert number_of("") == 1


@pytest.mark.parametrize("said", ["Bad Request: TEXTDRAFT_PEER_INVALID", "Bad Request: something new"])
async def test_once_refused_drafts_are_not_tried_again(outbox: Outbox, said: str) -> None:
    outbox.telegram.fail("sendMessageDraft", said)
    for _ in range(3):
        assert not await outbox.surface.announce(outbox.asked(), "Đang tìm ...")
    assert outbox.called() == ["sendMessageDraft"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("drop_after", SurfaceSilent),
        (502, SurfaceSilent),
        ("flood", SurfaceBusy),
        ("Forbidden: bot was blocked by the user", Undeliverable),
        ("Bad Request: chat not found", Undeliverable),
    ],
)
async def test_what_is_wrong_with_one_chat_or_one_call_is_tried_again(
    outbox: Outbox, fault: str | int, kind: type[SurfaceError]
) -> None:
    outbox.telegram.fail("sendMessageDraft", fault)
    posting = outbox.asked()
    with pytest.raises(kind):
        await outbox.surface.announce(posting, "Đang tìm ...")
    outbox.telegram.world.clock.advance(2.0)  # type: ignore[attr-defined]
    assert await outbox.surface.announce(posting, "Đang tìm ...")


async def test_drafts_can_be_turned_off(outbox: Outbox) -> None:
    assert not await Drafts(outbox.surface.api, is_wanted=False).show(outbox.asked(), "Đang tìm ...")
    assert outbox.called() == []


async def test_a_draft_stands_in_the_topic_of_the_question(outbox: Outbox) -> None:
    posting = outbox.asked()
    spot = Spot(outbox.telegram.bot.id, outbox.an, topic=9)
    outbox.telegram.fail("sendMessageDraft", 502)
    with pytest.raises(SurfaceSilent):
        await outbox.surface.announce(replace(posting, conversation=spot.name), "Đang tìm ...")
    assert int(outbox.telegram.calls[0].given["message_thread_id"]) == 9
