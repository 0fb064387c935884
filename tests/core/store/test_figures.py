"""Counts of a day, of what waits, and of the handbook."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from core.conversation import Outcome, Route
from core.feedback import FeedbackBook
from core.intake import State
from core.store import tables
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.figures import Figures, Queue, SpaceState, Today
from core.store.journal import Journal, ModelCall
from tests.core.desk import QUESTION
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON, OPEN, PAY, STAFF, a_document, chunks_of, stored, with_spaces

NOTHING = Today(0, 0, 0, 0, 0, 0, 0, 0.0, {})


@pytest.fixture
def figures(database: Database) -> Figures:
    return Figures(database)


async def ended(lobby: Lobby, outcome: Outcome) -> str:
    """The id of an answer that was shown."""
    await lobby.ask(QUESTION)
    claim = await lobby.keep(await lobby.claim(), outcome)
    await lobby.claims().finish(claim, lobby.now)
    return claim.answer_id or ""


async def test_a_day_on_which_nothing_happened(figures: Figures) -> None:
    assert await figures.today(NOON) == NOTHING


async def test_a_day_counts_every_question_by_what_became_of_it(database: Database, figures: Figures) -> None:
    lobby = Lobby(database)
    since = lobby.now
    lobby.clock.advance(1)
    for outcome in (*Outcome, Outcome.ANSWERED):
        await ended(lobby, outcome)
    await lobby.bring_to(State.CANCELLED)
    late = await lobby.ask()
    lobby.clock.advance(lobby.limits.deadline_seconds)
    claim = await lobby.claim()
    assert (claim.question_id, claim.ending) == (late, State.FAILED)
    stopped = await lobby.bring_to(State.ANSWERING)
    await lobby.intake.stop(stopped, "lan", lobby.now)
    assert (await figures.today(since)).failed == 2
    assert (await figures.today(since)).questions == 6
    await lobby.claims().finish(claim, lobby.now)
    await lobby.ask()
    today = await figures.today(since)
    assert (today.questions, today.answered, today.not_found, today.denied, today.failed) == (7, 2, 1, 1, 2)
    assert today.by_route == {"local": 5}
    assert await figures.today(lobby.now + timedelta(seconds=1)) == NOTHING


async def test_a_day_counts_the_votes_given_on_it_on_any_answer(database: Database, figures: Figures) -> None:
    answer_id = await ended(Lobby(database), Outcome.ANSWERED)
    book, since = FeedbackBook(database), datetime.now(UTC)
    for person, value in (("an", 1), ("bình", 1), ("chi", -1), ("dung", 0)):
        await book.vote(answer_id, person, value)
    await book.vote(answer_id, "em", 1, since - timedelta(hours=1))
    await book.explain(answer_id, "giang", "khó hiểu")
    today = await figures.today(since)
    assert (today.questions, today.up, today.down) == (0, 2, 1)
    later = await figures.today(datetime.now(UTC) + timedelta(seconds=1))
    assert (later.up, later.down) == (0, 0)


async def test_a_day_costs_what_its_calls_cost(database: Database, figures: Figures) -> None:
    journal = Journal(database)
    for number, (route, cost) in enumerate(((Route.API, 0.25), (Route.API, 0.5), (Route.LOCAL, None), (Route.API, 4))):
        at = NOON + timedelta(hours=0 if number < 3 else -1)
        await journal.record_call(ModelCall(f"m{number}", None, "m", route, at, cost_usd=cost))
    assert (await figures.today(NOON)).cost_usd == pytest.approx(0.75)


async def test_the_queue_is_what_has_not_ended(database: Database, figures: Figures) -> None:
    lobby = Lobby(database)
    assert await figures.queue() == Queue(0, None)
    await lobby.bring_to(State.ANSWERED)
    lobby.clock.advance(5)
    oldest = lobby.now
    await lobby.ask(surface="another")
    lobby.clock.advance(5)
    for state in (State.DELIVERING, State.ANSWERING, State.NEW):
        await lobby.bring_to(state)
    assert await figures.queue() == Queue(4, oldest)
    assert await figures.queue(["recorded"]) == Queue(3, lobby.now)
    assert await figures.queue([]) == Queue(0, None)


async def test_documents_count_once_they_are_indexed(database: Database, figures: Figures) -> None:
    await with_spaces(database)
    for name in ("nghi-phep", "nghi-om"):
        await stored(database, a_document(name))
    await stored(database, a_document("bang-luong", PAY.name))
    waiting = a_document("chua-xong", PAY.name)
    await DocumentRepository(database).replace(waiting, chunks_of(waiting))
    states = {state.name: state for state in await figures.spaces()}
    assert list(states) == sorted([STAFF.name, PAY.name, OPEN.name])
    assert {name: state.documents for name, state in states.items()} == {STAFF.name: 2, PAY.name: 1, OPEN.name: 0}
    assert states[OPEN.name] == SpaceState(OPEN.name, 0, None)
    newest = states[STAFF.name].last_indexed
    assert newest is not None
    assert abs(newest - datetime.now(UTC)) < timedelta(minutes=5)
    assert await figures.documents_in([STAFF.name, PAY.name]) == 3
    assert await figures.documents_in([OPEN.name]) == await figures.documents_in([]) == 0


async def test_a_space_tells_when_its_last_document_was_indexed(database: Database, figures: Figures) -> None:
    await with_spaces(database)
    rows = [
        {"id": f"d{hour}", "space": STAFF.name, "source": "s", "path": str(hour), "title": "t", "content_hash": "h",
         "size": 1, "modified_at": 0.0, "indexed_at": NOON + timedelta(hours=hour)}
        for hour in (2, 5, 3)
    ]  # fmt: skip
    async with database.writing() as connection:
        await connection.execute(insert(tables.document), rows)
    assert SpaceState(STAFF.name, 3, NOON + timedelta(hours=5)) in await figures.spaces()
