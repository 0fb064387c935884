"""One long conversation, chapter by chapter: real Bolt over a real websocket, a real database, a local Slack.

Every chapter ends with the reckoning of `Scene.reckon`.
"""

from collections.abc import AsyncIterator

import pytest

from bots.slack import controls, views
from bots.slack.ids import person_of
from core.feedback import Feedback
from core.store.database import Database
from tests.bots.slack.script import Scene, open_scene
from tests.bots.slack.script_lines import ANSWERED, ASKED, LEAVE
from tests.slack_server import Message, SlackServer

STOPPED = "Đã dừng theo yêu cầu."
WHO_SIGNS = "Ai duyệt đơn của tôi?"
SIGNS = "Trưởng phòng của bạn duyệt đơn nghỉ phép trên cổng nhân sự [1]."


@pytest.fixture
async def scene(database: Database, slack: SlackServer) -> AsyncIterator[Scene]:
    async with open_scene(database, slack) as opened:
        yield opened


async def given(scene: Scene, answer: Message, user: str) -> Feedback | None:
    """What the user thinks of the answer, as it is stored."""
    buttons = next(block for block in answer.blocks if block["type"] == "context_actions")
    answer_id, _ = controls.read_vote(buttons["elements"][0]["positive_button"]["value"])
    return await scene.office.memory.feedback.given(answer_id, person_of(user))


async def test_a_question_is_announced_streamed_and_answered_with_its_source(scene: Scene) -> None:
    office, slack, model = scene.office, scene.slack, scene.model
    model.opening.clear()
    model.middle.clear()
    ts = await office.ask(ASKED)
    await slack.until(lambda slack: slack.status(office.channel, ts) == "Đang tìm trong 3 tài liệu ...")
    assert scene.ours(office.channel, ts) == []
    model.opening.set()
    growing = await scene.streamed(office.channel, ts)
    assert growing.stream
    assert (growing.stream.recipient, growing.stream.stoppable) == (office.an, True)
    assert slack.status(office.channel, ts) == ""
    model.middle.set()
    answer = await scene.answer(office.channel, ts)
    assert (answer.ts, answer.seen().split("\n")[0]) == (growing.ts, ANSWERED)
    for shown in ("Nguồn", f"|{LEAVE.title}>", "trang 2", LEAVE.heading, "Người lao động", "Trả lời tại chỗ · "):
        assert shown in answer.seen()
    assert [block["type"] for block in answer.blocks] == ["section", "context", "context_actions"]
    assert slack.called("chat.update") == []


async def test_a_follow_up_needs_no_mention_and_is_read_with_what_was_said(scene: Scene) -> None:
    office = scene.office
    ts = await office.ask(ASKED)
    await scene.answer(office.channel, ts)
    scene.slack.people.say(office.binh, office.channel, "Thế ai duyệt đơn?", thread_ts=ts)
    await scene.answer(office.channel, ts, SIGNS)
    assert scene.model.was_shown(ASKED)
    assert len(scene.ours(office.channel, ts)) == 2


async def test_a_correction_goes_to_the_administrators_and_back_into_the_thread(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    ts = await office.ask(ASKED)
    answer = await scene.answer(office.channel, ts)
    await slack.hands.click(office.an, answer.ts, controls.VOTE, "negative")
    await scene.window(office.an)
    right = "Từ năm nay là 15 ngày."
    await scene.submit(
        office.an,
        {
            views.REASON: {"type": "radio_buttons", "selected_option": {"value": "outdated"}},
            views.CORRECTION: {"type": "plain_text_input", "value": right},
        },
    )
    assert slack.views(office.an) == []
    await scene.told(office.an, "Nội dung sửa đã được chuyển tới quản trị viên")
    card = await scene.card("Chấp nhận")
    for shown in (ASKED, "hưởng nguyên lương", right, f"<@{office.an}>"):
        assert shown in card.seen()
    await slack.hands.click(office.chi, card.ts, controls.ACCEPT)
    note = await scene.word(office.channel, ts, "Câu trả lời đã được sửa")
    assert right in note.seen()
    decided = await scene.card("đã chấp nhận lúc")
    assert (decided.ts, "actions" in {block["type"] for block in decided.blocks}) == (card.ts, False)
    kept = await given(scene, answer, office.an)
    assert kept
    assert (kept.vote, kept.reason, kept.correction) == (-1, "outdated", right)
    scene.rung += [office.an, office.an, office.chi, office.chi]  # the card, the card decided, the note


async def test_a_thumb_of_any_colour_is_a_vote_until_it_is_taken_away(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    ts = await office.ask(ASKED)
    answer = await scene.answer(office.channel, ts)
    slack.people.react(office.binh, answer.ts, "+1::skin-tone-3")
    await scene.told(office.binh, "Cảm ơn bạn đã đánh giá câu trả lời này.")
    voted = await given(scene, answer, office.binh)
    slack.people.unreact(office.binh, answer.ts, "+1::skin-tone-3")
    await slack.settled()
    withdrawn = await given(scene, answer, office.binh)
    assert voted
    assert (voted.vote, withdrawn.vote if withdrawn else 0) == (1, 0)
    assert await given(scene, answer, office.an) is None


async def test_an_edited_question_is_answered_again_in_the_same_place(scene: Scene) -> None:
    office, slack = scene.office, scene.slack
    ts = await office.ask(ASKED)
    answer = await scene.answer(office.channel, ts)
    slack.people.edit(office.an, ts, f"{slack.people.mention} {WHO_SIGNS}")
    again = await scene.answer(office.channel, ts, SIGNS)
    assert again.ts == answer.ts
    assert ANSWERED not in again.seen()
    assert scene.ours(office.channel, ts) == [again]


async def test_of_a_question_that_is_deleted_meanwhile_nothing_stays(scene: Scene) -> None:
    office, model = scene.office, scene.model
    model.middle.clear()
    ts = await office.ask(ASKED)
    await scene.streamed(office.channel, ts)
    scene.slack.people.delete(office.an, ts)
    await scene.slack.until(lambda _: scene.ours(office.channel, ts) == [])
    assert model.broken_off == 1
    assert scene.slack.message(ts).is_tombstone


async def test_the_asker_stops_an_answer_by_the_button_of_the_stream(scene: Scene) -> None:
    office, model = scene.office, scene.model
    model.middle.clear()
    ts = await office.ask(ASKED)
    growing = await scene.streamed(office.channel, ts)
    scene.slack.people.stop(office.an, growing.ts)
    stopped = await scene.word(office.channel, ts, STOPPED)
    assert (stopped.ts, stopped.seen(), model.broken_off) == (growing.ts, STOPPED, 1)


async def test_the_asker_stops_an_answer_by_a_word_and_nobody_else_does(scene: Scene) -> None:
    office, slack, model = scene.office, scene.slack, scene.model
    ts = await office.ask(ASKED)
    await scene.answer(office.channel, ts)
    model.middle.clear()
    slack.people.say(office.an, office.channel, ASKED, thread_ts=ts)
    growing = await scene.streamed(office.channel, ts)
    slack.people.say(office.binh, office.channel, "dừng", thread_ts=ts)
    await scene.told(office.binh, "Không có câu hỏi nào của bạn đang được trả lời ở đây.")
    assert model.broken_off == 0
    slack.people.say(office.an, office.channel, "Dừng!", thread_ts=ts)
    stopped = await scene.word(office.channel, ts, STOPPED)
    assert (stopped.ts, model.broken_off) == (growing.ts, 1)
