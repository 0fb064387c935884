"""The books of a period, from real databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.budget import Cap, Reservation, Windows
from core.conversation import Route
from core.metering import Settlement, Standing
from core.ports import Finish
from core.spending import Answered, Books, Call, Payment
from core.store.budget import ReservationBook
from core.store.cost import CostBook
from core.store.database import Database
from core.store.journal import Journal, ModelCall
from tests.core.store.samples import NOON, OPEN, STAFF, an_answer, recorded

BEFORE = NOON - timedelta(seconds=1)


async def reserve(database: Database, name: str, at: datetime, settlement: Settlement | None = None) -> None:
    book = ReservationBook(database)
    one = Reservation(name, f"q-{name}", "an", "m", at, 100)
    await book.reserve(one, Windows.at(at, UTC), dict.fromkeys(Cap, 10**9))
    if settlement:
        await book.settle(name, settlement, at)


async def test_an_empty_database_has_empty_books(database: Database) -> None:
    assert await CostBook(database).since(NOON) == Books((), (), {})


async def test_calls_count_once_they_have_ended(database: Database) -> None:
    done = ModelCall("m1", "q1", "m", Route.API, NOON, 31, 7, finish=Finish.STOP)
    for call in (
        done,
        replace(done, id="m2", route=Route.LOCAL, question_id=None, prompt_tokens=None, completion_tokens=None),
        replace(done, id="m3", finish=None, error="model.unreachable"),
        replace(done, id="m4", started_at=BEFORE),
    ):
        await Journal(database).record_call(call)
    books = await CostBook(database).since(NOON)
    assert set(books.calls) == {Call(NOON, Route.API, "q1", 31, 7), Call(NOON, Route.LOCAL, None, 0, 0)}


async def test_reservations_count_as_what_they_cost_or_may_cost(database: Database) -> None:
    await reserve(database, "held", NOON)
    await reserve(database, "settled", NOON, Settlement(Standing.SETTLED, 7))
    await reserve(database, "unknown", NOON, Settlement(Standing.UNKNOWN, None, "gen-1"))
    await reserve(database, "released", NOON, Settlement(Standing.RELEASED, 0))
    await reserve(database, "old", BEFORE)
    books = await CostBook(database).since(NOON)
    assert sorted(books.payments, key=lambda payment: payment.state) == [
        Payment(NOON, "q-held", Standing.HELD, 100),
        Payment(NOON, "q-settled", Standing.SETTLED, 7),
        Payment(NOON, "q-unknown", Standing.UNKNOWN, 100),
    ]


async def test_a_question_counts_for_its_last_answer_and_the_space_of_its_first_passage(database: Database) -> None:
    began = datetime.now(UTC)
    answer = an_answer(1)
    await recorded(database, answer, replace(an_answer(2), passages=()), replace(an_answer(3), route=Route.API))
    again = replace(an_answer(1, OPEN), id="a1-again", route=Route.API)
    await Journal(database).record_answer(again)
    books = await CostBook(database).since(began)
    assert books.answers == {
        "q1": Answered(Route.API, OPEN.name),
        "q2": Answered(Route.LOCAL, None),
        "q3": Answered(Route.API, STAFF.name),
    }
    assert (await CostBook(database).since(datetime.now(UTC))).answers == {}
