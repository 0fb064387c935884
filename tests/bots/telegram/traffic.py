"""Busy chats on a clock of their own: the real deliveries and pacer against Telegram's limits, without any network.

Time goes on when nobody can do anything before, so minutes take seconds and every run is the same.
"""

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bots.telegram.ids import SURFACE, Spot, message_id
from bots.telegram.surface import IN_GROUPS, IN_PRIVATE, RATES
from core.conversation import Answer, Attachment, Remark
from core.delivery import Channel, Delivery
from core.intake import Claim, Post, SharedFile, State
from core.pacing import Pacer
from core.surfaces import Action, Part, Posting, SurfaceBusy
from tests.bots.telegram.outbox import an_answer
from tests.manual_clock import ManualClock
from tests.telegram_server import Rates
from tests.telegram_server.refusals import Refused

TURNS = 25
"""Turns of the loop after which everybody waits for the clock, where there is no network."""
TICK = 0.05
"""Seconds by which time goes on."""


class VirtualClock(ManualClock):
    """`live` moves the time on, by ticks, to the next one that somebody waits for."""

    async def live(self, until: float) -> None:
        while self.monotonic() < until:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            due = min((at for at in self._sleeping.values()), default=until)
            self.advance(max(TICK, TICK * math.floor((min(due, until) - self.monotonic()) / TICK)))


@dataclass
class LimitedTelegram:
    """`core.surfaces.ChatSurface` with Telegram's prices and limits; a call takes a while, half of it on its way."""

    clock: ManualClock
    limits: Rates
    parts: int = 1
    rates = RATES
    name: str = SURFACE
    calls: list[tuple[float, int, Action]] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 (how long calls take)

    def cost(self, action: Action, place: str) -> float:
        return (IN_GROUPS if Spot.of(place).chat < 0 else IN_PRIVATE).get(action, 1.0)

    def render(self, answer: Answer) -> Sequence[Part]:
        return [Part(answer.text, answer.text)] * self.parts

    async def announce(self, posting: Posting, text: str) -> bool:
        is_private = Spot.of(posting.place).chat > 0
        if is_private and text:
            await self._call(Action.ANNOUNCE, posting)
        return is_private

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        del text
        await self._call(Action.PLACEHOLDER, posting)
        return message_id(Spot.of(posting.place).chat, len(self.calls))

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def post_part(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        del message_id, text
        await self._call(Action.EDIT, posting)

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del message_id, answer, part
        await self._call(Action.FINISH, posting)

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        raise NotImplementedError

    async def remove(self, posting: Posting, message_id: str) -> None:
        raise NotImplementedError

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        raise NotImplementedError

    async def readers(self, place: str) -> frozenset[str] | None:
        raise NotImplementedError

    async def groups(self, person: str) -> frozenset[str]:
        raise NotImplementedError

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        raise NotImplementedError

    async def fetch(self, file: SharedFile) -> Attachment:
        raise NotImplementedError

    async def _call(self, action: Action, posting: Posting) -> None:
        chat, way = Spot.of(posting.place).chat, self._chance.uniform(0.02, 0.1)
        await self.clock.sleep(way)
        try:
            self.limits.take(action, chat, self.clock.monotonic(), is_group=chat < 0)
        except Refused as refused:
            raise SurfaceBusy(refused.parameters["retry_after"]) from refused
        finally:
            self.calls.append((self.clock.monotonic(), chat, action))
        await self.clock.sleep(way)


class Ids:
    """`core.postings.Posts` that need not be kept."""

    async def intend(self, claim: Claim, part: int) -> Post:
        del claim
        return Post(part)

    async def posted(self, claim: Claim, part: int, message_id: str) -> bool:
        del claim, part, message_id
        return True

    async def taken_away(self, claim: Claim, part: int) -> None:
        del claim, part

    async def known(self, claim: Claim) -> frozenset[str]:
        del claim
        return frozenset()


@dataclass
class Traffic:
    """Questions, one after another in each chat. `delays` are the seconds from an answer's end to its last text."""

    parts: int = 1
    limits: Rates = field(default_factory=Rates)
    delays: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.surface = LimitedTelegram(self.clock, self.limits, self.parts)
        self.channel = Channel(self.surface, Pacer(RATES, self.clock), Ids(), self.clock)

    async def run(self, chats: Sequence[int], seconds: float) -> None:
        """So many seconds of talk, and what is under way at their end; a chat named twice has two people who ask."""
        async with asyncio.TaskGroup() as group:
            talks = [group.create_task(self._talk(chat, n, seconds)) for n, chat in enumerate(chats)]
            living = group.create_task(self.clock.live(2 * seconds))
            await asyncio.wait(talks)
            living.cancel()

    async def _talk(self, chat: int, person: int, seconds: float) -> None:
        """Somebody asks, reads, thinks and asks again."""
        chance, number = random.Random(person), 0  # noqa: S311 (how people talk)
        await self.clock.sleep(chance.uniform(0, 10))
        while self.clock.monotonic() < seconds:
            number += 1
            await self._ask(chat, f"q{person}-{number}", chance)
            await self.clock.sleep(chance.uniform(1, 15))

    async def _ask(self, chat: int, question_id: str, chance: random.Random) -> None:
        """An answer that is searched for and written within ten seconds or so."""
        spot = Spot(900, chat, 1)
        delivery = Delivery(a_claim(question_id, spot), self.channel, "vi")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(delivery.run())
            await self.clock.sleep(chance.uniform(0.3, 2.0))
            delivery.tell_status("Đang đọc 312 tài liệu ...")
            for words in range(chance.randint(2, 40)):
                await self.clock.sleep(chance.uniform(0.1, 0.5))
                delivery.show("Bạn được nghỉ phép " * (words + 1))
            ended = self.clock.monotonic()
            delivery.settle(an_answer(question_id=question_id))
            await running
        self.delays.append((chat, self.clock.monotonic() - ended))


def a_claim(question_id: str, spot: Spot) -> Claim:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    return Claim(
        worker="w1",
        question_id=question_id,
        surface=SURFACE,
        conversation=f"{spot.place}:{question_id}",
        place=spot.place,
        person="telegram:7001",
        text="Nghỉ phép?",
        reply_to=spot.name,
        asked_at=now,
        deadline=now,
        state=State.ANSWERING,
        revision=0,
        posts=(Post(0),),
    )
