"""Slack is away for a while and sends nothing twice: how long people wait who asked meanwhile."""

import asyncio
import time

from benchmarks.figures import Figure, percentile
from benchmarks.slack.desk import Desk, open_desk
from benchmarks.slack.script import PlayedModel
from tests.slack_server import Rates, Settings

MOST_SECONDS = 30.0
ROUNDS, AWAY = 5, 10.0
MODEL_SECONDS = 0.3
Waited = tuple[float, float]
"""Seconds until the answer from the beginning of the trouble, and from the end of it."""


async def drops(rounds: int = ROUNDS, away: float = AWAY) -> list[Figure]:
    """A mention in the middle of an absence; redelivery is off, limits are on."""
    model, settings = PlayedModel(MODEL_SECONDS), Settings(retries=())
    async with open_desk(model, rates=Rates(), slots=4, people=4, channels=2, settings=settings) as desk:
        await desk.answered(desk.ask())
        figures: list[Figure] = []
        for name, kind in (("dropped", dropped), ("frozen", frozen)):
            waited = [await kind(desk, away) for _ in range(rounds)]
            figures += told(name, waited, away)
    return figures


def told(name: str, waited: list[Waited], away: float) -> list[Figure]:
    from_begin, from_end = zip(*waited, strict=True)
    ends = [Figure(f"{name}: from its end to the answer, max", max(from_end), "s", MOST_SECONDS)]
    most = MOST_SECONDS + (away if name == "dropped" else 0.0)
    return [
        Figure(f"{name}: from the beginning to the answer, median", percentile(from_begin, 0.5), "s"),
        Figure(f"{name}: from the beginning to the answer, max", max(from_begin), "s", most),
        *(ends if name == "dropped" else []),
    ]


async def dropped(desk: Desk, away: float) -> Waited:
    """Every socket breaks, and for so many seconds no new one is to be had."""
    sockets, began = desk.slack.sockets, time.monotonic()
    sockets.refuse()
    sockets.drop()
    await asyncio.sleep(away / 2)
    asked = desk.ask()
    await asyncio.sleep(away / 2)
    sockets.refuse(refusing=False)
    ended = time.monotonic()
    await desk.answered(asked)
    return time.monotonic() - began, time.monotonic() - ended


async def frozen(desk: Desk, away: float) -> Waited:
    """The sockets stay open and carry nothing any more, either way; new ones do."""
    sockets, watch, began = desk.slack.sockets, desk.watch, time.monotonic()
    opened = sockets.opened
    sockets.freeze()
    watch.is_deaf = True
    await asyncio.sleep(min(away / 2, 1.0))
    asked = desk.ask()
    await desk.slack.until(lambda slack: slack.sockets.opened > opened, 60.0)
    watch.is_deaf = False
    reached = time.monotonic()
    await desk.answered(asked)
    sockets.thaw()
    return time.monotonic() - began, time.monotonic() - reached
