"""What people said while nobody listened is looked for and answered, once."""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bots.slack.api import SlackApi
from bots.slack.budgets import MethodBudgets
from bots.slack.catchup import FIRST_PAUSE, LONGEST_PAUSE, CatchUp
from bots.slack.socket import SocketMode
from core.clock import SteadyClock
from core.intake import InboxLimits, Verdict
from core.store.intake import Intake
from core.store.marks import Marks
from tests.bots.slack.absence import Absence, HurriedClock, StoredInbox
from tests.bots.slack.lobby import Lobby
from tests.bots.slack.reception import Counter, Door, our_manifest, running
from tests.core.store.databases import fresh_database
from tests.slack_server import Rates, Settings, SlackServer

MINUTE, HOUR = 60.0, 3600.0


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """Nobody is connected: what is delivered is lost, and never sent again."""
    settings = Settings(retries=())
    async with SlackServer(our_manifest(), settings=settings, rates=Rates(on=False), clock=HurriedClock()) as server:
        yield server


@pytest.fixture
def away(slack: SlackServer) -> Absence:
    clock = slack.workspace.clock
    assert isinstance(clock, HurriedClock)
    return Absence(slack, clock)


@pytest.fixture
def lan(slack: SlackServer) -> str:
    return slack.people.add_user("Lan")


@pytest.fixture
def general(slack: SlackServer, lan: str) -> str:
    return slack.people.add_channel("chung", [lan])


