"""Streams: whatever becomes of one, what people see grows, and in the end the text is whole and stands there once."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.slack.ids import channel_and_ts
from bots.slack.streams import DEAD_SECONDS, LIVES_SECONDS, OFF_SECONDS
from core.errors import StoreError
from core.store.database import Database
from core.surfaces import MarkupRefused, Part, SurfaceBusy, SurfaceSilent, SurfaceUnavailable
from tests.bots.slack.office import MANIFEST
from tests.bots.slack.outbox import TEXT, Outbox, an_answer, an_outbox
from tests.manual_clock import ManualClock
from tests.slack_server import SlackServer
from tests.slack_server.rates import Rates

FIRST, SECOND = TEXT[:20], TEXT[:40]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(dict(MANIFEST), clock=ManualClock(), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
async def outbox(slack: SlackServer, database: Database) -> AsyncIterator[Outbox]:
    async with an_outbox(slack, database) as opened:
        yield opened


async def test_a_stream_grows_and_ends_with_all_that_belongs_to_the_answer(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    await outbox.surface.edit(posting, name, SECOND)
    await outbox.surface.edit(posting, name, SECOND)
    await outbox.finish(posting, name, an_answer())
    assert outbox.called() == ["chat.startStream", "chat.appendStream", "chat.stopStream"]
    assert outbox.is_whole(posting)
    shown = outbox.message(name).shown
    assert shown[:2] == [FIRST, SECOND]
    assert all(later.startswith(sooner) for sooner, later in itertools.pairwise(shown))
    assert not outbox.surface.streams.is_open(name)


async def test_a_stream_is_for_its_asker_and_can_be_stopped(outbox: Outbox) -> None:
    await outbox.surface.open_answer(outbox.asked(), FIRST)
    (call,) = outbox.slack.called("chat.startStream")
    assert (call.given["recipient_user_id"], call.given["recipient_team_id"]) == (outbox.an, "T1")
    assert call.given["is_stoppable"] is True


async def test_a_text_begun_anew_is_written_over_what_was_streamed(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Tôi không chắc")
    await outbox.surface.edit(posting, name, FIRST)
    assert outbox.message(name).shown[-1] == FIRST
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert outbox.called() == ["chat.startStream", "chat.stopStream", "chat.update", "chat.update"]


async def test_a_last_text_that_goes_on_otherwise_is_written_over_the_stream(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, "Bạn được nghỉ 99 ngày")
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


async def test_a_text_too_long_for_a_stream_goes_on_as_a_message(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    await outbox.surface.edit(posting, name, FIRST + "dài " * 3_000)
    assert outbox.called() == ["chat.startStream", "chat.stopStream", "chat.update"]
    assert "dài dài" in outbox.message(name).seen()


async def test_a_stream_is_ended_before_slack_ends_it(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.clock.advance(LIVES_SECONDS)
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.message(name).shown[-1] == SECOND
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert [call.error for call in outbox.slack.calls] == [None] * 5


async def test_a_stream_that_has_died_goes_on_as_a_message(outbox: Outbox) -> None:
    outbox.slack.settings.stream_seconds = 10.0
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.clock.advance(10.0)
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.message(name).shown[-1] == SECOND
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert outbox.called() == ["chat.startStream", "chat.appendStream", "chat.update", "chat.update"]


async def test_a_stream_that_has_died_at_its_end_is_whole_all_the_same(outbox: Outbox) -> None:
    outbox.slack.settings.stream_seconds = 10.0
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.clock.advance(10.0)
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


@pytest.mark.parametrize("code", ["message_not_in_streaming_state", "streaming_state_conflict", "invalid_chunks"])
async def test_an_append_that_is_refused_is_shown_by_an_edit(outbox: Outbox, code: str) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.fail("chat.appendStream", code)
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.message(name).shown[-1] == SECOND
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


async def test_a_refused_stream_that_cannot_be_ended_either_is_written_over_all_the_same(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.fail("chat.appendStream", "invalid_chunks")
    outbox.slack.fail("chat.stopStream", 500)
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.message(name).shown[-1] == SECOND
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


@pytest.mark.parametrize("what", ["drop_after", "drop_before", 500, "internal_error"])
async def test_an_append_of_which_no_word_comes_back_is_not_shown_twice(outbox: Outbox, what: str | int) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.fail("chat.appendStream", what)
    try:
        await outbox.surface.edit(posting, name, SECOND)
    except SurfaceSilent:
        assert what != "internal_error"
    await outbox.surface.edit(posting, name, TEXT)
    assert outbox.message(name).shown[-1] == TEXT
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


async def test_an_append_that_must_wait_is_made_up_for_by_the_next(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.fail("chat.appendStream", "ratelimited")
    with pytest.raises(SurfaceBusy):
        await outbox.surface.edit(posting, name, SECOND)
    await outbox.surface.edit(posting, name, TEXT)
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert "chat.update" not in outbox.called()


async def test_who_stops_the_stream_stops_the_question(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.people.stop(outbox.an, channel_and_ts(name)[1])
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.stopped == [("q1", posting.person)]
    assert outbox.message(name).shown == [FIRST]
    await outbox.surface.fail(posting, name, "Đã dừng theo yêu cầu.")
    assert outbox.message(name).shown[-1] == "Đã dừng theo yêu cầu."
    assert len(outbox.ours(posting)) == 1


async def test_a_stop_that_cannot_be_stored_disturbs_no_delivery(outbox: Outbox) -> None:
    async def away(_question_id: str, _person: str) -> None:
        raise StoreError("store.locked", place="test")

    outbox.surface.streams.stop = away
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.people.stop(outbox.an, channel_and_ts(name)[1])
    await outbox.surface.edit(posting, name, SECOND)
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


@pytest.mark.parametrize("code", ["ratelimited", "channel_type_not_supported", "missing_recipient_team_id"])
async def test_a_stream_that_is_refused_once_is_a_message(outbox: Outbox, code: str) -> None:
    outbox.slack.fail("chat.startStream", code)
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    assert outbox.message(name).shown == [FIRST]
    assert outbox.message(name).metadata is not None
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    await outbox.surface.open_answer(outbox.asked(question_id="q2"), FIRST)
    assert [call.error for call in outbox.slack.called("chat.startStream")] == [code, None]


async def test_a_workspace_without_streams_is_asked_again_later(outbox: Outbox) -> None:
    outbox.slack.settings.streams_refused = "feature_disabled"
    for _ in range(3):
        await outbox.surface.open_answer(outbox.asked(), FIRST)
    assert len(outbox.slack.called("chat.startStream")) == 1
    outbox.clock.advance(OFF_SECONDS)
    outbox.slack.settings.streams_refused = None
    await outbox.surface.open_answer(outbox.asked(), FIRST)
    assert [call.error for call in outbox.slack.called("chat.startStream")] == ["feature_disabled", None]


@pytest.mark.parametrize("text", ["", " \n", "x" * 11_001])
async def test_what_is_no_text_for_a_stream_begins_none(outbox: Outbox, text: str) -> None:
    assert await outbox.surface.streams.start(outbox.asked(), text) is None
    assert outbox.called() == []


async def test_nobody_streams_where_the_settings_say_no(slack: SlackServer, database: Database) -> None:
    async with an_outbox(slack, database, streaming=False) as outbox:
        await outbox.surface.open_answer(outbox.asked(), FIRST)
        assert outbox.called() == ["chat.postMessage"]


@pytest.mark.parametrize("what", ["drop_after", 500, "internal_error"])
async def test_a_start_of_which_no_word_comes_back_is_no_reason_for_a_second_message(
    outbox: Outbox, what: str | int
) -> None:
    outbox.slack.fail("chat.startStream", what)
    with pytest.raises(SurfaceSilent):
        await outbox.surface.open_answer(outbox.asked(), FIRST)
    assert outbox.called() == ["chat.startStream"]


async def test_a_stream_that_nobody_knows_of_is_found_and_completed(outbox: Outbox) -> None:
    posting = outbox.asked()
    outbox.slack.fail("chat.startStream", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.open_answer(posting, FIRST)
    name = await outbox.surface.find(posting, frozenset())
    assert name == f"{outbox.channel}/{outbox.ours(posting)[0].ts}"
    assert await outbox.surface.find(posting, frozenset({name})) is None
    await outbox.surface.edit(posting, name, SECOND)
    assert outbox.message(name).shown[-1] == SECOND
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert await outbox.surface.find(posting, frozenset()) == name


async def test_a_stream_of_another_process_is_completed_failed_or_taken_away(
    outbox: Outbox, slack: SlackServer, database: Database
) -> None:
    names = []
    for number in range(3):
        posting = outbox.asked(question_id=f"q{number}")
        names.append((posting, await outbox.surface.open_answer(posting, FIRST)))
    async with an_outbox(slack, database) as other:
        (done, first), (failed, second), (unwanted, third) = names
        await other.finish(done, first, an_answer())
        await other.surface.fail(failed, second, "Rất tiếc.")
        await other.surface.remove(unwanted, third)
    assert outbox.is_whole(done)
    assert [message.seen() for message in outbox.ours(failed)] == ["Rất tiếc."]
    assert outbox.ours(unwanted) == []


@pytest.mark.parametrize("what", ["drop_after", "drop_before", 500, "ratelimited"])
async def test_an_ending_of_which_no_word_comes_back_is_made_sure_of(outbox: Outbox, what: str | int) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, FIRST)
    outbox.slack.fail("chat.stopStream", what)
    with pytest.raises((SurfaceSilent, SurfaceBusy)):
        await outbox.finish(posting, name, an_answer())
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


async def test_an_edit_of_which_no_word_comes_back_can_be_made_again(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    outbox.slack.fail("chat.update", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.finish(posting, name, an_answer())
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_text_whose_markup_is_refused_is_shown_plain_with_its_sources(
    outbox: Outbox, code: str, *, streamed: bool
) -> None:
    posting, answer = outbox.asked(), an_answer("**Có**: " + TEXT)
    opened = outbox.surface.open_answer if streamed else outbox.surface.post_placeholder
    name = await opened(posting, "**Có**")
    if streamed:  # the stream goes on: the first update meets it, and the second the refusal
        outbox.slack.fail("chat.stopStream", code)
        outbox.slack.fail("chat.update", "streaming_state_conflict")
    outbox.slack.fail("chat.update", code)
    (part,) = outbox.parts(answer)
    with pytest.raises(MarkupRefused):
        await outbox.surface.finish(posting, name, answer, part)
    await outbox.surface.finish(posting, name, answer, Part(part.plain, part.plain, is_refused=True))
    (message,) = outbox.ours(posting)
    assert message.seen().startswith(f"Có: {TEXT}")
    assert "Sổ tay nhân viên" in message.seen()
    assert "**" not in message.seen()
    assert not outbox.surface.streams.is_open(name)


async def test_after_twenty_streams_a_minute_answers_are_posted_and_edited(outbox: Outbox) -> None:
    postings = [outbox.asked(question_id=f"q{number}") for number in range(25)]
    names = [await outbox.surface.open_answer(posting, FIRST) for posting in postings]
    assert [outbox.called().count(method) for method in ("chat.startStream", "chat.postMessage")] == [20, 5]
    for posting, name in zip(postings, names, strict=True):
        await outbox.finish(posting, name, an_answer(question_id=posting.question_id))
    assert all(outbox.is_whole(posting) for posting in postings)


async def test_previews_that_find_no_room_hold_up_no_last_text(outbox: Outbox) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, TEXT[:1])
    dropped = 0
    for end in range(2, len(TEXT)):
        try:
            await outbox.surface.edit(posting, name, TEXT[:end])
        except SurfaceUnavailable:
            dropped += 1
    assert dropped > 0
    await outbox.finish(posting, name, an_answer())
    assert outbox.is_whole(posting)
    assert "chat.update" not in outbox.called()


async def test_an_answer_of_several_parts_begins_in_its_stream(outbox: Outbox) -> None:
    answer = an_answer("\n\n".join(f"Đoạn {n}. {TEXT} {'Chi tiết theo quy định. ' * 40}".strip() for n in range(8)))
    parts = outbox.parts(answer)
    assert len(parts) > 1
    first = outbox.asked()
    names = [await outbox.surface.open_answer(first, answer.text[:200])]
    await outbox.surface.edit(first, names[0], answer.text[:9_000])
    for number, part in enumerate(parts):
        posting = replace(first, part=number)
        if number:
            names.append(await outbox.surface.post_part(posting, part.plain))
        await outbox.surface.finish(posting, names[number], answer, part)
    ours = outbox.ours(first)
    assert [message.ts for message in ours] == [channel_and_ts(name)[1] for name in names]
    assert [message.seen().startswith(part.text.strip()) for message, part in zip(ours, parts, strict=True)] == [
        True for _ in parts
    ]
    assert ["context_actions" in str(message.blocks) for message in ours] == [False] * (len(ours) - 1) + [True]
    assert "".join(message.seen() for message in ours).count("Đoạn ") == 8


async def test_streams_that_nobody_ends_are_forgotten(outbox: Outbox) -> None:
    name = await outbox.surface.open_answer(outbox.asked(), FIRST)
    outbox.clock.advance(DEAD_SECONDS + 1.0)
    other = await outbox.surface.open_answer(outbox.asked(question_id="q2"), FIRST)
    assert [outbox.surface.streams.is_open(each) for each in (name, other)] == [False, True]
