"""What goes out: one worker's hold on a question, and what it is worth when something comes between."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.conversation import Outcome
from core.errors import StoreError
from core.intake import Claim, ClaimLost, InboxLimits, Notice, Post, State
from core.store import tables
from core.store.claims import GAVE_UP, TOO_LATE, Claims
from core.store.database import Database, open_database
from tests.core.desk import QUESTION, SENT_AT, incoming
from tests.core.store.lobby import Lobby, empty_database, fill
from tests.manual_clock import ManualClock

SORRY = Notice("inbox.too_many", {"count": 5})
LONG = "x" * 20_000


@pytest.fixture
async def database(kind: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def lobby(database: Database) -> Lobby:
    return Lobby(database)


async def workers_of(database: Database) -> dict[str, int]:
    async with database.reading() as connection:
        rows = await connection.execute(select(tables.inbox_worker))
        return {row.worker: row.beat for row in rows}


async def set_row(lobby: Lobby, question_id: str, **changes: object) -> None:
    """The row as another process, or another version of this one, may have left it."""
    this = update(tables.inbox).where(tables.inbox.c.question_id == question_id)
    async with lobby.database.writing() as connection:
        await connection.execute(this.values(changes))


async def test_a_claim_holds_all_that_is_needed_to_end_the_question(lobby: Lobby) -> None:
    message = incoming(conversation="c", place="p", person="hoa", sent_at=SENT_AT)
    question_id = (await lobby.accept(message)).question_id
    assert await lobby.claim() == Claim(
        worker="w1",
        question_id=str(question_id),
        surface="recorded",
        conversation="c",
        place="p",
        person="hoa",
        text=QUESTION,
        reply_to=message.key,
        asked_at=SENT_AT,
        deadline=lobby.now + timedelta(seconds=120),
        state=State.ANSWERING,
        revision=0,
        posts=(Post(0),),
    )
    assert await lobby.posts(str(question_id)) == {0: None}  # the intention is durable before anything is sent


async def test_where_nothing_waits_nothing_is_claimed(lobby: Lobby) -> None:
    assert await lobby.claims().claim(lobby.now, room=True) is None
    for state in (State.ANSWERING, State.ANSWERED, State.CANCELLED):
        await lobby.bring_to(state)
    assert await lobby.claims("w2").claim(lobby.now, room=True) is None


async def test_a_worker_without_room_takes_what_only_has_to_be_shown(lobby: Lobby) -> None:
    shown = await lobby.bring_to(State.DELIVERING)
    await lobby.ask()
    await lobby.claims().leave()
    assert (await lobby.claim(room=False)).question_id == shown
    assert await lobby.claims().claim(lobby.now, room=False) is None


async def test_a_worker_takes_only_what_it_can_write_to(lobby: Lobby) -> None:
    await lobby.ask(surface="slack:T1")
    assert await lobby.claims().claim(lobby.now, room=True) is None
    assert await lobby.claims("w1", ("telegram:1", "slack:T1")).claim(lobby.now, room=True) is not None


async def test_many_workers_at_once_never_hold_the_same_question(lobby: Lobby) -> None:
    ids = {await lobby.ask(person=f"p{number}") for number in range(6)}
    claims = await asyncio.gather(*(lobby.claims(f"w{n}").claim(lobby.now, room=True) for n in range(9)))
    held = [claim.question_id for claim in claims if claim]
    assert sorted(held) == sorted(ids)


async def test_a_question_that_costs_too_many_workers_their_life_is_given_up(lobby: Lobby) -> None:
    await lobby.ask()
    for attempt in range(1, 4):
        claim = await lobby.claim(f"w{attempt}")
        assert (claim.state, (await lobby.row(claim.question_id))["attempts"]) == (State.ANSWERING, attempt)
        await lobby.claims("last").take_over([f"w{attempt}"])
    claim = await lobby.claim("last")
    assert (claim.state, claim.ending, claim.notice) == (State.DELIVERING, State.FAILED, GAVE_UP)


@pytest.mark.parametrize("room", [True, False])
async def test_an_overdue_question_comes_as_one_that_failed(lobby: Lobby, *, room: bool) -> None:
    question_id = await lobby.ask()
    lobby.clock.advance(119.9)
    assert await lobby.claims().claim(lobby.now, room=False) is None
    lobby.clock.advance(0.2)
    claim = await lobby.claim(room=room)
    assert (claim.question_id, claim.state, claim.ending, claim.notice) == (
        question_id, State.DELIVERING, State.FAILED, TOO_LATE,
    )  # fmt: skip
    assert (await lobby.row(question_id))["attempts"] == 0


async def test_what_is_shown_late_is_still_shown_as_it_is(lobby: Lobby) -> None:
    question_id = await lobby.bring_to(State.DELIVERING)
    await lobby.claims().leave()
    lobby.clock.advance(1000)
    claim = await lobby.claim()
    assert (claim.question_id, claim.ending, claim.notice) == (question_id, State.ANSWERED, None)


async def test_who_waited_while_nobody_worked_gets_the_whole_time_anew(lobby: Lobby) -> None:
    await lobby.ask()
    lobby.clock.advance(3600)
    claim = await lobby.claims("w2", started=lobby.now).claim(lobby.now, room=True)
    assert claim is not None
    assert (claim.state, claim.deadline) == (State.ANSWERING, lobby.now + timedelta(seconds=120))


async def test_a_restart_takes_no_time_from_anybody(lobby: Lobby) -> None:
    await lobby.ask()
    lobby.clock.advance(30)
    claims = lobby.claims("w2", started=lobby.now)
    lobby.clock.advance(119)
    assert [waiting.is_overdue for waiting in await claims.open_questions(lobby.now)] == [False]
    lobby.clock.advance(1)
    assert [waiting.is_overdue for waiting in await claims.open_questions(lobby.now)] == [True]


@pytest.mark.parametrize("text", ["xin hỏi", "Tôi có bao nhiêu ngày nghỉ phép?"])
async def test_a_clock_that_was_ahead_makes_nobody_wait(database: Database, text: str) -> None:
    limits = InboxLimits(join_seconds=2.0)
    ahead = ManualClock(ManualClock().now() + timedelta(days=1))
    await Lobby(database, limits, ahead).ask(text)
    lobby = Lobby(database, limits)
    claim = await lobby.claim()
    assert claim.deadline == lobby.now + timedelta(seconds=120)


@pytest.mark.parametrize(("counted", "attempts"), [(True, [1, 2, 3]), (False, [1, 1, 1])])
async def test_a_question_given_back_is_taken_again(lobby: Lobby, attempts: list[int], *, counted: bool) -> None:
    question_id = await lobby.ask()
    tried = []
    for _ in range(3):
        claim = await lobby.claim()
        tried.append((await lobby.row(question_id))["attempts"])
        await lobby.claims().release(claim, counted=counted)
        row = await lobby.row(question_id)
        assert (row["state"], row["worker"]) == (State.NEW, None)
    assert tried == attempts


@pytest.mark.parametrize("counted", [True, False])
async def test_what_has_its_answer_keeps_it_when_it_is_given_back(lobby: Lobby, *, counted: bool) -> None:
    question_id = await lobby.ask()
    kept = await lobby.keep(await lobby.claim())
    await lobby.claims().release(kept, counted=counted)
    row = await lobby.row(question_id)
    assert (row["state"], row["attempts"], row["worker"], row["answer_id"]) == (
        State.DELIVERING, 1, None, kept.answer_id,
    )  # fmt: skip


async def test_what_has_ended_or_is_in_other_hands_is_not_given_back(lobby: Lobby) -> None:
    claim = await lobby.claim_new()
    await lobby.claims("w2").take_over(["w1"])
    other = await lobby.claim("w2")
    await lobby.claims().release(claim, counted=False)
    assert (await lobby.row(claim.question_id))["worker"] == "w2"
    await lobby.claims("w2").finish(await lobby.keep(other), lobby.now)
    await lobby.claims("w2").release(other, counted=True)
    assert (await lobby.row(claim.question_id))["state"] == State.ANSWERED


@pytest.mark.parametrize(("outcome", "ending"), [(Outcome.NOT_FOUND, "answered"), (Outcome.FAILED, "failed")])
async def test_an_answer_is_kept_with_its_state_and_comes_back(lobby: Lobby, outcome: Outcome, ending: str) -> None:
    claim = await lobby.claim_new()
    answer = await lobby.an_answer(claim, outcome)
    kept = await lobby.claims().keep_answer(claim, answer)
    assert (kept.state, kept.ending, kept.answer_id) == (State.DELIVERING, ending, answer.id)
    assert await lobby.claims().answer(kept) == answer
    await lobby.claims().leave()
    assert replace(await lobby.claim(), posts=claim.posts) == kept


async def test_a_notice_is_kept_with_its_facts_and_comes_back(lobby: Lobby) -> None:
    claim = await lobby.claim_new()
    failed = await lobby.claims().fail(claim, SORRY)
    assert (failed.state, failed.ending, failed.notice) == (State.DELIVERING, State.FAILED, SORRY)
    assert await lobby.claims().answer(failed) is None
    await lobby.claims().leave()
    assert replace(await lobby.claim(), posts=claim.posts) == failed


async def test_the_last_failure_takes_the_place_of_an_answer(lobby: Lobby) -> None:
    kept = await lobby.keep(await lobby.claim_new())
    await lobby.claims().fail(kept, SORRY)
    await lobby.claims().leave()
    claim = await lobby.claim()
    assert (claim.answer_id, claim.notice) == (None, SORRY)


async def test_what_is_all_shown_has_ended(lobby: Lobby) -> None:
    kept = await lobby.keep(await lobby.claim_new())
    lobby.clock.advance(5)
    await lobby.claims().finish(kept, lobby.now)
    row = await lobby.row(kept.question_id)
    assert (row["state"], row["worker"], row["settled_at"]) == (State.ANSWERED, None, lobby.now)


async def test_posts_are_intended_sent_stored_and_taken_away(lobby: Lobby) -> None:
    claim, claims = await lobby.claim_new(), lobby.claims()
    assert await claims.intend(claim, 1) == Post(1)
    assert await claims.intend(claim, 1) == Post(1, in_doubt=True)
    await claims.posted(claim, 1, "m1")
    assert await lobby.posts(claim.question_id) == {0: None, 1: "m1"}
    await claims.release(claim, counted=True)
    again = await lobby.claim()
    assert again.posts == (Post(0, in_doubt=True), Post(1, "m1"))
    await claims.taken_away(again, 0)
    await claims.release(again, counted=True)
    assert (await lobby.claim()).posts == (Post(1, "m1"),)


@pytest.mark.parametrize("state", [State.ANSWERED, State.FAILED, State.CANCELLED, State.DELIVERING])
async def test_a_message_of_another_is_not_stored_and_what_stood_there_is_shown_again(
    lobby: Lobby, state: State
) -> None:
    theirs = await lobby.bring_to(state, place="p", person="hoa")
    before = await lobby.row(theirs)
    mine = await lobby.ask(place="p")
    claim = await lobby.claim("w2")
    assert claim.question_id == mine
    assert not await lobby.claims("w2").posted(claim, 0, "m1")
    assert await lobby.posts(mine) == {0: None}
    row = await lobby.row(theirs)
    assert (row["state"], row["worker"], row["settled_at"]) == (State.DELIVERING, None, None)
    assert row["ending"] == (before["ending"] if state is State.DELIVERING else state)
    assert (row["answer_id"], row["notice"]) == (before["answer_id"], before["notice"])
    again = await lobby.claim("w3")
    assert (again.question_id, again.posts) == (theirs, (Post(0, "m1"),))


async def test_a_message_of_a_question_that_is_being_answered_is_left_to_it(lobby: Lobby) -> None:
    theirs = await lobby.bring_to(State.ANSWERING, place="p", person="hoa")
    before = await lobby.row(theirs)
    await lobby.ask(place="p")
    claim = await lobby.claim("w2")
    assert not await lobby.claims("w2").posted(claim, 0, "m1")
    assert await lobby.row(theirs) == before


async def test_one_message_is_not_two_parts_of_one_answer(lobby: Lobby) -> None:
    await lobby.ask()
    claim = await lobby.claim()
    assert await lobby.claims().posted(claim, 0, "m1")
    assert (await lobby.claims().intend(claim, 1)) == Post(1)
    assert not await lobby.claims().posted(claim, 1, "m1")
    assert await lobby.posts(claim.question_id) == {0: "m1", 1: None}
    await lobby.claims().fail(claim, TOO_LATE)  # the claim still holds


async def test_the_same_id_in_another_place_is_another_message(lobby: Lobby) -> None:
    await lobby.bring_to(State.ANSWERED, place="p", person="hoa")
    await lobby.ask(place="q")
    claim = await lobby.claim("w2")
    assert await lobby.claims("w2").posted(claim, 0, "m1")
    assert await lobby.claims("w2").posted(claim, 0, "m1")
    assert await lobby.posts(claim.question_id) == {0: "m1"}


async def test_messages_known_in_a_place_are_those_with_an_id_there(lobby: Lobby) -> None:
    claims = lobby.claims("w1", ("recorded", "other"))
    held = []
    for number, (place, surface) in enumerate(
        [("p", "recorded"), ("p", "other"), ("q", "recorded"), ("p", "recorded")]
    ):
        await lobby.ask(place=place, surface=surface, person=f"p{number}")
        held += [claim for claim in [await claims.claim(lobby.now, room=True)] if claim]
    for number, claim in enumerate(held[:3]):
        await claims.posted(claim, 0, f"m{number}")
    assert await claims.known(held[3]) == {"m0"}
    await claims.posted(held[3], 0, "mine")
    assert await claims.known(held[3]) == {"m0", "mine"}


async def test_held_are_the_questions_in_hand_with_their_revision_now(lobby: Lobby) -> None:
    claim = await lobby.claim_new()
    await lobby.ask()
    assert await lobby.claims().held() == {claim.question_id: 0}
    await lobby.intake.stop(claim.question_id, "lan", lobby.now)
    assert await lobby.claims().held() == {claim.question_id: 1}
    assert await lobby.claims("w2").held() == {}


async def test_a_question_that_waits_can_be_held_by_one_to_tell_so(lobby: Lobby) -> None:
    question_id = await lobby.ask()
    claim = await lobby.claims().hold(question_id, lobby.now)
    assert claim is not None
    assert (claim.state, claim.posts, (await lobby.row(question_id))["attempts"]) == (State.NEW, (Post(0),), 0)
    assert await lobby.claims("w2").hold(question_id, lobby.now) is None
    assert await lobby.claims("w2").claim(lobby.now, room=True) is None
    await lobby.claims().release(claim, counted=False)
    assert (await lobby.claim("w2")).question_id == question_id


async def test_what_a_worker_still_has_in_hand_it_does_not_take_again(lobby: Lobby) -> None:
    claim, other = await lobby.claim_new(), await lobby.ask(person="hoa")
    await lobby.claims().release(claim, counted=False)
    again = await lobby.claims().claim(lobby.now, room=True, in_hand=[claim.question_id])
    assert again is not None
    assert again.question_id == other
    assert await lobby.claims().claim(lobby.now, room=True, in_hand=[claim.question_id]) is None


@pytest.mark.parametrize("state", [State.ANSWERING, State.DELIVERING, State.ANSWERED])
async def test_a_question_that_waits_no_more_cannot_be_held(lobby: Lobby, state: State) -> None:
    question_id = await lobby.bring_to(state)
    await set_row(lobby, question_id, worker=None)
    assert await lobby.claims().hold(question_id, lobby.now) is None
    assert await lobby.claims().hold("unknown", lobby.now) is None


Write = Callable[[Lobby, Claims, Claim], Awaitable[object]]


async def keep_an_answer(lobby: Lobby, claims: Claims, claim: Claim) -> None:
    await claims.keep_answer(claim, await lobby.an_answer(claim))


WRITES: dict[str, Write] = {
    "keep_answer": keep_an_answer,
    "fail": lambda _lobby, claims, claim: claims.fail(claim, SORRY),
    "intend": lambda _lobby, claims, claim: claims.intend(claim, 1),
    "finish": lambda lobby, claims, claim: claims.finish(replace(claim, ending=State.FAILED), lobby.now),
    "posted": lambda _lobby, claims, claim: claims.posted(claim, 0, "m1"),
    "taken_away": lambda _lobby, claims, claim: claims.taken_away(claim, 0),
}
OF_ANY_REVISION = ("posted", "taken_away")


async def refused(lobby: Lobby, claim: Claim, write: Write) -> bool:
    """Whether the write is refused as it must be: with ClaimLost, and nothing written."""
    before = await lobby.dump()
    try:
        await write(lobby, lobby.claims(claim.worker), claim)
    except ClaimLost:
        assert await lobby.dump() == before
        return True
    return False


@pytest.mark.parametrize("name", WRITES)
async def test_under_an_old_revision_nothing_is_written_but_what_stands_on_the_platform(
    lobby: Lobby, name: str
) -> None:
    message = incoming()
    await lobby.accept(message)
    claim = await lobby.claim()
    await lobby.accept(replace(message, event="edit", text="Khác?", version=1.0))
    assert await refused(lobby, claim, WRITES[name]) == (name not in OF_ANY_REVISION)


@pytest.mark.parametrize("name", WRITES)
async def test_once_it_is_taken_over_nothing_is_written_by_the_old_hands(lobby: Lobby, name: str) -> None:
    claim = await lobby.claim_new()
    await lobby.claims("w2").take_over(["w1"])
    assert await refused(lobby, claim, WRITES[name])
    await lobby.claim("w2")
    assert await refused(lobby, claim, WRITES[name])


async def keep_a_long_answer(lobby: Lobby, claims: Claims, claim: Claim) -> None:
    answer = await lobby.an_answer(claim)
    await fill(lobby.database)
    await claims.keep_answer(claim, replace(answer, text=LONG))


LONG_WRITES: dict[str, Write] = {
    "keep_answer": keep_a_long_answer,
    "fail": lambda _lobby, claims, claim: claims.fail(claim, Notice("inbox.broken", {"detail": LONG})),
    "posted": lambda _lobby, claims, claim: claims.posted(claim, 0, LONG),
}


@pytest.mark.parametrize("name", LONG_WRITES)
async def test_a_full_disk_refuses_what_does_not_fit_and_leaves_nothing_half_written(
    sqlite: Database, name: str
) -> None:
    lobby = Lobby(sqlite)
    claim = await lobby.claim_new()
    before = await lobby.dump()
    if name != "keep_answer":
        await fill(sqlite)
    with pytest.raises(StoreError) as raised:
        await LONG_WRITES[name](lobby, lobby.claims(), claim)
    assert raised.value.message_id == "store.full"
    assert await lobby.dump() == before


async def test_a_locked_database_lets_nothing_be_claimed_until_it_is_free(sqlite: Database) -> None:
    async with open_database(f"sqlite+aiosqlite:///{sqlite.place}", lock_wait=0.05) as impatient:
        lobby = Lobby(impatient)
        question_id = await lobby.ask()
        with closing(sqlite3.connect(sqlite.place, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as raised:
                await lobby.claim()
            assert raised.value.message_id == "store.locked"
            assert (await lobby.row(question_id))["worker"] is None
        assert (await lobby.claim()).question_id == question_id


async def test_signs_of_life_count_up_and_are_seen_by_the_others(lobby: Lobby) -> None:
    one, two = lobby.claims("w1"), lobby.claims("w2")
    assert await one.beat() == {}
    assert await two.beat() == {"w1": 1}
    assert await two.beat() == {"w1": 1}
    assert await one.beat() == {"w2": 2}
    await two.leave()
    assert await one.beat() == {}


async def test_a_worker_that_holds_a_question_is_known_also_when_it_was_taken_for_dead(lobby: Lobby) -> None:
    await lobby.claims("w1").beat()
    await lobby.claims("w2").take_over(["w1"])
    await lobby.ask()
    await lobby.claim("w1")
    assert await lobby.claims("w2").beat() == {"w1": 0}
    assert await lobby.claims("w1").beat() == {"w2": 1}
    assert await workers_of(lobby.database) == {"w1": 1, "w2": 1}


async def test_all_that_the_dead_held_goes_back_and_nothing_else(lobby: Lobby) -> None:
    ids = [await lobby.ask(person=f"p{number}") for number in range(5)]
    await lobby.claims("dead").beat()
    await lobby.claims("alive").beat()
    for worker in ("dead", "dead", "dead", "alive"):
        await lobby.claim(worker)
    kept = await lobby.claims("dead").claim(lobby.now, room=True)
    assert kept is not None
    await lobby.keep(kept)
    assert await lobby.claims("alive").take_over(["dead", "unknown"]) == 4
    rows = [await lobby.row(question_id) for question_id in ids]
    assert [row["worker"] for row in rows] == [None, None, None, "alive", None]
    assert [row["state"] for row in rows] == [*[State.NEW] * 3, State.ANSWERING, State.DELIVERING]
    assert [row["attempts"] for row in rows] == [1] * 5
    assert await workers_of(lobby.database) == {"alive": 1}


async def test_who_is_alone_takes_over_all_but_its_own(lobby: Lobby) -> None:
    for worker in ("w1", "w2", "w3"):
        await lobby.claims(worker).beat()
        await lobby.ask(person=worker)
        await lobby.claim(worker)
    assert await lobby.claims("w1").take_over_all() == 2
    assert len(await lobby.claims("w1").held()) == 1
    assert await workers_of(lobby.database) == {"w1": 1}


async def test_a_worker_that_leaves_holds_nothing_and_is_forgotten(lobby: Lobby) -> None:
    claim = await lobby.claim_new()
    await lobby.claims("w2").beat()
    await lobby.claims().leave()
    assert (await lobby.row(claim.question_id))["worker"] is None
    assert await workers_of(lobby.database) == {"w2": 1}


async def test_on_sqlite_a_worker_is_alone_on_postgresql_it_is_not(lobby: Lobby, kind: str) -> None:
    assert lobby.claims().is_alone == (kind == "sqlite")