async def test_the_first_time_nothing_is_looked_at_and_the_mark_is_set(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    slack.people.ask(lan, general, "trước khi có bot?")
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.mark.stood == [away.clock.now()]
    assert not slack.calls
    assert not away.inbox.accepted


async def test_what_was_asked_meanwhile_is_told_oldest_first_wherever_we_are(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    minh = slack.people.add_user("Minh")
    private = slack.people.add_channel("kín", [lan], is_private=True)
    group, im = slack.people.add_group_dm([lan, minh]), slack.people.im(lan)
    elsewhere = slack.people.add_channel("khác", [lan], with_app=False)
    away.leave()
    asked = [slack.people.ask(lan, place, f"câu {n}?") for place in (general, private, group) for n in (1, 2)]
    asked.append(slack.people.say(lan, im, "câu riêng?"))
    slack.people.say(lan, general, "chuyện phiếm")
    slack.people.ask(lan, elsewhere, "không ai nghe?")
    async with running(away.catch_up.run):
        await away.come_back()
    assert [message.key.rpartition(":")[2] for message in away.inbox.accepted] == asked
    first, last = away.inbox.accepted[0], away.inbox.accepted[-1]
    assert (first.event, first.text) == (f"slack:catchup:{general}:{asked[0]}", "câu 1?")
    assert (last.text, last.person, last.place) == ("câu riêng?", f"slack:{lan}", f"slack:T1:{im}")
    assert away.mark.stood[-1] == away.clock.now()


async def test_threads_are_looked_into(slack: SlackServer, away: Absence, lan: str, general: str) -> None:
    old = slack.people.say(lan, general, "từ ba ngày trước")
    away.clock.advance(72 * HOUR)
    yesterday = slack.people.say(lan, general, "hôm qua")
    unchanged = slack.people.ask(lan, general, "đã trả lời")
    away.clock.advance(20 * HOUR)
    away.leave()
    away.clock.advance(HOUR)
    now = slack.people.say(lan, general, "mới")
    threads = {ts: slack.people.ask(lan, general, "trong chuỗi?", thread_ts=ts) for ts in (old, yesterday, now)}
    away.lately = [f"slack:T1:{general}:{old}"]
    async with running(away.catch_up.run):
        await away.come_back()
    assert {m.key.rpartition(":")[2] for m in away.inbox.accepted} == set(threads.values())
    assert {m.conversation.rpartition(":")[2] for m in away.inbox.accepted} == set(threads)
    assert unchanged not in {call.given["ts"] for call in slack.called("conversations.replies")}
    assert away.asked_since[0] < away.mark.stood[0]


async def test_a_thread_whose_first_message_is_gone_holds_nothing_up(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    first = slack.people.ask(lan, general, "cũ")
    away.lately = [f"slack:T1:{general}:{first}"]
    away.mark.stood = [away.clock.now()]
    slack.people.delete(lan, first)
    away.clock.advance(MINUTE)
    ts = slack.people.ask(lan, general, "nghỉ phép mấy ngày?")
    async with running(away.catch_up.run):
        await away.come_back()
    assert [asked.key for asked in away.inbox.accepted] == [f"slack:T1:{general}:{ts}"]
    assert away.mark.stood[-1] == away.clock.now()


async def test_a_thread_that_came_back_into_the_channel_is_looked_into(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    old = slack.people.say(lan, general, "từ ba ngày trước")
    away.clock.advance(72 * HOUR)
    away.leave()
    shown = slack.people.say(lan, general, f"{slack.people.mention} gửi cả kênh?", thread_ts=old, broadcast=True)
    hidden = slack.people.ask(lan, general, "chỉ trong chuỗi?", thread_ts=old)
    async with running(away.catch_up.run):
        await away.come_back()
    assert [message.key.rpartition(":")[2] for message in away.inbox.accepted] == [shown, hidden]


async def test_the_last_minute_before_the_mark_is_looked_at_again(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    slack.people.ask(lan, general, "đã xem?")
    away.clock.advance(31)
    slack.people.ask(lan, general, "vừa lúc mất mạng?")
    away.clock.advance(30)
    away.leave()
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.inbox.texts == ["vừa lúc mất mạng?"]


async def test_what_is_a_day_old_is_not_answered_any_more(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    away.leave()
    away.clock.advance(HOUR)
    slack.people.ask(lan, general, "hôm kia?")
    away.clock.advance(2 * HOUR)
    slack.people.ask(lan, general, "hôm qua?")
    away.clock.advance(23 * HOUR)
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.inbox.texts == ["hôm qua?"]


async def test_every_page_is_read(slack: SlackServer, away: Absence, lan: str) -> None:
    slack.settings.page_size = 2
    places = [slack.people.add_channel(f"kênh {n}", [lan]) for n in range(5)]
    away.leave()
    asked = [slack.people.ask(lan, place, f"{n}?") for place in places for n in range(3)]
    asked += [slack.people.ask(lan, places[0], "dưới?", thread_ts=asked[0]) for _ in range(5)]
    async with running(away.catch_up.run):
        await away.come_back()
    assert sorted(message.key.rpartition(":")[2] for message in away.inbox.accepted) == sorted(asked)


async def test_who_is_asked_to_wait_waits_and_goes_on(slack: SlackServer, away: Absence, lan: str) -> None:
    slack.rates.on, slack.rates.special["conversations.history"] = True, 2
    slack.settings.page_size = 2
    places = [slack.people.add_channel(f"kênh {n}", [lan]) for n in range(3)]
    away.leave()
    began = away.clock.now()
    for place in places:
        for n in range(3):
            slack.people.ask(lan, place, f"{n}?")
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.inbox.texts == ["0?", "1?", "2?"] * 3
    assert slack.limited["conversations.history"] == 2
    assert away.clock.waited == [60.0, 60.0]
    assert away.mark.stood[-1] == began


async def test_our_own_budget_is_kept(slack: SlackServer, away: Absence, lan: str) -> None:
    away.budgets["conversations.history"] = 1
    places = [slack.people.add_channel(f"kênh {n}", [lan]) for n in range(3)]
    away.leave()
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.looked_at() == places
    assert len(away.clock.waited) == 2


@pytest.mark.parametrize("fault", ["internal_error", "missing_scope", 500])
async def test_a_channel_that_fails_is_tried_again_while_the_others_go_on(
    slack: SlackServer, away: Absence, lan: str, caplog: pytest.LogCaptureFixture, fault: str | int
) -> None:
    first, second = (slack.people.add_channel(f"kênh {n}", [lan]) for n in range(2))
    away.leave()
    slack.people.ask(lan, first, "một?")
    slack.people.ask(lan, second, "hai?")
    began = away.clock.now()
    slack.fail("conversations.history", fault, times=2)
    slack.fail("conversations.history", None)
    slack.fail("conversations.history", fault)
    with caplog.at_level(logging.WARNING):
        async with running(away.catch_up.run):
            await away.come_back()
    assert away.inbox.texts == ["một?", "hai?"]
    assert away.looked_at() == [first, second, first, second, second]
    assert away.clock.waited == [FIRST_PAUSE, 2 * FIRST_PAUSE]
    assert away.mark.stood == [began, began]
    assert sum("cannot be looked at" in record.getMessage() for record in caplog.records) == 3


async def test_pauses_stay_bounded(slack: SlackServer, away: Absence, general: str) -> None:
    away.leave()
    slack.fail("conversations.history", "internal_error", times=8)
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.looked_at() == [general] * 9
    assert away.clock.waited == [3.0, 6.0, 12.0, 24.0, 48.0, *[LONGEST_PAUSE] * 3]


async def test_a_channel_that_is_closed_to_us_holds_nothing_up(slack: SlackServer, away: Absence, general: str) -> None:
    away.leave()
    slack.fail("conversations.history", "not_in_channel")
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.looked_at() == [general]
    assert len(away.mark.stood) == 2


async def test_without_the_list_of_channels_it_waits(slack: SlackServer, away: Absence, lan: str, general: str) -> None:
    away.leave()
    slack.people.ask(lan, general, "có ai không?")
    slack.fail("users.conversations", "internal_error", times=2)
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.inbox.texts == ["có ai không?"]


async def test_a_database_that_is_away_is_waited_for(slack: SlackServer, away: Absence, lan: str, general: str) -> None:
    away.leave()
    slack.people.ask(lan, general, "có ai không?")
    away.inbox.failures = 2
    async with running(away.catch_up.run):
        await away.come_back()
        assert away.inbox.texts == ["có ai không?"]
        assert len(away.mark.stood) == 2
        away.mark.failures = 1
        await away.come_back()
        assert len(away.mark.stood) == 3


async def test_the_mark_moves_on_while_all_is_well_and_only_then(away: Absence) -> None:
    away.leave()
    left = away.clock.now()
    async with running(away.catch_up.run):
        for _ in range(6):
            await away.rest()
        assert away.mark.stood[-1] == left + timedelta(seconds=30)
        away.is_healthy = False
        await away.rest()
        assert away.mark.stood[-1] == left + timedelta(seconds=30)
        away.is_healthy, away.mark.failures = True, 1
        await away.rest()
        await away.rest()
    assert away.mark.stood[-1] == left + timedelta(seconds=75)


async def test_where_questions_were_asked_lately_is_looked_at_first_and_other_direct_messages_last(
    slack: SlackServer, away: Absence, lan: str
) -> None:
    minh = slack.people.add_user("Minh")
    quiet_im, busy_im = slack.people.im(lan), slack.people.im(minh)
    quiet, busy, busiest = (slack.people.add_channel(f"kênh {n}", [lan]) for n in range(3))
    away.lately = [
        f"slack:T1:{busiest}:1.1",
        f"slack:T1:{busy_im}:2.2",
        f"slack:T1:{busy}:command:9",
        "slack:T1:CX:3.3",
    ]
    slack.fail("conversations.replies", "thread_not_found", times=2)
    away.leave()
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.looked_at() == [busiest, busy_im, busy, quiet, quiet_im]


async def test_chatter_before_we_spoke_in_a_thread_is_no_question(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    away.leave()
    root = slack.people.say(lan, general, "chuyện của chúng tôi")
    slack.people.say(lan, general, "ai biết không?", thread_ts=root)
    await away.catch_up.api.call("chat.postMessage", channel=general, thread_ts=root, text="Mười hai ngày.")
    slack.people.say(lan, general, "thế còn phép ốm?", thread_ts=root)
    away.lobby.notes.answered.add(f"slack:T1:{general}:{root}")
    async with running(away.catch_up.run):
        await away.come_back()
    assert away.inbox.texts == ["thế còn phép ốm?"]


async def test_a_stop_is_not_repeated_when_its_author_went_on(
    slack: SlackServer, away: Absence, lan: str, general: str
) -> None:
    away.leave()
    root = slack.people.ask(lan, general, "một?")
    slack.people.ask(lan, general, "dừng", thread_ts=root)
    slack.people.ask(lan, general, "hai?", thread_ts=root)
    async with running(away.catch_up.run):
        await away.come_back()
        assert away.inbox.texts == ["một?", "hai?"]
        assert not away.inbox.stopped
        slack.people.ask(lan, general, "dừng", thread_ts=root)
        await away.come_back()
    assert away.inbox.stopped == [(f"slack:T1:{general}:{root}", f"slack:{lan}")]


async def test_what_is_known_is_not_asked_again_and_an_edit_wins(
    slack: SlackServer, away: Absence, lan: str, general: str, tmp_path: Path
) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        away.inbox.intake = Intake(database, InboxLimits(join_seconds=0))
        away.leave()
        known = slack.people.ask(lan, general, "nghỉ phép mấy ngày?")
        changed = slack.people.ask(lan, general, "nghỉ ốm?")
        async with running(away.catch_up.run):
            await away.come_back()
            assert away.inbox.verdicts() == {known: [Verdict.ACCEPTED], changed: [Verdict.ACCEPTED]}
            away.clock.advance(10 * HOUR)
            slack.people.edit(lan, changed, f"{slack.people.mention} nghỉ ốm hưởng lương không?")
            missed = slack.people.ask(lan, general, "mới")
            slack.people.edit(lan, missed, f"{slack.people.mention} mới, đã sửa")
            await away.come_back()
            assert away.inbox.verdicts(since=2) == {
                known: [Verdict.KNOWN],
                changed: [Verdict.KNOWN, Verdict.CHANGED],
                missed: [Verdict.ACCEPTED, Verdict.KNOWN],
            }
            assert away.inbox.texts[4:] == ["nghỉ ốm hưởng lương không?", "mới, đã sửa", "mới, đã sửa"]
            await away.come_back()
            assert away.inbox.verdicts(since=7) == {changed: [Verdict.KNOWN], missed: [Verdict.KNOWN, Verdict.KNOWN]}


async def test_a_question_taken_away_meanwhile_is_not_answered(
    slack: SlackServer, away: Absence, lan: str, general: str, tmp_path: Path
) -> None:
    """As far as Slack still tells: where others had replied it leaves a stone."""
    async with fresh_database("sqlite", tmp_path) as database:
        away.inbox.intake = Intake(database, InboxLimits(join_seconds=0))
        away.leave()
        asked = slack.people.ask(lan, general, "lương của tôi?")
        slack.people.say(lan, general, "xoá đi", thread_ts=asked)
        async with running(away.catch_up.run):
            await away.come_back()
            slack.people.delete(lan, asked)
            await away.come_back()
        assert away.inbox.verdicts() == {asked: [Verdict.ACCEPTED, Verdict.CANCELLED]}


async def test_a_mention_missed_while_the_line_was_down_is_answered_within_thirty_seconds(tmp_path: Path) -> None:
    """The line drops, nothing comes through for a while, and Slack sends nothing twice; with the times of every day."""
    clock = SteadyClock()
    async with (
        SlackServer(our_manifest(), settings=Settings(retries=()), clock=clock) as slack,
        fresh_database("sqlite", tmp_path) as database,
    ):
        lobby, alarms, greeted = Lobby(inbox := StoredInbox(clock=clock)), Counter(), Counter()
        door = Door(slack, lobby.events.take)
        mark, identity = Marks(database), lobby.events.identity
        line = SocketMode(door.app, slack.app_token, lambda: both(catch_up.connected, greeted), alarms, clock)
        api = SlackApi(door.app.client, MethodBudgets(clock))
        catch_up = CatchUp(api, lobby.events, mark, nowhere, identity, clock, lambda: line.is_healthy)
        lan = slack.people.add_user("Lan")
        general = slack.people.add_channel("chung", [lan])
        async with running(catch_up.run), running(line.run):
            await greeted.until(1)
            slack.people.ask(lan, general, "đang nghe?")
            await inbox.until("đang nghe?", 10)
            slack.fail("apps.connections.open", "drop_before", times=2)
            slack.sockets.refuse()
            slack.sockets.drop()
            dropped = clock.monotonic()
            slack.people.ask(lan, general, "có ai nghe không?")
            await slack.until(lambda s: s.lost)
            await slack.until(lambda s: len(s.called("apps.connections.open")) == 4)
            assert not line.is_healthy
            slack.sockets.refuse(refusing=False)
            await inbox.until("có ai nghe không?", 30)
        assert clock.monotonic() - dropped < 30
        assert len(alarms.calls) == 1
        assert all(event["text"] != f"{slack.people.mention} có ai nghe không?" for event in door.heard)
        assert await mark.seen("slack") is not None


def both(one: Callable[[], None], other: Callable[[], None]) -> None:
    one()
    other()


async def nowhere(since: datetime) -> list[str]:
    """No questions lately."""
    del since
    return []
