"""The hour's calls: reserved before they are made."""

import asyncio
from datetime import UTC, datetime, timedelta

from core.budget import CallBudget


class Book:
    """Counts calls as the store does."""

    def __init__(self, calls: int = 0) -> None:
        self.calls = calls
        self.asked_since: list[datetime] = []

    async def count(self, since: datetime) -> int:
        self.asked_since.append(since)
        await asyncio.sleep(0)
        return self.calls


async def test_a_burst_cannot_overrun_the_budget() -> None:
    budget = CallBudget(10, Book(calls=7).count)
    granted = await asyncio.gather(*(budget.reserve() for _ in range(50)))
    assert sum(granted) == 3
    assert not await budget.has_room()


async def test_a_released_call_makes_room() -> None:
    budget = CallBudget(1, Book().count)
    assert await budget.reserve()
    assert not await budget.reserve()
    budget.release()
    assert await budget.reserve()


async def test_only_the_last_hour_counts() -> None:
    book = Book()
    await CallBudget(1, book.count).has_room()
    age = datetime.now(UTC) - book.asked_since[0]
    assert timedelta(minutes=59) < age < timedelta(minutes=61)


async def test_a_budget_of_zero_lets_nothing_out() -> None:
    assert not await CallBudget(0, Book().count).reserve()
