"""Several `sotay run --only` processes on one PostgreSQL database, each with its own share."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.bots.building import ANSWER, PATIENCE, Building, building
from tests.bots.office import Office
from tests.core.store.databases import fresh_url
from tests.models.openrouter_server import OpenRouterServer, answer, stall_after

GOOD = answer(f"{ANSWER} ", "[1].")
UNFINISHED = stall_after(f"{ANSWER} và hưởng nguyên lương theo đúng quy định của công ty ")


class Shares:
    """The processes of one office."""

    def __init__(self, place: Building, url: str) -> None:
        self.place = place
        self.environment = place.environment | {
            "SOTAY_DATA__DATABASE_URL": url, "SOTAY_INBOX__LEASE_SECONDS": "1", "SOTAY_WEB__PORT": "0",
        }  # fmt: skip

    def of(self, name: str) -> dict[str, str]:
        """What one process is told."""
        return self.environment | {"SOTAY_DATA__INDEX": str(self.place.office.folder / "index" / name)}

    async def index(self) -> None:
        assert (await self.place.office.sotay("ingest", **self.of("ingest"))).status == 0

    @asynccontextmanager
    async def at_work(self, only: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """One process; killed at the end if it still runs."""
        pipe = asyncio.subprocess.PIPE
        process = await self.place.office.start("run", "--only", only, stdout=pipe, **self.of(only))
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


@asynccontextmanager
async def shares(folder: Path, model: OpenRouterServer) -> AsyncIterator[Shares]:
    url = await fresh_url("postgresql", folder)
    async with building(folder, model) as place:
        divided = Shares(place, url)
        await divided.index()
        yield divided


async def test_each_process_serves_its_platform_from_an_index_of_its_own(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model, shares(tmp_path, model) as divided:
        place = divided.place
        async with divided.at_work("slack"):
            await place.slack.until(lambda slack: slack.sockets.open, PATIENCE)
            place.telegram.people.tell(place.lan, "Toi duoc nghi phep nam bao nhieu ngay?")
            await place.on_slack()
            assert not place.telegram.said(place.lan)
            async with divided.at_work("telegram"):
                await asyncio.gather(place.answered_on_telegram(1), place.on_slack())
        folders = {path.name for path in (tmp_path / "index").iterdir()}
    assert folders == {"ingest", "slack", "telegram"}
    assert place.telegram.lost == []


async def test_a_worker_ends_what_another_process_has_accepted_and_takes_no_deliveries(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED) as model, shares(tmp_path, model) as divided:
        place = divided.place
        async with divided.at_work("slack") as process:
            await place.slack.until(lambda slack: slack.sockets.open, PATIENCE)
            ts = place.ask_on_slack()
            await place.slack.until(lambda slack: len(slack.thread(place.channel, ts)) > 1, PATIENCE)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        model.behaviours = (GOOD,)
        async with divided.at_work("worker") as worker:
            await place.answered_on_slack(ts)
            assert not place.slack.sockets.open
            worker.send_signal(signal.SIGTERM)
            assert await worker.wait() == 0
        texts = [message.seen() for message in place.slack.thread(place.channel, ts)[1:]]
    assert len(texts) == 1, texts


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "slack"], "PostgreSQL"),
        (["--only", "slack", "--console"], "--console"),
    ],
)
async def test_what_does_not_go_together_is_said(tmp_path: Path, arguments: list[str], words: str) -> None:
    ended = await Office.found(tmp_path).sotay("run", *arguments, SOTAY_TELEGRAM__TOKEN="1:x")
    assert (ended.status, words in ended.notes, "Traceback" in ended.notes) == (1, True, False)


async def test_a_share_without_a_token_is_said(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:9/none"
    environment = {"SOTAY_DATA__DATABASE_URL": url, "SOTAY_TELEGRAM__TOKEN": "1:x"}
    ended = await Office.found(tmp_path).sotay("run", "--only", "slack", **environment)
    assert (ended.status, "--only slack" in ended.notes, "Traceback" in ended.notes) == (1, True, False)
