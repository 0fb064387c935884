"""Whole answers, from the question to the last text, while Slack does what it likes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from core.ports import Completion, CompletionRequest, Delta, Finish
from core.store.database import Database
from tests.bots.slack.office import ANSWER, MANIFEST, QUESTION, WORDS, Office, Plan, open_office
from tests.fakes import HangingModel, ScriptedModel
from tests.slack_server import SlackServer
from tests.slack_server.messages import Message
from tests.slack_server.rates import Rates

PIECES = (
    "Bạn được nghỉ phép năm và hưởng nguyên lương theo quy định, ",
    "mỗi năm là 14 ngày, người lao động được nghỉ phép ",
    "và hưởng nguyên lương [1].",
)
TEXT = "".join(PIECES)
FIRST, SECOND = "Bạn được nghỉ phép năm", "mỗi năm là 14 ngày"


@dataclass
class SteppedModel:
    """Says a piece for every `step`; `heard` is set with the first request."""

    script: Sequence[str] = PIECES
    name: str = "stepped"
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    steps: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def step(self) -> None:
        self.steps.release()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        self.heard.set()
        for piece in self.script:
            await self.steps.acquire()
            yield Delta(piece)
        await self.steps.acquire()
        said = "".join(self.script)
        yield Completion(said, self.name, Finish.STOP, 100, len(self.script), -0.1, cost_usd=0.0)


def ours(office: Office, ts: str) -> list[Message]:
    thread = office.slack.thread(office.channel, ts)
    return [message for message in thread if message.user == office.slack.app.bot_user]


def status(office: Office, ts: str) -> str:
    return office.slack.status(office.channel, ts)


async def shown(office: Office, ts: str, text: str) -> None:
    await office.slack.until(lambda _slack: any(text in message.seen() for message in ours(office, ts)))


@asynccontextmanager
async def writing(database: Database, slack: SlackServer, model: SteppedModel) -> AsyncIterator[tuple[Office, str]]:
    """An office that has shown the first words of its answer; and the question."""
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        model.step()
        await shown(office, ts, FIRST)
        yield office, ts


def finish(model: SteppedModel) -> None:
    for _ in model.script:
        model.step()


async def test_the_status_line_stands_until_there_are_words(database: Database, slack: SlackServer) -> None:
    model = SteppedModel()
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        await slack.until(lambda _slack: status(office, ts))
        await model.heard.wait()
        assert ours(office, ts) == []
        model.step()
        await shown(office, ts, FIRST)
        assert status(office, ts) == ""
        finish(model)
        await office.answered(office.channel, ts, TEXT)
    assert status(office, ts) == ""


async def test_the_status_line_goes_with_a_question_that_is_taken_back(database: Database, slack: SlackServer) -> None:
    model = SteppedModel()
    async with open_office(database, slack, Plan(model=model)) as office:
        root = office.slack.people.say(office.binh, office.channel, "Họp lúc 9 giờ")
        ts = await office.ask(thread_ts=root)
        await slack.until(lambda _slack: status(office, root))
        await model.heard.wait()
        slack.people.delete(office.an, ts)
        await slack.until(lambda _slack: not status(office, root))
        assert ours(office, root) == []


async def test_where_no_status_line_is_had_a_message_stands_for_it(database: Database, slack: SlackServer) -> None:
    model = SteppedModel()
    slack.fail("assistant.threads.setStatus", "missing_scope", times=9)
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        await slack.until(lambda _slack: ours(office, ts))
        (message,) = ours(office, ts)
        assert message.text
        finish(model)
        model.step()
        await office.answered(office.channel, ts, TEXT)
        assert len(ours(office, ts)) == 1


FAULTS = [
    [("chat.startStream", "drop_after")],
    [("chat.startStream", "drop_before")],
    [("chat.startStream", "ratelimited")],
    [("chat.startStream", "internal_error")],
    [("chat.startStream", "feature_disabled"), ("chat.postMessage", "drop_after")],
    [("chat.startStream", "feature_disabled"), ("chat.postMessage", "ratelimited")],
    [("chat.startStream", "feature_disabled"), ("chat.update", "drop_after"), ("chat.update", 500)],
    [("chat.appendStream", "drop_after")],
    [("chat.appendStream", "message_not_in_streaming_state"), ("chat.update", "msg_too_long")],
    [("chat.stopStream", "drop_after")],
    [("chat.stopStream", "drop_before"), ("chat.update", "drop_before")],
    [("chat.stopStream", 500), ("chat.update", "ratelimited")],
    [("chat.stopStream", "invalid_blocks")],
    [("chat.stopStream", "ratelimited")],
    [("assistant.threads.setStatus", "drop_after"), ("chat.update", "drop_after")],
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: "+".join(f"{method}:{what}" for method, what in faults))
async def test_the_last_text_stands_there_once_whatever_goes_wrong(
    database: Database, slack: SlackServer, faults: list[tuple[str, str | int]]
) -> None:
    for method, what in faults:
        slack.fail(method, what)
    model = SteppedModel()
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        model.step()
        await slack.until(lambda slack: slack.called("chat.startStream") or slack.called("chat.update"))
        model.step()
        await slack.until(lambda slack: slack.called("chat.appendStream") or slack.called("chat.update"))
        finish(model)
        await office.answered(office.channel, ts, TEXT)
        (message,) = ours(office, ts)
        assert message.seen().count(TEXT) == message.seen().count(FIRST) == 1
        assert message.stream is None or message.stream.over
        assert (status(office, ts), slack.lost, slack.violations) == ("", [], [])


async def test_a_stream_that_dies_in_the_middle_is_whole_in_the_end(database: Database, slack: SlackServer) -> None:
    model = SteppedModel()
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        model.step()
        await shown(office, ts, FIRST)
        slack.settings.stream_seconds = 0.0
        model.step()
        await shown(office, ts, SECOND)
        finish(model)
        await office.answered(office.channel, ts, TEXT)
        (message,) = ours(office, ts)
        assert message.seen().count(FIRST) == 1


async def test_who_presses_stop_is_told_that_it_has_stopped(database: Database, slack: SlackServer) -> None:
    model = SteppedModel()
    async with writing(database, slack, model) as (office, ts):
        slack.people.stop(office.an, ours(office, ts)[0].ts)
        await shown(office, ts, "Đã dừng theo yêu cầu.")
        (message,) = ours(office, ts)
        assert FIRST not in message.seen()


async def test_stop_ends_the_answer_being_written_not_the_question_after_it(
    database: Database, slack: SlackServer
) -> None:
    model = SteppedModel()
    async with writing(database, slack, model) as (office, ts):
        await office.ask(thread_ts=ts)
        await slack.settled()
        slack.people.stop(office.an, ours(office, ts)[0].ts)
        await shown(office, ts, "Đã dừng theo yêu cầu.")
        finish(model)
        model.step()
        await office.answered(office.channel, ts, TEXT)
        assert [TEXT in message.seen() for message in ours(office, ts)] == [False, True]


async def test_an_answer_that_a_dead_process_began_is_completed_not_doubled(
    database: Database, slack: SlackServer
) -> None:
    begun = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(hang_in_the_middle(database, slack, begun))
        await begun.wait()
        first.cancel()
    (channel, ts) = next((place, m.ts) for place in slack.workspace.channels for m in slack.messages(place))
    async with open_office(database, slack) as office:
        office.channel = channel
        await office.answered(channel, ts)
        (message,) = ours(office, ts)
        assert message.seen().count(ANSWER) == 1
        assert "theo quy định" not in message.seen()
        assert message.stream is not None
        assert message.stream.over


async def hang_in_the_middle(database: Database, slack: SlackServer, begun: asyncio.Event) -> None:
    model = HangingModel()
    async with open_office(database, slack, Plan(model=model)) as office:
        ts = await office.ask()
        await shown(office, ts, "hưởng nguyên lương")
        begun.set()
        await asyncio.Event().wait()


async def test_twenty_questions_at_once_and_more_are_all_answered(database: Database) -> None:
    async with SlackServer(dict(MANIFEST), rates=Rates(scale=0.5)) as slack:
        slack.rates.posts_per_second, slack.rates.post_burst = 100.0, 200.0
        model = ScriptedModel(WORDS)
        async with open_office(database, slack, Plan(model=model, slots=8)) as office:
            places = [(user, slack.people.im(user)) for user in (slack.people.add_user(f"N{n}") for n in range(13))]
            asked = [(place, slack.people.say(user, place, QUESTION)) for user, place in places]
            for place, ts in asked:
                await office.answered(place, ts)
            assert len(slack.called("chat.startStream")) >= 10
            assert [len(slack.thread(place, ts)) for place, ts in asked] == [2] * 13


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(dict(MANIFEST), rates=Rates(on=False)) as server:
        yield server
