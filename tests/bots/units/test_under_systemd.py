"""The units under a real systemd: installed, started, asked, locked, frozen, stopped."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.bots.office import LEAVE, ROOT
from tests.bots.units.box import LOG, Box, box, why_none
from tests.models.openrouter_server import OpenRouterServer, answer
from tests.telegram_server import TelegramServer

QUESTION, ANSWER = "Toi duoc nghi phep nam bao nhieu ngay?", "Bạn được nghỉ phép năm 14 ngày"
DATABASE = "/var/lib/sotay/sotay.sqlite"
LOCK = """
import sys
from pathlib import Path
from tests.bots.locked import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""
UNITS = "etc/systemd/system"
START, WATCHED, STOP = 90.0, 60.0, 60.0
FILES = {
    "etc/sotay/sotay.toml": """
[data]
directory = "/var/lib/sotay"
[groups]
staff = ["telegram:{lan}"]
[spaces.noi-bo]
sources = ["/srv/tai-lieu"]
[models]
local_base_url = "{model}"
[telegram]
api_url = "{telegram}"
file_url = "{telegram}/file"
allowed = [{lan}]
""",
    "etc/sotay/credentials/telegram.token": "{token}",
    "srv/tai-lieu/nghi-phep.md": LEAVE,
    f"{UNITS}/box.target": "[Unit]\nDescription=The box\nRequires=sysinit.target\n",
    f"{UNITS}/service.d/box.conf": f"[Service]\nStandardError=append:/{LOG}\nEnvironment=PYTHONPATH={ROOT}\n",
    f"{UNITS}/sotay.service.d/hasty.conf": "[Service]\nWatchdogSec=8\nRestartSec=1\n",
}


def laid_out(folder: Path, **facts: object) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.format(**facts), encoding="utf-8")
    return folder


async def install(system: Box) -> None:
    """What the administrator does, in the words of `sotay service install`."""
    commands = (await system.sotay("--config", "/etc/sotay/sotay.toml", "service", "install", "--no-gpu")).splitlines()
    assert commands[-1].startswith("systemctl enable --now sotay.target sotay.service")
    for command in commands[:-1]:
        await system.run(*command.split())
    for unit in ("sotay-ingest.service", "sotay.service"):
        await system.start(unit)


async def doubts(system: Box, host: str) -> list[str]:
    """What the doctor finds for the user of the service, who reads no tokens; any `host` stands for the model's.

    The port is left out: it is one of this machine.
    """
    environment = (f"PYTHONPATH={ROOT}", f"SOTAY_MODELS__LOCAL_BASE_URL={host}/v1")
    command = ("env", *environment, sys.executable, "-P", "-m", "bots", "doctor", "--json")
    looking = await system.begin("runuser", "-u", "sotay", "--", *command)
    out, _ = await looking.communicate()
    findings = json.loads(out)["findings"]
    return [each["text"] for each in findings if each["level"] != "ok" and each["check"] != "web"]


@asynccontextmanager
async def locked(system: Box) -> AsyncIterator[None]:
    """While the block runs another process has locked the database."""
    command = (sys.executable, "-c", LOCK, DATABASE)
    locking = await system.begin("env", f"PYTHONPATH={ROOT}", *command)
    assert locking.stdout
    try:
        assert await locking.stdout.readline() == b"locked\n"
        yield
    finally:
        await locking.communicate(b"")


class Desk:
    """Who asks."""

    def __init__(self, telegram: TelegramServer) -> None:
        self.telegram = telegram
        self.lan = telegram.people.add_user("Lan", started=True)

    async def asks(self, times: int) -> None:
        """A question is answered; `times` in all."""
        self.telegram.people.tell(self.lan, QUESTION)

        def is_answered(telegram: TelegramServer) -> bool:
            return sum(ANSWER in said.text and bool(said.buttons) for said in telegram.said(self.lan)) == times

        await self.telegram.until(is_answered, 60)


@pytest.mark.timeout(300)
async def test_the_handbook_is_ready_answers_and_comes_back_from_a_lock_and_a_freeze(tmp_path: Path) -> None:
    if reason := why_none():
        pytest.skip(f"no systemd can be started here: {reason}")
    async with OpenRouterServer(answer(f"{ANSWER} ", "[1].")) as model, TelegramServer() as telegram:
        desk = Desk(telegram)
        facts = {"lan": desk.lan, "model": model.base_url, "telegram": telegram.origin, "token": telegram.token}
        async with box(laid_out(tmp_path / "files", **facts)) as system:
            await install(system)
            status = await system.shows("sotay.service", "ActiveState", "StatusText")
            assert status == ["active", "Đang trả lời trên: Telegram"]
            await desk.asks(1)

            async with locked(system):
                await system.until("sotay.service", WATCHED, NRestarts="1")
            await system.until("sotay.service", START, ActiveState="active")
            await desk.asks(2)

            (process,) = await system.shows("sotay.service", "MainPID")
            await system.run("kill", "-STOP", process)
            await system.until("sotay.service", WATCHED, NRestarts="2")
            await system.until("sotay.service", START, ActiveState="active")
            await desk.asks(3)

            for unit in ("sotay-ingest.service", "sotay-backup.service"):
                await system.start(unit)
            assert "sotay-" in await system.run("ls", "/var/lib/sotay/backups")
            assert await doubts(system, telegram.origin) == []
            await system.start("sotay.target")
            await system.run("systemctl", "stop", "sotay.target")
            ended = await system.shows("sotay.service", "ActiveState", "Result", "ExecMainStatus")
    assert ended == ["inactive", "success", "0"]
