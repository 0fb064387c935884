"""An office with everything set up, for `sotay doctor` to look at, and a host that says what it is told to."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from bots.doctor.examining import CHECKS, examine
from bots.doctor.findings import Check, Finding
from bots.doctor.office import rejected
from bots.settings import load
from bots.settings_problems import Rejected
from bots.slack import manifest
from core.backup import TIME
from tests.bots.office import LEAVE, ROOT
from tests.slack_server import SlackServer
from tests.telegram_server import Settings as TelegramWorld
from tests.telegram_server import TelegramServer

NOWHERE = "http://127.0.0.1:9"


@dataclass
class Host:
    """Stands for OpenRouter and for the office's own model."""

    url: str = ""
    late: timedelta = timedelta()
    key_status: int = 200
    remaining: float = 5.0

    async def answer(self, request: web.Request) -> web.Response:
        headers = {"Date": format_datetime(datetime.now(UTC) - self.late, usegmt=True)}
        if request.path.endswith("/key"):
            return web.json_response(
                {"data": {"limit_remaining": self.remaining}}, status=self.key_status, headers=headers
            )
        return web.json_response({"data": []}, headers=headers)


@dataclass
class Ailing:
    """The office: its folder, its settings by section, and what it talks to. Faults are planted in any of them."""

    folder: Path
    slack: SlackServer
    telegram: TelegramServer
    host: Host
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=lambda: [*CHECKS])

    @property
    def data(self) -> Path:
        return self.folder / "var"

    @property
    def config(self) -> Path:
        return self.folder / "sotay.toml"

    @property
    def root(self) -> Path:
        """Stands for the root of the file system."""
        return self.folder / "root"

    def write(self) -> None:
        self.config.write_text("".join(table(name, keys) for name, keys in self.sections.items()), encoding="utf-8")

    def replace(self, check: Check) -> None:
        """One check by another of its name."""
        self.checks = [check if known.name == check.name else known for known in self.checks]

    async def findings(self) -> Sequence[Finding]:
        try:
            loaded = load(self.config, {})
        except Rejected as problems:
            return rejected(problems.problems)
        return await examine(loaded, self.root, self.checks)


def table(name: str, keys: Mapping[str, Any]) -> str:
    tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in keys.items() if key not in tables]
    header = "\n".join([f"[{name}]", *lines, ""])
    return header + "".join(table(f"{name}.{key}", value) for key, value in tables.items())


def healthy(slack: SlackServer, telegram: TelegramServer, host: Host) -> dict[str, dict[str, Any]]:
    """Settings with nothing wrong."""
    return {
        "groups": {"staff": ["lan"], "administrators": ["lan"]},
        "spaces": {"noi-bo": {"sources": ["noi-bo"]}},
        "models": {"local_base_url": f"{host.url}/v1", "hub_url": host.url},
        "openrouter": {"enabled": True, "api_key": "sk-or-test", "base_url": f"{host.url}/api/v1"},
        "web": {"port": 0},
        "slack": {"bot_token": slack.bot_token, "app_token": slack.app_token, "api_url": slack.api_url},
        "telegram": {"token": telegram.token, "api_url": telegram.base_url.removesuffix("/bot")},
    }


def backed_up(folder: Path, age: timedelta) -> None:
    """An archive as it is named; nobody looks into it."""
    backups = folder / "var" / "backups"
    shutil.rmtree(backups, ignore_errors=True)
    backups.mkdir(parents=True)
    (backups / f"sotay-{datetime.now(UTC) - age:{TIME}}.tar.gz").touch()


def ingested(folder: Path) -> Path:
    """A folder with documents, database and indexes, made by the real command."""
    (folder / "noi-bo").mkdir()
    (folder / "noi-bo" / "nghi-phep.md").write_text(LEAVE, encoding="utf-8")
    (folder / "sotay.toml").write_text('[spaces.noi-bo]\nsources = ["noi-bo"]\n', encoding="utf-8")
    command = [sys.executable, "-m", "bots", "--config", str(folder / "sotay.toml"), "ingest"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)  # noqa: S603
    return folder


def move(folder: Path) -> None:
    """The documents were read from where they are now."""
    with closing(sqlite3.connect(folder / "var" / "sotay.sqlite")) as connection, connection:
        connection.execute("UPDATE document SET source = ?", (str(folder / "noi-bo"),))


@asynccontextmanager
async def ailing(made: Path, folder: Path, *, privacy: bool = True, lacking: str = "") -> AsyncIterator[Ailing]:
    """A copy of what was `ingested`, with servers. The Slack app has all scopes but `lacking`."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    if (folder / "var").is_dir():
        move(folder)
    declared = yaml.safe_load(manifest.text())
    scopes = declared["oauth_config"]["scopes"]["bot"]
    declared["oauth_config"]["scopes"]["bot"] = [scope for scope in scopes if scope != lacking]
    host = Host()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackServer(declared))
        telegram = await stack.enter_async_context(TelegramServer(settings=TelegramWorld(privacy=privacy)))
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", host.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        office = Ailing(folder, slack, telegram, host, healthy(slack, telegram, host))
        backed_up(folder, timedelta(hours=3))
        office.write()
        office.config.chmod(0o600)
        yield office
