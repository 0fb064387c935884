"""Slack as the core's surface: status line, messages, the way into private, and back to what was lost."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.slack.adapter import SlackConfig, open_client, slack_surface
from bots.slack.ids import Spot
from bots.slack.surface import STATUS_OFF_SECONDS
from core.clock import SteadyClock
from core.store.database import Database
from core.store.threads import ThreadBook
from core.surfaces import Action, Posting, SurfaceBusy, SurfaceSilent, SurfaceUnavailable, Undeliverable
from tests.bots.slack.office import MANIFEST, a_link
from tests.bots.slack.outbox import TEAM, TEXT, Outbox, an_answer, an_outbox
from tests.manual_clock import ManualClock
from tests.slack_server import SlackServer
from tests.slack_server.rates import Rates


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(dict(MANIFEST), clock=ManualClock(), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
async def outbox(slack: SlackServer, database: Database) -> AsyncIterator[Outbox]:
    async with an_outbox(slack, database) as opened:
        yield opened


def commanded(outbox: Outbox, channel: str, person: str = "") -> Posting:
    """What somebody asked by a slash command there."""
    place = Spot(TEAM, channel).place
    key = f"{place}:command:1.2.abc"
    return Posting("q1", 0, key, place, key, f"slack:{person or outbox.an}")


def status(outbox: Outbox, posting: Posting) -> str:
    spot = Spot.of(posting.conversation)
    return outbox.slack.status(spot.channel, str(spot.ts))


async def test_the_status_line_is_set_changed_and_taken_back(outbox: Outbox) -> None:
    posting = outbox.asked()
    for text in ("Đang tìm trong tài liệu ...", "Đang tìm trong 312 tài liệu ...", ""):
        assert await outbox.surface.announce(posting, text)
        assert status(outbox, posting) == text


async def test_a_status_line_that_one_place_does_not_take_is_tried_in_the_next(outbox: Outbox) -> None:
    for code in ("thread_not_found", "channel_not_found"):
        outbox.slack.fail("assistant.threads.setStatus", code)
        assert not await outbox.surface.announce(outbox.asked(), "Đang tìm ...")
    assert await outbox.surface.announce(outbox.asked(), "Đang tìm ...")


async def test_a_workspace_without_status_lines_is_asked_again_later(outbox: Outbox) -> None:
    outbox.slack.fail("assistant.threads.setStatus", "missing_scope")
    for _ in range(3):
        assert not await outbox.surface.announce(outbox.asked(), "Đang tìm ...")
    assert len(outbox.slack.called("assistant.threads.setStatus")) == 1
    outbox.clock.advance(STATUS_OFF_SECONDS)
    assert await outbox.surface.announce(outbox.asked(), "Đang tìm ...")


async def test_a_question_without_a_message_has_no_status_line(outbox: Outbox) -> None:
    assert not await outbox.surface.announce(commanded(outbox, outbox.channel), "Đang tìm ...")
    assert outbox.called() == []


async def test_only_new_messages_cost_what_a_channel_bears(outbox: Outbox) -> None:
    costs = {action: outbox.surface.cost(action, "slack:T1:C1") for action in Action}
    assert {action for action, cost in costs.items() if cost} == {Action.PLACEHOLDER, Action.OPEN, Action.PART}


@pytest.mark.parametrize("streaming", [True, False])
async def test_every_notification_says_something_of_its_own(
    slack: SlackServer, database: Database, *, streaming: bool
) -> None:
    async with an_outbox(slack, database, streaming=streaming) as outbox:
        posting = outbox.asked()
        name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
        assert outbox.message(name).text == "Đang tìm ..."
        await outbox.surface.edit(posting, name, TEXT[:20])
        assert outbox.message(name).text == TEXT[:20]
        await outbox.finish(posting, name, an_answer())
        assert outbox.message(name).text.startswith(TEXT)
        await outbox.surface.fail(posting, name, "Rất tiếc.")
        assert outbox.message(name).text == "Rất tiếc."
        blank = await outbox.surface.open_answer(posting, "\n")
        assert outbox.message(blank).text


async def test_messages_unfurl_nothing_and_ring_nobody(outbox: Outbox) -> None:
    text = "<!channel> xem https://a.vn & <@U1>"
    name = await outbox.surface.post_part(outbox.asked(), text)
    message = outbox.message(name)
    assert (message.unfurl_links, message.unfurl_media, outbox.slack.pings) == (False, False, [])


async def test_an_edit_makes_nothing_of_its_text_by_itself(outbox: Outbox) -> None:
    """What is not given, Slack reads there as people type it: it links addresses."""
    posting = outbox.asked()
    name = await outbox.surface.post_part(posting, TEXT)
    await outbox.surface.edit(posting, name, f"{TEXT} https://a.vn")
    await outbox.surface.fail(posting, name, "Rất tiếc.")
    edits = [called.given for called in outbox.slack.calls if called.method == "chat.update"]
    assert [given.get("parse") for given in edits] == ["none", "none"]


@pytest.mark.parametrize("action", ["finish", "fail", "remove"])
async def test_what_is_done_twice_changes_nothing_more(outbox: Outbox, action: str) -> None:
    posting = outbox.asked()
    name = await outbox.surface.open_answer(posting, TEXT[:20])
    seen = []
    for _ in range(2):
        match action:
            case "finish":
                await outbox.finish(posting, name, an_answer())
            case "fail":
                await outbox.surface.fail(posting, name, "Rất tiếc.")
            case _:
                await outbox.surface.remove(posting, name)
        seen.append([message.seen() for message in outbox.ours(posting)])
    assert seen[0] == seen[1]


async def test_without_a_seat_in_the_channel_the_answer_goes_to_the_asker(outbox: Outbox) -> None:
    place = outbox.slack.people.add_channel("khác", [outbox.an], with_app=False)
    posting = commanded(outbox, place)
    name = await outbox.surface.open_answer(posting, TEXT[:20])
    private = outbox.slack.people.im(outbox.an)
    assert name.startswith(f"{private}/")
    await outbox.finish(posting, name, an_answer())
    assert [message.text.startswith(TEXT) for message in outbox.slack.messages(private)] == [True]


async def test_a_command_among_two_people_is_answered_to_the_asker_alone(outbox: Outbox) -> None:
    binh = outbox.slack.people.add_user("Bình")
    pair = outbox.slack.workspace.open_channel("im", "", (outbox.an, binh)).id
    name = await outbox.surface.post_placeholder(commanded(outbox, pair), TEXT)
    assert name.startswith(f"{outbox.slack.people.im(outbox.an)}/")


@pytest.mark.parametrize(
    "code", ["restricted_action_thread_locked", "is_archived", "cannot_reply_to_message", "thread_not_found"]
)
async def test_what_cannot_be_said_in_a_thread_is_said_and_found_again_in_private(outbox: Outbox, code: str) -> None:
    posting = outbox.asked()
    outbox.slack.fail("chat.startStream", code)
    outbox.slack.fail("chat.postMessage", code)
    name = await outbox.surface.open_answer(posting, TEXT[:20])
    assert name.startswith(f"{outbox.slack.people.im(outbox.an)}/")
    assert await outbox.surface.find(posting, frozenset()) == name
    assert await outbox.surface.find(replace(posting, part=1), frozenset()) is None
    assert await outbox.surface.find(posting, frozenset({name})) is None


async def test_who_takes_no_direct_messages_either_cannot_be_reached(outbox: Outbox) -> None:
    posting = outbox.asked()
    for code in ("not_in_channel", "messages_tab_disabled"):
        outbox.slack.fail("chat.postMessage", code)
    with pytest.raises(Undeliverable):
        await outbox.surface.post_part(posting, TEXT)


async def test_a_direct_message_that_is_refused_is_not_sent_there_again(outbox: Outbox) -> None:
    private = outbox.slack.people.im(outbox.an)
    outbox.slack.fail("chat.postMessage", "messages_tab_disabled")
    with pytest.raises(Undeliverable):
        await outbox.surface.post_part(commanded(outbox, private), TEXT)
    assert outbox.called().count("chat.postMessage") == 1


async def test_who_has_left_cannot_be_reached(outbox: Outbox) -> None:
    place = outbox.slack.people.add_channel("khác", [outbox.an], with_app=False)
    with pytest.raises(Undeliverable):
        await outbox.surface.post_part(commanded(outbox, place, "U0GONE"), TEXT)


async def test_a_message_in_private_whose_word_was_lost_is_found_there(outbox: Outbox) -> None:
    place = outbox.slack.people.add_channel("khác", [outbox.an], with_app=False)
    posting = commanded(outbox, place)
    outbox.slack.fail("chat.postMessage", None)
    outbox.slack.fail("chat.postMessage", "drop_after")
    with pytest.raises(SurfaceSilent):
        await outbox.surface.post_part(posting, TEXT)
    (lost,) = outbox.slack.messages(outbox.slack.people.im(outbox.an))
    assert await outbox.surface.find(posting, frozenset()) == f"{lost.channel}/{lost.ts}"


async def test_an_answer_to_a_command_is_found_in_its_channel(outbox: Outbox) -> None:
    posting = commanded(outbox, outbox.channel)
    assert await outbox.surface.find(posting, frozenset()) is None
    name = await outbox.surface.post_placeholder(posting, "Đang tìm ...")
    assert await outbox.surface.find(posting, frozenset()) == name
    assert await outbox.surface.find(replace(posting, question_id="q2"), frozenset()) is None


async def test_what_else_we_said_there_does_not_pass_for_a_lost_answer(outbox: Outbox) -> None:
    private = outbox.slack.people.im(outbox.an)
    for place in (outbox.channel, private):
        await outbox.surface.api.call("chat.postMessage", channel=place, text="Phiếu của bạn đã được ghi.")
    for place in (outbox.channel, private):
        assert await outbox.surface.find(commanded(outbox, place), frozenset()) is None
    assert await outbox.surface.find(outbox.asked(), frozenset()) is None


async def test_a_message_is_found_behind_many_others(outbox: Outbox) -> None:
    outbox.slack.settings.page_size = 7
    posting = outbox.asked()
    spot = Spot.of(posting.conversation)
    for number in range(30):
        outbox.slack.people.say(outbox.an, outbox.channel, f"Câu {number}", thread_ts=spot.ts)
    name = await outbox.surface.post_part(posting, TEXT)
    assert await outbox.surface.find(posting, frozenset()) == name


async def test_what_was_said_in_a_thread_before_the_question_is_not_its_answer(outbox: Outbox) -> None:
    first = outbox.asked()
    begun = await outbox.surface.open_answer(first, TEXT)
    spot = Spot.of(first.conversation)
    later = outbox.slack.people.ask(outbox.an, outbox.channel, "Còn nữa?", thread_ts=spot.ts)
    second = replace(first, question_id="q2", reply_to=Spot(TEAM, outbox.channel, later).name)
    assert await outbox.surface.find(second, frozenset()) is None
    assert await outbox.surface.find(first, frozenset()) == begun


async def test_in_a_thread_that_has_gone_nothing_is_found(outbox: Outbox) -> None:
    posting = outbox.asked()
    outbox.slack.people.delete(outbox.an, str(Spot.of(posting.conversation).ts))
    assert await outbox.surface.find(posting, frozenset()) is None


@pytest.mark.parametrize(
    ("what", "error"),
    [("ratelimited", SurfaceBusy), (500, SurfaceSilent), ("missing_scope", SurfaceUnavailable)],
)
async def test_a_search_that_fails_does_not_pass_for_one_that_found_nothing(
    outbox: Outbox, what: str | int, error: type[Exception]
) -> None:
    posting = outbox.asked()
    outbox.slack.fail("conversations.replies", what)
    with pytest.raises(error):
        await outbox.surface.find(posting, frozenset())


async def test_nothing_is_looked_for_before_we_know_who_we_are(slack: SlackServer, database: Database) -> None:
    config = SlackConfig(slack.bot_token, slack.app_token, api_url=slack.api_url)
    async with open_client(config) as client:
        surface = slack_surface(config, client, ThreadBook(database), a_link, SteadyClock())
        with pytest.raises(SurfaceUnavailable):
            await surface.find(Posting("q1", 0, "slack:T1:C1:1.1", "slack:T1:C1", "slack:T1:C1:1.1"), frozenset())
    assert slack.calls == []
