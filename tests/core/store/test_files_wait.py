"""Files that come without a word: the next question of who sent them is asked about them."""

from datetime import timedelta

import pytest

from core.conversation import FILES_WAIT
from core.intake import Claim, SharedFile, State
from core.store.database import Database
from core.store.moves import Moves
from tests.core.desk import QUESTION, SENT_AT
from tests.core.store.lobby import Lobby


def a_file(name: str = "hop-dong.pdf", id_: str = "F1", size: int = 7) -> SharedFile:
    return SharedFile(id_, name, "application/pdf", size, "")


@pytest.fixture
def lobby(database: Database) -> Lobby:
    return Lobby(database)


async def sent(lobby: Lobby, *files: SharedFile, text: str = "", **changes: object) -> Claim:
    """Somebody sends files, and is answered."""
    await lobby.ask(text, **{"conversation": "c", "files": files, **changes})
    claim = await lobby.keep(await lobby.claim())
    await lobby.claims().finish(claim, lobby.now)
    return claim


async def asked(lobby: Lobby, **changes: object) -> list[str]:
    """Somebody asks, and is answered; the names of the files that are read for it."""
    return [file.name for file in (await sent(lobby, text=QUESTION, **changes)).files]


async def test_the_next_question_is_asked_about_them_and_no_other(lobby: Lobby) -> None:
    assert [file.id for file in (await sent(lobby, a_file())).files] == ["F1"]
    assert await asked(lobby) == ["hop-dong.pdf"]
    assert await asked(lobby) == []


async def test_all_of_them_wait_in_their_order(lobby: Lobby) -> None:
    await sent(lobby, a_file("1.pdf"), a_file("2.pdf"))
    await sent(lobby, a_file("3.pdf"))
    assert await asked(lobby, files=(a_file("4.pdf"),)) == ["1.pdf", "2.pdf", "3.pdf", "4.pdf"]


async def test_a_file_that_is_sent_again_with_the_question_is_read_once(lobby: Lobby) -> None:
    await sent(lobby, a_file())
    claim = await sent(lobby, a_file(id_="F2"), text=QUESTION)
    assert [file.id for file in claim.files] == ["F2"]


async def test_files_that_came_with_a_question_do_not_wait(lobby: Lobby) -> None:
    await sent(lobby, a_file(), text=QUESTION)
    assert await asked(lobby) == []


@pytest.mark.parametrize(("after", "files"), [(timedelta(0), ["hop-dong.pdf"]), (timedelta(seconds=1), [])])
async def test_they_wait_for_ten_minutes(lobby: Lobby, after: timedelta, files: list[str]) -> None:
    await sent(lobby, a_file(), sent_at=SENT_AT)
    assert await asked(lobby, sent_at=SENT_AT + FILES_WAIT + after) == files


@pytest.mark.parametrize("changes", [{"person": "hoa"}, {"conversation": "d"}])
async def test_they_wait_for_their_sender_where_they_were_sent(lobby: Lobby, changes: dict[str, object]) -> None:
    await sent(lobby, a_file())
    assert await asked(lobby, **changes) == []


async def test_files_whose_sender_wanted_no_answer_do_not_wait(lobby: Lobby) -> None:
    question_id = await lobby.ask("", conversation="c", files=(a_file(),))
    await lobby.intake.stop(question_id, "lan", lobby.now)
    claim = await lobby.claim()
    await lobby.claims().finish(claim, lobby.now)
    assert (await lobby.row(question_id))["state"] == State.CANCELLED
    assert await asked(lobby) == []


async def test_they_go_along_with_a_chat_that_moves(lobby: Lobby, database: Database) -> None:
    old, new = "telegram:7:-5", "telegram:7:-1005"
    await sent(lobby, a_file(), conversation=f"{old}:3", place=old)
    await Moves(database).chat_moved("recorded", old, new)
    assert await asked(lobby, conversation=f"{new}:3", place=new) == ["hop-dong.pdf"]
