"""One answer on its way: whatever the platform does, exactly one whole text stands there in the end."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation import Answer, Language, Outcome
from core.delivery import REPOSTS, Channel, Delivery
from core.errors import StoreError
from core.intake import Claim, ClaimLost, Notice, Post, State
from core.pacing import Pacer
from core.postings import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE
from core.surfaces import (
    Action,
    MarkupRefused,
    MessageGone,
    Part,
    Posting,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)
from tests.manual_clock import ImpatientClock, ManualClock
from tests.surface import CALM, Fault, RecordedSurface, Sent

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEARCHING = "Đang tìm trong tài liệu ..."
TEXT = "Mười bốn ngày."
ANSWER = Answer("a1", "q1", TEXT, Outcome.ANSWERED, Language.VIETNAMESE, "nghỉ phép")
SORRY = Notice("inbox.too_many", {"count": 5})
NO_WORD, NOT_NOW, GONE = SurfaceSilent(), SurfaceUnavailable("503"), MessageGone("m1")

_T = TypeVar("_T")


def a_claim(*posts: Post, question_id: str = "q1", place: str = "p1") -> Claim:
    return Claim(
        worker="w1",
        question_id=question_id,
        surface="recorded",
        conversation="c1",
        place=place,
        person="lan",
        text="Nghỉ phép?",
        reply_to="k1",
        asked_at=NOW,
        deadline=NOW,
        state=State.ANSWERING,
        revision=0,
        posts=posts or (Post(0),),
    )


@dataclass
class KeptPosts:
    """`core.postings.Posts` in memory. `seen` holds for each id what the platform had been asked when it was stored."""

    surface: RecordedSurface
    kept: dict[tuple[str, int], str | None] = field(default_factory=dict)
    seen: dict[str, list[Action]] = field(default_factory=dict)
    error: Exception | None = None
    tells_known: bool = True
    gate: asyncio.Event | None = None

    def of(self, question_id: str = "q1") -> dict[int, str | None]:
        return {part: message_id for (owner, part), message_id in self.kept.items() if owner == question_id}

    async def intend(self, claim: Claim, part: int) -> Post:
        new = (claim.question_id, part) not in self.kept
        self.kept.setdefault((claim.question_id, part))
        return Post(part, in_doubt=not new)

    async def posted(self, claim: Claim, part: int, message_id: str) -> bool:
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        if any(kept == message_id and key != (claim.question_id, part) for key, kept in self.kept.items()):
            return False
        self.kept[claim.question_id, part] = message_id
        self.seen[message_id] = [action for action, _ in self.surface.calls]
        return True

    async def taken_away(self, claim: Claim, part: int) -> None:
        self.kept.pop((claim.question_id, part), None)

    async def known(self, claim: Claim) -> frozenset[str]:
        del claim
        return frozenset(known for known in self.kept.values() if known is not None and self.tells_known)


class Platform:
    """A recorded platform with all that deliveries to it share."""

    def __init__(self, surface: RecordedSurface | None = None, clock: ManualClock | None = None) -> None:
        self.surface = surface or RecordedSurface()
        self.clock = clock or ImpatientClock()
        self.posts = KeptPosts(self.surface)
        self.traced: list[str] = []
        self.channel = Channel(
            self.surface,
            Pacer(self.surface.rates, self.clock),
            self.posts,
            self.clock,
            lambda point, _question_id: self.traced.append(point),
        )

    def delivery(self, claim: Claim | None = None) -> Delivery:
        claim = claim or a_claim()
        for post in claim.posts:
            self.posts.kept[claim.question_id, post.part] = post.message_id
        return Delivery(claim, self.channel, "vi")

    async def deliver(self, content: Answer | Notice | None = ANSWER, claim: Claim | None = None) -> None:
        """What was made before: there are no previews any more."""
        delivery = self.delivery(claim)
        delivery.settle(content)
        await delivery.run()

    def fails(self, action: Action, *errors: Exception | None, late: bool = False) -> None:
        self.surface.faults.extend(Fault(action, error, late) for error in errors)

    def stand(self, part: int, message_id: str, text: str = SEARCHING, question_id: str = "q1") -> None:
        """A message of ours that an earlier worker has sent."""
        self.surface.sent.append(Sent(message_id, Posting(question_id, part, "c1", "p1", "k1", "lan"), [text]))

    @property
    def actions(self) -> list[Action]:
        return [action for action, _ in self.surface.calls]

    @property
    def standing(self) -> list[str]:
        return self.surface.texts("q1")


@pytest.fixture
def platform() -> Platform:
    return Platform()


async def asleep(clock: ManualClock, sleepers: int = 1) -> None:
    """Until so many wait for the clock."""
    while clock.sleepers < sleepers:  # noqa: ASYNC110 (the clock of the tests has no event)
        await asyncio.sleep(0)


async def test_the_placeholder_comes_first_then_previews_then_the_whole_text(platform: Platform) -> None:
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.show("Mười")
        await platform.surface.until(lambda surface: surface.texts("q1") == ["Mười"])
        delivery.show("Mười bốn")
        await platform.surface.until(lambda surface: surface.texts("q1") == ["Mười bốn"])
        delivery.settle(ANSWER)
    (sent,) = platform.surface.of("q1")
    assert sent.texts == [SEARCHING, "Mười", "Mười bốn", f"*{TEXT}*"]
    assert sent.is_final
    assert platform.traced == ["posted", "post stored", "shown"]


@pytest.mark.parametrize("content", [ANSWER, SORRY])
async def test_the_id_of_a_message_is_stored_before_its_text_is_written(
    platform: Platform, content: Answer | Notice
) -> None:
    await platform.deliver(content)
    assert platform.posts.seen == {"m1": [Action.PLACEHOLDER]}
    assert platform.actions == [Action.PLACEHOLDER, Action.FINISH if content is ANSWER else Action.FAIL]


@pytest.fixture
def announcing() -> Platform:
    """A platform with a status line."""
    return Platform(RecordedSurface(announces=True), ManualClock())


async def test_where_there_is_a_status_line_the_first_message_is_the_first_text(announcing: Platform) -> None:
    delivery = announcing.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await announcing.surface.until(lambda surface: surface.statuses.get("q1") == [SEARCHING])
        delivery.tell_status("Đang tìm trong 312 tài liệu ...")
        await announcing.surface.until(lambda surface: len(surface.statuses["q1"]) == 2)
        delivery.show("Mười")
        await announcing.surface.until(lambda surface: surface.texts("q1") == ["Mười"])
        delivery.show("Mười bốn")
        await announcing.surface.until(lambda surface: surface.texts("q1") == ["Mười bốn"])
        delivery.settle(ANSWER)
    (sent,) = announcing.surface.of("q1")
    assert sent.texts == ["Mười", "Mười bốn", f"*{TEXT}*"]
    assert announcing.surface.statuses["q1"][-1] == "Đang tìm trong 312 tài liệu ..."
    assert Action.OPEN in announcing.actions
    assert Action.PLACEHOLDER not in announcing.actions


async def test_an_answer_that_is_there_at_once_is_sent_with_its_text(announcing: Platform) -> None:
    await announcing.deliver()
    assert announcing.surface.sent[0].texts == [TEXT, f"*{TEXT}*"]
    assert announcing.surface.statuses == {}


async def test_a_status_that_fades_is_said_again(announcing: Platform) -> None:
    delivery = announcing.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await asleep(announcing.clock)
        announcing.clock.advance(CALM.announce_seconds)
        await announcing.surface.until(lambda surface: len(surface.statuses["q1"]) == 2)
        await asleep(announcing.clock)
        announcing.clock.advance(CALM.announce_seconds)
        await announcing.surface.until(lambda surface: len(surface.statuses["q1"]) == 3)
        delivery.settle(ANSWER)


async def test_a_status_that_counts_is_shown_when_the_platform_bears_it(announcing: Platform) -> None:
    surface = announcing.surface
    surface.rates = replace(CALM, preview_seconds=10.0)
    surface.costs[Action.ANNOUNCE] = 1.0
    announcing.channel = replace(announcing.channel, pacer=Pacer(surface.rates, announcing.clock))
    delivery = announcing.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await asleep(announcing.clock)
        delivery.tell_status("Đang đọc ...")
        await asleep(announcing.clock)
        assert surface.statuses["q1"] == [SEARCHING]
        announcing.clock.advance(10.0)
        delivery.tell_status("Đang viết ...")
        await surface.until(lambda surface: surface.statuses["q1"] == [SEARCHING, "Đang viết ..."])
        delivery.settle(None)
    assert surface.statuses["q1"][-1] == ""


async def test_who_is_asked_to_wait_when_announcing_waits_with_the_placeholder() -> None:
    platform = Platform(RecordedSurface(announces=True))
    platform.surface.costs[Action.ANNOUNCE] = 1.0
    platform.fails(Action.ANNOUNCE, SurfaceBusy(7.0))
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.settle(ANSWER)
    assert platform.clock.slept[0] == pytest.approx(7.0)


async def test_where_the_platform_bears_no_status_now_a_placeholder_is_sent() -> None:
    platform = Platform(RecordedSurface(announces=True))
    platform.surface.costs[Action.ANNOUNCE] = 1.0
    platform.channel.pacer.back_off(a_claim().place, 5.0)
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.settle(ANSWER)
    assert platform.surface.statuses == {}
    assert Action.ANNOUNCE not in platform.actions


async def test_a_question_that_is_let_go_leaves_no_status_behind(announcing: Platform) -> None:
    delivery = announcing.delivery()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(delivery.run())
        await announcing.surface.until(lambda surface: bool(surface.statuses))
        running.cancel()
    assert announcing.surface.statuses["q1"][-1] == ""
    assert announcing.surface.sent == []


@pytest.mark.parametrize("error", [SurfaceUnavailable(), SurfaceBusy(5), None])
async def test_without_a_status_line_there_is_a_placeholder(error: SurfaceError | None) -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, call_seconds=0.02), announces=True))
    platform.fails(Action.ANNOUNCE, error)
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.settle(ANSWER)
    assert platform.surface.sent[0].texts == [SEARCHING, f"*{TEXT}*"]


async def test_what_stands_there_already_needs_no_status(announcing: Platform) -> None:
    announcing.stand(0, "m0")
    delivery = announcing.delivery(a_claim(Post(0, "m0")))
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        delivery.show("Mười")
        await announcing.surface.until(lambda surface: surface.texts("q1") == ["Mười"])
        delivery.tell_status("?")
        delivery.settle(ANSWER)
    assert announcing.surface.statuses == {}


async def test_of_previews_that_come_too_fast_the_last_is_shown() -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, preview_seconds=1.0)), ManualClock())
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        for text in ("a", "ab", "abc", "abcd"):
            delivery.show(text)
            if text == "a":
                await platform.surface.until(lambda surface: surface.texts("q1") == ["a"])
        await asleep(platform.clock)
        platform.clock.advance(1.0)
        await platform.surface.until(lambda surface: surface.texts("q1") == ["abcd"])
        delivery.settle(ANSWER)
    assert platform.surface.sent[0].texts == [SEARCHING, "a", "abcd", f"*{TEXT}*"]


async def test_the_final_text_does_not_wait_for_the_turn_of_a_preview() -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, preview_seconds=60.0)), ManualClock())
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.show("a")
        await platform.surface.until(lambda surface: surface.texts("q1") == ["a"])
        delivery.show("ab")
        await asleep(platform.clock)
        delivery.settle(ANSWER)
    assert platform.surface.sent[0].texts == [SEARCHING, "a", f"*{TEXT}*"]
    assert platform.clock.monotonic() == 0


async def test_what_is_settled_while_the_placeholder_is_sent_needs_no_preview(platform: Platform) -> None:
    platform.posts.gate = asyncio.Event()
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        delivery.show("Mười")
        delivery.settle(ANSWER)
        platform.posts.gate.set()
    assert platform.actions == [Action.PLACEHOLDER, Action.FINISH]


@pytest.mark.parametrize(
    "error",
    [SurfaceBusy(7), SurfaceUnavailable(), SurfaceSilent(), MarkupRefused(), MessageGone(), Undeliverable(), None],
)
async def test_a_preview_that_fails_is_dropped_and_the_final_text_is_not(error: SurfaceError | None) -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, call_seconds=0.02)))
    platform.fails(Action.EDIT, error)
    delivery = platform.delivery()
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run())
        delivery.show("Mười")
        await platform.surface.until(lambda surface: not surface.faults)
        delivery.settle(ANSWER)
    assert platform.actions == [Action.PLACEHOLDER, Action.EDIT, Action.FINISH]
    assert platform.surface.sent[0].texts == [SEARCHING, f"*{TEXT}*"]


async def test_the_final_text_is_tried_until_it_stands_with_growing_pauses(platform: Platform) -> None:
    platform.fails(Action.FINISH, *[NOT_NOW, NO_WORD] * 5)
    await platform.deliver()
    assert platform.standing == [f"*{TEXT}*"]
    assert platform.clock.slept == [min(FIRST_PAUSE * 2**tried, LONGEST_PAUSE) for tried in range(10)]


@pytest.mark.parametrize("action", [Action.PLACEHOLDER, Action.FINISH])
async def test_the_platform_is_left_alone_for_as_long_as_it_asks(platform: Platform, action: Action) -> None:
    platform.fails(action, SurfaceBusy(30), SurfaceBusy(5))
    await platform.deliver()
    assert platform.clock.slept == [30, 5]
    assert platform.standing == [f"*{TEXT}*"]


@pytest.mark.parametrize(("everywhere", "slept"), [(True, [30, 30]), (False, [30])])
async def test_a_pause_everywhere_holds_other_places_back_too(slept: list[float], *, everywhere: bool) -> None:
    platform = Platform(clock=ManualClock())
    platform.fails(Action.FINISH, SurfaceBusy(30, everywhere=everywhere))
    async with asyncio.TaskGroup() as group:
        group.create_task(platform.deliver())
        await asleep(platform.clock)
        group.create_task(platform.deliver(claim=a_claim(question_id="q2", place="p2")))
        if everywhere:
            await asleep(platform.clock, 2)
        else:
            await platform.surface.until(lambda surface: surface.texts("q2") == [f"*{TEXT}*"])
        platform.clock.advance(30)
    assert platform.clock.slept == slept


async def test_who_waits_for_a_turn_waits_on_when_the_platform_asks_another_to_wait() -> None:
    rates = replace(CALM, place_burst=1.0, place_per_second=0.5)
    platform = Platform(RecordedSurface(rates=rates), ManualClock())
    platform.stand(0, "m1")
    pacer = platform.channel.pacer
    pacer.must("p1", 1)
    async with asyncio.TaskGroup() as group:
        group.create_task(platform.deliver(claim=a_claim(Post(0, "m1"))))
        await asleep(platform.clock)
        pacer.back_off("p1", 30)
        platform.clock.advance(2)
        while len(platform.clock.slept) < 2:  # noqa: ASYNC110 (the clock of the tests has no event)
            await asyncio.sleep(0)
        assert platform.clock.slept == [2, 28]
        assert platform.actions == []
        platform.clock.advance(28)
    assert platform.standing == [f"*{TEXT}*"]


async def test_what_must_be_sent_keeps_to_the_rates() -> None:
    rates = replace(CALM, place_burst=1.0, place_per_second=0.5)
    platform = Platform(RecordedSurface(rates=rates, limit=5))
    await platform.deliver()
    calls = len(platform.actions)
    assert platform.clock.monotonic() == pytest.approx((calls - 1) / 0.5)


async def test_markup_that_is_refused_is_sent_as_plain_text(platform: Platform) -> None:
    platform.fails(Action.FINISH, MarkupRefused())
    await platform.deliver()
    assert platform.standing == [TEXT]


async def test_a_long_answer_stands_in_parts_each_in_a_message_of_its_own() -> None:
    platform = Platform(RecordedSurface(limit=5))
    await platform.deliver()
    assert platform.standing == ["*Mười *", "*bốn n*", "*gày.*"]
    assert all(sent.is_final for sent in platform.surface.sent)
    assert platform.posts.of() == {0: "m1", 1: "m2", 2: "m3"}
    assert platform.posts.seen["m2"][-1] is Action.PART
    assert platform.traced.count("shown") == 3


@pytest.mark.parametrize("content", [ANSWER, SORRY])
async def test_parts_left_over_from_a_longer_answer_are_taken_away(
    platform: Platform, content: Answer | Notice
) -> None:
    for number in range(3):
        platform.stand(number, f"m{number}", "cũ")
    await platform.deliver(content, a_claim(*(Post(number, f"m{number}") for number in range(3))))
    assert len(platform.standing) == 1
    assert platform.standing != ["cũ"]
    assert platform.posts.of() == {0: "m0"}
    assert Action.PLACEHOLDER not in platform.actions


async def test_a_notice_is_said_in_the_language_of_the_question_with_its_facts(platform: Platform) -> None:
    await platform.deliver(SORRY)
    (text,) = platform.standing
    assert text.startswith("Bạn đang có 5 câu hỏi chờ trả lời.")
    assert platform.surface.sent[0].is_final


async def test_what_nobody_wants_any_more_is_taken_away(platform: Platform) -> None:
    platform.stand(0, "m0")
    platform.stand(1, "m1")
    platform.fails(Action.REMOVE, NOT_NOW, NO_WORD)
    await platform.deliver(None, a_claim(Post(0, "m0"), Post(1, "m1")))
    assert (platform.standing, platform.posts.of()) == ([], {})


async def test_what_was_never_sent_needs_no_removal(platform: Platform) -> None:
    await platform.deliver(None, a_claim(Post(0, in_doubt=True)))
    assert (platform.actions, platform.posts.of()) == ([Action.FIND], {})


async def test_a_message_without_a_stored_id_is_looked_for_and_taken_away(platform: Platform) -> None:
    platform.stand(0, "lost")
    await platform.deliver(None, a_claim(Post(0, in_doubt=True)))
    assert (platform.standing, platform.posts.of()) == ([], {})


class ConfusedSurface(RecordedSurface):
    """Takes the newest message whose id it is not told to be known for the lost one."""

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        await super().find(posting, known)
        lost = [sent.id for sent in self.sent if sent.id not in known and not sent.is_removed]
        return lost[-1] if lost else None


def confused() -> Platform:
    """A platform that finds what belongs to another question, and a store that does not know so much."""
    platform = Platform(ConfusedSurface())
    platform.stand(0, "theirs", question_id="q2")
    platform.posts.kept["q2", 0] = "theirs"
    platform.posts.tells_known = False
    return platform


@pytest.mark.parametrize("lost", [True, False])
async def test_a_message_of_another_is_not_taken_away(*, lost: bool) -> None:
    platform = confused()
    if lost:
        platform.surface.sent.insert(0, Sent("lost", Posting("q1", 0, "c1", "p1", "k1", "lan"), [SEARCHING]))
    await platform.deliver(None, a_claim(Post(0, in_doubt=True)))
    assert platform.surface.texts("q2") == [SEARCHING]
    assert platform.posts.kept == {("q2", 0): "theirs"}
    assert platform.standing == []


async def test_a_message_sent_before_a_crash_is_found_and_used(platform: Platform) -> None:
    platform.stand(0, "lost")
    await platform.deliver(claim=a_claim(Post(0, in_doubt=True)))
    assert platform.actions == [Action.FIND, Action.FINISH]
    assert platform.posts.of() == {0: "lost"}
    assert platform.standing == [f"*{TEXT}*"]


async def test_a_message_that_a_crash_kept_from_being_sent_is_sent(platform: Platform) -> None:
    await platform.deliver(claim=a_claim(Post(0, in_doubt=True)))
    assert platform.actions == [Action.FIND, Action.PLACEHOLDER, Action.FINISH]


async def test_a_later_part_in_doubt_is_looked_for_too() -> None:
    platform = Platform(RecordedSurface(limit=8))
    platform.stand(0, "m0")
    platform.stand(1, "lost")
    await platform.deliver(claim=a_claim(Post(0, "m0"), Post(1, in_doubt=True)))
    assert platform.standing == ["*Mười bốn*", "* ngày.*"]
    assert Action.PART not in platform.actions


async def test_a_part_intended_by_an_earlier_life_is_looked_for_before_it_is_sent() -> None:
    platform = Platform(RecordedSurface(limit=8))
    platform.posts.kept["q1", 1] = None
    platform.stand(1, "lost")
    await platform.deliver()
    assert platform.standing == ["*Mười bốn*", "* ngày.*"]
    assert platform.posts.of() == {0: "m2", 1: "lost"}


@pytest.mark.parametrize("lost", [True, False])
async def test_a_found_message_that_belongs_to_another_is_left_to_it(*, lost: bool) -> None:
    platform = confused()
    if lost:
        platform.surface.sent.insert(0, Sent("lost", Posting("q1", 0, "c1", "p1", "k1", "lan"), [SEARCHING]))
    await platform.deliver(claim=a_claim(Post(0, in_doubt=True)))
    assert platform.surface.texts("q2") == [SEARCHING]
    assert platform.standing == [f"*{TEXT}*"]
    assert platform.posts.kept == {("q1", 0): "lost" if lost else "m2", ("q2", 0): "theirs"}


async def test_nobody_looks_for_a_lost_message_while_another_is_just_sent_there(platform: Platform) -> None:
    platform.posts.gate = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(platform.deliver())
        await platform.surface.until(lambda surface: bool(surface.sent))
        group.create_task(platform.deliver(claim=a_claim(Post(0, in_doubt=True), question_id="q2")))
        other = platform.delivery(a_claim(Post(0), question_id="q3", place="p2"))
        other.settle(ANSWER)
        group.create_task(other.run())
        await platform.surface.until(lambda surface: bool(surface.of("q3")))
        assert Action.FIND not in platform.actions
        platform.posts.gate.set()
    assert [platform.surface.texts(name) for name in ("q1", "q2", "q3")] == [[f"*{TEXT}*"]] * 3


@pytest.mark.parametrize(("limit", "action"), [(4000, Action.PLACEHOLDER), (8, Action.PART)])
@pytest.mark.parametrize("late", [True, False])
async def test_a_send_without_a_word_is_looked_for_before_it_is_sent_again(
    limit: int, action: Action, *, late: bool
) -> None:
    platform = Platform(RecordedSurface(limit=limit))
    platform.fails(action, NO_WORD, late=late)
    await platform.deliver()
    assert len(platform.surface.sent) == len(platform.standing) == (2 if limit == 8 else 1)
    assert platform.actions.count(Action.FIND) == 1
    assert platform.actions.count(action) == (1 if late else 2)


async def test_where_nothing_can_be_looked_up_the_text_stands_in_the_message_sent_last() -> None:
    platform = Platform(RecordedSurface(tells=False))
    platform.fails(Action.PLACEHOLDER, NO_WORD, NO_WORD, late=True)
    await platform.deliver()
    assert platform.standing == ["…", "…", f"*{TEXT}*"]
    assert platform.clock.slept == [FIRST_PAUSE, 2 * FIRST_PAUSE]


async def test_a_platform_that_hangs_counts_as_silent() -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, call_seconds=0.02)))
    platform.fails(Action.PLACEHOLDER, None, late=True)
    platform.fails(Action.FINISH, None, None)
    await platform.deliver()
    assert platform.standing == [f"*{TEXT}*"]
    assert len(platform.surface.sent) == 1


async def test_a_message_that_somebody_took_away_is_sent_anew(platform: Platform) -> None:
    platform.stand(0, "m1")
    platform.surface.sent[0].is_removed = True
    await platform.deliver(claim=a_claim(Post(0, "m1")))
    assert platform.standing == [f"*{TEXT}*"]
    assert platform.posts.of() == {0: "m2"}


async def test_a_message_that_is_taken_away_again_and_again_is_given_up(platform: Platform) -> None:
    platform.fails(Action.FINISH, *[GONE] * (REPOSTS - 1))
    await platform.deliver()
    assert platform.standing[-1] == f"*{TEXT}*"
    platform.fails(Action.FINISH, *[GONE] * REPOSTS)
    with pytest.raises(Undeliverable):
        await platform.deliver(claim=a_claim(question_id="q2"))
    assert platform.actions.count(Action.PLACEHOLDER) == 2 * REPOSTS


@pytest.mark.parametrize("action", [Action.PLACEHOLDER, Action.FINISH])
async def test_a_place_where_nothing_can_be_sent_is_said_at_once(platform: Platform, action: Action) -> None:
    platform.fails(action, Undeliverable("blocked"))
    with pytest.raises(Undeliverable, match="blocked"):
        await platform.deliver()
    assert platform.clock.slept == []


class DeadSurface(RecordedSurface):
    """Answers to every call with the same error."""

    def __init__(self, error: SurfaceError, *answers: Action) -> None:
        super().__init__()
        self.error = error
        self.answers = answers

    async def _call(self, action: Action, posting: Posting, effect: Callable[[], _T]) -> _T:
        done = await super()._call(action, posting, effect)
        if action not in self.answers:
            raise self.error
        return done


@pytest.mark.parametrize(
    "surface",
    [
        DeadSurface(SurfaceUnavailable()),
        DeadSurface(SurfaceBusy(600)),
        DeadSurface(SurfaceUnavailable(), Action.PLACEHOLDER),
        DeadSurface(SurfaceSilent(), Action.PLACEHOLDER),
    ],
)
async def test_after_a_day_a_message_that_cannot_be_sent_is_given_up(surface: DeadSurface) -> None:
    platform = Platform(surface)
    with pytest.raises(Undeliverable):
        await platform.deliver()
    assert PATIENCE <= platform.clock.monotonic() < PATIENCE + 700


async def test_a_platform_that_never_says_a_word_is_not_filled_with_messages() -> None:
    surface = DeadSurface(SurfaceSilent(), Action.FIND)
    surface.tells = False
    platform = Platform(surface)
    with pytest.raises(Undeliverable):
        await platform.deliver()
    assert PATIENCE <= platform.clock.monotonic() < PATIENCE + 100
    assert len(surface.sent) < PATIENCE / LONGEST_PAUSE + 10


@pytest.mark.parametrize("error", [ClaimLost("q1"), StoreError("store.locked", place="", detail="")])
async def test_where_the_id_cannot_be_stored_nothing_is_written(platform: Platform, error: Exception) -> None:
    platform.posts.error = error
    with pytest.raises(type(error)):
        await platform.deliver()
    assert platform.actions == [Action.PLACEHOLDER]
    platform.posts.error = None
    await platform.deliver(claim=a_claim(Post(0, in_doubt=True)))
    assert platform.standing == [f"*{TEXT}*"]


async def test_that_one_waits_is_told_in_a_new_placeholder_and_then_in_the_same(platform: Platform) -> None:
    await platform.delivery().tell("vị trí 3")
    await platform.delivery(a_claim(Post(0, "m1"))).tell("vị trí 2")
    assert platform.surface.sent[0].texts == ["vị trí 3", "vị trí 2"]


async def test_that_one_waits_is_not_told_when_the_platform_has_no_room() -> None:
    platform = Platform(RecordedSurface(rates=replace(CALM, preview_seconds=60.0)))
    platform.stand(0, "m1")
    for place in (1, 2):
        await platform.delivery(a_claim(Post(0, "m1"))).tell(f"vị trí {place}")
    assert platform.surface.sent[0].texts == [SEARCHING, "vị trí 1"]


async def test_that_one_waits_is_told_anew_where_only_later_parts_are_left(platform: Platform) -> None:
    platform.stand(1, "m1")
    await platform.delivery(a_claim(Post(1, "m1"))).tell("vị trí 3")
    assert platform.standing == ["vị trí 3", SEARCHING]


class Trouble(Enum):
    """What may happen at one call to the platform."""

    NONE = 0
    BUSY = 1
    UNAVAILABLE = 2
    SILENT_UNDONE = 3
    SILENT_DONE = 4
    TAKEN_AWAY = 5
    DIED_BEFORE = 6
    DIED_AFTER = 7


class DiedError(BaseException):
    """The process ends here."""


ERRORS = {
    Trouble.BUSY: SurfaceBusy(3),
    Trouble.UNAVAILABLE: SurfaceUnavailable(),
    Trouble.SILENT_UNDONE: SurfaceSilent(),
    Trouble.DIED_BEFORE: DiedError(),
}
LATE_ERRORS = {Trouble.SILENT_DONE: SurfaceSilent(), Trouble.DIED_AFTER: DiedError()}
WRITING = (Action.EDIT, Action.FINISH, Action.FAIL)


class TroubledSurface(RecordedSurface):
    """Has one trouble after another, then none; nothing that it says is untrue."""

    def __init__(self, troubles: Sequence[Trouble], *, tells: bool, takes_markup: bool) -> None:
        super().__init__(limit=5, tells=tells)
        self.troubles = iter(troubles)
        self.takes_markup = takes_markup

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        if not self.takes_markup and part.text != part.plain:
            raise MarkupRefused
        await super().finish(posting, message_id, answer, part)

    async def _call(self, action: Action, posting: Posting, effect: Callable[[], _T]) -> _T:
        trouble = next(self.troubles, Trouble.NONE)
        if error := ERRORS.get(trouble):
            raise error
        if trouble is Trouble.TAKEN_AWAY and action in WRITING:
            for sent in self.sent:
                sent.is_removed |= sent.posting == posting
        done = await super()._call(action, posting, effect)
        if error := LATE_ERRORS.get(trouble):
            raise error
        return done


def few_taken_away(troubles: Sequence[Trouble]) -> bool:
    return troubles.count(Trouble.TAKEN_AWAY) < REPOSTS


TROUBLES = st.lists(st.sampled_from(list(Trouble)), max_size=14).filter(few_taken_away)
ENDS = {True: ["*Mười *", "*bốn n*", "*gày.*"], False: ["Mười ", "bốn n", "gày."]}


async def bring_through(platform: Platform, content: Answer | Notice | None, *, shows: bool) -> None:
    """One life after another, each with what the last one stored, until one has come to the end."""
    claim = claim_as_kept(platform, in_doubt=False)
    while not await lives_through(platform.delivery(claim), content, shows=shows):
        claim = claim_as_kept(platform, in_doubt=True)


def claim_as_kept(platform: Platform, *, in_doubt: bool) -> Claim:
    kept = platform.posts.of() or {0: None}
    return a_claim(*(Post(part, known, in_doubt and known is None) for part, known in sorted(kept.items())))


async def lives_through(delivery: Delivery, content: Answer | Notice | None, *, shows: bool) -> bool:
    """Whether the process was still alive in the end."""
    died = False
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(delivery.run())
            if shows:
                delivery.show("Mười")
                await asyncio.sleep(0)
            delivery.settle(content)
    except* DiedError:
        died = True
    return not died


@settings(max_examples=300, deadline=None)
@given(troubles=TROUBLES, takes_markup=st.booleans(), shows=st.booleans())
async def test_any_troubles_and_deaths_end_in_exactly_one_whole_text(
    troubles: list[Trouble], *, takes_markup: bool, shows: bool
) -> None:
    platform = Platform(TroubledSurface(troubles, tells=True, takes_markup=takes_markup))
    await bring_through(platform, ANSWER, shows=shows)
    assert platform.standing == ENDS[takes_markup]
    assert {sent.posting.part: sent.id for sent in platform.surface.of("q1")} == platform.posts.of()


@settings(max_examples=100, deadline=None)
@given(troubles=TROUBLES, shows=st.booleans())
async def test_where_nothing_can_be_looked_up_one_whole_text_stands_beside_empty_messages(
    troubles: list[Trouble], *, shows: bool
) -> None:
    platform = Platform(TroubledSurface(troubles, tells=False, takes_markup=True))
    await bring_through(platform, ANSWER, shows=shows)
    ours = set(platform.posts.of().values())
    assert [sent.text for sent in platform.surface.of("q1") if sent.id in ours] == ENDS[True]
    assert {sent.text for sent in platform.surface.of("q1") if sent.id not in ours} <= {SEARCHING, "…"}


@settings(max_examples=100, deadline=None)
@given(troubles=TROUBLES, shows=st.booleans(), parts=st.integers(1, 3))
async def test_any_troubles_and_deaths_end_with_nothing_left_of_what_nobody_wants(
    troubles: list[Trouble], *, shows: bool, parts: int
) -> None:
    platform = Platform(TroubledSurface(troubles, tells=True, takes_markup=True))
    for number in range(parts):
        platform.stand(number, f"old-{number}")
        platform.posts.kept["q1", number] = f"old-{number}"
    await bring_through(platform, None, shows=shows)
    assert (platform.standing, platform.posts.of()) == ([], {})


@settings(max_examples=100, deadline=None)
@given(troubles=TROUBLES)
async def test_any_troubles_and_deaths_end_in_one_notice(troubles: list[Trouble]) -> None:
    platform = Platform(TroubledSurface(troubles, tells=True, takes_markup=True))
    await bring_through(platform, Notice("inbox.stopped"), shows=False)
    assert platform.standing == ["Đã dừng theo yêu cầu."]


async def test_a_message_that_is_on_its_way_when_the_question_is_changed_is_stored(platform: Platform) -> None:
    platform.posts.gate = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(platform.delivery().run())
        await platform.surface.until(lambda surface: bool(surface.sent))
        writing.cancel()
        await asyncio.sleep(0)
        platform.posts.gate.set()
    assert writing.cancelled()
    assert platform.posts.kept == {("q1", 0): platform.surface.sent[0].id}


async def test_a_left_over_part_that_cannot_be_taken_away_does_not_undo_the_answer(platform: Platform) -> None:
    platform.stand(0, "m1")
    platform.stand(1, "m2", "zwei")
    platform.fails(Action.REMOVE, Undeliverable("too old"))
    await platform.deliver(claim=a_claim(Post(0, "m1"), Post(1, "m2")))
    assert platform.standing == [f"*{TEXT}*", "zwei"]
    assert ("q1", 1) not in platform.posts.kept


async def test_an_answer_of_which_nothing_would_be_shown_is_a_fault_of_the_adapter(platform: Platform) -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        await platform.deliver(replace(ANSWER, text=""))
