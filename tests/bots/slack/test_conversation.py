"""One long conversation, chapter by chapter: real Bolt over a real websocket, a real database, a local Slack."""

from collections.abc import AsyncIterator

import pytest

from core.store.database import Database
from tests.bots.slack.script import ANSWERED, ASKED, FIRST_WORDS, Scene, open_scene
from tests.slack_server import SlackServer


@pytest.fixture
async def scene(database: Database, slack: SlackServer) -> AsyncIterator[Scene]:
    async with open_scene(database, slack) as opened:
        yield opened


async def test_a_question_is_announced_streamed_and_answered_with_its_source(scene: Scene) -> None:
    office, slack, model = scene.office, scene.slack, scene.model
    model.opening.clear()
    model.middle.clear()
    ts = await office.ask(ASKED)
    await slack.until(lambda slack: slack.status(office.channel, ts) == "Đang tìm trong 3 tài liệu ...")
    model.opening.set()
    growing = await scene.streamed(office.channel, ts)
    print(repr(growing.seen()))
    model.middle.set()
    answer = await scene.answer(office.channel, ts)
    print(answer.seen())
