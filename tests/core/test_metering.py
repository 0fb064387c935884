"""What a call comes to, from what its attempts are told to be."""

from dataclasses import dataclass, field

import pytest

from core.metering import Bill, Settlement, Standing
from core.ports import Completion, Finish, Unmetered


@dataclass
class Names:
    """What is stored, in its order."""

    kept: list[str | None] = field(default_factory=list)

    async def keep(self, generation_id: str | None) -> None:
        self.kept.append(generation_id)


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def bill(names: Names) -> Bill:
    return Bill(names.keep)


def completion(cost: float | None, generation_id: str = "") -> Completion:
    return Completion("12", "m", Finish.STOP, 31, 7, cost_usd=cost, generation_id=generation_id)


def test_a_model_that_tells_nothing_and_brings_nothing_is_believed_the_worst(bill: Bill) -> None:
    assert bill.settlement() == Settlement(Standing.UNKNOWN)


def test_a_model_that_tells_nothing_may_still_bring_its_cost(bill: Bill) -> None:
    bill.completed(completion(0.5, "gen-1"))
    assert bill.settlement() == Settlement(Standing.SETTLED, 500_000, "gen-1")


def test_where_every_attempt_is_told_and_none_is_made_nothing_was_sent(bill: Bill) -> None:
    bill.begin()
    assert bill.settlement() == Settlement(Standing.RELEASED, 0)


async def test_an_attempt_that_never_left_is_released(bill: Bill) -> None:
    bill.begin()
    await bill.sent()
    bill.unsent()
    assert bill.settlement() == Settlement(Standing.RELEASED, 0)


async def test_a_refusal_before_any_work_is_a_call_that_costs_nothing(bill: Bill) -> None:
    bill.begin()
    await bill.sent()
    bill.refused()
    assert bill.settlement() == Settlement(Standing.SETTLED, 0)


async def test_a_refusal_and_then_an_answer_cost_what_the_answer_costs(bill: Bill, names: Names) -> None:
    bill.begin()
    await bill.sent()
    bill.refused()
    await bill.sent()
    await bill.named("gen-2")
    bill.completed(completion(0.25, "gen-2"))
    assert bill.settlement() == Settlement(Standing.SETTLED, 250_000, "gen-2")
    assert names.kept == ["gen-2"]


@pytest.mark.parametrize("cost", [None, -1.0, float("nan")])
async def test_an_answer_without_a_cost_is_known_by_its_name_only(bill: Bill, cost: float | None) -> None:
    bill.begin()
    await bill.sent()
    bill.completed(completion(cost, "gen-1"))
    assert bill.settlement() == Settlement(Standing.UNKNOWN, None, "gen-1")


async def test_what_was_cut_off_stays_unknown_though_another_attempt_has_told_its_cost(bill: Bill) -> None:
    bill.begin()
    await bill.sent()
    await bill.named("gen-1")
    await bill.sent()
    await bill.named("gen-2")
    bill.completed(completion(0.25))
    assert bill.settlement() == Settlement(Standing.UNKNOWN, None, "gen-1 gen-2")


async def test_of_two_attempts_one_without_a_name_nobody_can_be_asked(bill: Bill) -> None:
    bill.begin()
    await bill.sent()
    await bill.sent()
    await bill.named("gen-2")
    assert bill.settlement() == Settlement(Standing.UNKNOWN)


async def test_the_stored_names_never_stand_for_fewer_attempts_than_were_made(bill: Bill, names: Names) -> None:
    """A process that is killed leaves the last of these behind."""
    await bill.sent()
    await bill.named("gen-1")
    await bill.named("gen-1")
    await bill.sent()
    await bill.named("gen-2")
    assert names.kept == ["gen-1", None, "gen-1 gen-2"]


@pytest.mark.parametrize("name", ["", "gen 1", "x" * 129, "gén", "gen-1\n"])
async def test_what_is_no_name_is_not_taken_for_one(bill: Bill, names: Names, name: str) -> None:
    await bill.sent()
    await bill.named(name)
    bill.completed(completion(None, name))
    assert bill.settlement() == Settlement(Standing.UNKNOWN)
    assert names.kept == []


async def test_where_nobody_pays_nothing_is_noted() -> None:
    meter = Unmetered()
    meter.begin()
    await meter.sent()
    await meter.named("gen-1")
    meter.unsent()
    meter.refused()
    meter.completed(completion(1.0))
    assert meter == Unmetered()
