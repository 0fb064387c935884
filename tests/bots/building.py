"""A building for a service with a console: Slack and Telegram, each behind a door, and who types."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.bots.office import Finished, Office
from tests.bots.relay import Relay
from tests.bots.slack.office import MANIFEST
from tests.models.openrouter_server import OpenRouterServer
from tests.slack_server import SlackServer
from tests.telegram_server import TelegramServer

QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
ANSWER = "Bạn được nghỉ phép năm 14 ngày"
PATIENCE = 60.0


@dataclass
class Console:
    """The service, and who types into it."""

    process: asyncio.subprocess.Process

    async def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    def hang_up(self) -> None:
        """The end of the input."""
        assert self.process.stdin
        self.process.stdin.close()

    async def shows(self, text: str) -> None:
        """Returns once it has been printed, after all that was waited for before."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            await self.process.stdout.readuntil(text.encode())

    async def notes(self, text: str) -> None:
        """The same of standard error."""
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE):
            await self.process.stderr.readuntil(text.encode())

    async def asked(self) -> None:
        """A question typed here is answered."""
        await self.type(QUESTION)
        await self.shows(ANSWER)

    async def ends(self) -> Finished:
        """What it says until it has ended, the input still open. `TimeoutError` if it does not end."""
        assert self.process.stdout
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE):
            out, notes = await asyncio.gather(self.process.stdout.read(), self.process.stderr.read())
            return Finished(await self.process.wait(), out.decode(), notes.decode())


@asynccontextmanager
async def running(office: Office, *arguments: str, **environment: str) -> AsyncIterator[Console]:
    """The service with a console; killed at the end if it still runs."""
    process = await office.start("run", "--console", *arguments, stdout=asyncio.subprocess.PIPE, **environment)
    try:
        yield Console(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@dataclass
class Building:
    """Both platforms, each behind a door of its own, and who works there."""

    office: Office
    slack: SlackServer
    telegram: TelegramServer
    slack_door: Relay
    telegram_door: Relay
    an: str = ""
    channel: str = ""
    lan: int = 0

    def move_in(self) -> Self:
        self.an, self.lan = self.slack.people.add_user("An"), self.telegram.people.add_user("Lan", started=True)
        self.channel = self.slack.people.add_channel("chung", [self.an])
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SOTAY_SLACK__BOT_TOKEN": self.slack.bot_token,
            "SOTAY_SLACK__APP_TOKEN": self.slack.app_token,
            "SOTAY_SLACK__API_URL": self.slack.api_url,
            "SOTAY_TELEGRAM__TOKEN": self.telegram.token,
            "SOTAY_TELEGRAM__API_URL": self.telegram_door.origin,
            "SOTAY_TELEGRAM__FILE_URL": f"{self.telegram_door.origin}/file",
            "SOTAY_TELEGRAM__ALLOWED": str(self.lan),
            "SOTAY_GROUPS__STAFF": f"lan,telegram:{self.lan}",
        }

    def ask_on_slack(self) -> str:
        """The id of the question there."""
        return self.slack.people.ask(self.an, self.channel, QUESTION)

    async def answered_on_slack(self, ts: str) -> None:
        def is_answered(slack: SlackServer) -> bool:
            return any(said.metadata and ANSWER in said.seen() for said in slack.thread(self.channel, ts)[1:])

        await self.slack.until(is_answered, PATIENCE)

    async def on_slack(self) -> None:
        """A question there is answered."""
        await self.answered_on_slack(self.ask_on_slack())

    async def answered_on_telegram(self, answers: int) -> None:
        """There are so many in all."""

        def is_answered(telegram: TelegramServer) -> bool:
            return sum(ANSWER in said.text and bool(said.buttons) for said in telegram.said(self.lan)) == answers

        await self.telegram.until(is_answered, PATIENCE)


@asynccontextmanager
async def building(folder: Path, model: OpenRouterServer) -> AsyncIterator[Building]:
    office = Office.found(folder, local=model.base_url)
    assert (await office.sotay("ingest")).status == 0
    async with (
        SlackServer(dict(MANIFEST)) as slack,
        TelegramServer() as telegram,
        Relay(slack.workspace.origin) as slack_door,
        Relay(telegram.origin) as telegram_door,
    ):
        slack.workspace.origin = slack_door.origin
        yield Building(office, slack, telegram, slack_door, telegram_door).move_in()


async def indexed(folder: Path, model: OpenRouterServer) -> Office:
    """An office without platforms."""
    office = Office.found(folder, local=model.base_url)
    assert (await office.sotay("ingest")).status == 0
    return office
