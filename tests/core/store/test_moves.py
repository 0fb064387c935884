"""A chat that has got another id."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from core.admission import Admission, Admitted
from core.intake import ClaimLost, State, Verdict
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database
from core.store.journal import Journal
from core.store.moves import Moves
from core.store.threads import ThreadBook
from tests.core.desk import QUESTION, incoming
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON

OLD, NEW, ALIKE = "telegram:7:-5", "telegram:7:-1005", "telegram:7:-55"
HERE: Mapping[str, object] = {"surface": "telegram", "place": OLD, "conversation": f"{OLD}:3"}


class TelegramLobby(Lobby):
    """A lobby of questions that come by Telegram; its worker writes there."""

    def claims(self, worker: str = "w1", *_: object) -> Claims:
        return super().claims(worker, ("telegram",))


@pytest.fixture
def lobby(database: Database) -> TelegramLobby:
    return TelegramLobby(database)


@pytest.fixture
def moves(database: Database) -> Moves:
    return Moves(database)


async def names(database: Database) -> set[tuple[str, str]]:
    """Where the questions of inbox and journal stand: place and conversation."""
    inbox, question = tables.inbox.c, tables.question.c
    async with database.reading() as connection:
        rows = [
            *await connection.execute(select(inbox.place, inbox.conversation)),
            *await connection.execute(select(question.place, question.thread_id)),
        ]
    return {(place, conversation) for place, conversation in rows}


async def everything(database: Database) -> dict[str, set[str]]:
    async with database.reading() as connection:
        return {
            table.name: {repr(tuple(row)) for row in await connection.execute(select(table))}
            for table in tables.metadata.sorted_tables
        }


async def test_places_and_conversations_get_the_new_name(
    moves: Moves, lobby: TelegramLobby, database: Database
) -> None:
    await lobby.bring_to(State.ANSWERED, **HERE)
    await lobby.ask(QUESTION, **{**HERE, "conversation": OLD})
    await moves.chat_moved("telegram", OLD, NEW)
    assert await names(database) == {(NEW, f"{NEW}:3"), (NEW, NEW)}
    (turn,) = await Journal(database).turns(f"{NEW}:3", 5)
    assert turn.question == QUESTION
    assert await ThreadBook(database).has_answered(f"{NEW}:3")


async def test_a_place_whose_name_begins_alike_stays(moves: Moves, lobby: TelegramLobby, database: Database) -> None:
    await lobby.bring_to(State.ANSWERED, surface="telegram", place=ALIKE, conversation=f"{ALIKE}:3")
    await ThreadBook(database).mute(ALIKE, "an", NOON)
    await Admission(database).admit("telegram:-55", "an", NOON)
    before = await everything(database)
    await moves.chat_moved("telegram", OLD, NEW)
    assert await everything(database) | {"chat_move": set()} == before


async def test_a_second_time_nothing_changes(moves: Moves, lobby: TelegramLobby, database: Database) -> None:
    await lobby.bring_to(State.ANSWERED, **HERE)
    await lobby.ask(QUESTION, **HERE)
    await ThreadBook(database).mute(f"{OLD}:3", "an", NOON)
    await Admission(database).admit("telegram:-5", "an", NOON)
    assert await moves.chat_moved("telegram", OLD, NEW)
    after = await everything(database)
    assert not await moves.chat_moved("telegram", OLD, NEW)
    assert not await moves.chat_moved("telegram", NEW, NEW)
    assert await everything(database) == after
    assert not any(f"{OLD}'" in row for table in ("inbox", "question", "thread_mute") for row in after[table])


async def test_a_message_of_the_same_number_in_the_new_place_is_another(moves: Moves, lobby: TelegramLobby) -> None:
    """A supergroup counts its messages from one."""
    first = await lobby.ask(QUESTION, key=f"{OLD}:9", **HERE)
    await moves.chat_moved("telegram", OLD, NEW)
    asked = await lobby.accept(incoming(QUESTION, key=f"{NEW}:9", surface="telegram", place=NEW, conversation=NEW))
    assert asked.verdict is Verdict.ACCEPTED
    again = await lobby.accept(incoming(QUESTION, key=f"{OLD}:9", **HERE))
    assert (again.verdict, again.question_id) == (Verdict.KNOWN, first)


async def test_a_question_in_hand_is_let_go_and_taken_up_in_the_new_place(moves: Moves, lobby: TelegramLobby) -> None:
    question_id = await lobby.bring_to(State.ANSWERING, **HERE)
    claims = lobby.claims()
    held = await claims.held()
    await moves.chat_moved("telegram", OLD, NEW)
    assert (await claims.held())[question_id] > held[question_id]
    await claims.let_go(question_id)
    claim = await lobby.claim()
    assert (claim.question_id, claim.place, claim.conversation) == (question_id, NEW, f"{NEW}:3")


async def test_an_answer_that_is_being_shown_is_kept_and_shown_in_the_new_place(
    moves: Moves, lobby: TelegramLobby
) -> None:
    await lobby.ask(QUESTION, **HERE)
    claim = await lobby.keep(await lobby.claim())
    await moves.chat_moved("telegram", OLD, NEW)
    with pytest.raises(ClaimLost):
        await lobby.claims().finish(claim, lobby.now)
    await lobby.claims().release(claim, counted=False)
    again = await lobby.claim()
    assert (again.state, again.answer_id, again.place) == (State.DELIVERING, claim.answer_id, NEW)


async def test_what_has_ended_keeps_its_revision(moves: Moves, lobby: TelegramLobby) -> None:
    question_id = await lobby.bring_to(State.ANSWERED, **HERE)
    before = await lobby.row(question_id)
    await moves.chat_moved("telegram", OLD, NEW)
    after = await lobby.row(question_id)
    assert (after["revision"], after["place"]) == (before["revision"], NEW)


async def test_who_was_quiet_stays_quiet(moves: Moves, database: Database) -> None:
    book = ThreadBook(database)
    for conversation in (OLD, f"{OLD}:3", f"{NEW}:3"):
        await book.mute(conversation, conversation, NOON)
    await moves.chat_moved("telegram", OLD, NEW)
    async with database.reading() as connection:
        mutes = (await connection.execute(select(tables.thread_mute.c.conversation, tables.thread_mute.c.person))).all()
    assert sorted(map(tuple, mutes)) == [(NEW, OLD), (f"{NEW}:3", f"{NEW}:3")]


async def test_the_chat_stays_admitted(moves: Moves, database: Database) -> None:
    admission = Admission(database)
    await admission.admit("telegram:-5", "slack:U1", NOON)
    await moves.chat_moved("telegram", OLD, NEW)
    assert await admission.admitted("") == [Admitted("telegram:-1005", "slack:U1", NOON)]


async def test_a_chat_that_is_admitted_by_its_new_name_too_is_so_once(moves: Moves, database: Database) -> None:
    admission = Admission(database)
    await admission.admit("telegram:-5", "slack:U1", NOON)
    await admission.admit("telegram:-1005", "slack:U2", NOON)
    await moves.chat_moved("telegram", OLD, NEW)
    assert await admission.admitted("") == [Admitted("telegram:-1005", "slack:U2", NOON)]


async def test_places_may_be_named_by_the_chat_alone(moves: Moves, lobby: TelegramLobby, database: Database) -> None:
    await lobby.ask(QUESTION, surface="telegram", place="telegram:-5", conversation="telegram:-5")
    await Admission(database).admit("telegram:-5", "an", NOON)
    await moves.chat_moved("telegram", "telegram:-5", "telegram:-1005")
    assert await names(database) == {("telegram:-1005", "telegram:-1005")}
    assert await Admission(database).is_admitted("telegram:-1005")


async def test_a_chat_is_known_by_what_it_was_and_by_what_it_has_become(moves: Moves) -> None:
    for old, new in ((OLD, NEW), (ALIKE, "telegram:7:-1055")):
        await moves.chat_moved("telegram", old, new)
    assert await moves.same_as("telegram", NEW) == {OLD}
    assert await moves.same_as("telegram", OLD) == {NEW}
    assert await moves.same_as("telegram", "telegram:7:-1") == frozenset()
    assert await moves.same_as("slack", NEW) == frozenset()
