"""One `sotay run` for two platforms: one model, one inbox, and the outage of one leaves the other untouched."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.bots.office import Office
from tests.bots.slack.office import MANIFEST
from tests.models.openrouter_server import OpenRouterServer, answer
from tests.slack_server import SlackServer
from tests.telegram_server import TelegramServer

QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
ANSWER = "Bạn được nghỉ phép năm 14 ngày"


@asynccontextmanager
async def running(
    office: Office, slack: SlackServer, telegram: TelegramServer, asker: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        "SOTAY_SLACK__BOT_TOKEN": slack.bot_token,
        "SOTAY_SLACK__APP_TOKEN": slack.app_token,
        "SOTAY_SLACK__API_URL": slack.api_url,
        "SOTAY_TELEGRAM__TOKEN": telegram.token,
        "SOTAY_TELEGRAM__API_URL": telegram.origin,
        "SOTAY_TELEGRAM__FILE_URL": f"{telegram.origin}/file",
        "SOTAY_TELEGRAM__ALLOWED": str(asker),
        "SOTAY_GROUPS__STAFF": f"telegram:{asker}",
    }
    process = await office.start("run", stdout=asyncio.subprocess.PIPE, **environment)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def on_slack(slack: SlackServer, an: str, channel: str) -> None:
    """A question there is answered."""
    ts = slack.people.ask(an, channel, QUESTION)
    await slack.until(lambda slack: any(m.metadata and ANSWER in m.seen() for m in slack.thread(channel, ts)[1:]), 60)


async def on_telegram(telegram: TelegramServer, lan: int) -> None:
    """A question there is answered."""
    before = len(telegram.said(lan))
    telegram.people.tell(lan, QUESTION)
    await telegram.until(
        lambda telegram: any(ANSWER in m.text and m.buttons for m in list(telegram.said(lan))[before:]), 60
    )


async def test_both_are_served_and_the_outage_of_one_leaves_the_other_untouched(tmp_path: Path) -> None:
    async with (
        OpenRouterServer(GOOD) as model,
        SlackServer(dict(MANIFEST)) as slack,
        TelegramServer() as telegram,
    ):
        office = Office.found(tmp_path, local=model.base_url)
        assert (await office.sotay("ingest")).status == 0
        an, lan = slack.people.add_user("An"), telegram.people.add_user("Lan", started=True)
        channel = slack.people.add_channel("chung", [an])
        async with running(office, slack, telegram, lan) as process:
            await slack.until(lambda slack: slack.sockets.open, 60)
            await on_slack(slack, an, channel)
            await on_telegram(telegram, lan)

            slack.sockets.refuse()
            slack.sockets.drop()
            await on_telegram(telegram, lan)
            slack.sockets.refuse(refusing=False)
            await slack.until(lambda slack: slack.sockets.open, 60)
            await on_slack(slack, an, channel)

            telegram.fail("getUpdates", 502, times=1_000)
            await on_slack(slack, an, channel)
            telegram.api.faults.clear()
            await on_telegram(telegram, lan)
            assert process.returncode is None
