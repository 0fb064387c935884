"""Corrections from the proposal to the administrators' word and back into the conversation."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.corrections import Correction, Corrections, CorrectionState
from core.errors import SotayError
from core.feedback import Feedback, FeedbackBook
from core.store import tables
from core.store.corrections import AT_ONCE
from core.store.database import Database
from tests.core.desk import QUESTION
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON, an_answer, recorded

LATER = NOON + timedelta(minutes=1)
PROPOSED, ACCEPTED, REJECTED, WITHDRAWN = CorrectionState


@pytest.fixture
async def corrections(database: Database) -> Corrections:
    """With two answers, `a1` and `a2`."""
    await recorded(database, an_answer(1), an_answer(2))
    return Corrections(database)


async def states(database: Database) -> dict[str, str]:
    """The state of every correction, by its text."""
    async with database.reading() as connection:
        rows = await connection.execute(select(tables.correction))
        return {row.text: row.state for row in rows}


async def test_a_proposal_waits_for_the_administrators(corrections: Corrections) -> None:
    proposed = await corrections.propose("a1", "an", " 14 ngày\n", NOON)
    assert proposed == Correction(proposed.id, "a1", "an", "14 ngày", PROPOSED, NOON)
    assert await corrections.get(proposed.id) == proposed
    assert await corrections.unannounced() == [proposed]
    assert await corrections.unreturned() == []
    assert await corrections.get("c9") is None


async def test_a_proposal_is_feedback_too_and_leaves_the_vote(corrections: Corrections, database: Database) -> None:
    book = FeedbackBook(database)
    await book.vote("a1", "an", -1)
    for person in ("an", "bình"):
        await corrections.propose("a1", person, "14 ngày", NOON)
    assert await book.given("a1", "an") == Feedback("a1", "an", -1, None, "14 ngày")
    assert await book.given("a1", "bình") == Feedback("a1", "bình", 0, None, "14 ngày")


@pytest.mark.parametrize(
    ("answer_id", "text", "said"),
    [("a9", "14 ngày", "feedback.unknown_answer"), ("a1", " \n", "feedback.empty_correction")],
)
async def test_what_corrects_nothing_is_refused(
    corrections: Corrections, database: Database, answer_id: str, text: str, said: str
) -> None:
    with pytest.raises(SotayError) as raised:
        await corrections.propose(answer_id, "an", text, NOON)
    assert raised.value.message_id == said
    assert raised.value.text("vi") != raised.value.text("en")
    assert await states(database) == {}


async def test_a_newer_proposal_withdraws_the_persons_own_for_the_same_answer(
    corrections: Corrections, database: Database
) -> None:
    old = await corrections.propose("a1", "an", "13 ngày", NOON)
    await corrections.propose("a1", "bình", "của bình", NOON)
    await corrections.propose("a2", "an", "câu khác", NOON)
    new = await corrections.propose("a1", "an", "14 ngày", LATER)
    expected = {"13 ngày": WITHDRAWN, "của bình": PROPOSED, "câu khác": PROPOSED, "14 ngày": PROPOSED}
    assert await states(database) == expected
    assert await corrections.decide(old.id, "quản trị", accept=True, now=LATER) is None
    assert [each.text for each in await corrections.unannounced()][-1] == new.text
    assert len(await corrections.unannounced()) == 3


async def test_a_decided_correction_is_not_withdrawn(corrections: Corrections, database: Database) -> None:
    for text, accept in (("13 ngày", True), ("14 ngày", False), ("15 ngày", True)):
        proposed = await corrections.propose("a1", "an", text, NOON)
        await corrections.decide(proposed.id, "quản trị", accept=accept, now=NOON)
    assert await states(database) == {"13 ngày": ACCEPTED, "14 ngày": REJECTED, "15 ngày": ACCEPTED}


async def test_a_persons_proposals_follow_each_other_whatever_the_clock_says(corrections: Corrections) -> None:
    times = [
        (await corrections.propose("a1", "an", "x", NOON - timedelta(hours=hour))).proposed_at for hour in (0, 0, 5)
    ]
    assert times == sorted(set(times))


async def test_a_correction_is_shown_once(corrections: Corrections) -> None:
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    await corrections.announced(proposed.id, "m1")
    assert await corrections.unannounced() == []
    shown = await corrections.get(proposed.id)
    assert shown is not None
    assert (shown.announced_id, shown.state) == ("m1", PROPOSED)


async def test_an_accepted_correction_goes_back_into_its_conversation_once(corrections: Corrections) -> None:
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    decided = await corrections.decide(proposed.id, "quản trị", accept=True, now=LATER)
    assert decided is not None
    assert (decided.state, decided.decided_by, decided.decided_at) == (ACCEPTED, "quản trị", LATER)
    assert await corrections.unreturned() == [decided]
    assert await corrections.unannounced() == []
    await corrections.returned(decided.id, "m2")
    assert await corrections.unreturned() == []
    returned = await corrections.get(decided.id)
    assert returned is not None
    assert returned.returned_id == "m2"


async def test_a_rejected_correction_goes_nowhere(corrections: Corrections) -> None:
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    decided = await corrections.decide(proposed.id, "quản trị", accept=False, now=LATER)
    assert decided is not None
    assert decided.state is REJECTED
    assert await corrections.unreturned() == []


async def test_the_first_decision_stands(corrections: Corrections) -> None:
    proposed = await corrections.propose("a1", "an", "14 ngày", NOON)
    first = await corrections.decide(proposed.id, "lan", accept=True, now=NOON)
    assert await corrections.decide(proposed.id, "hoa", accept=False, now=LATER) is None
    assert await corrections.get(proposed.id) == first
    assert await corrections.decide("c9", "hoa", accept=True, now=LATER) is None


async def test_of_those_who_decide_at_once_exactly_one_does(corrections: Corrections) -> None:
    for round_number in range(5):
        proposed = await corrections.propose("a1", f"p{round_number}", "14 ngày", NOON)
        given = await asyncio.gather(
            *(corrections.decide(proposed.id, f"d{n}", accept=n % 2 == 0, now=LATER) for n in range(4))
        )
        (winner,) = [decided for decided in given if decided is not None]
        assert await corrections.get(proposed.id) == winner


async def test_of_proposals_made_at_once_one_stays_open(corrections: Corrections, database: Database) -> None:
    await asyncio.gather(*(corrections.propose("a1", "an", f"{n} ngày", NOON) for n in range(4)))
    assert sorted((await states(database)).values()) == [PROPOSED, WITHDRAWN, WITHDRAWN, WITHDRAWN]
    (left,) = await corrections.unannounced()
    given = await FeedbackBook(database).given("a1", "an")
    assert given is not None
    assert given.correction == left.text


async def test_what_is_left_to_do_comes_oldest_first_and_bounded(corrections: Corrections) -> None:
    for number in range(AT_ONCE + 1):
        await corrections.propose("a1", f"p{number}", "14 ngày", NOON - timedelta(minutes=number))
    waiting = await corrections.unannounced()
    assert len(waiting) == AT_ONCE
    assert waiting[0].person == f"p{AT_ONCE}"


async def test_each_surface_finds_its_own_however_many_wait_on_another(database: Database) -> None:
    corrections, lobby = Corrections(database), Lobby(database)
    await recorded(database, an_answer(1))
    answers = {}
    for surface in ("telegram", "slack"):
        question = await lobby.ask(QUESTION, surface=surface)
        claims = lobby.claims(surfaces=(surface,))
        claim = await claims.claim(lobby.now, room=True)
        assert claim is not None
        answers[surface] = await lobby.an_answer(claim)
        await claims.keep_answer(claim, answers[surface])
        assert answers[surface].question_id == question
    for number in range(AT_ONCE):
        await corrections.propose(answers["telegram"].id, f"p{number}", "14 ngày", NOON)
    last = await corrections.propose(answers["slack"].id, "an", "15 ngày", LATER)
    assert last not in await corrections.unannounced()
    assert await corrections.unannounced("slack") == [last]
    assert len(await corrections.unannounced("telegram")) == AT_ONCE
    assert await corrections.unannounced("zalo") == []
    decided = await corrections.decide(last.id, "quản trị", accept=True, now=LATER)
    elsewhere = (await corrections.unannounced("telegram"))[0]
    returning = await corrections.decide(elsewhere.id, "quản trị", accept=True, now=LATER)
    unasked = await corrections.propose("a1", "an", "16 ngày", NOON)
    assert await corrections.unreturned("slack") == [decided]
    assert await corrections.unreturned("telegram") == [returning]
    assert unasked in await corrections.unannounced()
