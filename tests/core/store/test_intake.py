"""What comes in: each question once, whatever the platforms deliver twice, late or out of order."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import StoreError
from core.intake import InboxLimits, Incoming, Receipt, State, Verdict
from core.store.database import Database, open_database
from tests.core.desk import QUESTION, incoming
from tests.core.store.lobby import Lobby, empty_database, fill

FRAGMENT = "xin hỏi"
JOINING = InboxLimits(join_seconds=2.0)
NARROW = InboxLimits(join_seconds=0.0, per_person=2, queue=3)
TELL_ME_LESS = "Còn nghỉ ốm thì sao?"


@pytest.fixture
async def database(kind: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def lobby(database: Database) -> Lobby:
    return Lobby(database)


def edited(message: Incoming, text: str | None, version: float = 1.0) -> Incoming:
    """A later delivery of the same message."""
    return replace(message, event=incoming().event, text=text, version=version)


async def verdicts(lobby: Lobby, messages: Sequence[Incoming]) -> list[Verdict]:
    return [(await lobby.accept(message)).verdict for message in messages]


async def open_count(lobby: Lobby) -> int:
    return len(await lobby.claims().open_questions(lobby.now))


async def test_a_new_question_waits_with_its_deadline(lobby: Lobby) -> None:
    receipt = await lobby.accept(incoming(conversation="c", place="p", person="lan"))
    assert receipt.verdict is Verdict.ACCEPTED
    row = await lobby.row(str(receipt.question_id))
    assert (row["conversation"], row["place"], row["person"], row["surface"]) == ("c", "p", "lan", "recorded")
    assert (row["state"], row["revision"], row["attempts"], row["worker"]) == (State.NEW, 0, 0, None)
    assert row["ready_at"] == row["accepted_at"] == lobby.now
    assert row["deadline"] == lobby.now + timedelta(seconds=120)


async def test_questions_are_numbered_in_the_order_of_their_acceptance(lobby: Lobby) -> None:
    ids = [await lobby.ask() for _ in range(3)]
    assert [(await lobby.row(question_id))["number"] for question_id in ids] == [1, 2, 3]


async def test_of_one_delivery_that_comes_many_times_at_once_one_is_accepted(lobby: Lobby) -> None:
    message = incoming()
    receipts = await asyncio.gather(*(lobby.accept(message) for _ in range(8)))
    assert sorted(receipt.verdict for receipt in receipts) == [Verdict.ACCEPTED, *[Verdict.KNOWN] * 7]
    assert await open_count(lobby) == 1


async def test_of_one_message_that_many_events_deliver_at_once_one_is_accepted(lobby: Lobby) -> None:
    message = incoming()
    receipts = await asyncio.gather(*(lobby.accept(edited(message, QUESTION, 0.0)) for _ in range(8)))
    assert sorted(receipt.verdict for receipt in receipts) == [Verdict.ACCEPTED, *[Verdict.KNOWN] * 7]
    assert len({receipt.question_id for receipt in receipts}) == 1


async def test_a_delivery_known_by_its_event_names_no_question(lobby: Lobby) -> None:
    message = incoming()
    await lobby.accept(message)
    assert await lobby.accept(message) == Receipt(Verdict.KNOWN)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_newest_version_counts_in_whatever_order_they_come(lobby: Lobby, order: tuple[int, ...]) -> None:
    message = incoming()
    versions = [edited(message, f"Bản {number}?", float(number)) for number in range(3)]
    first, *later = [versions[number] for number in order]
    assert (await lobby.accept(first)).verdict is Verdict.ACCEPTED
    newest, expected = order[0], []
    for number in order[1:]:
        expected.append(Verdict.CHANGED if number > newest else Verdict.KNOWN)
        newest = max(newest, number)
    assert await verdicts(lobby, later) == expected
    assert (await lobby.claim()).text == "Bản 2?"


async def test_a_newer_version_with_the_same_text_changes_nothing_but_the_version(lobby: Lobby) -> None:
    message = incoming()
    question_id = await lobby.ask(key=message.key)
    again = [edited(message, QUESTION, 5.0), edited(message, "Bản cũ?", 4.0)]
    assert await verdicts(lobby, again) == [Verdict.KNOWN, Verdict.KNOWN]
    assert (await lobby.row(question_id))["revision"] == 0


async def test_text_that_no_database_can_hold_is_not_changed_by_coming_again(lobby: Lobby) -> None:
    message = incoming("Nghỉ \0phép?")
    await lobby.accept(message)
    assert (await lobby.accept(edited(message, "Nghỉ \0phép?"))).verdict is Verdict.KNOWN


@pytest.mark.parametrize("state", list(State))
async def test_an_edit_has_the_question_answered_anew_wherever_it_stands(lobby: Lobby, state: State) -> None:
    message = incoming()
    question_id = await lobby.bring_to(state, key=message.key)
    before = await lobby.row(question_id)
    lobby.clock.advance(10)
    assert await lobby.accept(edited(message, TELL_ME_LESS)) == Receipt(Verdict.CHANGED, question_id)
    row = await lobby.row(question_id)
    assert (row["state"], row["attempts"], row["revision"]) == (State.NEW, 0, before["revision"] + 1)
    assert (row["ending"], row["notice"], row["facts"], row["answer_id"], row["settled_at"]) == (
        None, None, {}, None, None,
    )  # fmt: skip
    assert (row["ready_at"], row["deadline"]) == (lobby.now, lobby.now + timedelta(seconds=120))
    assert row["worker"] == before["worker"]  # whoever has it in hand lets go of it by itself


async def test_a_deletion_before_its_message_has_it_never_answered(lobby: Lobby) -> None:
    message = incoming()
    receipt = await lobby.accept(edited(message, None, 0.0))
    assert receipt.verdict is Verdict.CANCELLED
    assert await lobby.accept(message) == Receipt(Verdict.KNOWN, receipt.question_id)
    assert (await lobby.accept(edited(message, "Sửa?"))).verdict is Verdict.KNOWN
    assert await open_count(lobby) == 0
    assert (await lobby.row(str(receipt.question_id)))["settled_at"] == lobby.now


@pytest.mark.parametrize(
    ("state", "verdict", "after"),
    [
        (State.NEW, Verdict.CANCELLED, State.CANCELLED),
        (State.ANSWERING, Verdict.CANCELLED, State.DELIVERING),
        (State.DELIVERING, Verdict.CANCELLED, State.DELIVERING),
        (State.ANSWERED, Verdict.KNOWN, State.ANSWERED),
        (State.FAILED, Verdict.KNOWN, State.FAILED),
        (State.CANCELLED, Verdict.KNOWN, State.CANCELLED),
    ],
)
async def test_a_deleted_question_is_not_answered_and_what_was_posted_goes_away(
    lobby: Lobby, state: State, verdict: Verdict, after: State
) -> None:
    message = incoming()
    question_id = await lobby.bring_to(state, key=message.key)
    ended = (await lobby.row(question_id))["answer_id"]
    assert await lobby.accept(edited(message, None, 0.0)) == Receipt(verdict, question_id)
    row = await lobby.row(question_id)
    assert (row["state"], row["notice"]) == (after, "inbox.stopped" if state is State.CANCELLED else None)
    assert row["answer_id"] == (None if verdict is Verdict.CANCELLED else ended)
    assert row["ending"] == (State.CANCELLED if after is State.DELIVERING else row["ending"])
    assert (row["settled_at"] is None) == (after is State.DELIVERING)


async def test_a_deletion_that_comes_twice_is_known(lobby: Lobby) -> None:
    message = incoming()
    await lobby.accept(message)
    gone = [edited(message, None), edited(message, None, 9.0), edited(message, "Sửa?", 99.0)]
    assert await verdicts(lobby, gone) == [Verdict.CANCELLED, Verdict.KNOWN, Verdict.KNOWN]


async def test_a_short_start_waits_for_the_rest_of_its_sentence(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    question_id = await lobby.ask(FRAGMENT, conversation="c")
    assert await lobby.claims().claim(lobby.now, room=True) is None
    lobby.clock.advance(1.9)
    assert await lobby.accept(incoming(QUESTION, conversation="c")) == Receipt(Verdict.JOINED, question_id)
    claim = await lobby.claim()
    assert claim.text == f"{FRAGMENT} {QUESTION}"


async def test_a_short_start_that_stays_alone_is_answered_when_its_time_is_over(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    await lobby.ask(FRAGMENT, conversation="c")
    lobby.clock.advance(2.0)
    assert (await lobby.accept(incoming(conversation="c"))).verdict is Verdict.ACCEPTED
    assert (await lobby.claim()).text == FRAGMENT


@pytest.mark.parametrize("changes", [{"conversation": "other"}, {"person": "hoa"}])
async def test_only_the_same_person_in_the_same_conversation_goes_on(
    database: Database, changes: dict[str, object]
) -> None:
    lobby = Lobby(database, JOINING)
    await lobby.ask(FRAGMENT, conversation="c", person="lan")
    other = incoming(**{"conversation": "c", "person": "lan", **changes})  # type: ignore[arg-type]
    assert (await lobby.accept(other)).verdict is Verdict.ACCEPTED


async def test_a_whole_sentence_waits_for_nothing(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    await lobby.ask(QUESTION, conversation="c")
    assert (await lobby.accept(incoming(conversation="c"))).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("texts", [[QUESTION], [FRAGMENT, QUESTION]])
async def test_a_sentence_that_has_ended_is_not_gone_on_with_by_a_clock_that_is_behind(
    database: Database, texts: list[str]
) -> None:
    lobby = Lobby(database, JOINING)
    for text in texts:
        await lobby.ask(text, conversation="c")
    lobby.clock.advance(-0.5)
    assert (await lobby.accept(incoming(conversation="c"))).verdict is Verdict.ACCEPTED


async def test_a_sentence_in_pieces_waits_three_windows_at_most(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    question_id, start = await lobby.ask(FRAGMENT, conversation="c"), lobby.now
    ready = []
    for _ in range(3):
        lobby.clock.advance(1.5)
        assert (await lobby.accept(incoming("nghỉ", conversation="c"))).verdict is Verdict.JOINED
        ready.append(((await lobby.row(question_id))["ready_at"] - start).total_seconds())
    assert ready == [3.5, 5.0, 6.0]
    lobby.clock.advance(1.5)
    assert (await lobby.accept(incoming("phép", conversation="c"))).verdict is Verdict.ACCEPTED
    assert (await lobby.claim()).text == "xin hỏi nghỉ nghỉ nghỉ"


async def test_pieces_are_put_together_in_the_order_of_their_sending(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    early, late = incoming(FRAGMENT, conversation="c"), incoming("nghỉ phép", conversation="c")
    assert await verdicts(lobby, [late, early]) == [Verdict.ACCEPTED, Verdict.JOINED]
    lobby.clock.advance(10)
    claim = await lobby.claim()
    assert (claim.text, claim.reply_to, claim.asked_at) == (f"{FRAGMENT} nghỉ phép", early.key, early.sent_at)


async def test_of_joined_messages_one_may_be_deleted_and_the_rest_is_answered(database: Database) -> None:
    lobby = Lobby(database, JOINING)
    first, second = incoming(FRAGMENT, conversation="c"), incoming(QUESTION, conversation="c")
    assert await verdicts(lobby, [first, second]) == [Verdict.ACCEPTED, Verdict.JOINED]
    assert (await lobby.accept(edited(first, None))).verdict is Verdict.CHANGED
    assert (await lobby.claim()).text == QUESTION
    assert (await lobby.accept(edited(second, None))).verdict is Verdict.CANCELLED
    assert (await lobby.claims("w2").open_questions(lobby.now))[0].state == State.DELIVERING


async def test_a_person_is_told_once_that_it_is_too_many_and_again_when_those_are_done(database: Database) -> None:
    lobby = Lobby(database, NARROW)
    await lobby.ask()
    await lobby.ask()
    told, silent = await lobby.ask(), await lobby.ask()
    row = await lobby.row(told)
    assert (row["state"], row["ending"], row["settled_at"]) == (State.DELIVERING, State.FAILED, None)
    assert (row["notice"], row["facts"]) == ("inbox.too_many", {"count": 2})
    row = await lobby.row(silent)
    assert (row["state"], row["ending"], row["notice"], row["settled_at"]) == (State.FAILED, None, None, lobby.now)
    for _ in range(3):  # the refusal and the two questions that were accepted
        claim = await lobby.claim()
        claim = claim if claim.state is State.DELIVERING else await lobby.keep(claim)
        await lobby.claims().finish(claim, lobby.now)
    await lobby.ask()
    await lobby.ask()
    assert (await lobby.row(await lobby.ask()))["notice"] == "inbox.too_many"


async def test_a_person_is_not_told_again_while_one_of_the_old_questions_is_open(database: Database) -> None:
    lobby = Lobby(database, NARROW)
    await lobby.ask()
    await lobby.ask()
    await lobby.ask()
    for _ in range(2):
        claim = await lobby.claim()
        claim = claim if claim.state is State.DELIVERING else await lobby.keep(claim)
        await lobby.claims().finish(claim, lobby.now)
    assert (await lobby.accept(incoming())).verdict is Verdict.ACCEPTED
    assert (await lobby.row(await lobby.ask()))["state"] == State.FAILED


async def test_a_full_queue_refuses_and_everybody_is_told_once(database: Database) -> None:
    lobby = Lobby(database, NARROW)
    for person in ("an", "an", "binh"):
        await lobby.ask(person=person)
    receipts = [await lobby.accept(incoming(person=person)) for person in ("chi", "chi", "dung")]
    assert [receipt.verdict for receipt in receipts] == [Verdict.REFUSED] * 3
    rows = [await lobby.row(str(receipt.question_id)) for receipt in receipts]
    assert [row["notice"] for row in rows] == ["inbox.queue_full", None, "inbox.queue_full"]
    assert rows[0]["facts"] == {"count": 3}


async def test_the_limit_holds_when_many_come_at_once(database: Database) -> None:
    lobby = Lobby(database, NARROW)
    receipts = await asyncio.gather(*(lobby.accept(incoming()) for _ in range(10)))
    assert sorted(receipt.verdict for receipt in receipts) == [*[Verdict.ACCEPTED] * 2, *[Verdict.REFUSED] * 8]


async def test_what_only_has_to_be_shown_takes_no_place_in_the_queue(database: Database) -> None:
    lobby = Lobby(database, NARROW)
    for _ in range(2):
        await lobby.bring_to(State.DELIVERING)
    assert (await lobby.accept(incoming())).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("shown", [False, True])
async def test_an_edit_of_a_refused_question_is_refused_again_while_it_is_one_too_many(
    database: Database, *, shown: bool
) -> None:
    lobby, message = Lobby(database, NARROW), incoming()
    await lobby.ask()
    await lobby.ask()
    refused = (await lobby.accept(message)).question_id
    if shown:
        await lobby.claims().finish(await lobby.claim(room=False), lobby.now)
    assert await lobby.accept(edited(message, TELL_ME_LESS)) == Receipt(Verdict.REFUSED, refused)
    assert (await lobby.row(str(refused)))["notice"] == "inbox.too_many"
    assert (await lobby.row(str(refused)))["state"] == State.DELIVERING


async def test_an_edit_of_a_refused_question_is_accepted_when_there_is_room(database: Database) -> None:
    lobby, message = Lobby(database, NARROW), incoming()
    first = await lobby.ask()
    await lobby.ask()
    refused = (await lobby.accept(message)).question_id
    await lobby.intake.stop(first, "lan", lobby.now)
    assert await lobby.accept(edited(message, TELL_ME_LESS)) == Receipt(Verdict.CHANGED, refused)
    assert (await lobby.row(str(refused)))["state"] == State.NEW


async def test_an_edit_of_a_question_refused_in_silence_is_refused_in_silence(database: Database) -> None:
    lobby, message = Lobby(database, NARROW), incoming()
    for _ in range(3):
        await lobby.ask()
    silent = (await lobby.accept(message)).question_id
    assert await lobby.accept(edited(message, TELL_ME_LESS)) == Receipt(Verdict.REFUSED, silent)
    row = await lobby.row(str(silent))
    assert (row["state"], row["notice"]) == (State.FAILED, None)


@pytest.mark.parametrize("state", [State.DELIVERING, State.ANSWERED])
async def test_where_an_answer_stands_a_refused_edit_is_always_said(database: Database, state: State) -> None:
    lobby, message = Lobby(database, NARROW), incoming()
    answered = await lobby.bring_to(state, key=message.key)
    for _ in range(3):
        await lobby.ask()
    assert await lobby.accept(edited(message, TELL_ME_LESS)) == Receipt(Verdict.REFUSED, answered)
    row = await lobby.row(answered)
    assert (row["state"], row["ending"], row["notice"]) == (State.DELIVERING, State.FAILED, "inbox.too_many")
    assert row["answer_id"] is None


@pytest.mark.parametrize("state", [State.NEW, State.ANSWERING, State.DELIVERING])
async def test_who_stops_a_question_is_told_so_in_place_of_an_answer(lobby: Lobby, state: State) -> None:
    question_id = await lobby.bring_to(state)
    before = await lobby.row(question_id)
    assert await lobby.intake.stop(question_id, "lan", lobby.now) == Receipt(Verdict.CANCELLED, question_id)
    row = await lobby.row(question_id)
    assert (row["state"], row["ending"], row["notice"]) == (State.DELIVERING, State.CANCELLED, "inbox.stopped")
    assert (row["answer_id"], row["revision"]) == (None, before["revision"] + 1)
    assert await lobby.intake.stop(question_id, "lan", lobby.now) == Receipt(Verdict.KNOWN, question_id)
    assert await lobby.row(question_id) == row


@pytest.mark.parametrize("state", [State.ANSWERED, State.FAILED, State.CANCELLED])
async def test_what_has_ended_cannot_be_stopped(lobby: Lobby, state: State) -> None:
    question_id = await lobby.bring_to(state)
    before = await lobby.row(question_id)
    assert (await lobby.intake.stop(question_id, "lan", lobby.now)).verdict is Verdict.KNOWN
    assert (await lobby.intake.stop_newest([before["conversation"]], "lan", "s1", lobby.now)) == Receipt(Verdict.KNOWN)
    assert await lobby.row(question_id) == before


async def test_nobody_stops_the_question_of_another(lobby: Lobby) -> None:
    question_id = await lobby.ask(conversation="c", person="lan")
    assert await lobby.intake.stop(question_id, "hoa", lobby.now) == Receipt(Verdict.KNOWN)
    assert await lobby.intake.stop_newest(["c"], "hoa", "s2", lobby.now) == Receipt(Verdict.KNOWN)
    assert await lobby.intake.stop("unknown", "lan", lobby.now) == Receipt(Verdict.KNOWN)
    assert (await lobby.row(question_id))["state"] == State.NEW


async def test_the_newest_open_question_of_the_conversation_is_stopped_first(lobby: Lobby) -> None:
    first, second = [await lobby.ask(conversation="c") for _ in range(2)]
    await lobby.ask(conversation="other")
    await lobby.ask(conversation="c", person="hoa")
    assert await lobby.intake.stop_newest(["none", "c"], "lan", "s3", lobby.now) == Receipt(Verdict.CANCELLED, second)
    assert await lobby.intake.stop_newest(["c"], "lan", "s3", lobby.now) is None
    assert (await lobby.row(first))["state"] == State.NEW


async def test_a_stopped_question_that_is_deleted_before_it_is_said_says_nothing(lobby: Lobby) -> None:
    message = incoming()
    question_id = await lobby.bring_to(State.ANSWERING, key=message.key)
    await lobby.intake.stop(question_id, "lan", lobby.now)
    assert (await lobby.accept(edited(message, None))).verdict is Verdict.CANCELLED
    row = await lobby.row(question_id)
    assert (row["state"], row["ending"], row["notice"]) == (State.DELIVERING, State.CANCELLED, None)


async def test_questions_of_surfaces_that_are_gone_are_ended(lobby: Lobby) -> None:
    old = [await lobby.ask(surface="console:1"), await lobby.bring_to(State.ANSWERING, surface="recorded")]
    ended = await lobby.bring_to(State.ANSWERED, surface="recorded")
    lobby.clock.advance(1)
    young = await lobby.ask(surface="console:2")
    assert await lobby.intake.abandon("console:", lobby.now, lobby.now) == 1
    assert await lobby.intake.abandon("recorded", lobby.now, lobby.now) == 1
    for question_id in old:
        row = await lobby.row(question_id)
        assert (row["state"], row["worker"], row["settled_at"]) == (State.CANCELLED, None, lobby.now)
    assert (await lobby.row(young))["state"] == State.NEW
    assert (await lobby.row(ended))["state"] == State.ANSWERED


async def test_a_locked_database_refuses_the_delivery_and_takes_it_the_next_time(sqlite: Database) -> None:
    message = incoming()
    async with open_database(f"sqlite+aiosqlite:///{sqlite.place}", lock_wait=0.05) as impatient:
        lobby = Lobby(impatient)
        with closing(sqlite3.connect(sqlite.place, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as raised:
                await lobby.accept(message)
        assert raised.value.message_id == "store.locked"
        assert (await lobby.accept(message)).verdict is Verdict.ACCEPTED


async def test_a_full_disk_refuses_the_delivery_and_nothing_of_it_is_kept(sqlite: Database) -> None:
    lobby, message = Lobby(sqlite), incoming("x" * 20_000)
    await lobby.ask()
    before = await lobby.dump()
    await fill(sqlite)
    for delivery in (message, edited(message, "x" * 20_000)):
        with pytest.raises(StoreError) as raised:
            await lobby.accept(delivery)
        assert raised.value.message_id == "store.full"
    assert await lobby.dump() == before


async def test_a_full_disk_leaves_an_edited_question_as_it_was(sqlite: Database) -> None:
    lobby, message = Lobby(sqlite), incoming()
    await lobby.accept(message)
    before = await lobby.dump()
    await fill(sqlite)
    with pytest.raises(StoreError):
        await lobby.accept(edited(message, "x" * 20_000))
    assert await lobby.dump() == before
    assert (await lobby.claim()).text == QUESTION
