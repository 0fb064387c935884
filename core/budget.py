"""What may be spent outside the office: reserved before the call, settled after it, over all processes and restarts."""

import functools
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from core.clock import Clock
from core.errors import ModelUnavailable, StoreError
from core.metering import Bill, Settlement
from core.money import Tariff, as_usd
from core.ports import CompletionRequest

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
WARNING_PERCENT = 80
"""Of a cap; from there on it is nearly spent."""


class Cap(StrEnum):
    """What has a limit, by the names of the settings. Calls are counted, money is in micro-dollars."""

    HOUR = "max_api_calls_per_hour"
    PERSON = "calls_per_person_per_hour"
    DAY = "usd_per_day"
    MONTH = "usd_per_month"


MONEY = frozenset({Cap.DAY, Cap.MONTH})
Amounts = Mapping[Cap, int]
"""How much of each cap: the caps themselves, or what is taken of them."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Since when each cap counts: the last hour, and the calendar's day and month at the office."""

    hour: datetime
    day: datetime
    month: datetime

    @classmethod
    def at(cls, now: datetime, zone: tzinfo) -> "Windows":
        today = now.astimezone(zone).date()
        day, month = (datetime.combine(date, time(), zone) for date in (today, today.replace(day=1)))
        return cls(now - HOUR, day, month)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that one call may cost, before it is made."""

    id: str
    question_id: str | None
    person: str
    model: str
    reserved_at: datetime
    worst_micros: int

    @property
    def needs(self) -> Amounts:
        """What it takes of every cap."""
        return needs(self.worst_micros)


def needs(micros: int) -> Amounts:
    """What one call of this cost takes of every cap."""
    return {Cap.HOUR: 1, Cap.PERSON: 1, Cap.DAY: micros, Cap.MONTH: micros}


def total(used: Amounts, more: Amounts) -> Amounts:
    return {cap: used[cap] + more[cap] for cap in Cap}


def spent_caps(used: Amounts, more: Amounts, caps: Amounts) -> list[Cap]:
    """The caps that `more` on top of what is used would pass."""
    return [cap for cap, amount in total(used, more).items() if amount > caps[cap]]


class Ledger(Protocol):
    """The reservations of the office. Every method raises `StoreError`."""

    async def reserve(self, reservation: Reservation, windows: Windows, caps: Amounts) -> Amounts:
        """Holds the reservation unless a cap has no room for it; what was used before, either way.

        No other reservation is made in between, by whatever process.
        """
        ...

    async def used(self, windows: Windows, person: str) -> Amounts:
        """Calls and money since then; what is held or unknown counts as all that it may cost.

        Nobody in particular ("") has no share that could be used.
        """
        ...

    async def keep_name(self, reservation_id: str, generation_id: str | None) -> None: ...

    async def settle(self, reservation_id: str, settlement: Settlement, now: datetime) -> None: ...

    async def is_first(self, what: str, slot: str) -> bool:
        """True for exactly one caller for each, over all processes and restarts."""
        ...


Tell = Callable[[str, str, str], None]
"""Told of what administrators should know, as `core.inbox.Alarm`: kind, question, detail."""


def untold(_kind: str, _question_id: str, _detail: str) -> None:
    """Only the log says it."""


class Budget:
    """Lets a call out only where all caps have room for the most that it may cost.

    `zone` is the office's: its day and month are the calendar's there. Set `tell` for administrators to hear when a cap
    is nearly spent (80 %) and when it is, once for each hour, day or month.
    """

    def __init__(self, ledger: Ledger, caps: Amounts, tariff: Tariff, zone: tzinfo, clock: Clock) -> None:
        self.caps = caps
        self.tell: Tell = untold
        self._ledger = ledger
        self._tariff = tariff
        self._zone = zone
        self._clock = clock
        self._said: dict[tuple[str, Cap, str], str] = {}

    async def has_room(self, person: str = "") -> bool:
        """Whether the shortest call still fits; False too where nobody can say."""
        now, shortest = self._clock.now(), needs(self._tariff.worst())
        try:
            used = await self._ledger.used(Windows.at(now, self._zone), person)
        except StoreError as error:
            log.warning("the budget cannot be read, so nothing goes out: %s", error)
            return False
        spent = spent_caps(used, shortest, self.caps)
        await self._warn(now, person, used, spent)
        return not spent

    async def used(self) -> Amounts:
        """What is taken of each cap now, of no one person's share. Raises `StoreError`."""
        return await self._ledger.used(Windows.at(self._clock.now(), self._zone), "")

    @asynccontextmanager
    async def paying(
        self, request: CompletionRequest, question_id: str, model: str
    ) -> AsyncIterator[CompletionRequest]:
        """The request as it may be sent; what it may cost is held while the block runs, and settled when it ends.

        Who reads the model's items hands the `Completion` to the request's meter. Raises `ModelUnavailable` where a cap
        has no room, or the ledger cannot be asked.
        """
        worst = self._tariff.worst(request.messages, request.max_tokens)
        now = self._clock.now()
        reservation = Reservation(uuid.uuid4().hex, question_id or None, request.person, model, now, worst)
        used = await self._reserve(reservation)
        bill = Bill(functools.partial(self._keep_name, reservation.id))
        try:
            yield replace(request, meter=bill)
        finally:
            await self._settle(reservation, bill.settlement())
            await self._warn(now, reservation.person, total(used, reservation.needs), [])

    async def _reserve(self, reservation: Reservation) -> Amounts:
        """What was used before."""
        now = reservation.reserved_at
        try:
            used = await self._ledger.reserve(reservation, Windows.at(now, self._zone), self.caps)
        except StoreError as error:
            raise ModelUnavailable("model.budget_unread") from error
        if spent := spent_caps(used, reservation.needs, self.caps):
            await self._warn(now, reservation.person, used, spent)
            raise ModelUnavailable("model.budget_spent_person" if spent == [Cap.PERSON] else "model.budget_spent")
        return used

    async def _keep_name(self, reservation_id: str, generation_id: str | None) -> None:
        """A name that is not kept only cannot be looked up; one that is not taken back would stand for too little."""
        try:
            await self._ledger.keep_name(reservation_id, generation_id)
        except StoreError as error:
            if generation_id is None:
                raise ModelUnavailable("model.budget_unread") from error
            log.warning("the name of a generation is not kept: %s", error)

    async def _settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """What cannot be settled stays held, and so counts as all that it may cost."""
        cost, worst = settlement.cost_micros or 0, reservation.worst_micros
        if cost > worst:
            log.error("%s took %d micro-dollars for a call; at most %d were agreed", reservation.model, cost, worst)
        try:
            await self._ledger.settle(reservation.id, settlement, self._clock.now())
        except StoreError as error:
            log.warning("a call outside the office is not settled yet: %s", error)

    async def _warn(self, now: datetime, person: str, used: Amounts, spent: Sequence[Cap]) -> None:
        """Says which caps are spent, or nearly. Who has spent their own share is not named."""
        for cap in Cap:
            if cap in spent or 0 < WARNING_PERCENT * self.caps[cap] <= 100 * used[cap]:
                kind = "alarm.budget_spent" if cap in spent else "alarm.budget_low"
                await self._say("alarm.budget_person" if cap is Cap.PERSON else kind, cap, person, used[cap], now)

    async def _say(self, kind: str, cap: Cap, person: str, amount: int, now: datetime) -> None:
        """Once in its period: by one process of all, but of a person's share by each."""
        person = person if cap is Cap.PERSON else ""
        slot = slot_of(cap, now.astimezone(self._zone))
        if self._said.get((kind, cap, person)) == slot:
            return
        self._said[kind, cap, person] = slot
        if person or await self._is_first(f"{kind}.{cap}", slot):
            detail = f"{cap}: {in_words(cap, amount)} / {in_words(cap, self.caps[cap])}"
            log.warning("the budget for calls outside the office: %s", detail)
            self.tell(kind, "", detail)

    async def _is_first(self, what: str, slot: str) -> bool:
        """Rather said twice than not at all."""
        try:
            return await self._ledger.is_first(what, slot)
        except StoreError:
            return True


def slot_of(cap: Cap, local: datetime) -> str:
    """The period of a cap that this moment at the office lies in."""
    pattern = {Cap.DAY: "%Y-%m-%d", Cap.MONTH: "%Y-%m"}.get(cap, "%Y-%m-%dT%H")
    return local.strftime(pattern)


def in_words(cap: Cap, amount: int) -> str:
    return f"{as_usd(amount):.2f} USD" if cap in MONEY else str(amount)
