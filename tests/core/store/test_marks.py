"""Up to when a surface has been looked at."""

import asyncio
from datetime import timedelta

from core.store.database import Database
from core.store.marks import Marks
from tests.core.store.samples import NOON


async def test_a_surface_that_nobody_has_looked_at_has_no_mark(database: Database) -> None:
    assert await Marks(database).seen("slack:T1") is None


async def test_a_mark_moves_on_and_never_back(database: Database) -> None:
    marks = Marks(database)
    for minutes, shown in ((0, 0), (5, 5), (3, 5), (5, 5), (6, 6)):
        await marks.see("slack:T1", NOON + timedelta(minutes=minutes))
        assert await marks.seen("slack:T1") == NOON + timedelta(minutes=shown)


async def test_each_surface_has_its_own_mark(database: Database) -> None:
    marks = Marks(database)
    await marks.see("slack:T1", NOON)
    assert await marks.seen("slack:T2") is None


async def test_of_many_at_once_the_latest_stays(database: Database) -> None:
    marks = Marks(database)
    times = [NOON + timedelta(seconds=second) for second in (3, 9, 1, 7)]
    await asyncio.gather(*(marks.see("slack:T1", at) for at in times))
    assert await marks.seen("slack:T1") == max(times)
