"""The surface alone over a local Slack, on one clock that stands still: what an answer goes through, call by call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bots.slack.adapter import SlackConfig, open_client, slack_surface
from bots.slack.ids import Spot, channel_and_ts, person_of
from bots.slack.surface import SlackSurface
from core.conversation import Answer, Citation, Language, Outcome, Route
from core.store.database import Database
from core.store.threads import ThreadBook
from core.surfaces import Part, Posting
from tests.bots.slack.office import QUESTION, a_link
from tests.manual_clock import ManualClock
from tests.slack_server import SlackServer
from tests.slack_server.messages import Message

TEAM = "T1"
TEXT = "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
SOURCE = "so-tay.pdf"


def an_answer(text: str = TEXT, question_id: str = "q1") -> Answer:
    return Answer(
        id="a" * 32,
        question_id=question_id,
        text=text,
        outcome=Outcome.ANSWERED,
        language=Language.VIETNAMESE,
        query="nghỉ phép",
        route=Route.LOCAL,
        citations=(Citation(1, "c1", SOURCE, "Sổ tay nhân viên", 2, "Điều 5", "Nghỉ phép năm là 14 ngày."),),
        timings={"total": 1_200.0},
    )


@dataclass
class Outbox:
    """`stopped` are the questions that a stream has stopped."""

    slack: SlackServer
    surface: SlackSurface
    clock: ManualClock
    stopped: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.an = self.slack.people.add_user("An")
        self.channel = self.slack.people.add_channel("chung", [self.an])

    async def stop(self, question_id: str, person: str) -> None:
        self.stopped.append((question_id, person))

    def asked(self, channel: str = "", question_id: str = "q1") -> Posting:
        """A question of An's in the channel, which waits for an answer."""
        channel = channel or self.channel
        spot = Spot(TEAM, channel, self.slack.people.ask(self.an, channel, QUESTION))
        return Posting(question_id, 0, spot.name, spot.place, spot.name, person_of(self.an))

    def parts(self, answer: Answer) -> list[Part]:
        return list(self.surface.render(answer))

    async def finish(self, posting: Posting, name: str, answer: Answer) -> None:
        await self.surface.finish(posting, name, answer, self.parts(answer)[posting.part])

    def ours(self, posting: Posting) -> list[Message]:
        """Our messages in the thread of the question."""
        spot = Spot.of(posting.conversation)
        assert spot.ts is not None
        return [m for m in self.slack.thread(spot.channel, spot.ts) if m.user == self.slack.app.bot_user]

    def message(self, name: str) -> Message:
        return self.slack.message(channel_and_ts(name)[1])

    def called(self) -> list[str]:
        """The methods that were called, refused calls too."""
        return [call.method for call in self.slack.calls if call.method != "auth.test"]

    def is_whole(self, posting: Posting, text: str = TEXT) -> bool:
        """One message stands there, the answer once in it, with its sources, its mark and its buttons."""
        (message,) = self.ours(posting)
        seen, kinds = message.seen(), [block["type"] for block in message.blocks]
        is_marked = message.metadata is not None and message.metadata["event_payload"]["part"] == posting.part
        is_over = message.stream is None or message.stream.over is not None
        has_source = "Sổ tay nhân viên" in seen or SOURCE in seen
        return seen.count(text) == 1 and is_marked and is_over and has_source and "context_actions" in kinds


@asynccontextmanager
async def an_outbox(slack: SlackServer, database: Database, **config: object) -> AsyncIterator[Outbox]:
    """`slack` must live by a `ManualClock`, which this shares."""
    clock = slack.workspace.clock
    assert isinstance(clock, ManualClock)
    usual = SlackConfig(slack.bot_token, slack.app_token, api_url=slack.api_url, members_group="staff")
    chosen = replace(usual, **config)  # type: ignore[arg-type]
    async with open_client(chosen) as client:
        surface = slack_surface(chosen, client, ThreadBook(database), a_link, clock)
        await surface.identity.learn(surface.api, clock, asyncio.Event())
        outbox = Outbox(slack, surface, clock)
        surface.streams.stop = outbox.stop
        yield outbox
