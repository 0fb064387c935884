"""How soon a model stops when nobody wants its answer any more: after a stop and after a deletion."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure, percentile
from benchmarks.models import EndlessModel
from benchmarks.office import Office, fresh_url, message, opened
from core.inbox import Inbox
from core.intake import Incoming
from tests.core.desk import pipeline_over

ROUNDS = 20
MOST_SECONDS = 1.0
AFTERWARDS = 0.3
"""Seconds in which a late preview would be seen."""


@asynccontextmanager
async def other_process(url: str, office: Office) -> AsyncIterator[Inbox]:
    """An inbox that only accepts, with a connection of its own: nothing but the database tells the worker."""
    async with opened(url) as database:
        yield replace(office, database=database).worker("other")


async def withdraw(inbox: Inbox, question_id: str, asked: Incoming, how: str) -> None:
    if how == "stop":
        await inbox.stop(question_id, asked.person)
    else:
        await inbox.accept(replace(asked, event=f"{asked.event}-deleted", text=None, version=1.0))


async def one(office: Office, model: EndlessModel, asking: Inbox, how: str) -> tuple[float, bool]:
    """Seconds from the withdrawal to the end of the model, and whether a preview came later."""
    model.begun.clear()
    model.closed.clear()
    asked = message()
    receipt = await asking.accept(asked)
    question_id = receipt.question_id or ""
    await model.begun.wait()
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    await withdraw(asking, question_id, asked, how)
    await model.closed.wait()
    await asyncio.sleep(AFTERWARDS)
    return model.closed_at - started, office.chat.story(question_id).previewed_at > model.closed_at


async def stops(kind: str, folder: Path, *, from_elsewhere: bool) -> list[Figure]:
    url, model = await fresh_url(kind, folder), EndlessModel()
    figures: list[Figure] = []
    async with opened(url) as database:
        office = Office(database, pipeline_over(database, model))
        async with office.serving() as inbox, other_process(url, office) as other:
            for how in ("stop", "deletion"):
                asking = other if from_elsewhere else inbox
                async with asyncio.timeout(120):
                    results = [await one(office, model, asking, how) for _ in range(ROUNDS)]
                where = "another process" if from_elsewhere else "the worker's"
                name = f"{how} on {kind}, {where}"
                figures += [
                    Figure(f"{name}: model stopped, p50", percentile([took for took, _ in results], 0.5), "s"),
                    Figure(f"{name}: model stopped, max", max(took for took, _ in results), "s", MOST_SECONDS),
                    Figure(f"{name}: previews afterwards", sum(late for _, late in results), "edits", 0),
                ]
    return figures
