"""Preferences, past questions, and the right to be forgotten."""

import asyncio
from datetime import timedelta

import pytest

from core.admission import Admission, Admitted
from core.conversation import Outcome
from core.corrections import Corrections
from core.feedback import FeedbackBook
from core.intake import ClaimLost, State
from core.people import Asked, Forgotten, People, Preference, Unfinished
from core.store.database import Database
from core.store.journal import Journal
from core.store.threads import ThreadBook
from tests.core.desk import QUESTION
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON, a_question, an_answer, recorded


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


async def test_who_has_chosen_nothing_has_the_usual(people: People) -> None:
    assert await people.preference("an") == Preference(language=None, training=True, told=False)


async def test_each_choice_leaves_the_others(people: People) -> None:
    await people.choose_language("an", "en")
    assert await people.preference("an") == Preference("en")
    await people.allow_training("an", allowed=False)
    assert await people.preference("an") == Preference("en", training=False)
    await people.told("an")
    await people.choose_language("an", None)
    assert await people.preference("an") == Preference(None, training=False, told=True)
    await people.allow_training("an", allowed=True)
    assert await people.preference("an") == Preference(told=True)
    assert await people.preference("bình") == Preference()


async def test_a_person_is_told_once_however_many_tell(people: People) -> None:
    await people.choose_language("an", "en")
    assert sorted(await asyncio.gather(*(people.told("an") for _ in range(4)))) == [False, False, False, True]
    assert await people.told("bình")
    assert not await people.told("bình")
    assert await people.preference("an") == Preference("en", told=True)


async def test_past_questions_come_newest_first_with_their_newest_outcome(people: People, database: Database) -> None:
    await recorded(database, an_answer(1, outcome=Outcome.NOT_FOUND), an_answer(2))
    again = an_answer(1)
    await Journal(database).record_answer(type(again)("a9", "q1", "x", Outcome.FAILED, again.language, again.query))
    await Journal(database).record_question(a_question(3, text="Còn nghỉ ốm?"), "x")
    third, second, first = (NOON + timedelta(minutes=number) for number in (3, 2, 1))
    asked = [
        Asked("q3", "Còn nghỉ ốm?", third, None),
        Asked("q2", a_question().text, second, "answered"),
        Asked("q1", a_question().text, first, "failed"),
    ]
    assert await people.recent_questions("an", 10) == asked
    assert await people.recent_questions("an", 2) == asked[:2]
    assert await people.recent_questions("bình", 10) == []


async def test_a_person_nobody_knows_is_forgotten_without_a_trace(people: People) -> None:
    assert await people.forget("an") == Forgotten()


async def test_forgetting_says_how_much_it_was(people: People, database: Database) -> None:
    await recorded(database, an_answer(1), an_answer(2))
    await Lobby(database).ask(QUESTION, person="an")
    book, corrections = FeedbackBook(database), Corrections(database)
    await book.vote("a1", "an", 1)
    await book.vote("a2", "bình", 1)
    await corrections.propose("a1", "an", "14 ngày", NOON)
    assert await people.forget("an") == Forgotten(questions=3, answers=2, votes=1, corrections=1)
    assert await people.forget("an") == Forgotten()
    assert await book.given("a2", "bình") is None


@pytest.mark.parametrize("named", ["slack:U1", "telegram:1"])
async def test_forgetting_goes_over_all_ids_of_a_person(people: People, database: Database, named: str) -> None:
    """Also over what came under an alias after it had been linked."""
    lobby, admission = Lobby(database), Admission(database)
    await admission.link(await admission.link_code("slack:U1", NOON), "telegram:1", NOON)
    for person in ("slack:U1", "telegram:1", "telegram:2"):
        await lobby.ask(QUESTION, person=person)
    forgotten = await people.forget(named)
    assert forgotten.questions == 2
    assert await admission.links() == {}
    assert not await admission.is_admitted("telegram:1")
    assert await lobby.claims().open_questions(lobby.now) != []
    assert await people.forget("telegram:2") == Forgotten(questions=1)


async def test_the_forgotten_must_be_let_in_anew_and_whom_they_let_in_stays_in(
    people: People, database: Database
) -> None:
    admission = Admission(database)
    used, unused = await admission.invite("an", NOON), await admission.invite("an", NOON)
    await admission.admit("an", "quản trị", NOON)
    assert await admission.redeem(used, "bình", NOON)
    assert not await admission.redeem("WRONG", "an", NOON)
    await people.forget("an")
    assert not await admission.is_admitted("an")
    assert await admission.admitted("") == [Admitted("bình", None, NOON)]
    assert not await admission.redeem(unused, "chi", NOON)
    await people.forget("bình")
    assert await admission.admitted("") == []


async def test_an_open_question_is_lost_to_its_worker_and_its_messages_are_named(
    people: People, database: Database
) -> None:
    lobby = Lobby(database)
    await lobby.bring_to(State.ANSWERED, person="an")
    await lobby.ask(QUESTION, person="an", place="kênh")
    claims, claim = lobby.claims(), await lobby.claim()
    await claims.posted(claim, 0, "m7")
    await claims.intend(claim, 1)
    forgotten = await people.forget("an")
    assert forgotten.unfinished == (Unfinished("recorded", "kênh", "m7"),)
    assert forgotten.questions == 2
    assert await claims.held() == {}
    with pytest.raises(ClaimLost):
        await lobby.claims().posted(claim, 1, "m8")
    await claims.release(claim, counted=True)
    assert await claims.open_questions(lobby.now) == []


async def test_a_conversation_stays_quiet_though_nobody_knows_who_muted_it(people: People, database: Database) -> None:
    book = ThreadBook(database)
    await book.mute("c1", "an", NOON)
    await people.forget("an")
    assert await book.is_muted("c1")


async def test_a_decision_stands_though_nobody_knows_who_made_it(people: People, database: Database) -> None:
    await recorded(database, an_answer(1))
    corrections = Corrections(database)
    proposed = await corrections.propose("a1", "bình", "14 ngày", NOON)
    decided = await corrections.decide(proposed.id, "quản trị", accept=True, now=NOON)
    await people.forget("quản trị")
    left = await corrections.get(proposed.id)
    assert decided is not None
    assert left is not None
    assert (left.state, left.decided_by, left.decided_at) == (decided.state, None, NOON)


async def test_what_others_asked_later_stands_alone_afterwards(people: People, database: Database) -> None:
    """The words of the forgotten person that were put before theirs are gone, their own are not."""
    lobby = Lobby(database)
    await lobby.bring_to(State.ANSWERED, person="an", conversation="c1")
    await lobby.ask("Còn nghỉ ốm?", person="bình", conversation="c1")
    claim = await lobby.claim()
    await lobby.keep(claim)
    asked = await lobby.row(claim.question_id)
    await people.forget("an")
    (turn,) = await Journal(database).turns("c1", 5)
    assert (turn.question, turn.query, turn.answer) == ("Còn nghỉ ốm?", "Còn nghỉ ốm?", "Mười bốn ngày.")
    assert await lobby.row(claim.question_id) == asked
