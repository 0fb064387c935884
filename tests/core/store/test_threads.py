"""Quiet conversations, conversations of ours, and the owners of our messages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.conversation import Answer, Outcome, Route
from core.intake import State
from core.store import threads
from core.store.database import Database
from core.store.journal import Journal
from core.store.threads import OurMessage, ThreadBook
from tests.core.desk import QUESTION, incoming
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON

IN_C1 = {"conversation": "c-one", "place": "p-one"}


@pytest.fixture
def lobby(database: Database) -> Lobby:
    return Lobby(database)


@pytest.fixture
def book(database: Database) -> ThreadBook:
    return ThreadBook(database)


async def test_a_conversation_is_muted_until_it_is_unmuted(book: ThreadBook) -> None:
    for _ in range(2):
        assert not await book.is_muted("c1")
        await book.mute("c1", "an", NOON)
        await book.mute("c1", "bình", NOON)
        assert await book.is_muted("c1")
        assert not await book.is_muted("c2")
        await book.unmute("c1")
    await book.unmute("c9")


@pytest.mark.parametrize(
    ("state", "answered"),
    [
        (State.NEW, False),
        (State.ANSWERING, True),
        (State.DELIVERING, True),
        (State.ANSWERED, True),
        (State.FAILED, True),
    ],
)
async def test_a_conversation_is_ours_once_something_of_ours_stands_there(
    lobby: Lobby, book: ThreadBook, state: State, *, answered: bool
) -> None:
    await lobby.bring_to(state, **IN_C1)
    assert await book.has_answered("c-one") is answered
    assert not await book.has_answered("c-two")


async def test_an_answer_that_was_shown_counts_though_its_message_is_gone(lobby: Lobby, book: ThreadBook) -> None:
    await lobby.ask(QUESTION, **IN_C1)
    claim = await lobby.keep(await lobby.claim())
    await lobby.claims().taken_away(claim, 0)
    assert not await book.has_answered("c-one")
    await lobby.claims().finish(claim, lobby.now)
    assert await book.has_answered("c-one")


async def test_an_intention_to_post_is_nothing_that_stands_there(lobby: Lobby, book: ThreadBook) -> None:
    await lobby.ask(QUESTION, **IN_C1)
    await lobby.claim()
    assert not await book.has_answered("c-one")


async def answered_by(lobby: Lobby, message_id: str, **changes: object) -> Answer:
    """An answer that is shown in this message and another one."""
    await lobby.ask(QUESTION, **changes)
    claims, claim = lobby.claims(), await lobby.claim()
    answer = await lobby.an_answer(claim)
    claim = await claims.keep_answer(claim, answer)
    await claims.posted(claim, 0, message_id)
    await claims.intend(claim, 1)
    await claims.posted(claim, 1, f"{message_id}-2")
    await claims.finish(claim, lobby.now)
    return answer


async def test_a_message_of_ours_leads_to_its_question_and_answer(lobby: Lobby, book: ThreadBook) -> None:
    answer = await answered_by(lobby, "m1", person="an", **IN_C1)
    ours = OurMessage(
        question_id=answer.question_id,
        surface="recorded",
        **IN_C1,
        person="an",
        text=QUESTION,
        answer_id=answer.id,
        language="vi",
        message_ids=("m1", "m1-2"),
        takes_votes=True,
    )
    assert await book.owner_of("recorded", "m1") == ours
    assert await book.owner_of("recorded", "m1-2", "p-one") == ours
    assert await book.question_by_answer(answer.id) == ours


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outcome": Outcome.NOT_FOUND, "route": Route.NONE}, True),
        ({"outcome": Outcome.NOT_FOUND, "query": " "}, False),
        ({"route": Route.NONE}, False),
        ({"outcome": Outcome.DENIED}, False),
        ({"outcome": Outcome.FAILED}, False),
    ],
)
async def test_sentences_that_answer_nothing_take_no_votes(
    lobby: Lobby, book: ThreadBook, changes: dict[str, object], expected: object
) -> None:
    await lobby.ask(**IN_C1)
    claim = await lobby.claim()
    await lobby.claims().posted(claim, 0, "m1")
    before = await book.owner_of("recorded", "m1")
    answer = replace(await lobby.an_answer(claim), **changes)  # type: ignore[arg-type]
    await lobby.claims().keep_answer(claim, answer)
    ours = await book.owner_of("recorded", "m1")
    assert before is not None
    assert ours is not None
    assert (before.takes_votes, ours.takes_votes) == (False, expected)


async def test_what_is_not_ours_has_no_owner(lobby: Lobby, book: ThreadBook) -> None:
    await answered_by(lobby, "m1", **IN_C1)
    for surface, message_id, place in (
        ("recorded", "m9", None),
        ("another", "m1", None),
        ("recorded", "m1", "p-two"),
    ):
        assert await book.owner_of(surface, message_id, place) is None
    assert await book.question_by_answer("a9") is None


async def test_where_ids_repeat_the_place_tells_whose_message_it_is(lobby: Lobby, book: ThreadBook) -> None:
    answers = [await answered_by(lobby, "7", place=place, conversation=place) for place in ("p-one", "p-two")]
    for answer, place in zip(answers, ("p-one", "p-two"), strict=True):
        ours = await book.owner_of("recorded", "7", place)
        assert ours is not None
        assert ours.answer_id == answer.id
    newest = await book.owner_of("recorded", "7")
    assert newest is not None
    assert newest.answer_id == answers[1].id


async def test_a_question_in_pieces_reads_as_it_was_answered(lobby: Lobby, book: ThreadBook) -> None:
    waiting = Lobby(lobby.database, replace(lobby.limits, join_seconds=1.0))
    first = incoming("nghỉ phép", **IN_C1)
    await waiting.accept(first)
    rest = incoming("được mấy ngày?", sent_at=first.sent_at + timedelta(seconds=1), **IN_C1)
    await waiting.accept(rest)
    claim = await waiting.claim()
    await waiting.claims().posted(claim, 0, "m1")
    ours = await book.owner_of("recorded", "m1")
    assert ours is not None
    assert (ours.text, ours.answer_id, ours.language) == (claim.text, None, None)
    assert ours.text == "nghỉ phép được mấy ngày?"


async def test_an_answer_that_was_made_anew_is_told_apart(lobby: Lobby, book: ThreadBook) -> None:
    asked = incoming(QUESTION, **IN_C1)
    await lobby.accept(asked)
    claim = await lobby.keep(await lobby.claim())
    await lobby.claims().finish(claim, lobby.now)
    await lobby.accept(replace(asked, event="edit", version=1.0, text="Nghỉ ốm thì mấy ngày?"))
    old = await book.question_by_answer(claim.answer_id or "")
    assert old is not None
    assert (old.question_id, old.answer_id, old.text) == (claim.question_id, None, "Nghỉ ốm thì mấy ngày?")
    again = await lobby.keep(await lobby.claim())
    assert await Journal(lobby.database).answer(claim.answer_id or "") is not None
    new = await book.question_by_answer(claim.answer_id or "")
    assert new is not None
    assert new.answer_id == again.answer_id != claim.answer_id


async def test_recent_conversations_come_newest_first_each_once(lobby: Lobby, book: ThreadBook) -> None:
    since = lobby.now
    for name in ("a", "b", "a", "c"):
        lobby.clock.advance(60)
        await lobby.ask(QUESTION, conversation=name, place=f"place-{name}", person=name)
    await lobby.ask(QUESTION, surface="another")
    found = [("c", "place-c"), ("a", "place-a"), ("b", "place-b")]
    assert await book.recent_conversations("recorded", since) == found
    assert await book.recent_conversations("recorded", since + timedelta(seconds=121)) == found[:2]
    assert await book.recent_conversations("recorded", lobby.now + timedelta(seconds=1)) == []


async def test_recent_conversations_are_a_bounded_number(lobby: Lobby, book: ThreadBook) -> None:
    roomy = Lobby(lobby.database, replace(lobby.limits, queue=10_000, per_person=10_000))
    for number in range(threads.CONVERSATIONS + 3):
        await roomy.ask(QUESTION, conversation=f"c-{number}")
    found = await book.recent_conversations("recorded", roomy.now - timedelta(days=1))
    assert len(found) == threads.CONVERSATIONS
    assert found[0][0] == f"c-{threads.CONVERSATIONS + 2}"
