"""One long conversation, chapter by chapter: the real client, a real database, a local Telegram.

Every chapter ends with the reckoning of `Office.reckon`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram.controls import Action
from bots.telegram.ids import person_of
from core.feedback import Feedback
from tests.bots.slack.script_lines import ANSWERED, ASKED, LEAVE
from tests.bots.telegram.office import Plan, an_office
from tests.bots.telegram.scene import Office, answer_of, button, entities_of
from tests.telegram_server import Message

WHO_SIGNS = "Ai duyệt đơn của tôi?"
SIGNS = "Trưởng phòng của bạn duyệt đơn nghỉ phép trên cổng nhân sự [1]."
BEGINNING = "Bạn làm việc"
SEARCHING = "Đang tìm trong"
STOPPED = "Đã dừng theo yêu cầu."
RIGHT = "Từ năm nay là 15 ngày."


@pytest.fixture
async def office(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Office]:
    async with an_office(tmp_path, caplog, Plan()) as opened:
        yield opened


async def given(office: Office, answer: Message, user: int) -> Feedback | None:
    """What the user thinks of the answer, as it is stored."""
    return await office.memory.feedback.given(answer_of(answer), person_of(user))


async def test_a_stranger_is_told_how_to_get_in_is_invited_and_is_answered(office: Office) -> None:
    telegram, people, (lan, chi) = office.telegram, office.telegram.people, (office.crew.lan, office.crew.chi)
    knocked = people.start(lan)
    await office.word(lan, knocked, "Tôi chỉ trả lời những người đã được mời.")
    people.tell(lan, ASKED)
    await office.heard()
    assert (office.model.asked, len(telegram.said(lan))) == ([], 1)

    menu = await office.word(chi, people.tell(chi, "/quyen"), "Ở đây tôi trả lời từ những tài liệu này:")
    await office.press(chi, menu, "Tạo mã mời")
    invitation = await office.said(chi, "Mã mời này dùng được một lần")
    code = invitation.text.partition("?start=")[2].split()[0]
    await office.word(lan, people.start(lan, "KHONGDUNG234"), "Mã này không đúng")
    await office.word(lan, people.start(lan, code), "Xin chào! Tôi là Sổ Tay")
    await office.answer(lan, people.tell(lan, ASKED))
    await office.word(office.crew.binh, people.start(office.crew.binh, code), "Mã này không đúng")


async def test_in_private_a_draft_then_a_message_that_grows_then_the_answer_with_its_source(office: Office) -> None:
    telegram, an, model = office.telegram, office.crew.an, office.model
    model.opening.clear()
    model.middle.clear()
    asked = telegram.people.tell(an, ASKED)
    await office.until(lambda: telegram.drafts(an) and SEARCHING in telegram.drafts(an)[-1].text)
    assert telegram.said(an) == []
    model.opening.set()
    growing = await office.growing(an, asked, BEGINNING)
    assert growing.entities == []
    model.middle.set()
    answer = await office.answer(an, asked)
    assert (answer.id, answer.parse_mode) == (growing.id, "HTML")
    assert answer.text.split("\n")[0] == ANSWERED
    for shown in ("Nguồn", LEAVE.title, "trang 2", LEAVE.heading, "Người lao động", "Trả lời tại chỗ · "):
        assert shown in answer.text
    assert {"expandable_blockquote", "text_link", "italic"} <= entities_of(answer)
    assert [each["text"] for each in answer.buttons] == ["👍", "👎", "Nguồn"]
    assert len(telegram.said(an)) == 1


async def test_a_follow_up_is_read_with_what_was_said_until_something_new_begins(office: Office) -> None:
    telegram, an = office.telegram, office.crew.an
    await office.answer(an, telegram.people.tell(an, ASKED))
    await office.answer(an, telegram.people.tell(an, "Thế ai duyệt đơn?"), SIGNS)
    assert office.model.was_shown(ANSWERED.removesuffix(" [1]."))
    await office.word(an, telegram.people.tell(an, "/moi"), "câu tiếp theo của bạn sẽ bắt đầu")
    await office.answer(an, telegram.people.tell(an, WHO_SIGNS), SIGNS)
    assert not office.model.was_shown(BEGINNING)


async def test_the_sources_are_shown_once_by_the_button_and_whenever_by_the_command(office: Office) -> None:
    telegram, an = office.telegram, office.crew.an
    answer = await office.answer(an, telegram.people.tell(an, ASKED))
    await office.press(an, answer, "Nguồn")
    listed = await office.word(an, answer.id, LEAVE.title)
    assert LEAVE.text[:40] in listed.text
    again = await office.press(an, answer, "Nguồn")
    assert again.text == "Nguồn đã được hiển thị ngay bên dưới."
    await office.word(an, telegram.people.tell(an, "/nguon"), LEAVE.title)


async def test_a_correction_goes_to_the_administrators_and_back_under_the_answer(office: Office) -> None:
    telegram, an, chi = office.telegram, office.crew.an, office.crew.chi
    answer = await office.answer(an, telegram.people.tell(an, ASKED))
    toast = await office.press(an, answer, "👎")
    assert "Đánh giá được lưu" in toast.text
    why = await office.word(an, answer.id, "Câu trả lời chưa tốt ở điểm nào?")
    await office.press(an, why, "Thông tin đã cũ")
    await office.said(an, "Đã ghi lý do: Thông tin đã cũ")
    replied = telegram.people.tell(an, RIGHT, reply_to=why.id)
    await office.word(an, replied, "Nội dung sửa đã được chuyển tới quản trị viên")
    card = await office.said(office.crew.office, "Góp ý sửa câu trả lời")
    for shown in (ASKED, "hưởng nguyên lương", RIGHT, str(an)):
        assert shown in card.text
    await office.press(chi, card, "Chấp nhận")
    note = await office.word(an, answer.id, "Câu trả lời đã được sửa")
    assert RIGHT in note.text
    decided = await office.said(office.crew.office, "đã chấp nhận lúc")
    assert (decided.id, decided.buttons) == (card.id, [])
    kept = await given(office, answer, an)
    assert kept
    assert (kept.vote, kept.reason, kept.correction) == (-1, "outdated", RIGHT)
    assert len(office.model.asked) == 1


async def test_a_thumb_as_a_reaction_is_a_vote_until_it_is_taken_away(office: Office) -> None:
    telegram, an, binh, group = office.telegram, office.crew.an, office.crew.binh, office.crew.group
    answer = await office.answer(group, telegram.people.ask(an, group, ASKED))
    telegram.moves.promote(telegram.bot.id, group, by=an)
    telegram.moves.react(binh, group, answer.id, "👍")
    await office.heard()
    voted = await given(office, answer, binh)
    telegram.moves.unreact(binh, group, answer.id)
    await office.heard()
    withdrawn = await given(office, answer, binh)
    assert voted
    assert (voted.vote, withdrawn.vote if withdrawn else 0) == (1, 0)
    assert await given(office, answer, an) is None


async def test_an_edited_question_is_answered_again_in_the_same_place(office: Office) -> None:
    telegram, an = office.telegram, office.crew.an
    asked = telegram.people.tell(an, ASKED)
    answer = await office.answer(an, asked)
    telegram.people.edit(an, an, asked, WHO_SIGNS)
    again = await office.answer(an, asked, SIGNS)
    assert again.id == answer.id
    assert ANSWERED not in again.text
    assert office.under(an, asked) == [again]


async def test_the_asker_stops_an_answer_by_its_button_and_nobody_else_does(office: Office) -> None:
    telegram, (an, binh, group) = office.telegram, (office.crew.an, office.crew.binh, office.crew.group)
    office.model.middle.clear()
    asked = telegram.people.ask(an, group, ASKED)
    growing = await office.growing(group, asked, BEGINNING)
    refused = await office.press(binh, growing, "Dừng")
    assert (refused.text, office.model.broken_off) == ("Bạn không có câu hỏi nào đang chờ trả lời.", 0)
    pressed = await office.press(an, growing, "Dừng")
    assert pressed.text == "Đã dừng câu hỏi của bạn."
    stopped = await office.word(group, asked, STOPPED)
    assert (stopped.id, stopped.buttons, office.model.broken_off) == (growing.id, [], 1)


@pytest.mark.parametrize("word", ["/huy", "dừng", "Thôi!"])
async def test_the_asker_stops_an_answer_by_a_word(office: Office, word: str) -> None:
    telegram, an = office.telegram, office.crew.an
    office.model.middle.clear()
    asked = telegram.people.tell(an, ASKED)
    growing = await office.growing(an, asked, BEGINNING)
    telegram.people.tell(an, word)
    stopped = await office.word(an, asked, STOPPED)
    assert (stopped.id, button(stopped, *Action), office.model.broken_off) == (growing.id, "", 1)
