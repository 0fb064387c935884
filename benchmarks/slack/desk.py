"""An office in this process: the real adapter over the local Slack, a real SQLite, a model that is played."""

import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.slack.record import Watch, ending_under, watched
from benchmarks.slack.script import Wording
from benchmarks.slack.worker import SAID
from core.ports import LanguageModel
from core.store.database import open_database
from tests.bots.slack.office import MANIFEST, Office, Plan, open_office
from tests.fakes import ListRetriever
from tests.slack_server import Rates, Settings, SlackServer

PATIENCE = 400.0
"""Seconds after which an answer will not come any more."""


@dataclass
class Desk:
    """Questions are numbered; `asked` holds them by the ts of their messages. Each begins a thread of its own."""

    office: Office
    watch: Watch
    channels: list[str]
    people: list[str]
    asked: dict[str, tuple[str, Wording]] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def slack(self) -> SlackServer:
        return self.office.slack

    def ask(self, *, directly: bool = False) -> str:
        """The next question, by the next person, in the next channel or to us alone; its ts."""
        number = next(self._numbers)
        person, wording = self.people[number % len(self.people)], Wording(number)
        if directly:
            channel = self.slack.people.im(person)
            ts = self.slack.people.say(person, channel, wording.text)
        else:
            channel = self.channels[number % len(self.channels)]
            ts = self.slack.people.ask(person, channel, wording.text)
        self.asked[ts] = channel, wording
        return ts

    async def answered(self, *asked: str) -> None:
        """Returns when all these questions have an ending. Raises TimeoutError."""
        left = set(asked)

        def is_done(slack: SlackServer) -> bool:
            left.difference_update([ts for ts in left if ending_under(slack, self.asked[ts][0], ts)])
            return not left

        await self.slack.until(is_done, PATIENCE)


@asynccontextmanager
async def open_desk(
    model: LanguageModel,
    *,
    rates: Rates,
    slots: int,
    people: int,
    channels: int,
    settings: Settings | None = None,
) -> AsyncIterator[Desk]:
    """So many people, in channels of all of them. Where `rates` are off the adapter counts its calls no more either."""
    with tempfile.TemporaryDirectory(prefix="sotay-slack-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/store.sqlite"
        async with (
            open_database(url) as database,
            SlackServer(dict(MANIFEST), rates=rates, settings=settings) as slack,
            open_office(database, slack, Plan(model=model, slots=slots, retriever=ListRetriever([SAID]))) as office,
        ):
            if not rates.on:
                office.surface.api.budgets.per_minute = {}
            everybody = [slack.people.add_user(f"person {number}") for number in range(people)]
            places = [slack.people.add_channel(f"channel-{number}", everybody) for number in range(channels)]
            yield Desk(office, watched(slack), places, everybody)
