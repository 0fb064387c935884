"""`sotay run` as a real process: a local Slack on one side, a model server of the office on the other."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bots.office import Finished, Office
from tests.bots.slack.office import MANIFEST
from tests.models.openrouter_server import OpenRouterServer, answer, stall_after
from tests.slack_server import SlackServer

QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
ANSWER = "Bạn được nghỉ phép năm 14 ngày"
UNFINISHED = stall_after("Bạn được nghỉ phép năm và hưởng nguyên lương theo đúng quy định của công ty ")


@dataclass
class Building:
    """An office with documents, its Slack, and who works there."""

    office: Office
    slack: SlackServer
    an: str
    channel: str

    async def start(self, **environment: str) -> asyncio.subprocess.Process:
        """The service."""
        known = {"BOT_TOKEN": self.slack.bot_token, "APP_TOKEN": self.slack.app_token, "API_URL": self.slack.api_url}
        variables = {f"SOTAY_SLACK__{name}": value for name, value in known.items()} | environment
        return await self.office.start("run", stdout=asyncio.subprocess.PIPE, **variables)

    @asynccontextmanager
    async def running(self, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The service, connected; killed at the end if it still runs."""
        process = await self.start(**environment)
        try:
            await self.slack.until(lambda slack: slack.sockets.open, 60)
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    async def answered(self, ts: str) -> None:
        await self.slack.until(lambda _: len(self.finals(ts)) == 1, 60)

    def finals(self, ts: str) -> list[str]:
        """The texts of what stands finished in a thread."""
        thread = self.slack.thread(self.channel, ts)[1:]
        return [message.seen() for message in thread if message.metadata and ANSWER in message.seen()]


@asynccontextmanager
async def building(folder: Path, model: OpenRouterServer) -> AsyncIterator[Building]:
    office = Office.found(folder, local=model.base_url)
    assert (await office.sotay("ingest")).status == 0
    async with SlackServer(dict(MANIFEST)) as slack:
        an = slack.people.add_user("An")
        yield Building(office, slack, an, slack.people.add_channel("chung", [an]))


async def test_it_answers_in_slack_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model, building(tmp_path, model) as place:
        process = await place.start()
        await place.slack.until(lambda slack: slack.sockets.open, 60)
        ts = place.slack.people.ask(place.an, place.channel, QUESTION)
        await place.answered(ts)
        assert "nghi-phep.md" in place.finals(ts)[0] or "Nghỉ phép" in place.finals(ts)[0]
        process.send_signal(signal.SIGTERM)
        out, notes = await process.communicate()
        ended = Finished(process.returncode or 0, out.decode(), notes.decode())
    assert ended.status == 0
    assert "Sổ Tay đang trả lời trên: Slack" in ended.notes
    assert "Đang dừng" in ended.notes
    assert "Traceback" not in ended.notes
    assert place.slack.lost == []


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_what_it_was_answering_the_next_one_completes(tmp_path: Path, ending: signal.Signals) -> None:
    async with OpenRouterServer(UNFINISHED) as model, building(tmp_path, model) as place:
        async with place.running(SOTAY_INBOX__DRAIN_SECONDS="0") as process:
            ts = place.slack.people.ask(place.an, place.channel, QUESTION)
            await place.slack.until(lambda slack: len(slack.thread(place.channel, ts)) > 1, 60)
            process.send_signal(ending)
            await process.wait()
        missed = place.slack.people.ask(place.an, place.channel, QUESTION)
        model.behaviours = (GOOD,)
        async with place.running():
            await place.answered(ts)
            await place.answered(missed)
        texts = [message.seen() for message in place.slack.thread(place.channel, ts)[1:]]
        assert len(texts) == 1, texts


async def test_without_a_platform_it_says_what_to_set(tmp_path: Path) -> None:
    ended = await Office.found(tmp_path).sotay("run")
    assert (ended.status, "docs/slack.md" in ended.notes, "Traceback" in ended.notes) == (1, True, False)


async def test_a_mode_without_its_secret_is_named(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        ended = await office.sotay("run", SOTAY_SLACK__BOT_TOKEN="xoxb-1")
    assert (ended.status, "slack.app_token" in ended.notes, "Traceback" in ended.notes) == (1, True, False)


@pytest.mark.parametrize("name", ["bot_token", "app_token"])
async def test_a_token_that_slack_does_not_take_is_named(tmp_path: Path, name: str) -> None:
    async with OpenRouterServer(GOOD) as model, building(tmp_path, model) as place:
        wrong = {f"SOTAY_SLACK__{name.upper()}": f"{'xoxb' if name == 'bot_token' else 'xapp'}-wrong-token-0000"}
        process = await place.start(**wrong)
        _, notes = await process.communicate()
    ended = Finished(process.returncode or 0, "", notes.decode())
    assert (ended.status, f"slack.{name}" in ended.notes, "Traceback" in ended.notes) == (1, True, False)
    assert "wrong-token" not in ended.notes
