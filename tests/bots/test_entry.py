"""The console script where its user may not look around."""

import asyncio
import sys
from pathlib import Path

CLOSED = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: with them root may enter every folder
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.chdir(sys.argv[1])
os.chmod(".", 0)
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2], "--help"])
"""


async def ran(folder: Path, script: str) -> tuple[int | None, str]:
    closed = folder / "closed"
    closed.mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLOSED, str(closed), script,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        async with asyncio.timeout(120):
            told, _ = await process.communicate()
    finally:
        closed.chmod(0o700)
    return process.returncode, told.decode()


async def test_it_works_in_a_folder_that_is_closed_to_its_user(tmp_path: Path) -> None:
    status, told = await ran(tmp_path, "from bots import entry; entry.main()")
    assert (status, "First steps" in told) == (0, True), told


async def test_without_it_the_folder_is_really_closed(tmp_path: Path) -> None:
    status, told = await ran(tmp_path, "import os; os.listdir('.')")
    assert (status, "PermissionError" in told) == (1, True), told
