"""How long `sotay run` takes to its READY, without the model: that is on another server.

    python -m benchmarks.start [--runs 10] [--platform slack|telegram|both] [--folder DIR]

Each run is the real command on an office with documents, Slack and Telegram played on this machine. Measured from the
exec to the datagram READY=1 at NOTIFY_SOCKET, and to the first 200 of /readyz. Others may use the machine: `waited` is
for how long the first thread could have run and had no processor, and what is promised has to hold without that. Beside
it stands the CPU time until READY. Exit status 1 where the start takes longer than promised.
"""

import argparse
import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.figures import Figure, machine, percentile, report
from tests.bots.building import ANSWER, Building, building
from tests.bots.service_manager import service_manager
from tests.models.openrouter_server import OpenRouterServer, answer

MOST_SECONDS = 5.0
PATIENCE = 120.0
LOOK_SECONDS = 0.01
"""Between two looks at /readyz."""
TICKS = os.sysconf("SC_CLK_TCK")
PLATFORMS = {"slack": ("slack",), "telegram": ("telegram",), "both": ("slack", "telegram")}


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in seconds from its exec."""

    ready: float
    readyz: float
    cpu: float
    waited: float


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def environment_of(place: Building, platforms: Sequence[str]) -> dict[str, str]:
    """What the service is told: only these platforms."""
    known = place.environment
    others = [f"SOTAY_{name.upper()}__" for name in PLATFORMS["both"] if name not in platforms]
    return {name: text for name, text in known.items() if not name.startswith(tuple(others))}


@asynccontextmanager
async def started(place: Building, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`sotay run`, told to stop at the end."""
    process = await place.office.start("run", stdout=asyncio.subprocess.PIPE, **environment)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def one(place: Building, folder: Path, platforms: Sequence[str]) -> Start:
    """Raises TimeoutError where it does not become ready."""
    port, address = free_port(), folder / "notify"
    environment = environment_of(place, platforms)
    environment |= {"NOTIFY_SOCKET": str(address), "SOTAY_WEB__PORT": str(port)}
    with service_manager(str(address)) as manager:
        began = time.perf_counter()
        async with started(place, environment) as process, asyncio.TaskGroup() as group:
            looking = group.create_task(answers(f"http://127.0.0.1:{port}/readyz"))
            await manager.until("READY=1", PATIENCE)
            ready, cpu, waited = time.perf_counter() - began, cpu_of(process.pid), waited_of(process.pid)
            readyz = await looking - began
    address.unlink()
    return Start(ready, readyz, cpu, waited)


async def answers(url: str) -> float:
    """The moment at which the address has answered 200."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as reply:
                    if reply.status == 200:  # noqa: PLR2004 (OK)
                        return time.perf_counter()
            await asyncio.sleep(LOOK_SECONDS)


def cpu_of(process: int) -> float:
    """Seconds of all threads, user and system: proc(5), `stat`."""
    words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def waited_of(process: int) -> float:
    """Seconds for which the first thread waited for a processor: proc(5), `schedstat`."""
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def figures_of(starts: Sequence[Start]) -> list[Figure]:
    ready, readyz = [start.ready for start in starts], [start.readyz for start in starts]
    own = [start.ready - start.waited for start in starts], [start.readyz - start.waited for start in starts]
    return [
        Figure("READY, median", percentile(ready, 0.5), "s"),
        Figure("READY, slowest", max(ready), "s"),
        Figure("/readyz 200, median", percentile(readyz, 0.5), "s"),
        Figure("/readyz 200, slowest", max(readyz), "s"),
        Figure("READY without the waiting, slowest", max(own[0]), "s", MOST_SECONDS),
        Figure("/readyz 200 without it, slowest", max(own[1]), "s", MOST_SECONDS),
        Figure("CPU until READY, median", percentile([start.cpu for start in starts], 0.5), "s"),
    ]


async def measured(runs: int, platforms: Sequence[str], folder: Path) -> list[Start]:
    """One start after another; the first one, which fills the disk cache, is not counted."""
    starts: list[Start] = []
    async with OpenRouterServer(answer(f"{ANSWER} ", "[1].")) as model, building(folder, model) as place:
        await one(place, folder, platforms)
        for number in range(1, runs + 1):
            start = await one(place, folder, platforms)
            starts.append(start)
            print(f"{number:>4}{start.ready:>9.2f}{start.readyz:>9.2f}{start.cpu:>9.2f}{start.waited:>9.2f}")
    return starts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--platform", choices=[*PLATFORMS], default="both")
    parser.add_argument("--folder", type=Path, default=None, help="where the office is made; a temporary one")
    chosen = parser.parse_args()
    print(f"{machine()}\nload when it began: {os.getloadavg()[0]:.1f}\n")
    print(f"{'run':>4}{'READY':>9}{'/readyz':>9}{'CPU':>9}{'waited':>9}   seconds")
    with TemporaryDirectory(dir=chosen.folder) as folder:
        starts = asyncio.run(measured(chosen.runs, PLATFORMS[chosen.platform], Path(folder)))
    return report(figures_of(starts))


if __name__ == "__main__":
    sys.exit(main())
