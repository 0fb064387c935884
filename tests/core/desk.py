"""A working inbox for tests: a real database and pipeline, a recorded platform, models that say what they must."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.access import Directory
from core.clock import Clock, SteadyClock
from core.conversation import Language, Route
from core.delivery import Channel
from core.inbox import Answering, Capacity, Inbox
from core.intake import InboxLimits, Incoming
from core.pacing import Pacer
from core.pipeline import Limits, Pipeline
from core.ports import LanguageModel, Retriever
from core.privacy import PrivacyGate
from core.routing import PatternPolicy, Router, Strategy
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.surfaces import ChatSurface
from core.surroundings import Links, nobody_linked
from core.writing import Writer
from tests.core.makers import passage
from tests.fakes import ListRetriever, a_budget
from tests.surface import RecordedSurface

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", page=2)
GOOD = ("Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1].")
ANSWER = "".join(GOOD)
QUESTION = "Tôi có bao nhiêu ngày nghỉ phép năm?"
SENT_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)

numbers = itertools.count(1)


def incoming(text: str | None = QUESTION, *, key: str = "", **changes: object) -> Incoming:
    """A message of its own, in a conversation of its own, unless `changes` say otherwise."""
    number = next(numbers)
    message = Incoming(
        surface="recorded",
        key=key or f"k{number}",
        event=f"e{number}",
        conversation=f"c{number}",
        place=f"p{number}",
        person="lan",
        text=text,
        sent_at=SENT_AT + timedelta(seconds=number),
    )
    return replace(message, **changes)  # type: ignore[arg-type]


def pipeline_over(database: Database, model: LanguageModel, retriever: Retriever | None = None) -> Pipeline:
    return Pipeline(
        journal=Journal(database),
        spaces=SpaceRepository(database),
        retriever=retriever or ListRetriever([LEAVE]),
        gate=PrivacyGate(),
        router=Router(PatternPolicy(), Strategy.LOCAL),
        writer=Writer({Route.LOCAL: model}, a_budget()),
        language_of=language_of,
        limits=Limits(),
    )


def language_of(text: str) -> Language:
    return Language.ENGLISH if text.startswith("How") else Language.VIETNAMESE


@dataclass
class Desk:
    """What a worker is made of; `worker` makes one, `serving` lets one work for a while."""

    database: Database
    answering: Answering
    surface: RecordedSurface = field(default_factory=RecordedSurface)
    clock: Clock = field(default_factory=SteadyClock)
    limits: InboxLimits = field(default_factory=lambda: InboxLimits(join_seconds=0.0))
    capacity: Capacity = field(default_factory=Capacity)
    traced: list[tuple[str, str]] = field(default_factory=list)
    alarms: list[tuple[str, str, str]] = field(default_factory=list)
    groups: Mapping[str, frozenset[str]] = field(default_factory=lambda: {"staff": frozenset({"lan", "hoa"})})
    on_trace: Callable[[str], None] = lambda _point: None
    claims_of: Callable[..., Claims] = Claims
    links: Links = nobody_linked

    def worker(self, name: str = "w1", surface: ChatSurface | None = None) -> Inbox:
        """A worker that writes to this surface, else to the recorded one."""
        surface = surface or self.surface
        claims = self.claims(name, surface)
        channel = Channel(surface, Pacer(surface.rates, self.clock), claims, self.clock, self._trace)
        return Inbox(
            Intake(self.database, self.limits),
            claims,
            answering=self.answering,
            channels={surface.name: channel},
            directory=Directory(self.groups),
            language_of=language_of,
            clock=self.clock,
            capacity=self.capacity,
            alarm=lambda *alarm: self.alarms.append(alarm),
            links=self.links,
        )

    def claims(self, name: str = "w1", surface: ChatSurface | None = None) -> Claims:
        return self.claims_of(self.database, self.limits, name, ((surface or self.surface).name,), self.clock.now())

    @asynccontextmanager
    async def serving(self, name: str = "w1") -> AsyncIterator[Inbox]:
        """A worker at work; at the end it is asked to stop, and has stopped."""
        inbox = self.worker(name)
        async with asyncio.TaskGroup() as group:
            group.create_task(inbox.serve())
            yield inbox
            inbox.drain()

    def _trace(self, point: str, question_id: str) -> None:
        self.traced.append((point, question_id))
        self.on_trace(point)
