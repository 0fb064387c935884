"""Strangers, over the whole adapter: what they are told, how they get in, and what they may do then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram.commands import PRIVATE
from tests.bots.slack.script_lines import ANSWERED, ASKED
from tests.bots.telegram.office import Plan, an_office
from tests.bots.telegram.scene import Office
from tests.bots.telegram.test_conversation_goes_on import OPENS, WHEN

WAY_IN = "Tôi chỉ trả lời những người đã được mời."
GROUPS_WAY_IN = "Nhóm này chưa được hỏi Sổ Tay."
BEGUN = "sẽ bắt đầu một cuộc trò chuyện mới"
CLOSED_TO_STRANGERS = [name for name in PRIVATE if name != "xoadulieu"]


@pytest.fixture
async def office(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Office]:
    async with an_office(tmp_path, caplog, Plan()) as opened:
        yield opened


async def invited(office: Office) -> str:
    """The code of an invitation that an administrator has made."""
    chi, people = office.crew.chi, office.telegram.people
    menu = await office.word(chi, people.tell(chi, "/quyen"), "Ở đây tôi trả lời từ")
    await office.press(chi, menu, "Tạo mã mời")
    made = await office.said(chi, "Mã mời này dùng được một lần")
    return made.text.partition("?start=")[2].split()[0]


async def test_whatever_a_stranger_tries_they_are_told_the_way_in_and_nothing_else(office: Office) -> None:
    telegram, people, lan = office.telegram, office.telegram.people, office.crew.lan
    await office.word(lan, people.tell(lan, "/moi"), WAY_IN)
    for name in CLOSED_TO_STRANGERS:
        people.tell(lan, f"/{name}")
    people.tell(lan, ASKED)
    await office.heard()
    [told] = telegram.said(lan)
    assert (told.buttons, told.shown, office.model.asked) == ([], [told.text], [])
    assert telegram.drafts(lan) == []


async def test_who_redeems_an_invitation_may_ask_and_begin_anew_and_invites_nobody(office: Office) -> None:
    people, lan = office.telegram.people, office.crew.lan
    await office.word(lan, people.tell(lan, "/moi"), WAY_IN)
    await office.word(lan, people.start(lan, await invited(office)), "Xin chào! Tôi là Sổ Tay")
    await office.answer(lan, people.tell(lan, ASKED))
    await office.word(lan, people.tell(lan, "/moi"), BEGUN)
    await office.answer(lan, people.tell(lan, WHEN), OPENS)
    assert not office.model.was_shown(ANSWERED.removesuffix(" [1]."))
    menu = await office.word(lan, people.tell(lan, "/quyen"), "Ở đây tôi trả lời từ")
    assert "Tạo mã mời" not in [each["text"] for each in menu.buttons]


async def test_a_group_of_strangers_is_let_in_by_an_invitation_that_is_sent_there(office: Office) -> None:
    people, crew = office.telegram.people, office.crew
    group = people.add_group("Dự án", [crew.lan, crew.chi])
    await office.word(group, people.say(crew.lan, group, "/moi"), GROUPS_WAY_IN)
    await office.word(group, people.say(crew.chi, group, "/moi"), "Trong nhóm")
    code = await invited(office)
    await office.word(group, people.say(crew.chi, group, f"/start@sotay_bot {code}"), "Từ nay nhóm này")
    await office.answer(group, people.ask(crew.lan, group, WHEN), OPENS)
    await office.word(group, people.say(crew.lan, group, "/moi"), "Trong nhóm")
    people.tell(crew.lan, ASKED)  # the group was let in, nobody of it for themselves
    await office.said(crew.lan, WAY_IN)
