"""Many questions at once, and one person who asks too many."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.chat import BEARS_ALL, Chat
from benchmarks.figures import Figure, percentile, usage
from benchmarks.models import PacedModel
from benchmarks.office import UNLIMITED, Office, dice_of, message
from core.inbox import Inbox
from core.intake import InboxLimits, Receipt
from core.store.database import Database
from core.surfaces import Rates
from tests.core.desk import pipeline_over

QUESTIONS, SECONDS, MODEL_SECONDS = 1000, 10.0, 0.2
P99_MS, MAX_MS, GROWTH_MB = 500.0, 2500.0, 100.0
FLOOD, OTHERS, FLOOD_SECONDS, FLOOD_MODEL_SECONDS, ROUNDS = 200, 20, 5.0, 3.0, 4
PATIENCE = 300.0


@dataclass
class Acceptance:
    """What `accept` said to whom, and how long that took, in milliseconds."""

    receipts: list[Receipt] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    async def ask(self, inbox: Inbox, person: str, *, place: str) -> Receipt:
        started = time.perf_counter()
        receipt = await inbox.accept(message(person=person, place=place, conversation=place))
        self.took.append((time.perf_counter() - started) * 1000)
        self.receipts.append(receipt)
        return receipt


async def at_moments(moments: Iterable[float]) -> AsyncIterator[int]:
    """The number of each moment (seconds from now, in order), when it has come."""
    started = time.perf_counter()
    for number, moment in enumerate(moments):
        await asyncio.sleep(max(0.0, started + moment - time.perf_counter()))
        yield number


async def settled(office: Office) -> None:
    """Returns when no question is open. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while await office.open_rows():  # noqa: ASYNC110 (nobody but the database knows)
            await asyncio.sleep(0.1)


def without_outcome(chat: Chat, question_ids: Iterable[str | None]) -> int:
    """Questions that have not exactly one message with a last text."""
    stories = [chat.story(question_id or "") for question_id in question_ids]
    return sum([shown.final_text is not None for shown in story.standing] != [True] for story in stories)


async def burst(database: Database, name: str, limits: InboxLimits) -> list[Figure]:
    """A thousand people ask within ten seconds."""
    office = Office(database, pipeline_over(database, PacedModel(MODEL_SECONDS)), Chat(rates=BEARS_ALL), limits=limits)
    acceptance, before = Acceptance(), usage().memory_mb
    async with office.serving() as inbox:
        async with asyncio.TaskGroup() as group:
            async for number in at_moments(SECONDS * number / QUESTIONS for number in range(QUESTIONS)):
                group.create_task(acceptance.ask(inbox, f"person{number}", place=f"place{number}"))
        await settled(office)
    asked = [receipt.question_id for receipt in acceptance.receipts]
    answers = sum(shown.is_answer for one in asked for shown in office.chat.story(one or "").standing)
    return [
        Figure(f"{name}: acceptance p50", percentile(acceptance.took, 0.5), "ms"),
        Figure(f"{name}: acceptance p99", percentile(acceptance.took, 0.99), "ms", P99_MS),
        Figure(f"{name}: acceptance max", max(acceptance.took), "ms", MAX_MS),
        Figure(f"{name}: answered", answers, "questions"),
        Figure(f"{name}: told that it is busy", len(asked) - answers, "questions"),
        Figure(f"{name}: lost", without_outcome(office.chat, asked), "questions", 0),
        Figure(f"{name}: memory growth", usage().memory_mb - before, "MB", GROWTH_MB),
    ]


async def bursts(database: Database, other: Database) -> list[Figure]:
    roomy = await burst(database, "1,000 in 10 s, room for all", UNLIMITED)
    return roomy + await burst(other, "1,000 in 10 s, default limits", InboxLimits())


@asynccontextmanager
async def flooding(inbox: Inbox, acceptance: Acceptance, *, is_on: bool) -> AsyncIterator[None]:
    """While the block runs, one person asks two hundred times, faster than five questions can be answered."""
    async with asyncio.TaskGroup() as group:

        async def flood() -> None:
            async for _ in at_moments(FLOOD_SECONDS * number / FLOOD for number in range(FLOOD if is_on else 0)):
                group.create_task(acceptance.ask(inbox, "flooder", place="flooder"))

        group.create_task(flood())
        yield


async def others_wait(database: Database, seed: int, *, with_flood: bool) -> tuple[list[float], int]:
    """Milliseconds until each of twenty others saw a placeholder, and how often the flooder was told to stop."""
    dice = dice_of(seed)
    moments = sorted(dice.uniform(0, FLOOD_SECONDS) for _ in range(OTHERS))
    pipeline = pipeline_over(database, PacedModel(FLOOD_MODEL_SECONDS))
    office = Office(database, pipeline, Chat(rates=Rates()), limits=InboxLimits(join_seconds=0.0))
    others, flooder, asked_at = Acceptance(), Acceptance(), dict[str, float]()
    async with office.serving() as inbox:
        async with flooding(inbox, flooder, is_on=with_flood):
            async for number in at_moments(moments):
                started = time.perf_counter()
                receipt = await others.ask(inbox, f"person{number}", place=f"place{number}")
                asked_at[receipt.question_id or ""] = started
        await settled(office)
    waits = [((office.chat.story(one).placed_at or float("inf")) - at) * 1000 for one, at in asked_at.items()]
    told = [office.chat.story(receipt.question_id or "").standing for receipt in flooder.receipts]
    return waits, sum(not shown.is_answer for standing in told for shown in standing)


async def flood(database: Database) -> list[Figure]:
    """The others' time to their placeholder with a flooder, against that without; alternating."""
    calm: list[float] = []
    flooded: list[float] = []
    told: list[int] = []
    for seed in range(ROUNDS):
        calm += (await others_wait(database, seed, with_flood=False))[0]
        waits, notices = await others_wait(database, seed, with_flood=True)
        flooded += waits
        told.append(notices)
    return [*_compared(calm, flooded), *(Figure("flood: the flooder is told", count, "times", 1) for count in told)]


def _compared(calm: Sequence[float], flooded: Sequence[float]) -> Iterator[Figure]:
    for share in (0.5, 0.95):
        alone, beside = percentile(calm, share), percentile(flooded, share)
        yield Figure(f"flood: placeholder of others, p{share * 100:.0f}, alone", alone, "ms")
        yield Figure(f"flood: placeholder of others, p{share * 100:.0f}, beside it", beside, "ms")
        yield Figure(f"flood: ratio of p{share * 100:.0f}", beside / alone, "times", 2.0)
