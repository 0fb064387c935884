"""Who may ask: settings, invitations, links; strangers learn how to get in and nothing else."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bots.telegram.admission import LINK_PREFIX, Door
from bots.telegram.ids import SURFACE, person_of
from core.intake import State
from tests.bots.telegram.bench import SLACK_BOSS, Bench, a_bench
from tests.bots.telegram.furniture import labels, texts
from tests.manual_clock import ManualClock


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


async def invitation(bench: Bench) -> str:
    return await bench.admission.invite(person_of(bench.lan), bench.clock.now())


async def open_questions(bench: Bench) -> int:
    claims = bench.lobby.claims(surfaces=(SURFACE,))
    claim = await claims.claim(bench.lobby.now, room=True)
    return 0 if claim is None else int(claim.state is State.ANSWERING)


async def test_people_and_chats_of_the_settings_may_ask(bench: Bench) -> None:
    door = replace(bench.door, allowed=frozenset({bench.an, bench.group}))
    assert await door.admits(bench.an, bench.an)
    assert await door.admits(bench.group, bench.guest)
    assert not await door.admits(bench.guest, bench.guest)


async def test_a_group_is_let_in_by_each_of_its_ids(bench: Bench) -> None:
    """By the one in the settings, and by the one that an invitation let in."""

    async def same_as(chat: int) -> frozenset[int]:
        return {-5: frozenset({-1005}), -1005: frozenset({-5})}.get(chat, frozenset())

    for allowed, admitted in (((-5,), None), ((), -1005)):
        door = Door.of(bench.identities, bench.telling, bench.clock, allowed, same_as)
        if admitted is not None:
            await bench.admission.admit(person_of(admitted), "lan", bench.clock.now())
        assert [await door.admits(chat, bench.guest) for chat in (-5, -1005, -6)] == [True, True, False]


async def test_administrators_may_ask(bench: Bench) -> None:
    assert await bench.door.admits(bench.lan, bench.lan)


async def test_a_stranger_is_told_how_to_get_in_and_is_not_answered(bench: Bench) -> None:
    [told] = await bench.tell(bench.guest, "nghỉ phép mấy ngày?")
    assert "mã mời" in told.text
    assert await open_questions(bench) == 0


@pytest.mark.parametrize("command", ["/start", "/help", "/quyen", "/nguon", "/moi", "/hoi nghỉ phép?", "/xyz"])
async def test_no_command_tells_a_stranger_more(bench: Bench, command: str) -> None:
    [told] = await bench.tell(bench.guest, command)
    assert told.text.startswith("Xin chào! Tôi chỉ trả lời những người đã được mời.")
    assert not labels(told)
    assert await open_questions(bench) == 0


async def test_who_is_thrown_out_may_still_be_forgotten(bench: Bench) -> None:
    await bench.tell(bench.guest, f"/start {await invitation(bench)}")
    await bench.people.choose_language(person_of(bench.guest), "en")
    await bench.admission.expel(person_of(bench.guest))
    [asked] = await bench.tell(bench.guest, "/xoadulieu")
    await bench.press(bench.guest, bench.guest, asked.id, "Delete my data")
    assert (await bench.people.preference(person_of(bench.guest))).language is None
    assert len(await bench.tell(bench.guest, "alo")) == 1


async def test_a_stranger_is_told_once_an_hour(bench: Bench) -> None:
    clock = ManualClock()
    bench.door = Door.of(bench.identities, bench.telling, clock, ())
    bench._put_together()
    said = [await bench.tell(bench.guest, "alo") for _ in range(3)]
    assert [len(each) for each in said] == [1, 0, 0]
    clock.advance(3_600)
    assert len(await bench.tell(bench.guest, "alo")) == 1


async def test_the_stranger_is_told_in_their_telegrams_language(bench: Bench) -> None:
    guest = bench.telegram.people.add_user("John", language_code="en-GB")
    [told] = await bench.tell(guest, "/start")
    assert told.text.startswith("Hello!")


async def test_an_invitation_lets_in_who_opens_its_link_once(bench: Bench) -> None:
    code = await invitation(bench)
    [welcome] = await bench.tell(bench.guest, f"/start {code}")
    assert welcome.text.startswith("Xin chào! Tôi là Sổ Tay")
    assert await bench.door.admits(bench.guest, bench.guest)
    other = bench.telegram.people.add_user("Minh")
    assert "không đúng" in (await bench.tell(other, f"/start {code}"))[0].text
    assert not await bench.door.admits(other, other)


async def test_an_invitation_that_is_delivered_twice_welcomes_twice(bench: Bench) -> None:
    bench.telegram.people.start(bench.guest, await invitation(bench))
    await bench.heed(again=True)
    assert [text[:8] for text in texts(bench.telegram.said(bench.guest))] == ["Xin chào"] * 2


async def test_an_invitation_in_a_group_lets_the_group_in(bench: Bench) -> None:
    code = await invitation(bench)
    [told] = await bench.tell(bench.guest, f"/start@sotay_bot {code}", chat=bench.group)
    assert told.text.startswith("Chào mọi người!")
    assert await bench.door.admits(bench.group, bench.guest)
    assert not await bench.door.admits(bench.guest, bench.guest)


async def test_an_old_invitation_is_no_good(bench: Bench) -> None:
    code = await bench.admission.invite(person_of(bench.lan), bench.clock.now() - timedelta(days=8))
    assert "không đúng" in (await bench.tell(bench.guest, f"/start {code}"))[0].text


async def test_wrong_codes_are_limited(bench: Bench) -> None:
    for number in range(10):
        await bench.tell(bench.guest, f"/start SAI{number}")
    assert "không đúng" in (await bench.tell(bench.guest, f"/start {await invitation(bench)}"))[0].text


@pytest.mark.parametrize("prefix", [LINK_PREFIX, ""])
async def test_a_wrong_code_is_one_wrong_try(bench: Bench, prefix: str) -> None:
    for number in range(9):
        await bench.tell(bench.guest, f"/start {prefix}SAI{number}")
    assert "không đúng" not in (await bench.tell(bench.guest, f"/start {await invitation(bench)}"))[0].text


async def test_a_code_for_linking_is_no_wrong_try_at_an_invitation(bench: Bench) -> None:
    for _ in range(9):
        code = await bench.admission.link_code(person_of(bench.an), bench.clock.now())
        await bench.tell(
            bench.guest, f"/start {code}"
        )  # both are of Telegram: the code is not taken, and was not wrong
    for number in range(9):
        await bench.tell(bench.guest, f"/start SAI{number}")
    assert "không đúng" not in (await bench.tell(bench.guest, f"/start {await invitation(bench)}"))[0].text


@pytest.mark.parametrize("prefix", [LINK_PREFIX, ""])
async def test_a_code_from_slack_links_and_lets_in(bench: Bench, prefix: str) -> None:
    code = await bench.admission.link_code(SLACK_BOSS, bench.clock.now())
    [told] = await bench.tell(bench.guest, f"/start {prefix}{code}")
    assert told.text.startswith("Đã liên kết")
    assert await bench.admission.canonical(person_of(bench.guest)) == SLACK_BOSS
    assert await bench.door.admits(bench.guest, bench.guest)
    assert await bench.identities.is_administrator(bench.guest)


async def test_a_code_for_linking_is_no_good_in_a_group(bench: Bench) -> None:
    code = await bench.admission.link_code(SLACK_BOSS, bench.clock.now())
    [told] = await bench.tell(bench.an, f"/start@sotay_bot {LINK_PREFIX}{code}", chat=bench.group)
    assert "không đúng" in told.text
    assert await bench.admission.canonical(person_of(bench.group)) == person_of(bench.group)


async def test_an_administrator_makes_an_invitation_by_a_button(bench: Bench) -> None:
    [rights] = await bench.tell(bench.lan, "/quyen")
    await bench.press(bench.lan, bench.lan, rights.id, "Tạo mã mời")
    found = re.search(r"https://t\.me/sotay_bot\?start=(\w+)", bench.last(bench.lan).text)
    assert found
    assert f"/start@sotay_bot {found[1]}" in bench.last(bench.lan).text
    await bench.tell(bench.guest, f"/start {found[1]}")
    [admitted] = await bench.admission.admitted(person_of(bench.guest))
    assert admitted.by == person_of(bench.lan)


async def test_before_the_bots_name_is_known_an_invitation_is_a_code(bench: Bench) -> None:
    bench.account.username = ""
    [rights] = await bench.tell(bench.lan, "/quyen")
    await bench.press(bench.lan, bench.lan, rights.id, "Tạo mã mời")
    assert "t.me" not in bench.last(bench.lan).text
    assert "/start " in bench.last(bench.lan).text


async def test_nobody_else_makes_invitations(bench: Bench) -> None:
    [rights] = await bench.tell(bench.an, "/quyen")
    assert "Tạo mã mời" not in labels(rights)
    [forged] = await bench.tell(bench.lan, "/quyen")
    data = next(button["callback_data"] for button in forged.buttons if button["text"] == "Tạo mã mời")
    query = {
        "id": "q1",
        "from": {"id": bench.an, "is_bot": False, "first_name": "An"},
        "message": {"message_id": rights.id, "chat": {"id": bench.an, "type": "private"}},
        "data": data,
    }
    before = len(bench.telegram.said(bench.an))
    after = await bench.pressing.take(query, 1)
    assert after is not None
    await after()
    assert len(bench.telegram.said(bench.an)) == before


async def test_a_code_for_slack_is_shown_in_private_to_be_copied(bench: Bench) -> None:
    [rights] = await bench.tell(bench.an, "/quyen")
    await bench.press(bench.an, bench.an, rights.id, "Liên kết")
    shown = bench.last(bench.an)
    found = re.search(r"/sotay link (\w+)", shown.text)
    assert found
    assert {"code"} <= {entity["type"] for entity in shown.entities}
    assert await bench.admission.link(found[1], "slack:U7", bench.clock.now()) == "slack:U7"
    assert await bench.admission.canonical(person_of(bench.an)) == "slack:U7"
    press = await bench.press(bench.an, bench.an, rights.id, "Liên kết")
    assert "đã được liên kết" in press.text


async def test_who_is_thrown_out_is_a_stranger_again(bench: Bench) -> None:
    await bench.tell(bench.guest, f"/start {await invitation(bench)}")
    await bench.admission.expel(person_of(bench.guest))
    assert not await bench.door.admits(bench.guest, bench.guest)
