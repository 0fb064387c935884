"""A message that is a question by itself: who sends it has finished the sentence, however short."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.intake import InboxLimits, Incoming, Verdict
from core.store.database import Database
from tests.core.desk import incoming
from tests.core.store.lobby import Lobby, empty_database

JOIN = 2.0
FRAGMENT = "xin hỏi"


@pytest.fixture
async def database(kind: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_database(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def lobby(database: Database) -> Lobby:
    return Lobby(database, InboxLimits(join_seconds=JOIN))


def said(text: str, *, is_whole: bool) -> Incoming:
    """A message in the one conversation of these tests."""
    return incoming(text, conversation="c", person="lan", is_whole=is_whole)


async def test_it_is_ready_at_once_where_another_one_waits_for_its_rest(lobby: Lobby) -> None:
    await lobby.ask(FRAGMENT)
    assert await lobby.claims().claim(lobby.now, room=True) is None
    whole = await lobby.ask(FRAGMENT, is_whole=True)
    assert (await lobby.row(whole))["ready_at"] == lobby.now
    claim = await lobby.claim()
    assert (claim.question_id, claim.text) == (whole, FRAGMENT)


@pytest.mark.parametrize(("is_whole", "verdict"), [(True, Verdict.ACCEPTED), (False, Verdict.JOINED)])
async def test_it_is_not_the_rest_of_another_ones_sentence(lobby: Lobby, is_whole: bool, verdict: Verdict) -> None:
    await lobby.accept(said(FRAGMENT, is_whole=False))
    assert (await lobby.accept(said("nghỉ phép", is_whole=is_whole))).verdict is verdict


async def test_nothing_is_joined_to_it(lobby: Lobby) -> None:
    assert (await lobby.accept(said(FRAGMENT, is_whole=True))).verdict is Verdict.ACCEPTED
    assert (await lobby.accept(said("nghỉ phép", is_whole=False))).verdict is Verdict.ACCEPTED


async def test_an_edit_of_it_is_answered_at_once_too(lobby: Lobby) -> None:
    first = said(FRAGMENT, is_whole=True)
    receipt = await lobby.accept(first)
    lobby.clock.advance(timedelta(seconds=1).total_seconds())
    await lobby.accept(replace(first, event="later", text="nghỉ ốm", version=1.0))
    assert (await lobby.row(str(receipt.question_id)))["ready_at"] == lobby.now
