"""Why an answer is not good, the right answer by a reply, and what an administrator decides."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bots.telegram.cards import CORRECTION_TEXT, Proposal, alarm_card, correction_card, fitted, name_of
from bots.telegram.escaping import units
from bots.telegram.ids import person_of
from bots.telegram.presses import Where
from core.corrections import CorrectionState
from core.errors import StoreError
from tests.bots.telegram.bench import SLACK_BOSS, Bench, a_bench
from tests.bots.telegram.furniture import Shown, labels
from tests.telegram_server.messages import Message

if TYPE_CHECKING:
    from tests.telegram_server.refusals import Json

RIGHT = "Là 15 ngày, từ năm 2026."
BAD = -1


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


async def asked_why(bench: Bench, chat: int | None = None) -> tuple[Shown, Message]:
    """An answer that An has voted down, and our question why."""
    shown = await bench.answered(chat=chat)
    await bench.press(bench.an, shown.chat, shown.message, "👎")
    return shown, bench.last(shown.chat)


async def card_of(bench: Bench) -> Message:
    """The card of the one correction that waits, as it stands with the administrators."""
    [correction] = await bench.corrections.unannounced("telegram")
    card, keyboard = await bench.administrators.cards.card(correction)
    message = await bench.api.say(Where(bench.office), card.text, is_html=True, keyboard=keyboard)
    await bench.corrections.announced(correction.id, f"{bench.office}/{message}")
    return bench.telegram.message(bench.office, message)


async def test_a_reason_is_kept_and_told(bench: Bench) -> None:
    shown, asking = await asked_why(bench)
    press = await bench.press(bench.an, shown.chat, asking.id, "đã cũ")
    given = await bench.given(shown, person_of(bench.an))
    assert given is not None
    assert (given.vote, given.reason) == (BAD, "outdated")
    assert press.text == "Cảm ơn bạn đã cho biết lý do."
    assert bench.telegram.message(shown.chat, asking.id).text.startswith("Đã ghi lý do:")


async def test_a_reason_can_be_changed(bench: Bench) -> None:
    shown, asking = await asked_why(bench)
    for reason in ("đã cũ", "Lý do khác"):
        await bench.press(bench.an, shown.chat, asking.id, reason)
    given = await bench.given(shown, person_of(bench.an))
    assert given is not None
    assert given.reason == "other"


async def test_in_a_group_everybody_gives_their_own_reason(bench: Bench) -> None:
    await bench.admission.admit(person_of(bench.group), "lan", bench.clock.now())
    shown, asking = await asked_why(bench, bench.group)
    await bench.press(bench.guest, shown.chat, asking.id, "đã cũ")
    given = await bench.given(shown, person_of(bench.guest))
    assert given is not None
    assert (given.vote, given.reason) == (BAD, "outdated")
    assert bench.telegram.message(shown.chat, asking.id).text.startswith("Câu trả lời chưa tốt")


@pytest.mark.parametrize("has_reason", [False, True])
async def test_a_reply_to_the_question_why_is_the_right_answer(bench: Bench, has_reason: bool) -> None:
    shown, asking = await asked_why(bench)
    if has_reason:
        await bench.press(bench.an, shown.chat, asking.id, "đã cũ")
    [thanks] = await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    assert "chuyển tới quản trị viên" in thanks.text
    [correction] = await bench.corrections.unannounced("telegram")
    assert (correction.text, correction.person) == (RIGHT, person_of(bench.an))
    assert (correction.answer_id, bench.woken) == (shown.answer.id, 1)


async def test_it_is_no_question(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    assert not await bench.threads.conversation_with(f"telegram:{bench.account.id}:{bench.an}:{asking.id + 1}")


async def test_a_reply_to_the_answer_is_a_question_and_no_correction(bench: Bench) -> None:
    shown, _ = await asked_why(bench)
    assert await bench.tell(bench.an, "còn nghỉ ốm?", reply_to=shown.message) == []
    assert not await bench.corrections.unannounced("telegram")


async def test_the_same_reply_delivered_twice_is_one_correction(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    bench.telegram.people.tell(bench.an, RIGHT, reply_to=asking.id)
    await bench.heed(again=True)
    [correction] = await bench.corrections.unannounced("telegram")
    assert correction.state is CorrectionState.PROPOSED


async def test_another_reply_takes_the_place_of_the_first(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    for text in (RIGHT, "Là 16 ngày."):
        await bench.tell(bench.an, text, reply_to=asking.id)
    assert [correction.text for correction in await bench.corrections.unannounced("telegram")] == ["Là 16 ngày."]


async def test_an_edit_of_the_reply_takes_its_place_too(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    reply = bench.telegram.people.tell(bench.an, RIGHT, reply_to=asking.id)
    await bench.heed()
    bench.telegram.people.edit(bench.an, bench.an, reply, "Là 16 ngày.")
    await bench.heed()
    assert [correction.text for correction in await bench.corrections.unannounced("telegram")] == ["Là 16 ngày."]


async def test_what_is_too_long_is_not_kept(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    [told] = await bench.tell(bench.an, "x" * (CORRECTION_TEXT + 1), reply_to=asking.id)
    assert str(CORRECTION_TEXT) in told.text
    assert not await bench.corrections.unannounced("telegram")


async def test_a_forged_question_why_is_none(bench: Bench) -> None:
    shown, asking = await asked_why(bench)
    markup = {"inline_keyboard": [[{"text": "?", "callback_data": f"v1:why_wrong:{shown.answer.id}"}]]}
    replied = {"message_id": asking.id, "from": {"id": 5, "is_bot": True}, "reply_markup": markup}
    assert bench.explanations.asked_about({"reply_to_message": replied}) is None
    ours = replied | {"from": {"id": bench.account.id, "is_bot": True}}
    assert bench.explanations.asked_about({"reply_to_message": ours}) == shown.answer.id
    strangers: tuple[Json, ...] = ({}, {"inline_keyboard": 5}, {"inline_keyboard": [5]}, {"inline_keyboard": [[{}]]})
    for strange in strangers:
        assert bench.explanations.asked_about({"reply_to_message": ours | {"reply_markup": strange}}) is None


async def test_a_correction_that_the_store_does_not_take_is_not_thanked_for(bench: Bench) -> None:
    shown, asking = await asked_why(bench)
    bench.telegram.people.tell(bench.an, RIGHT, reply_to=asking.id)
    count = len(bench.telegram.said(shown.chat))
    await bench.close_store()
    with pytest.raises(StoreError):
        await bench.heed()
    await bench.open_store()
    assert len(bench.telegram.said(shown.chat)) == count
    assert not await bench.corrections.unannounced("telegram")


async def test_after_forgetting_nothing_is_kept(bench: Bench) -> None:
    shown, asking = await asked_why(bench)
    await bench.people.forget(person_of(bench.an))
    press = await bench.press(bench.an, shown.chat, asking.id, "đã cũ")
    assert "không còn" in press.text
    [told] = await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    assert "không còn" in told.text


@pytest.mark.parametrize(
    ("button", "state", "verdict"),
    [
        ("Chấp nhận", CorrectionState.ACCEPTED, "đã chấp nhận lúc"),
        ("Không dùng", CorrectionState.REJECTED, "không dùng lúc"),
    ],
)
async def test_an_administrator_decides(bench: Bench, button: str, state: CorrectionState, verdict: str) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    card = await card_of(bench)
    assert labels(card) == ["Chấp nhận", "Không dùng"]
    data = [str(each["callback_data"]) for each in card.buttons]
    await bench.press(bench.lan, bench.office, card.id, button)
    decided = await bench.corrections.get(data[0].rpartition(":")[2])
    assert decided is not None
    assert (decided.state, decided.decided_by) == (state, person_of(bench.lan))
    now = bench.telegram.message(bench.office, card.id)
    assert verdict in now.text
    assert RIGHT in now.text
    assert not labels(now)
    assert bench.woken == 2


async def test_nothing_is_live_on_a_card_that_is_full_of_addresses(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, "https://x.vn @moi_nguoi /start " * 60, reply_to=asking.id)
    card = await card_of(bench)
    kinds = [entity["type"] for entity in card.entities]
    assert set(kinds) == {"bold", "blockquote", "text_mention"}
    assert len(kinds) < 20


async def test_nobody_else_decides(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    card = await card_of(bench)
    press = await bench.press(bench.an, bench.office, card.id, "Chấp nhận")
    assert "chỉ dành cho quản trị viên" in press.text
    assert labels(bench.telegram.message(bench.office, card.id))
    assert not await bench.corrections.unreturned("telegram")


async def test_who_comes_late_hears_what_was_decided_and_the_card_is_right(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    card = await card_of(bench)
    correction_id = str(card.buttons[0]["callback_data"]).rpartition(":")[2]
    await bench.corrections.decide(correction_id, SLACK_BOSS, accept=False, now=bench.clock.now())
    press = await bench.press(bench.lan, bench.office, card.id, "Chấp nhận")
    assert "U1 (Slack)" in press.text
    assert not labels(bench.telegram.message(bench.office, card.id))


async def test_a_correction_that_was_forgotten_is_gone(bench: Bench) -> None:
    _, asking = await asked_why(bench)
    await bench.tell(bench.an, RIGHT, reply_to=asking.id)
    card = await card_of(bench)
    await bench.people.forget(person_of(bench.an))
    press = await bench.press(bench.lan, bench.office, card.id, "Chấp nhận")
    assert "không còn" in press.text


def test_a_card_fits_into_one_message_with_nothing_live_in_it() -> None:
    hostile = "<b>@moi_nguoi</b> https://x.vn /start 👩‍👩‍👧 " * 200
    part = correction_card("vi", Proposal(hostile, hostile, hostile, ["telegram:7001"]), "xong")
    assert units(part.plain) <= 4_096
    assert "<b>@" not in part.text
    assert '<a href="tg://user?id=7001">7001 (Telegram)</a>' in part.text


@pytest.mark.parametrize("text", ["a" * 5_000, "😀" * 3_000, "@ab " * 2_000, "ngắn"])
def test_what_is_fitted_fits(text: str) -> None:
    shown = fitted(text, 1_000)
    assert units(shown) <= 1_000
    assert shown.rstrip("…").strip() in text


def test_an_alarm_names_ten_questions() -> None:
    part = alarm_card("vi", "alarm.failed", 12, [f"q{n}" for n in range(12)], "hỏng")
    assert "12 lần" in part.plain
    assert "q9, …" in part.plain
    assert "q10" not in part.plain


@pytest.mark.parametrize(
    ("ids", "name"),
    [
        (["slack:U1", "telegram:7001"], "7001 (Telegram)"),
        (["slack:U1"], "U1 (Slack)"),
        (["lan"], "lan"),
        ([], "…"),
    ],
)
def test_people_are_named_by_the_id_that_is_known_here(ids: list[str], name: str) -> None:
    assert name_of(ids) == name
