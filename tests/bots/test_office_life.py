"""The life of an office over the real commands: set up, asked, killed in the middle, backed up, moved, asked again."""

import asyncio
import shutil
import signal
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bots.upkeep import JOBS
from tests.bots.ailing import table
from tests.bots.building import ANSWER, QUESTION
from tests.bots.keeping import rows_of, succeeded
from tests.bots.office import LEAVE, Office
from tests.bots.slack.office import MANIFEST
from tests.models.openrouter_server import Exchange, OpenRouterServer, answer, cut_after
from tests.slack_server import SlackServer
from tests.telegram_server import TelegramServer

PATIENCE = 120.0
GOOD, BEGUN = answer(f"{ANSWER} ", "[1]."), cut_after("Bạn được nghỉ phép năm và hưởng nguyên lương theo quy định ")
SOURCE = "Người lao động được nghỉ phép năm 14 ngày"
"""The quoted line under an answer."""


@dataclass
class Model:
    """A model on another server. While it stalls, each answer begins, is told of by `begun`, and goes no further."""

    stalls: bool = False
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def behave(self, exchange: Exchange) -> None:
        if not self.stalls:
            await GOOD(exchange)
            return
        await BEGUN(exchange)
        self.begun.release()
        await exchange.wait_for_hang_up()


@dataclass
class Desk:
    """Who asks on both platforms; every question of theirs is to be answered once, with its source."""

    slack: SlackServer
    telegram: TelegramServer
    an: str = ""
    lan: int = 0
    channel: str = ""
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.an, self.lan = self.slack.people.add_user("An"), self.telegram.people.add_user("Lan", started=True)
        self.channel = self.slack.people.add_channel("chung", [self.an])

    def ask(self) -> None:
        """A question here, and one there."""
        self.asked.append(self.slack.people.ask(self.an, self.channel, QUESTION))
        self.telegram.people.tell(self.lan, QUESTION)

    async def are_answered(self) -> None:
        """Every question so far is."""

        def on_slack(slack: SlackServer) -> bool:
            threads = [slack.thread(self.channel, ts)[1:] for ts in self.asked]
            return all(any(said.metadata and is_whole(said.seen()) for said in thread) for thread in threads)

        def on_telegram(telegram: TelegramServer) -> bool:
            return sum(is_whole(said.text) and bool(said.buttons) for said in telegram.said(self.lan)) >= len(
                self.asked
            )

        await asyncio.gather(self.slack.until(on_slack, PATIENCE), self.telegram.until(on_telegram, PATIENCE))

    def assert_once(self) -> None:
        """Nothing stands there twice, and no message of ours is anything but an answer."""
        for ts in self.asked:
            (said,) = self.slack.thread(self.channel, ts)[1:]
            assert is_whole(said.seen())
        notice, *told = [said.text for said in self.telegram.said(self.lan)]
        assert notice.startswith("Sổ Tay lưu nội dung câu hỏi"), "said to each person once"
        assert [is_whole(text) for text in told] == [True] * len(self.asked), told


def is_whole(text: str) -> bool:
    return text.count(ANSWER) == 1 and SOURCE in text


async def set_up(folder: Path, desk: Desk, model: OpenRouterServer) -> Office:
    """`sotay init` over a pipe, and the lines that it does not ask about; the documents lie on a drive of their own."""
    documents = folder.parent / "tai-lieu"
    documents.mkdir()
    (documents / "nghi-phep.md").write_text(LEAVE, encoding="utf-8")
    office, telegram = Office(folder), desk.telegram.origin
    typed = ["vi", "", str(documents), "noi-bo", "internal", "staff", "", desk.slack.bot_token, desk.slack.app_token,
             desk.telegram.token, f"slack:{desk.an}", "", ""]  # fmt: skip
    urls = ("--slack-url", desk.slack.api_url, "--telegram-url", telegram)
    await succeeded(office, "init", "--to", str(folder), *urls, typed="\n".join([*typed, ""]))
    change(office, "models", local_base_url=model.base_url)
    change(office, "telegram", allowed=[desk.lan], file_url=f"{telegram}/file")
    change(office, "groups", staff=[f"telegram:{desk.lan}"])
    change(office, "web", port=0)
    change(office, "schedule", **dict.fromkeys(JOBS, "off"))
    return office


def change(office: Office, section: str, **keys: Any) -> None:  # noqa: ANN401
    """Edits the settings file; None takes a key away."""
    file = office.folder / "sotay.toml"
    sections: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    sections[section] = {key: value for key, value in (sections.get(section, {}) | keys).items() if value is not None}
    file.write_text("".join(table(name, values) for name, values in sections.items()), encoding="utf-8")


@asynccontextmanager
async def running(office: Office, desk: Desk) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service, connected to Slack; killed at the end if it still runs."""
    process = await office.start("run")
    try:
        await desk.slack.until(lambda slack: slack.sockets.open, PATIENCE)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def killed_in_the_middle(process: asyncio.subprocess.Process, desk: Desk, model: Model) -> None:
    """Of two answers."""
    model.stalls = True
    desk.ask()
    async with asyncio.timeout(PATIENCE):
        await model.begun.acquire()
        await model.begun.acquire()
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    await desk.slack.until(lambda slack: not slack.sockets.open, PATIENCE)
    model.stalls = False


async def backed_up(office: Office) -> tuple[Path, Mapping[str, int]]:
    """The archive, and how many rows each table had."""
    before = await rows_of(office)
    archive = Path((await succeeded(office, "backup")).out.strip())
    assert await rows_of(office) == before
    return archive, before


async def moved(office: Office, archive: Path, folder: Path) -> Office:
    """Another machine, as docs/backup.md tells it: the data, the settings that lie beside them, and the tokens anew."""
    await succeeded(office, "restore", str(archive), "--verify")
    await succeeded(office, "restore", str(archive), "--to", str(folder / "var"))
    shutil.copy(folder / "var" / "settings-from-backup.toml", folder / "sotay.toml")
    shutil.copytree(office.folder / "credentials", folder / "credentials")
    other = Office(folder)
    change(other, "data", directory="var")
    return other


async def drained(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        _, notes = await process.communicate()
    assert (process.returncode, b"Traceback" in notes) == (0, False), notes.decode()


@pytest.mark.timeout(300)
async def test_an_office_is_set_up_answers_survives_a_kill_and_lives_on_elsewhere(tmp_path: Path) -> None:
    played = Model()
    async with (
        OpenRouterServer(played.behave) as model,
        SlackServer(dict(MANIFEST)) as slack,
        TelegramServer() as telegram,
    ):
        desk = Desk(slack, telegram)
        office = await set_up(tmp_path / "here", desk, model)
        await succeeded(office, "ingest")
        async with running(office, desk) as service:
            desk.ask()
            await desk.are_answered()
            await killed_in_the_middle(service, desk, played)
        desk.ask()
        async with running(office, desk) as service:
            await desk.are_answered()
            desk.assert_once()
            archive, rows = await backed_up(office)
            assert (rows["question"], rows["answer"]) == (6, 6)
            await drained(service)
        other = await moved(office, archive, tmp_path / "there")
        shutil.rmtree(office.folder)
        assert await rows_of(other) == rows
        async with running(other, desk) as service:
            desk.ask()
            await desk.are_answered()
            await drained(service)
        desk.assert_once()
        assert (await rows_of(other))["answer"] == 8
