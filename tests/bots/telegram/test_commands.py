"""The commands: what Telegram shows of them, what each does, and when it is durable."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram.commands import GROUP, PRIVATE, publish
from bots.telegram.ids import SURFACE, person_of
from core.conversation import Citation, Outcome
from core.errors import StoreError
from core.intake import State
from tests.bots.keeping import found_in
from tests.bots.telegram.bench import SLACK_BOSS, Bench, a_bench
from tests.bots.telegram.furniture import commands_of, labels
from tests.core.makers import passage

CITED = Citation(1, "c1", "noi-quy.pdf", "Nội quy", 3, "Nghỉ phép", "Người lao động được nghỉ phép năm 14 ngày. " * 12)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


async def test_telegram_knows_the_commands_in_both_languages(bench: Bench) -> None:
    assert await publish(bench.api.bot, "vi")
    shown = {
        (scope, code): commands_of(bench.telegram.commands(scope, code))
        for scope in ("default", "all_private_chats", "all_group_chats")
        for code in ("", "vi", "en")
    }
    assert [tuple(shown[scope, "en"]) for scope in ("all_private_chats", "all_group_chats")] == [PRIVATE, GROUP]
    assert shown["default", ""]["huy"] == "Dừng câu hỏi mới nhất của bạn"
    assert shown["all_group_chats", "en"]["huy"] == "Stop your newest question"
    assert shown["all_private_chats", ""] == shown["all_private_chats", "vi"]


async def test_commands_that_telegram_does_not_take_stop_nothing(bench: Bench) -> None:
    bench.telegram.fail("setMyCommands", 500)
    assert not await publish(bench.api.bot, "vi")


@pytest.mark.parametrize("command", ["/hoi", "/ask"])
async def test_a_question_by_command_is_accepted_in_a_group(bench: Bench, command: str) -> None:
    await bench.tell(bench.an, f"{command}@sotay_bot nghỉ phép mấy ngày?", chat=bench.group)
    claim = await bench.lobby.claims(surfaces=(SURFACE,)).claim(bench.lobby.now, room=True)
    assert claim is not None
    assert (claim.text, claim.person) == ("nghỉ phép mấy ngày?", person_of(bench.an))


async def test_a_command_without_its_question_says_how_it_is_used(bench: Bench) -> None:
    [told] = await bench.tell(bench.an, "/hoi")
    assert "/hoi tôi có" in told.text


@pytest.mark.parametrize(("command", "begins"), [("/start", "Xin chào! Tôi là"), ("/help", "Bạn cứ viết câu hỏi")])
async def test_who_may_ask_is_greeted(bench: Bench, command: str, begins: str) -> None:
    [told] = await bench.tell(bench.an, command)
    assert told.text.startswith(begins)
    assert {"bot_command"} <= {entity["type"] for entity in told.entities}


async def test_an_unknown_command_is_answered_in_private_only(bench: Bench) -> None:
    assert "/help" in (await bench.tell(bench.an, "/abc"))[0].text
    assert await bench.tell(bench.an, "/abc", chat=bench.group) == []


async def test_the_sources_of_the_newest_answer_are_shown_whole(bench: Bench) -> None:
    await bench.answered(citations=(CITED,))
    [told] = await bench.tell(bench.an, "/nguon")
    assert CITED.quote.strip() in told.text
    assert "[1] Nội quy · trang 3 · Nghỉ phép" in told.text


async def test_many_long_quotes_come_in_several_messages(bench: Bench) -> None:
    cited = tuple(
        Citation(n, f"c{n}", "noi-quy.pdf", f"Nội quy {n}", n, "", f"Câu thứ {n} dài. " * 100) for n in range(1, 7)
    )
    await bench.answered(citations=cited)
    told = await bench.tell(bench.an, "/nguon")
    assert len(told) > 1
    whole = " ".join(message.text for message in told)
    assert all(f"[{n}] Nội quy {n}" in whole and whole.count(f"Câu thứ {n} dài.") == 100 for n in range(1, 7))


async def test_the_sources_are_those_of_the_message_that_is_replied_to(bench: Bench) -> None:
    first = await bench.answered(citations=(CITED,))
    await bench.answered()
    [told] = await bench.tell(bench.an, "/nguon", reply_to=first.message)
    assert "Nội quy" in told.text
    [told] = await bench.tell(bench.an, "/nguon")
    assert "không có nguồn" in told.text


async def test_there_may_be_no_answer_yet(bench: Bench) -> None:
    [told] = await bench.tell(bench.an, "/nguon")
    assert "chưa có câu trả lời" in told.text


async def test_the_button_shows_the_sources_once_a_minute(bench: Bench) -> None:
    shown = await bench.answered(citations=(CITED,))
    await bench.press(bench.an, shown.chat, shown.message, "Nguồn")
    assert CITED.quote.strip() in bench.last(shown.chat).text
    count = len(bench.telegram.said(shown.chat))
    press = await bench.press(bench.an, shown.chat, shown.message, "Nguồn")
    assert "ngay bên dưới" in press.text
    assert len(bench.telegram.said(shown.chat)) == count


@pytest.mark.parametrize(
    ("owner", "said"),
    [("Chị Hoa", "Chị Hoa"), ("telegram:7001", "7001 (Telegram)"), (None, "quản trị viên"), ("  ", "quản trị viên")],
)
async def test_the_person_in_charge_is_named_to_who_asks(bench: Bench, owner: str | None, said: str) -> None:
    bench.owner = owner
    shown = await bench.answered(Outcome.NOT_FOUND, passages=(passage("Nghỉ phép."),))
    count = len(bench.telegram.said(shown.chat))
    press = await bench.press(bench.an, shown.chat, shown.message, "người phụ trách")
    assert said in press.text
    assert press.is_alert
    assert len(bench.telegram.said(shown.chat)) == count


async def test_a_new_conversation_begins(bench: Bench) -> None:
    await bench.answered()
    [told] = await bench.tell(bench.an, "/moi")
    assert "cuộc trò chuyện mới" in told.text
    spot = await bench.asked(bench.an)
    await bench.heed()
    assert await bench.threads.conversation_with(spot.name) == spot.name


async def test_without_it_a_conversation_goes_on(bench: Bench) -> None:
    shown = await bench.answered()
    spot = await bench.asked(bench.an)
    await bench.heed()
    assert await bench.threads.conversation_with(spot.name) == f"{spot.place}:{shown.asked}"


async def test_the_newest_question_of_the_asker_is_stopped(bench: Bench) -> None:
    await bench.admission.admit(person_of(bench.group), "lan", bench.clock.now())
    for user in (bench.an, bench.guest):
        await bench.asked(user, bench.group)
    await bench.heed()
    [told] = await bench.tell(bench.an, "/huy", chat=bench.group)
    assert "Đã dừng" in told.text
    claims = bench.lobby.claims(surfaces=(SURFACE,))
    taken = [await claims.claim(bench.lobby.now, room=True) for _ in range(2)]
    states = {claim.person: claim.state for claim in taken if claim is not None}
    assert states == {person_of(bench.an): State.DELIVERING, person_of(bench.guest): State.ANSWERING}
    [told] = await bench.tell(bench.an, "/huy", chat=bench.group)
    assert "không có câu hỏi nào" in told.text


async def test_only_the_asker_stops_a_question_by_its_button(bench: Bench) -> None:
    from_spot = await bench.asked(bench.an)
    await bench.heed()
    claim = await bench.lobby.claims(surfaces=(SURFACE,)).claim(bench.lobby.now, room=True)
    assert claim is not None
    assert claim.reply_to == from_spot.name
    press = {
        "message": {"message_id": 1, "chat": {"id": bench.an, "type": "private"}},
        "data": f"v1:stop:{claim.question_id}",
    }
    await bench.pressing.take(press | {"id": "q1", "from": {"id": bench.lan}}, 1)
    assert (await bench.lobby.row(claim.question_id))["state"] != State.DELIVERING
    revision = (await bench.lobby.row(claim.question_id))["revision"]
    await bench.pressing.take(press | {"id": "q2", "from": {"id": bench.an}}, 2)
    assert (await bench.lobby.row(claim.question_id))["revision"] == revision + 1


async def test_a_language_is_chosen_by_a_button(bench: Bench) -> None:
    [asking] = await bench.tell(bench.an, "/ngonngu")
    assert labels(asking) == ["✓ Theo câu hỏi", "Tiếng Việt", "English"]
    press = await bench.press(bench.an, bench.an, asking.id, "English")
    assert press.text == "Your choice has been saved."
    assert (await bench.people.preference(person_of(bench.an))).language == "en"
    assert "✓ English" in labels(bench.telegram.message(bench.an, asking.id))
    [help_] = await bench.tell(bench.an, "/help")
    assert help_.text.startswith("Just write")


async def test_the_choice_can_be_taken_back(bench: Bench) -> None:
    await bench.people.choose_language(person_of(bench.an), "en")
    [asking] = await bench.tell(bench.an, "/ngonngu")
    await bench.press(bench.an, bench.an, asking.id, "question")
    assert (await bench.people.preference(person_of(bench.an))).language is None


async def test_rights_name_what_is_read_here(bench: Bench) -> None:
    [told] = await bench.tell(bench.an, "/quyen")
    assert told.text.splitlines()[1:] == ["• chung", "• nhan-su"]
    [told] = await bench.tell(bench.lan, "/quyen")
    assert told.text.splitlines()[1:] == ["• chung"]


async def test_in_a_group_only_what_everybody_reads_is_named_and_no_button_shown(bench: Bench) -> None:
    [told] = await bench.tell(bench.an, "/quyen", chat=bench.group)
    assert told.text.splitlines()[1:] == ["• chung"]
    assert not labels(told)


async def test_a_linked_person_has_the_rights_of_both_ids(bench: Bench) -> None:
    code = await bench.admission.link_code(SLACK_BOSS, bench.clock.now())
    await bench.tell(bench.an, f"/start {code}")
    [told] = await bench.tell(bench.an, "/quyen")
    assert "• nhan-su" in told.text
    assert "Tạo mã mời" in labels(told)


async def test_votes_are_learnt_from_only_with_consent(bench: Bench) -> None:
    [told] = await bench.tell(bench.an, "/quyen")
    await bench.press(bench.an, bench.an, told.id, "Không dùng đánh giá")
    assert not (await bench.people.preference(person_of(bench.an))).training
    [told] = await bench.tell(bench.an, "/quyen")
    await bench.press(bench.an, bench.an, told.id, "Cho phép")
    assert (await bench.people.preference(person_of(bench.an))).training


async def test_everything_is_deleted_after_a_second_word(bench: Bench) -> None:
    await bench.answered()
    [asking] = await bench.tell(bench.an, "/xoadulieu")
    assert await bench.people.recent_questions(person_of(bench.an), 5)
    await bench.press(bench.an, bench.an, asking.id, "Xóa dữ liệu")
    assert not await bench.people.recent_questions(person_of(bench.an), 5)
    told = bench.telegram.message(bench.an, asking.id)
    assert told.text.startswith("Đã xóa: 1 câu hỏi, 1 câu trả lời")
    assert not labels(told)


async def test_what_was_deleted_is_in_no_file_afterwards(bench: Bench) -> None:
    await bench.answered()
    [asking] = await bench.tell(bench.an, "/xoadulieu")
    folder, known = Path(bench.database.place).parent, [f"telegram:{bench.an}"]
    assert found_in(folder, known)
    await bench.press(bench.an, bench.an, asking.id, "Xóa dữ liệu")
    assert not found_in(folder, known)


async def test_nobody_deletes_what_is_anothers(bench: Bench) -> None:
    await bench.answered(chat=bench.group)
    [asking] = await bench.tell(bench.an, "/xoadulieu", chat=bench.group)
    press = await bench.press(bench.lan, bench.group, asking.id, "Xóa dữ liệu")
    assert "dành cho người" in press.text
    assert await bench.people.recent_questions(person_of(bench.an), 5)


async def test_a_message_that_nobody_will_finish_goes_with_its_question(bench: Bench) -> None:
    await bench.asked(bench.an)
    await bench.heed()
    claims = bench.lobby.claims(surfaces=(SURFACE,))
    claim = await claims.claim(bench.lobby.now, room=True)
    assert claim is not None
    placeholder = (await bench.api.bot.send_message(bench.an, "Đang tìm…")).message_id
    await claims.posted(claim, 0, f"{bench.an}/{placeholder}")
    [asking] = await bench.tell(bench.an, "/xoadulieu")
    await bench.press(bench.an, bench.an, asking.id, "Xóa dữ liệu")
    assert [message.id for message in bench.telegram.deleted] == [placeholder]


async def test_what_the_store_does_not_take_is_not_taken(bench: Bench) -> None:
    [asking] = await bench.tell(bench.an, "/ngonngu")
    await bench.close_store()
    with pytest.raises(StoreError):
        await bench.press(bench.an, bench.an, asking.id, "English")
    await bench.open_store()
    assert (await bench.people.preference(person_of(bench.an))).language is None


async def test_data_of_no_button_of_ours_lets_the_button_rest(bench: Bench) -> None:
    press = {"message": {"message_id": 1, "chat": {"id": bench.an, "type": "private"}}, "from": {"id": bench.an}}
    for data in ("", "v1:up", "m1:forget", "m1:nothing:1", "m1:language:fr", "m1:consent:maybe", "x" * 80):
        assert await bench.pressing.take(press | {"id": "q1", "data": data}, 1) is not None
    assert await bench.pressing.take({"id": "q1"}, 1) is not None
    assert await bench.pressing.take({}, 1) is None
    assert (await bench.people.preference(person_of(bench.an))).language is None
