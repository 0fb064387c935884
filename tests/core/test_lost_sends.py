"""Several messages of ours in one place whose ids nobody knows: everybody finds one, and nobody another's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.store.database import Database
from core.store.spaces import SpaceRepository
from core.surfaces import Action, Posting, SurfaceSilent
from tests.core.desk import ANSWER, GOOD, Desk, incoming, pipeline_over
from tests.core.makers import PUBLIC
from tests.core.store.databases import KINDS, fresh_database
from tests.fakes import ScriptedModel
from tests.surface import Fault, RecordedSurface

TOGETHER = 4


@dataclass
class GropingSurface(RecordedSurface):
    """Finds whatever message of ours stands in the place, as on Telegram: one tries to edit what follows."""

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        there = [sent.id for sent in self.sent if sent.posting.place == posting.place and not sent.is_removed]
        await asyncio.sleep(0)
        return next((message_id for message_id in there if message_id not in known), None)


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database(request.param, tmp_path) as opened:
        await SpaceRepository(opened).sync([(PUBLIC, ("test",))])
        yield opened


@pytest.mark.parametrize("action", [Action.PLACEHOLDER, Action.PART])
async def test_each_finds_a_message_of_its_own(database: Database, action: Action) -> None:
    faults = [Fault(action, SurfaceSilent(), late=True) for _ in range(TOGETHER)]
    surface = GropingSurface(faults=faults, limit=len(ANSWER) // 2 + 1)
    desk = Desk(database, pipeline_over(database, ScriptedModel(GOOD)), surface=surface)
    async with desk.serving() as inbox:
        for _ in range(TOGETHER):
            await inbox.accept(incoming(place="p"))
        await surface.until(lambda seen: sum(sent.is_final for sent in seen.sent) == 2 * TOGETHER)
    assert len(surface.sent) == 2 * TOGETHER
    assert not faults
