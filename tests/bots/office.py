"""A small office in a temporary folder, and the `sotay` command run in it as a real process."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LEAVE = "# Nghỉ phép\n\n## Điều 4\n\nNgười lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.\n"
PAY = "# Khung lương\n\nKỹ sư bậc 5 hưởng mức lương 25.000.000 đồng một tháng.\n"
SETTINGS = """
[groups]
staff = ["lan", "hoa"]
hr = ["hoa"]
[spaces.noi-bo]
sources = ["noi-bo"]
[spaces.nhan-su]
sources = ["nhan-su"]
label = "confidential"
audience = ["hr"]
[console]
person = "lan"
language = "vi"
[models]
local_base_url = "{local}"
[web]
port = 0
[openrouter]
enabled = {enabled}
base_url = "{remote}"
{key}
"""
NOWHERE = "http://127.0.0.1:9/v1"


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    status: int
    out: str
    notes: str

    @property
    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.out)


@dataclass(frozen=True)
class Office:
    """Its folder, with settings and documents in it."""

    folder: Path

    @classmethod
    def found(cls, folder: Path, *, local: str = NOWHERE, remote: str = NOWHERE, key: str = "") -> "Office":
        for path, text in (("noi-bo/nghi-phep.md", LEAVE), ("nhan-su/luong.md", PAY)):
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        api_key = f'api_key = "{key}"' if key else ""
        text = SETTINGS.format(local=local, remote=remote, enabled="true" if key else "false", key=api_key)
        (folder / "sotay.toml").write_text(text, encoding="utf-8")
        return cls(folder)

    async def start(
        self, *arguments: str, stdout: int = asyncio.subprocess.PIPE, **environment: str
    ) -> asyncio.subprocess.Process:
        """The command, running; its standard streams are pipes, `stdout` may be another file descriptor."""
        return await self._start(arguments, environment, stdout, asyncio.subprocess.PIPE)

    async def log(self, stderr: int, *arguments: str, **environment: str) -> None:
        """The command, run to its end without any input; what it logs goes to a file descriptor."""
        process = await self._start(arguments, environment, asyncio.subprocess.PIPE, stderr)
        await process.communicate()

    async def _start(
        self, arguments: Sequence[str], environment: Mapping[str, str], stdout: int, stderr: int
    ) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bots", "--config", str(self.folder / "sotay.toml"), *arguments,
            cwd=ROOT, env={**kept, **environment}, stdin=asyncio.subprocess.PIPE, stdout=stdout, stderr=stderr,
        )  # fmt: skip

    async def sotay(self, *arguments: str, typed: str = "", **environment: str) -> Finished:
        """The command, run to its end with `typed` as its input."""
        process = await self.start(*arguments, stdout=asyncio.subprocess.PIPE, **environment)
        out, notes = await process.communicate(typed.encode())
        return Finished(process.returncode or 0, out.decode(), notes.decode())
