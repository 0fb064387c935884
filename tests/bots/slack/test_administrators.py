"""What the administrators' channel is told, and what goes back into conversations: once, whatever fails between."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.slack.administrators import (
    ANNOUNCED,
    LOOK_AGAIN,
    NOWHERE,
    RETURNED,
    Administrators,
    Marked,
    sentence_of,
    thread_of,
)
from bots.slack.cards import accepted_note
from bots.slack.corrections import Cards
from bots.slack.identity import Identity
from bots.slack.ids import Spot, message_id, person_of
from core.alarms import Alarm, Alarms
from core.clock import Clock, SteadyClock
from core.corrections import Correction, Corrections
from core.errors import StoreError
from core.intake import State
from tests.bots.slack.bench import TEAM, Bench, Shown, a_bench
from tests.bots.slack.reception import Counter, running
from tests.core.store.samples import NOON, an_answer, recorded
from tests.manual_clock import ImpatientClock
from tests.slack_server.messages import Message


class Watched(Corrections):
    """Corrections, and a word when it is stored that a message tells of one. The first `failures` times it is not."""

    def __init__(self, bench: Bench, stored: Counter) -> None:
        super().__init__(bench.database)
        self.stored = stored
        self.failures = 0
        self.looked = Counter()

    async def unreturned(self, surface: str | None = None) -> list[Correction]:
        self.looked()
        return await super().unreturned(surface)

    async def announced(self, correction_id: str, message_id: str) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreError("store.full", place="test")
        await super().announced(correction_id, message_id)
        self.stored("announced", correction_id)

    async def returned(self, correction_id: str, message_id: str) -> None:
        await super().returned(correction_id, message_id)
        self.stored("returned", correction_id)


@dataclass
class Desk:
    bench: Bench
    clock: Clock = field(default_factory=SteadyClock)

    def __post_init__(self) -> None:
        self.alarms = Alarms(SteadyClock())
        self.stored = Counter()
        self.corrections = Watched(self.bench, self.stored)

    def administrators(self, channel: str | None = "") -> Administrators:
        bench = self.bench
        return Administrators(
            marked=Marked(bench.api, bench.identity),
            corrections=self.corrections,
            cards=Cards(bench.threads, bench.journal, "vi", ZoneInfo("Asia/Ho_Chi_Minh"), bench.identity),
            threads=bench.threads,
            alarms=self.alarms,
            clock=self.clock,
            channel=bench.office if channel == "" else channel,
        )

    async def proposed(self, shown: Shown | None = None, text: str = "14 ngày") -> Correction:
        shown = shown or await self.bench.answered()
        return await self.bench.corrections.propose(
            shown.answer.id, person_of(self.bench.an), text, self.bench.clock.now()
        )

    async def accepted(self, shown: Shown | None = None) -> Correction:
        correction = await self.proposed(shown)
        lan, now = person_of(self.bench.lan), self.bench.clock.now()
        decided = await self.bench.corrections.decide(correction.id, lan, accept=True, now=now)
        assert decided is not None
        return decided

    def cards(self) -> list[Message]:
        return self.bearing(self.bench.office, ANNOUNCED)

    def bearing(self, channel: str, kind: str) -> list[Message]:
        """The messages with this mark."""
        return [m for m in self.bench.slack.messages(channel) if (m.metadata or {}).get("event_type") == kind]

    async def now(self, correction: Correction) -> Correction:
        found = await self.bench.corrections.get(correction.id)
        assert found is not None
        return found

    def slept(self) -> list[float]:
        """The pauses after failures, of a clock that does not wait."""
        assert isinstance(self.clock, ImpatientClock)
        return [seconds for seconds in self.clock.slept if seconds < LOOK_AGAIN]

    async def done(self, count: int = 1) -> None:
        """Waits until so many messages have been stored."""
        await self.stored.until(count)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_bench(tmp_path) as bench:
        yield Desk(bench)


@pytest.fixture
def hurried(desk: Desk) -> Desk:
    """On a clock that does not wait."""
    desk.clock = ImpatientClock()
    return desk


async def test_a_correction_is_shown_to_the_administrators_once(desk: Desk) -> None:
    correction = await desk.proposed()
    async with running(desk.administrators().run):
        await desk.done()
    (card,) = desk.cards()
    assert (await desk.now(correction)).announced_id == message_id(desk.bench.office, card.ts)
    assert card.metadata == {"event_type": ANNOUNCED, "event_payload": {"correction_id": correction.id}}
    assert "14 ngày" in card.seen()
    assert "Mười bốn ngày." in card.seen()
    assert f"<@{desk.bench.an}>" in card.seen()
    assert (card.unfurl_links, card.unfurl_media) == (False, False)


async def test_who_is_woken_looks_at_once(desk: Desk) -> None:
    administrators = desk.administrators()
    async with running(administrators.run):
        first = await desk.proposed()
        administrators.wake()
        await desk.done()
        second = await desk.proposed()
        administrators.wake()
        await desk.done(2)
    assert [card.metadata["event_payload"]["correction_id"] for card in desk.cards() if card.metadata] == [
        first.id,
        second.id,
    ]


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "internal_error", "ratelimited", 503])
async def test_what_slack_does_not_take_is_tried_until_it_stands_there_once(hurried: Desk, fault: str | int) -> None:
    correction = await hurried.proposed()
    hurried.bench.slack.fail("chat.postMessage", fault)
    async with running(hurried.administrators().run):
        await hurried.done()
    (card,) = hurried.cards()
    assert (await hurried.now(correction)).announced_id == message_id(hurried.bench.office, card.ts)


async def test_each_pause_is_twice_the_one_before(hurried: Desk) -> None:
    await hurried.proposed()
    hurried.bench.slack.fail("chat.postMessage", "internal_error", times=4)
    async with running(hurried.administrators().run):
        await hurried.done()
    assert hurried.slept()[:4] == [1, 2, 4, 8]


async def test_slack_is_given_the_time_that_it_asks_for(hurried: Desk) -> None:
    await hurried.proposed()
    hurried.bench.slack.fail("chat.postMessage", "ratelimited", retry_after=70)
    async with running(hurried.administrators().run):
        await hurried.done()
    assert hurried.slept()[0] == 70


async def test_who_has_done_everything_rests(desk: Desk) -> None:
    administrators = desk.administrators()
    async with running(administrators.run):
        await desk.proposed()
        administrators.wake()
        await desk.done()
        for _ in range(5):
            await desk.bench.api.call("auth.test")
    assert len(desk.corrections.looked.calls) <= 2


async def test_a_channel_that_cannot_be_read_is_not_written_to(hurried: Desk) -> None:
    await hurried.proposed()
    hurried.bench.slack.fail("conversations.history", "internal_error", times=3)
    async with running(hurried.administrators().run):
        await hurried.done()
    assert len(hurried.cards()) == 1
    assert len(hurried.bench.slack.called("conversations.history")) == 4


async def test_a_card_that_was_sent_before_a_crash_is_found(desk: Desk) -> None:
    correction = await desk.proposed()
    administrators = desk.administrators()
    card = await administrators.cards.card(correction)
    spot = Spot("", desk.bench.office)
    desk.bench.slack.settings.page_size = 1
    sent = await administrators.marked.post_once(spot, ANNOUNCED, correction.id, correction.proposed_at, card)
    desk.bench.slack.people.say(desk.bench.lan, desk.bench.office, "chuyện khác")
    async with running(administrators.run):
        await desk.done()
    assert len(desk.cards()) == 1
    assert (await desk.now(correction)).announced_id == sent


async def test_a_mark_counts_on_our_own_messages_for_its_own_correction(desk: Desk) -> None:
    marked, spot, card = desk.administrators().marked, Spot("", desk.bench.office), accepted_note("vi", "x", "U1")
    first = await marked.post_once(spot, ANNOUNCED, "c1", NOON, card)
    assert await marked.post_once(spot, ANNOUNCED, "c1", NOON, card) == first
    soon, later = (desk.bench.clock.now() + timedelta(minutes=minutes) for minutes in (5, 60))
    assert await marked.post_once(spot, ANNOUNCED, "c1", soon, card) == first
    for kind, name in ((ANNOUNCED, "c2"), (RETURNED, "c1")):
        assert await marked.post_once(spot, kind, name, NOON, card) != first
    others = Marked(desk.bench.api, Identity("U0OTHER", TEAM))
    assert await others.post_once(spot, ANNOUNCED, "c1", NOON, card) != first
    assert await marked.post_once(spot, ANNOUNCED, "c1", later, card) != first


async def test_a_store_that_fails_after_the_post_costs_no_second_card(hurried: Desk) -> None:
    correction = await hurried.proposed()
    hurried.corrections.failures = 2
    async with running(hurried.administrators().run):
        await hurried.done()
    assert hurried.corrections.failures == 0
    (card,) = hurried.cards()
    assert (await hurried.now(correction)).announced_id == message_id(hurried.bench.office, card.ts)


async def test_without_a_channel_corrections_wait_and_go_back_all_the_same(desk: Desk) -> None:
    waiting, accepted = await desk.proposed(), await desk.accepted()
    async with running(desk.administrators(channel=None).run):
        await desk.done()
    assert (await desk.now(waiting)).announced_id is None
    async with running(desk.administrators().run):
        await desk.done(2)
    assert (await desk.now(waiting)).announced_id is not None
    assert (await desk.now(accepted)).returned_id is not None


async def test_who_is_not_of_slack_is_not_announced_here(desk: Desk) -> None:
    shown = await desk.bench.answered()
    strange = await desk.bench.corrections.propose(shown.answer.id, "telegram:7", "x", desk.bench.clock.now())
    correction = await desk.proposed(shown)
    async with running(desk.administrators().run):
        await desk.done()
    assert (await desk.now(strange)).announced_id is None
    assert (await desk.now(correction)).announced_id is not None


async def test_a_correction_that_was_taken_back_meanwhile_is_not_announced(desk: Desk) -> None:
    shown = await desk.bench.answered()
    old = await desk.proposed(shown)
    new = await desk.proposed(shown, "15 ngày")
    administrators = desk.administrators()
    await administrators._announce(old)
    assert desk.cards() == []
    await administrators._announce(new)
    assert len(desk.cards()) == 1


async def test_an_accepted_correction_goes_back_under_its_answer_once(desk: Desk) -> None:
    shown = await desk.bench.answered()
    correction = await desk.accepted(shown)
    async with running(desk.administrators().run):
        await desk.done()
    (note,) = desk.bearing(shown.channel, RETURNED)
    assert note.thread_ts == shown.asked_ts
    assert (await desk.now(correction)).returned_id == message_id(shown.channel, note.ts)
    assert "14 ngày" in note.seen()
    assert f"<@{desk.bench.lan}>" in note.seen()
    assert desk.cards() == []


async def test_a_note_whose_sending_gave_no_word_is_found_in_its_thread(hurried: Desk) -> None:
    shown = await hurried.bench.answered()
    await hurried.accepted(shown)
    hurried.bench.slack.fail("chat.postMessage", "drop_after")
    async with running(hurried.administrators().run):
        await hurried.done()
    assert len(hurried.bearing(shown.channel, RETURNED)) == 1


async def test_a_conversation_that_is_closed_to_us_keeps_nobody_waiting(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    closed = desk.bench.slack.people.add_channel("cũ", [desk.bench.an])
    lost = await desk.accepted(await desk.bench.answered(channel=closed))
    desk.bench.slack.people.leave(desk.bench.identity.user, closed)
    correction = await desk.accepted()
    async with running(desk.administrators().run):
        await desk.done(2)
    assert (await desk.now(lost)).returned_id == NOWHERE
    assert (await desk.now(correction)).returned_id not in {None, NOWHERE}
    assert lost.id in caplog.text


async def test_an_answer_of_another_surface_is_left_to_it(desk: Desk) -> None:
    await recorded(desk.bench.database, an_answer(1))
    asked = await desk.bench.lobby.bring_to(State.ANSWERED)
    elsewhere = await desk.bench.lobby.row(asked)
    lan, now = person_of(desk.bench.lan), desk.bench.clock.now()
    for answer_id in ("a1", elsewhere["answer_id"]):
        correction = await desk.bench.corrections.propose(answer_id, person_of(desk.bench.an), "x", now)
        await desk.bench.corrections.decide(correction.id, lan, accept=True, now=now)
    assert await desk.administrators()._round() == []
    assert [each.returned_id for each in await desk.corrections.unreturned()] == [None, None]
    assert not desk.bench.slack.called("chat.postMessage")


async def test_nothing_is_done_before_we_know_who_we_are(desk: Desk) -> None:
    await desk.proposed()
    administrators = desk.administrators()
    desk.bench.identity._is_known.clear()
    assert await administrators._round() == [0.0]
    assert desk.cards() == []
    desk.bench.identity._is_known.set()
    assert await administrators._round() == []
    assert len(desk.cards()) == 1


async def test_a_note_goes_to_where_the_answer_stands(desk: Desk) -> None:
    ours = await desk.bench.threads.question_by_answer((await desk.bench.answered()).answer.id)
    assert ours is not None
    spot = Spot.of(ours.conversation)
    assert thread_of(ours) == spot
    assert thread_of(replace(ours, message_ids=("D1/7.000000",))) == Spot(TEAM, "D1", "7.000000")
    command = f"slack:{TEAM}:{spot.channel}:command:1.2"
    alone = replace(ours, conversation=command, message_ids=(f"{spot.channel}/7.000000",))
    assert thread_of(alone) == Spot(TEAM, spot.channel, "7.000000")


async def test_alarms_are_told_with_the_questions_that_were_hit(desk: Desk) -> None:
    async with running(desk.administrators().run):
        desk.alarms.raised("alarm.broken", "q-17", "ValueError('<!channel>')")
        await desk.bench.slack.until(lambda slack: slack.messages(desk.bench.office))
    (told,) = desk.bench.slack.messages(desk.bench.office)
    assert "Lỗi trong chương trình" in told.text
    assert "q-17" in told.text
    assert desk.bench.slack.pings == []
    assert (told.unfurl_links, told.unfurl_media) == (False, False)


async def test_an_alarm_that_does_not_get_through_is_tried_again(
    hurried: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    hurried.bench.slack.fail("chat.postMessage", "internal_error", times=2)
    hurried.bench.slack.fail("chat.postMessage", "ratelimited")
    async with running(hurried.administrators().run):
        hurried.alarms.raised("alarm.slack_down", None, "")
        hurried.alarms.raised("alarm.failed", "q1", "")
        await hurried.bench.slack.until(lambda slack: len(slack.messages(hurried.bench.office)) == 2)
    assert "Mất kết nối" in hurried.bench.slack.messages(hurried.bench.office)[0].text
    assert "alarm" not in {alarm.kind for alarm in hurried.alarms.due()}
    assert "internal_error" in caplog.text


async def test_without_a_channel_alarms_go_to_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.alarms.raised("alarm.broken", "q-17", "")
    administrators = desk.administrators(channel=None)
    administrators._untold.extend(desk.alarms.due())
    assert await administrators._tell(administrators._untold[0]) is None
    assert "q-17" in caplog.text
    assert not desk.bench.slack.called("chat.postMessage")


def test_the_sentence_of_an_alarm_is_for_people() -> None:
    alarm = Alarm("alarm.failed", 3, ("q1",), "answer.too_late", NOON)
    assert "Có câu hỏi không trả lời được" in sentence_of(alarm, "vi")
    assert "answer.too_late" not in sentence_of(alarm, "vi")
    unknown = Alarm("strange", 1, (), "", NOON)
    assert "strange" in sentence_of(unknown, "en")
