"""People who ask, edit, delete, and a platform that tells of one message in two events."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.crash.chat import SURFACES, Asked, Chat, Event
from benchmarks.crash.script import Wording
from benchmarks.crash.server import Server
from core.intake import Incoming

PLACES = 4
"""Per surface. Few, so that questions stand close together and old ones are far from the newest."""
PEOPLE = tuple(f"person-{number}" for number in range(24))
TWINS, EDITS, DELETIONS, BURSTS = 0.1, 0.12, 0.06, 0.1
"""Shares of the questions; a burst is `BURST` questions at once in one place."""
BURST = 6
LATEST = 3.0
"""Seconds after the question until which it is edited or deleted, mostly sooner."""
SIZES = (1, 1, 1, 2, 3)
"""Messages that answers take, drawn from evenly."""


@dataclass(frozen=True, slots=True)
class Later:
    """What somebody does to a question after so many seconds."""

    seconds: float
    event: Incoming
    wording: Wording | None = None


class Traffic:
    """Writes questions into the chat, in turns on the `surfaces`; `calm` asks and does nothing else."""

    def __init__(
        self, server: Server, chance: random.Random, *, surfaces: tuple[str, ...] = SURFACES, calm: bool = False
    ) -> None:
        self._server = server
        self._chat: Chat = server.chat
        self._chance = chance
        self._surfaces = itertools.cycle(surfaces)
        self._calm = calm
        self._events = itertools.count()
        self.count = 0

    def ask(self, surface: str, place: str) -> list[Later]:
        """One question now; what will be done to it later."""
        self.count += 1
        wording = Wording(self.count, 0, self._chance.choice(SIZES))
        person, key = self._chance.choice(PEOPLE), self._chat.write(surface, place)
        conversation = f"{surface}:{place}:{person}"
        now = datetime.now(UTC)
        incoming = Incoming(surface, key, self._event(), conversation, place, person, wording.text, now)
        self._chat.asked[key] = Asked(key, surface, place, [wording])
        self._emit(incoming)
        return [] if self._calm else list(self._later(incoming, wording))

    def happen(self, later: Later) -> None:
        """The later thing, now."""
        asked = self._chat.asked[later.event.key]
        event = self._emit(later.event)
        if later.wording:
            asked.wordings.append(later.wording)
        if later.event.text is None:
            asked.deletion = event

    async def flow(self, group: asyncio.TaskGroup, count: int, seconds: float) -> None:
        """So many questions at random moments of the next seconds; what follows from them happens in `group`."""
        left = count
        while left:
            await asyncio.sleep(self._chance.expovariate(count / seconds))
            together = min(left, BURST if self._chance.random() < BURSTS else 1)
            left -= together
            surface, place = next(self._surfaces), f"p{self._chance.randrange(PLACES)}"
            for later in itertools.chain.from_iterable([self.ask(surface, place) for _ in range(together)]):
                group.create_task(self._happen_later(later))

    async def _happen_later(self, later: Later) -> None:
        await asyncio.sleep(later.seconds)
        self.happen(later)

    def _later(self, incoming: Incoming, wording: Wording) -> Iterator[Later]:
        if self._chance.random() < TWINS:
            yield Later(self._soon(), replace(incoming, event=self._event()))
        if self._chance.random() < EDITS:
            edited = Wording(wording.number, 1, self._chance.choice(SIZES))
            yield Later(self._soon(), replace(incoming, event=self._event(), text=edited.text, version=1.0), edited)
        if self._chance.random() < DELETIONS:
            yield Later(self._soon(), replace(incoming, event=self._event(), text=None))

    def _soon(self) -> float:
        return LATEST * self._chance.random() ** 3

    def _event(self) -> str:
        return f"event-{next(self._events)}"

    def _emit(self, incoming: Incoming) -> Event:
        event = self._chat.emit(incoming)
        self._server.deliver_soon()
        return event
