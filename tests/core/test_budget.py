"""What may go out: every cap, held before a call and settled after it; and who is told when one is nearly spent."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.budget import Budget, Cap, Windows, slot_of
from core.deadline import Deadline
from core.errors import ModelUnavailable
from core.metering import Settlement, Standing
from core.ports import Completion, CompletionRequest, Finish, Message
from core.privacy import Clearance, Reach
from tests.fakes import MemoryLedger, a_budget
from tests.manual_clock import ManualClock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
HELLO = (Message("user", "Xin chào"),)
WORST = 2 * (32 + 32 + 9 + 100 * 5)
"""Of `HELLO` with 100 tokens of answer: twice, at 1 USD and 5 USD per million tokens."""


def request(person: str = "lan") -> CompletionRequest:
    return CompletionRequest(HELLO, Clearance(Reach.OUTSIDE), Deadline.after(60), max_tokens=100, person=person)


@dataclass
class Till:
    """A budget on a clock of its own, and what is told of it."""

    caps: Mapping[Cap, int] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=ManualClock)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    told: list[tuple[str, str]] = field(default_factory=list)

    def budget(self) -> Budget:
        """As another process has it, over the same ledger."""
        budget = a_budget(self.ledger, self.caps, self.clock, zone=HANOI)
        budget.tell = lambda kind, _question_id, detail: self.told.append((kind, detail))
        return budget

    async def pay(self, budget: Budget, cost: float | None = 0.0, person: str = "lan") -> None:
        """One call that comes to this."""
        async with budget.paying(request(person), "q1", "m") as metered:
            metered.meter.completed(Completion("", "m", Finish.STOP, 1, 1, cost_usd=cost))

    async def refused(self, budget: Budget, person: str = "lan") -> str:
        with pytest.raises(ModelUnavailable) as caught:
            await self.pay(budget, person=person)
        return caught.value.message_id


async def test_the_worst_case_is_held_until_the_cost_is_known() -> None:
    till = Till()
    budget = till.budget()
    async with budget.paying(request(), "q1", "m") as metered:
        (held,) = till.ledger.made.values()
        assert (held.worst_micros, held.person, held.question_id, held.model) == (WORST, "lan", "q1", "m")
        assert till.ledger.state(held.id) is Standing.HELD
        metered.meter.completed(Completion("", "m", Finish.STOP, 1, 1, cost_usd=0.0001))
    assert till.ledger.settled == {held.id: Settlement(Standing.SETTLED, 100)}


async def test_a_block_that_raises_is_settled_too() -> None:
    till = Till()

    async def paused() -> None:
        async with till.budget().paying(request(), "q1", "m") as metered:
            metered.meter.begin()
            raise ModelUnavailable("openrouter.paused", seconds=3)

    with pytest.raises(ModelUnavailable, match="leave it alone"):
        await paused()
    assert [settled.state for settled in till.ledger.settled.values()] == [Standing.RELEASED]


@pytest.mark.parametrize(
    ("cap", "most", "text"),
    [
        (Cap.HOUR, 2, "model.budget_spent"),
        (Cap.PERSON, 2, "model.budget_spent_person"),
        (Cap.DAY, 3 * WORST - 1, "model.budget_spent"),
        (Cap.MONTH, 3 * WORST - 1, "model.budget_spent"),
    ],
)
async def test_each_cap_alone_stops_the_third_call(cap: Cap, most: int, text: str) -> None:
    till = Till({cap: most})
    budget = till.budget()
    for _ in range(2):
        await till.pay(budget, cost=None)
    assert await till.refused(budget) == text
    assert len(till.ledger.made) == 2


async def test_what_was_not_needed_is_free_again() -> None:
    till = Till({Cap.DAY: WORST})
    budget = till.budget()
    await till.pay(budget, cost=0.0)
    await till.pay(budget, cost=0.000001)
    assert await till.refused(budget) == "model.budget_spent"


async def test_an_hour_later_there_is_room_for_calls_again() -> None:
    till = Till({Cap.HOUR: 1, Cap.PERSON: 1})
    budget = till.budget()
    await till.pay(budget)
    till.clock.advance(3599)
    assert await till.refused(budget) == "model.budget_spent"
    till.clock.advance(1)
    await till.pay(budget)


async def test_another_person_has_a_share_of_their_own_and_nobody_has_none() -> None:
    till = Till({Cap.PERSON: 1})
    budget = till.budget()
    await till.pay(budget)
    assert not await budget.has_room("lan")
    assert await budget.has_room("hoa")
    assert await budget.has_room()
    for _ in range(3):
        await till.pay(budget, person="")
    await till.pay(budget, person="hoa")


async def test_the_day_is_that_of_the_office() -> None:
    till = Till({Cap.DAY: WORST}, ManualClock(datetime(2026, 11, 23, 16, 59, tzinfo=UTC)))
    budget = till.budget()
    await till.pay(budget, cost=None)
    assert await till.refused(budget) == "model.budget_spent"
    till.clock.advance(60)  # 17:00 in London, midnight in Hanoi
    await till.pay(budget, cost=None)


async def test_room_means_room_for_the_shortest_call() -> None:
    shortest = 2 * (32 + 512 * 5)
    assert await Till({Cap.DAY: shortest}).budget().has_room()
    assert not await Till({Cap.DAY: shortest - 1}).budget().has_room()


@pytest.mark.parametrize("cap", list(Cap))
async def test_a_cap_of_zero_lets_nothing_out(cap: Cap) -> None:
    budget = Till({cap: 0}).budget()
    assert not await budget.has_room("lan")


class TestWarnings:
    """Administrators hear once of a cap that is nearly spent, and once when it is."""

    async def test_nothing_is_said_below_eighty_percent(self) -> None:
        till = Till({Cap.HOUR: 10})
        budget = till.budget()
        for _ in range(7):
            await till.pay(budget)
        assert till.told == []

    async def test_at_eighty_percent_it_is_said_once_and_when_spent_once_more(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        till = Till({Cap.HOUR: 10})
        budget = till.budget()
        with caplog.at_level(logging.WARNING):
            for _ in range(10):
                await till.pay(budget)
            await till.refused(budget)
            await till.refused(budget)
            assert not await budget.has_room()
        assert till.told == [
            ("alarm.budget_low", "max_api_calls_per_hour: 8 / 10"),
            ("alarm.budget_spent", "max_api_calls_per_hour: 10 / 10"),
        ]
        assert len(caplog.records) == 2

    async def test_money_is_said_in_dollars(self) -> None:
        till = Till({Cap.DAY: 5_000_000})
        await till.pay(till.budget(), cost=4.5)
        await till.pay(till.budget(), cost=0.0)
        assert till.told == [("alarm.budget_low", "usd_per_day: 4.50 USD / 5.00 USD")]

    async def test_of_several_processes_one_says_it(self) -> None:
        till = Till({Cap.HOUR: 1})
        budgets = [till.budget() for _ in range(3)]
        await till.pay(budgets[0])
        for budget in budgets:
            assert not await budget.has_room()
        assert [kind for kind, _ in till.told] == ["alarm.budget_low", "alarm.budget_spent"]

    async def test_the_next_day_it_is_said_again(self) -> None:
        till = Till({Cap.DAY: 10})
        for _ in range(2):
            budget = till.budget()
            assert not await budget.has_room()
            till.clock.advance(24 * 3600)
        assert [kind for kind, _ in till.told] == ["alarm.budget_spent"] * 2

    async def test_a_persons_share_is_told_of_without_a_name(self, caplog: pytest.LogCaptureFixture) -> None:
        till = Till({Cap.PERSON: 2})
        budget = till.budget()
        with caplog.at_level(logging.WARNING):
            for person in ("lan", "lan", "hoa", "hoa"):
                await till.pay(budget, person=person)
            await till.refused(budget)
        assert till.told == [("alarm.budget_person", "calls_per_person_per_hour: 2 / 2")] * 2
        assert "lan" not in caplog.text
        assert till.ledger.said == set()


class TestLedgerThatFails:
    """Fails closed before a call, and keeps the worst case after it."""

    async def test_nothing_goes_out_that_cannot_be_noted(self) -> None:
        till = Till()
        till.ledger.is_down = True
        assert await till.refused(till.budget()) == "model.budget_unread"
        assert not await till.budget().has_room()

    async def test_a_call_that_cannot_be_settled_stays_held(self, caplog: pytest.LogCaptureFixture) -> None:
        till = Till()
        budget = till.budget()
        async with budget.paying(request(), "q1", "m"):
            till.ledger.is_down = True
        till.ledger.is_down = False
        assert (till.ledger.settled, len(till.ledger.made)) == ({}, 1)
        assert "not settled" in caplog.text

    async def test_a_name_that_is_not_kept_stops_nothing_but_one_not_taken_back_does(self) -> None:
        till = Till()
        async with till.budget().paying(request(), "q1", "m") as metered:
            await metered.meter.sent()
            till.ledger.is_down = True
            await metered.meter.named("gen-1")
            with pytest.raises(ModelUnavailable, match="could not be read"):
                await metered.meter.sent()
            till.ledger.is_down = False
        assert till.ledger.names == []

    async def test_it_is_rather_said_twice_than_not_at_all(self) -> None:
        till = Till({Cap.HOUR: 1})
        async with till.budget().paying(request(), "q1", "m"):
            till.ledger.is_down = True
        assert [kind for kind, _ in till.told] == ["alarm.budget_low"]


async def test_a_provider_that_takes_more_than_was_agreed_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    till = Till()
    await till.pay(till.budget(), cost=0.5)
    assert "took 500000 micro-dollars" in caplog.text
    assert [settled.cost_micros for settled in till.ledger.settled.values()] == [500_000]


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        ("2026-11-30T16:59:59", "2026-11-30T00:00:00+07:00", "2026-11-01T00:00:00+07:00"),
        ("2026-11-30T17:00:00", "2026-12-01T00:00:00+07:00", "2026-12-01T00:00:00+07:00"),
    ],
)
def test_windows_are_the_calendars_of_the_office(now: str, day: str, month: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    windows = Windows.at(moment, HANOI)
    assert windows == Windows(moment - timedelta(hours=1), datetime.fromisoformat(day), datetime.fromisoformat(month))


def test_a_day_without_a_midnight_begins_all_the_same() -> None:
    """Summer time begins at midnight in Beirut."""
    beirut = ZoneInfo("Asia/Beirut")
    windows = Windows.at(datetime(2027, 3, 28, 9, tzinfo=UTC), beirut)
    assert windows.day.astimezone(UTC) == datetime(2027, 3, 27, 22, tzinfo=UTC)


def test_each_cap_has_the_slot_of_its_period() -> None:
    local = datetime(2026, 11, 23, 14, 30, tzinfo=HANOI)
    assert [slot_of(cap, local) for cap in Cap] == ["2026-11-23T14", "2026-11-23T14", "2026-11-23", "2026-11"]
