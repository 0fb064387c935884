"""A bot that comes back to a Slack where life went on: its clock, its mark, and an inbox on a real database."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from bots.slack.api import SlackApi
from bots.slack.budgets import MethodBudgets
from bots.slack.catchup import MARK_SECONDS, CatchUp
from core.clock import Clock
from core.errors import StoreError
from core.intake import Incoming, Receipt, Verdict
from core.store.intake import Intake
from tests.bots.slack.lobby import KeptInbox, Lobby
from tests.bots.slack.reception import client_of
from tests.manual_clock import ManualClock
from tests.slack_server import SlackServer


class HurriedClock(ManualClock):
    """Waits are over at once and take their time, but for the one between two looks; `resting` says that it began."""

    def __init__(self) -> None:
        super().__init__()
        self.resting = asyncio.Event()
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds == MARK_SECONDS:
            self.resting.set()
            await super().sleep(seconds)
            return
        self.waited.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


@dataclass
class KeptMark:
    """`bots.slack.catchup.Mark` in memory: every place where it stood. The next `failures` calls fail."""

    stood: list[datetime] = field(default_factory=list)
    failures: int = 0

    async def seen(self, surface: str) -> datetime | None:
        self._check(surface)
        return self.stood[-1] if self.stood else None

    async def see(self, surface: str, at: datetime) -> None:
        self._check(surface)
        self.stood.append(max(at, *self.stood[-1:]) if self.stood else at)

    def _check(self, surface: str) -> None:
        assert surface == "slack"
        if self.failures:
            self.failures -= 1
            raise StoreError("store.locked", place="test")


@dataclass
class StoredInbox(KeptInbox):
    """Keeps the verdicts of a real intake, where there is one. The next `failures` calls fail."""

    intake: Intake | None = None
    receipts: list[Receipt] = field(default_factory=list)
    failures: int = 0
    clock: Clock = field(default_factory=ManualClock)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, message: Incoming) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise StoreError("store.locked", place="test")
        receipt = await super().accept(message)
        if self.intake:
            receipt = await self.intake.accept(message, self.clock.now())
        self.receipts.append(receipt)
        self.news.set()
        return receipt

    def verdicts(self, since: int = 0) -> dict[str, list[Verdict]]:
        """What the intake said of each message, by its ts; without the first `since` of them all."""
        told: dict[str, list[Verdict]] = {}
        for message, receipt in zip(self.accepted[since:], self.receipts[since:], strict=True):
            told.setdefault(message.key.rpartition(":")[2], []).append(receipt.verdict)
        return told

    @property
    def texts(self) -> list[str | None]:
        return [message.text for message in self.accepted]

    async def until(self, text: str, seconds: float) -> None:
        """Returns once a question with this text has been accepted."""
        async with asyncio.timeout(seconds):
            while text not in self.texts:
                self.news.clear()
                await self.news.wait()


class Absence:
    """A CatchUp with all around it in reach. `lately` are the conversations of recent questions."""

    def __init__(self, slack: SlackServer, clock: HurriedClock) -> None:
        self.slack, self.clock = slack, clock
        self.inbox = StoredInbox(clock=clock)
        self.lobby = Lobby(self.inbox)
        self.mark = KeptMark()
        self.lately: list[str] = []
        self.asked_since: list[datetime] = []
        self.is_healthy = True
        self.budgets: dict[str, int] = {}
        client = client_of(slack)
        self.catch_up = CatchUp(
            SlackApi(client, MethodBudgets(clock, self.budgets)),
            self.lobby.events,
            self.mark,
            self._conversations,
            self.lobby.events.identity,
            clock,
            lambda: self.is_healthy,
        )

    async def _conversations(self, since: datetime) -> list[str]:
        self.asked_since.append(since)
        return self.lately

    def leave(self) -> None:
        """From now on nothing is looked at."""
        self.mark.stood.append(self.clock.now())

    async def come_back(self) -> None:
        """Connects, and returns when all has been looked at. To be called while it runs."""
        async with asyncio.timeout(10):
            await self.clock.resting.wait()
            self.clock.resting.clear()
            self.catch_up.connected()
            await self.clock.resting.wait()

    async def rest(self) -> None:
        """The time between two looks goes by, once."""
        async with asyncio.timeout(10):
            await self.clock.resting.wait()
            self.clock.resting.clear()
            self.clock.advance(MARK_SECONDS)
            await self.clock.resting.wait()

    def looked_at(self) -> list[str]:
        """The channels whose history was asked for, in order."""
        return [call.given["channel"] for call in self.slack.called("conversations.history")]
