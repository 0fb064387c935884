"""What a worker still has in hand it does not take a second time, even where it was given back already."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from tests.core.desk import SENT_AT, Desk, incoming
from tests.core.store.databases import KINDS, fresh_database


@pytest.fixture(params=KINDS)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with fresh_database(str(request.param), tmp_path) as database:
        yield Desk(database, answering=None)  # type: ignore[arg-type]  # nobody answers here


def at_work(database: Database, desk: Desk) -> tuple[Intake, Claims]:
    return Intake(database, desk.limits), Claims(database, desk.limits, "w1", ("recorded",), SENT_AT)


async def test_a_question_in_hand_is_not_claimed_again_and_its_conversation_waits_for_it(desk: Desk) -> None:
    intake, claims = at_work(desk.database, desk)
    first = (await intake.accept(incoming(conversation="c"), SENT_AT)).question_id
    await intake.accept(incoming(conversation="c"), SENT_AT)
    claim = await claims.claim(SENT_AT, room=True)
    assert claim is not None
    await claims.release(claim, counted=False)

    assert await claims.claim(SENT_AT, room=True, in_hand={claim.question_id}) is None
    again = await claims.claim(SENT_AT, room=True)
    assert again is not None
    assert claim.question_id == again.question_id == first


async def test_others_are_claimed_beside_a_question_in_hand(desk: Desk) -> None:
    intake, claims = at_work(desk.database, desk)
    first = (await intake.accept(incoming(), SENT_AT)).question_id
    second = (await intake.accept(incoming(person="hoa"), SENT_AT)).question_id
    claim = await claims.claim(SENT_AT, room=True, in_hand={first or ""})
    assert claim is not None
    assert claim.question_id == second
