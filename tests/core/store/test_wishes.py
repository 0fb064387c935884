"""What one process asks of another: taken up by exactly one, however often it was asked."""

import asyncio

from core.store.database import Database
from core.store.marks import Marks
from core.store.pulse import PULSE, Pulse
from core.store.wishes import Wishes
from tests.core.store.samples import NOON


async def test_a_wish_that_was_asked_often_is_taken_once_by_one_of_many(database: Database) -> None:
    wishes = Wishes(database)
    assert not await wishes.take("ingest")
    await asyncio.gather(*(wishes.ask("ingest", NOON) for _ in range(5)))
    assert sorted(await asyncio.gather(*(wishes.take("ingest") for _ in range(5)))) == [False] * 4 + [True]
    await wishes.ask("ingest", NOON)
    assert await wishes.take("ingest")


async def test_wishes_are_told_apart_and_marks_of_surfaces_are_none(database: Database) -> None:
    wishes = Wishes(database)
    await wishes.ask("ingest", NOON)
    await Marks(database).see("slack:T1", NOON)
    assert not await wishes.take("backup")
    assert not await wishes.take("slack:T1")
    assert await Marks(database).seen("slack:T1") == NOON


async def test_the_pulse_is_one_row_that_every_beat_writes(database: Database) -> None:
    for minute in (5, 3):
        await Pulse(database).beat(NOON.replace(minute=minute))
        assert await Marks(database).seen(PULSE) == NOON.replace(minute=minute)
